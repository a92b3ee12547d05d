/* The console: console.c. */
#pragma once

#include "arch/types.h"

void console_init(void);

/* Writes "# ..." and a newline: a line that no reader of the protocol takes for a verdict. */
void __printf(1, 2) console_note(const char *fmt, ...);
