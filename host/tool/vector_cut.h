/* A vector as far as one of its lines. */
#pragma once

#include "tool/files.h"

struct vector_cut {
	const char *file;	/* where the vector stands */
	unsigned int last_line; /* of text, from 1 */
	struct text text;
};

/*
 * Copies the vector of that name out of the files, up to and with a line of its file. The copy
 * keeps the line numbers; its "end" is the caller's to add, behind steps of his own. What is
 * expected of the line itself is left out: a step that fails is one to look at. Returns 0,
 * VERDICT_FAIL when there is no such vector or line, EXIT_USAGE when a file cannot be read; the
 * reason is on stderr.
 */
int vector_cut(struct vector_cut *cut, const char *name, unsigned int line, char *const *paths,
	       unsigned int count);
