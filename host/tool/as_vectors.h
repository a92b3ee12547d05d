/* Vectors and the model: what they expect of address spaces, judged or written anew. */
#pragma once

#include "tool/files.h"

/* What became of the vectors' expectations. */
struct as_tally {
	unsigned int judged;  /* steps whose results the model knows, and that state one */
	unsigned int differ;  /* of these, and of lines that a step prints */
	unsigned int unknown; /* steps on address spaces that it has nothing to say about */
};

/* Compares what vectors expect with the model; says on stdout where they differ. */
void as_vectors_judge(const struct rig_module *file, struct as_tally *tally);

/*
 * Appends the vectors with the model's results, and what it prints, in place of those they state
 * for address spaces, and no result where the model has none. All else is copied.
 */
void as_vectors_rewrite(const struct text *vectors, struct text *out);
