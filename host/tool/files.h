/* Whole files and growing texts in memory. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "top/rig.h"

/* A text that grows; data is NUL-terminated once anything was added. All zero: empty. */
struct text {
	char *data;
	size_t size, room;
};

/* Append; on lack of memory the process ends with a message. */
void text_add(struct text *text, const char *data, size_t size);
void text_printf(struct text *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *text, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));
void text_free(struct text *text);

/* Appends to a string of at most size bytes, NUL included; what does not fit is cut. */
void __attribute__((format(printf, 3, 4)))
string_append(char *buf, size_t size, const char *fmt, ...);

/* Reads a whole file; 0, or -1 with the reason on stderr. */
int file_read(const char *path, struct text *text);
/* Writes a whole file; 0, or -1 with the reason on stderr. */
int file_write(const char *path, const struct text *text);
/* Writes a text to stdout and flushes it; 0, or -1 with the reason on stderr. */
int stdout_write(const struct text *text);

/* Reads vector files into modules (an array of count, to be freed by nobody); NULL on failure. */
struct rig_module *modules_read(char *const *paths, unsigned int count);
