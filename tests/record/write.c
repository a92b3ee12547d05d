/* The vector as it is written. */
#include "record.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static FILE *out;
static unsigned int steps;

static void command_line(char *text, size_t room, int argc, char *const argv[])
{
	*text = '\0';
	for (int i = 0; i < argc; i++) {
		size_t len = strlen(text);

		snprintf(text + len, room - len, "%s%s", i ? " " : "", argv[i]);
	}
	for (char *c = text; *c; c++)
		if (*c == '"' || *c < ' ')
			*c = '\'';
}

void vector_open(int argc, char *const argv[])
{
	struct utsname kernel;
	char command[300];

	out = options.out ? fopen(options.out, "w") : stdout;
	if (!out)
		die("%s: %s", options.out, strerror(errno));
	uname(&kernel);
	command_line(command, sizeof(command), argc, argv);
	fprintf(out, "vector %s\n", options.name);
	fprintf(out, "about \"%s\"\n", options.about);
	fprintf(out, "source \"%s; Linux %.*s %s, 32-bit program\"\n", command,
		(int)strcspn(kernel.release, "-"), kernel.release, kernel.machine);
	fprintf(out, "ram 64M\n");
	step("boot => ok");
	/* The recorder's machine had memory enough for whatever 32 bits can ask for. */
	step("sysctl overcommit_memory 1 => ok");
	if (options.legacy)
		step("sysctl legacy_va_layout 1 => ok");
}

void vector_close(void)
{
	fprintf(out, "end\n");
	if (fflush(out) || ferror(out))
		die("writing the vector: %s", strerror(errno));
}

static void line(const char *before, const char *fmt, va_list args)
{
	fputs(before, out);
	vfprintf(out, fmt, args);
	fputc('\n', out);
}

void step(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line("", fmt, args);
	va_end(args);
	steps++;
}

void output(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line("| ", fmt, args);
	va_end(args);
}

void remark(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line("# ", fmt, args);
	va_end(args);
}

const char *result_text(uint32_t value, bool address)
{
	static char text[64];
	int error = ERRNO_OF(value);

	if (error && strerrorname_np(error))
		snprintf(text, sizeof(text), "-%s", strerrorname_np(error));
	else if (address)
		snprintf(text, sizeof(text), "0x%08x", value);
	else
		snprintf(text, sizeof(text), value ? "%u" : "ok", value);
	return text;
}

unsigned int steps_written(void)
{
	return steps;
}
