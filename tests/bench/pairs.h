/*
 * Three patterns of allocating and freeing objects of one size, the same code for every allocator,
 * so that what callgrind counts is comparable. ci/bench-peers runs it.
 */
#pragma once

#include <stddef.h>

#define PAIRS_SIZE 64u
/* Pairs in a round, and objects that live meanwhile. */
#define PAIRS_PER_ROUND 1000u

struct pairs_allocator {
	void *(*take)(size_t size);
	void (*give)(void *p);
};

/* Does nothing: what the loop itself costs. */
extern const struct pairs_allocator pairs_nothing;

/*
 * Performs so many rounds of a pattern: "hot", each object is freed before the next is asked for;
 * "live", the same while PAIRS_PER_ROUND others live; "random", PAIRS_PER_ROUND objects are
 * allocated, then freed in an order that has nothing to do with that of their allocation.
 * - First takes and gives PAIRS_PER_ROUND objects: with so much memory there, no call fails later.
 * - Returns 0, or -1 for no memory or an unknown pattern, said on stderr.
 */
int pairs_run(const char *pattern, unsigned int rounds, const struct pairs_allocator *allocator);

/*
 * Checks a program's arguments, "ALLOCATOR PATTERN ROUNDS", and parses the last. allocators: the
 * names it knows, blanks between. Returns 0, or the exit status of wrong usage, said on stderr.
 */
int pairs_usage(int argc, char **argv, const char *allocators, unsigned int *rounds);
