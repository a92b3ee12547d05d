/*
 * The console: standard output or a callback, standard input. Output is buffered by stdio and
 * handed on at the end, at a panic and before input is read, unless it goes to a terminal, line by
 * line. A lost byte would be a truncated protocol, so an error of the host ends the process.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "twin/console.h"
#include "twin/machine_priv.h"

static char buffer[1 << 16];

void console_init(void)
{
	setvbuf(stdout, buffer, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, sizeof(buffer));
}

static void __noreturn output_failed(void)
{
	fprintf(stderr, "pagetwin: cannot write the console: %s\n", strerror(errno));
	_exit(TWIN_EXIT_HOST);
}

/* The unlocked functions: a panic may come at any time, and there is but one thread. */
void arch_console_write(const char *text, size_t len)
{
	if (machine.options.console)
		machine.options.console(text, len, machine.options.console_arg);
	else if (fwrite_unlocked(text, 1, len, stdout) != len)
		output_failed();
}

void twin_console_flush(void)
{
	if (fflush_unlocked(stdout) != 0)
		output_failed();
}

int machine_read_line(char *buf, size_t size)
{
	size_t len = 0;
	int c;

	twin_console_flush();
	while ((c = getchar()) != EOF && c != '\n')
		if (len + 1 < size)
			buf[len++] = c;
	if (c == EOF && len == 0)
		return -EIO;
	buf[len] = '\0';
	return len;
}

void console_note(const char *fmt, ...)
{
	char line[512] = "# ";
	va_list args;
	size_t len;

	va_start(args, fmt);
	vsnprintf(line + 2, sizeof(line) - 3, fmt, args);
	va_end(args);
	len = strlen(line);
	line[len++] = '\n';
	arch_console_write(line, len);
}
