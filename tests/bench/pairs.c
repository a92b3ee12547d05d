/*
 * The patterns. Each call goes through a pointer that the compiler has to read anew: it cannot
 * inline an allocator, nor leave out a pair of malloc() and free().
 */
#include "bench/pairs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *(*volatile take)(size_t size);
static void (*volatile give)(void *p);

static void *held[PAIRS_PER_ROUND];
static unsigned short order[PAIRS_PER_ROUND];

static void *take_nothing(size_t size)
{
	(void)size;
	return held;
}

static void give_nothing(void *p)
{
	(void)p;
}

const struct pairs_allocator pairs_nothing = {take_nothing, give_nothing};

static void hold(void)
{
	for (unsigned int i = 0; i < PAIRS_PER_ROUND; i++)
		held[i] = take(PAIRS_SIZE);
}

static void drop(void)
{
	for (unsigned int i = 0; i < PAIRS_PER_ROUND; i++)
		give(held[order[i]]);
}

static void pairs(void)
{
	for (unsigned int i = 0; i < PAIRS_PER_ROUND; i++)
		give(take(PAIRS_SIZE));
}

/* Is there memory for so many? From then on nobody looks, for no instruction but the calls. */
static int enough(void)
{
	int ok = 1;

	hold();
	for (unsigned int i = 0; i < PAIRS_PER_ROUND; i++)
		ok &= held[i] != NULL;
	drop();
	return ok;
}

/* Fisher and Yates, with a small generator: the order of bench_kmem.c. */
static void shuffle(void)
{
	unsigned int state = 12345;

	for (unsigned int i = 0; i < PAIRS_PER_ROUND; i++)
		order[i] = i;
	for (unsigned int i = PAIRS_PER_ROUND - 1; i > 0; i--) {
		unsigned int j = (state = state * 1664525u + 1013904223u) % (i + 1);
		unsigned short t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
}

int pairs_run(const char *pattern, unsigned int rounds, const struct pairs_allocator *allocator)
{
	take = allocator->take;
	give = allocator->give;
	shuffle();
	if (!enough()) {
		fprintf(stderr, "no memory for %u objects\n", PAIRS_PER_ROUND);
		return -1;
	}
	if (strcmp(pattern, "hot") == 0) {
		while (rounds--)
			pairs();
	} else if (strcmp(pattern, "live") == 0) {
		hold();
		while (rounds--)
			pairs();
		drop();
	} else if (strcmp(pattern, "random") == 0) {
		while (rounds--) {
			hold();
			drop();
		}
	} else {
		fprintf(stderr, "no pattern %s\n", pattern);
		return -1;
	}
	return 0;
}

/* Is word one of several, with blanks between? */
static int is_among(const char *word, const char *words)
{
	size_t len = strlen(word);

	for (; *words; words += strspn(words, " ")) {
		size_t next = strcspn(words, " ");

		if (next == len && strncmp(words, word, len) == 0)
			return 1;
		words += next;
	}
	return 0;
}

int pairs_usage(int argc, char **argv, const char *allocators, unsigned int *rounds)
{
	char *end;

	if (argc == 4 && is_among(argv[1], allocators)) {
		*rounds = strtoul(argv[3], &end, 10);
		if (end != argv[3] && !*end)
			return 0;
	}
	fprintf(stderr, "usage: %s ALLOCATOR hot|live|random ROUNDS\nallocators: %s\n", argv[0],
		allocators);
	return 2;
}
