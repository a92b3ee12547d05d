/*
 * Text to the serial line and the screen, lines from the serial line. See console.c.
 */
#pragma once

#include "arch/types.h"

/* Devices are found; before that output is dropped. */
void console_init(void);

/* One line, without its newline. */
void console_say(const char *line);

/* From now on, drop output after `newlines` more newlines and a few bytes (selftest=cut). */
void console_cut_after(unsigned int newlines);
