/* Random steps on kernel objects, for fuzz_gen.c. */
#pragma once

#include "tool/fuzz_gen.h"

struct fuzz_kmem {
	struct text *text;
	struct fuzz_draw *draw;
	unsigned int caches, objects; /* bit n: variable n has been assigned */
	unsigned int pools, elements; /* the same of memory pools, and pages out of them */
	unsigned int filled;	      /* bit n: k<n> holds what it was filled with */
	unsigned int names;	      /* caches made so far: each has a name of its own */
};

/* Appends a step, or a few that belong together. */
void fuzz_kmem_step(struct fuzz_kmem *f);
