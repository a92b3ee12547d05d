/* Random vectors. */
#pragma once

#include "tool/files.h"

/* The one source of chance: xorshift64* (Vigna, "An experimental exploration of Marsaglia's
 * xorshift generators"). */
struct fuzz_draw {
	unsigned long long state;
};

/* 0 to below - 1. */
unsigned int fuzz_draw(struct fuzz_draw *d, unsigned int below);

/*
 * Appends a vector of that many random steps. The same name, seed and length give the same text on
 * any host. Programs read nothing that depends on what RAM held before, so both sides must agree on
 * every step, and nothing they do may break the memory manager.
 */
void fuzz_generate(struct text *text, const char *name, unsigned long long seed,
		   unsigned int steps);
