/*
 * Lines of text without printf. The machine's reports do not go through the code under test: what
 * prints a panic must work when shared/ is what broke, and must not count as having covered it.
 */
#pragma once

#include "arch/types.h"

#define TEXT_LINE_SIZE 256

/* Starts out as {}. chars is always NUL-terminated; what does not fit is cut off. */
struct text_line {
	char chars[TEXT_LINE_SIZE];
	unsigned int length;
};

void text_str(struct text_line *line, const char *s);

/* Exactly `digits` hexadecimal digits, zero-padded (1 to 8). */
void text_hex(struct text_line *line, u32 value, unsigned int digits);

void text_dec(struct text_line *line, u32 value);
