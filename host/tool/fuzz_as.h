/* Random steps on address spaces, each with what the model expects of it. */
#pragma once

#include "tool/as_calls.h"
#include "tool/fuzz_gen.h"

struct fuzz_as {
	struct text *text;
	struct fuzz_draw *draw;
	struct as_model model;
	unsigned int names; /* files made so far: each has a name of its own */
	bool over;	    /* the model cannot say what comes next: no more steps */
};

/* Begins a program on a machine with so many bytes of RAM, where kernel objects exist by now. */
void fuzz_as_begin(struct fuzz_as *f, u64 ram);
/* Appends a step, or a few that belong together. */
void fuzz_as_step(struct fuzz_as *f);
void fuzz_as_end(struct fuzz_as *f);
