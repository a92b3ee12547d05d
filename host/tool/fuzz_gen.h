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

/* What programs are about. */
enum fuzz_kind {
	FUZZ_ALL,    /* a quarter of them address spaces, the others the kernel's own memory */
	FUZZ_KERNEL, /* pages, kernel objects, page tables */
	FUZZ_SPACES, /* address spaces, with what a model expects of each step */
};

/*
 * Appends a vector of that many random steps. The same kind, name, seed and length give the same
 * text on any host. Programs read nothing that depends on what RAM held before, so both sides must
 * agree on every step, and nothing they do may break the memory manager.
 */
void fuzz_generate(struct text *text, enum fuzz_kind kind, const char *name,
		   unsigned long long seed, unsigned int steps);
