/*
 * Words of the command line that the machine itself knows: panic=halt, selftest=NAME.
 */
#pragma once

#include "arch/types.h"

/* Keeps a copy of line (shorter than COMMAND_LINE_SIZE). */
void cmdline_init(const char *line);

/* The copy. */
const char *cmdline_text(void);

/* Is `word` one of the words? */
bool cmdline_has(const char *word);

/*
 * Copies what follows `prefix` in the first word that begins with it to value[size], cut off if
 * need be; false if there is none.
 */
bool cmdline_value(const char *prefix, char *value, size_t size);
