/*
 * The console: everything goes to COM1, and to the screen what a person wants to see there. Lines
 * that begin with '#' and two spaces are details of steps; a test run has thousands, so they stay
 * off the screen. Whether a line is one shows at its third byte: until then its bytes are held
 * back.
 *
 * Lines end with a bare "\n" on the serial line: the text is compared byte by byte with the twin's.
 */
#include "kernel/console.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "base/errno.h"
#include "base/string.h"
#include "kernel/serial.h"
#include "kernel/vga.h"

#define DETAIL_PREFIX "#  "
#define DETAIL_PREFIX_LENGTH 3

/* Where in its line the screen is. */
static enum {
	LINE_START, /* held_back bytes of DETAIL_PREFIX seen, nothing shown yet */
	LINE_SHOWN,
	LINE_HIDDEN,
} screen_line;
static unsigned int held_back;

/* selftest=cut: the bytes of the line after the last whole one that still get through. */
#define CUT_BYTES 5
static bool cutting;
static unsigned int cut_newlines, cut_bytes;

static void screen_char(char c)
{
	if (screen_line == LINE_START) {
		if (c == DETAIL_PREFIX[held_back]) {
			if (++held_back == DETAIL_PREFIX_LENGTH)
				screen_line = LINE_HIDDEN;
			return;
		}
		vga_write(DETAIL_PREFIX, held_back);
		screen_line = LINE_SHOWN;
	}
	if (screen_line == LINE_SHOWN)
		vga_write(&c, 1);
	if (c == '\n') {
		screen_line = LINE_START;
		held_back = 0;
	}
}

void console_cut_after(unsigned int newlines)
{
	cutting = true;
	cut_newlines = newlines;
	cut_bytes = CUT_BYTES;
}

/* How many of len bytes still get through. */
static size_t cut(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && (cut_newlines || cut_bytes)) {
		if (!cut_newlines)
			cut_bytes--;
		else if (text[n] == '\n')
			cut_newlines--;
		n++;
	}
	return n;
}

void arch_console_write(const char *text, size_t len)
{
	if (cutting)
		len = cut(text, len);
	serial_write(text, len);
	for (size_t i = 0; i < len; i++)
		screen_char(text[i]);
}

void console_say(const char *line)
{
	arch_console_write(line, strlen(line));
	arch_console_write("\n", 1);
}

void console_init(void)
{
	serial_init();
	vga_init();
}

#define KEY_BACKSPACE 0x08
#define KEY_DELETE 0x7f
#define KEY_END_OF_INPUT 0x04 /* ^D: ends the line, and on an empty line the input */

/* Takes one key into the line; true when the line is complete. */
static bool edit_line(char key, char *buf, size_t size, size_t *length)
{
	if (key == '\r' || key == '\n' || key == KEY_END_OF_INPUT) {
		arch_console_write("\n", 1);
		return true;
	}
	if (key == KEY_BACKSPACE || key == KEY_DELETE) {
		if (*length) {
			--*length;
			arch_console_write("\b \b", 3);
		}
	} else if ((u8)key >= ' ' && *length + 1 < size) {
		buf[(*length)++] = key;
		arch_console_write(&key, 1);
	}
	return false;
}

int machine_read_line(char *buf, size_t size)
{
	size_t length = 0;

	for (;;) {
		int key = serial_read();

		if (key < 0 || (key == KEY_END_OF_INPUT && length == 0))
			return -EIO;
		if (edit_line(key, buf, size, &length))
			break;
	}
	buf[length] = '\0';
	return length;
}
