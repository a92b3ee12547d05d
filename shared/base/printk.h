/*
 * Formatted text. Corresponds to Linux kernel/printk.c and lib/vsprintf.c.
 *
 * Conversions: %d %i %u %x %X %o %c %s %p %% with flags "-", "0", "#", "+", " ", width and
 * precision (also "*"), and lengths h, hh, l, ll, z. Anything else is printed as it stands.
 */
#pragma once

#include <stdarg.h>

#include "arch/types.h"

/*
 * Write at most size bytes, the NUL included (size >= 1), and return the number of bytes written
 * without the NUL: unlike C's snprintf, what was cut off does not count.
 */
int __printf(3, 0) vscnprintf(char *buf, size_t size, const char *fmt, va_list args);
int __printf(3, 4) scnprintf(char *buf, size_t size, const char *fmt, ...);

/* Where kernel messages go. text is one call's worth, not NUL-terminated. */
typedef void (*printk_sink_t)(const char *text, size_t len);

/* Sets the sink, NULL for the console (the default); returns the former one. */
printk_sink_t printk_set_sink(printk_sink_t sink);

/* A kernel message: whole lines, ended by "\n"; PRINTK_MAX bytes at most a call, the rest is cut.
 */
#define PRINTK_MAX 512
void __printf(1, 2) printk(const char *fmt, ...);
