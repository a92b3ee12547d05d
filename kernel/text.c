#include "kernel/text.h"

static void text_char(struct text_line *line, char c)
{
	if (line->length < TEXT_LINE_SIZE - 1)
		line->chars[line->length++] = c;
}

void text_str(struct text_line *line, const char *s)
{
	while (*s)
		text_char(line, *s++);
}

void text_hex(struct text_line *line, u32 value, unsigned int digits)
{
	while (digits--)
		text_char(line, "0123456789abcdef"[value >> 4 * digits & 0xf]);
}

void text_dec(struct text_line *line, u32 value)
{
	char reversed[10]; /* 2^32 - 1 has ten digits */
	unsigned int n = 0;

	do
		reversed[n++] = '0' + value % 10;
	while (value /= 10);
	while (n)
		text_char(line, reversed[--n]);
}
