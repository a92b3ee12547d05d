/* A look at a state: a vector that ends in verbs that print, run in the twin. */
#pragma once

#include "tool/judge.h"

struct look {
	const char *file;   /* the vector's name in messages */
	struct text vector; /* whole lines; "end" comes with look_run() */
	unsigned int lines; /* of vector */
	struct text log;
	struct judgement judgement;
};

/* Appends a line; returns its number. */
unsigned int look_add(struct look *look, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Runs the vector. Damage in the state does not end it: mm_verify() runs when all is said, and the
 * judgement is no pass then.
 */
void look_run(struct look *look);

/*
 * Appends what the step in that line printed, in lines. False when the step did not come to its
 * end.
 */
bool look_output(const struct look *look, unsigned int line, struct text *out);

/* Says on stderr what the run has to complain of. */
void look_complain(const struct look *look);
