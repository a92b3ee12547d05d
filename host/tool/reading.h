/*
 * Reading what verbs print, strictly: a line that is not, letter by letter, what the verb writes
 * for the figures in it is an error.
 */
#pragma once

#include <stdarg.h>

#include "tool/files.h"

/* The text that a verb printed, and where the reading stands. */
struct reading {
	const char *verb;
	const char *at;	     /* behind the line */
	unsigned int number; /* of the line, from 1 */
	char line[256];
};

struct reading reading_start(const char *verb, const struct text *text);

/* Says on stderr what is wrong with the line; returns -1. */
int unexpected(const struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The next line into r->line; false at the end of the text. A line that is too long is cut; nothing
 * that is expected is as long.
 */
bool next_line(struct reading *r);

/* 0 if the line in r is just this. */
int expect_this_line(const struct reading *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Reads a line that must be just this. */
int expect_line(struct reading *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int expect_end(struct reading *r);

/* If the line in r begins as printed, what stands behind that, else NULL. */
const char *behind(const struct reading *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Room for one more element of that size in an array of count, which comes from here. The room
 * doubles: at 0 and at powers of two it is full.
 */
void *one_more(void *array, size_t count, size_t size);
