/*
 * The screen in VGA text mode, 80 by 25. See vga.c.
 */
#pragma once

#include "arch/types.h"

/* Clears the screen and hides the cursor. */
void vga_init(void);

/* Knows "\n", "\r" and "\b"; other control characters are dropped. */
void vga_write(const char *text, size_t len);
