/*
 * Files as wholes, and giving up. covtool has nothing to clean up: every failure ends it.
 */
#pragma once

#include "arch/types.h"

struct bytes {
	u8 *data;
	size_t size;
};

/* Prints "covtool: message" on stderr and exits with status 1. */
void __noreturn __printf(1, 2) die(const char *fmt, ...);

/* malloc() and realloc() that do not fail. */
void *must_allocate(void *old, size_t size);

void append(struct bytes *to, const void *data, size_t size);

/* Reads what is left of an open file; path is for messages. */
struct bytes read_all(int fd, const char *path);

struct bytes read_file(const char *path);
