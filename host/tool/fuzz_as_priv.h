/* What the parts of the draw of steps on address spaces share. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "tool/fuzz_as.h"

#define NR_TASKS 5
#define NR_FILES 4
#define PAGE 4096u

static inline unsigned int draw(struct fuzz_as *f, unsigned int below)
{
	return fuzz_draw(f->draw, below);
}

/* Appends a step with its result; false if the model has none, and the program is over. */
bool fuzz_as_emit(struct fuzz_as *f, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A figure of all of a space behind what changed it. */
void fuzz_as_sum(struct fuzz_as *f, const struct as_task *task);
/* The task in variable a<n>; NULL: none. */
struct as_task *fuzz_as_task(struct fuzz_as *f, unsigned int n);
/* A task that has an address space; there always is one. */
struct as_task *fuzz_as_some_task(struct fuzz_as *f);

/* Would the step bring in no more pages than there is room for? */
bool fuzz_as_affordable(struct fuzz_as *f, const struct as_step *step);

/* ---- operands ------------------------------------------------------------------------------- */

/* A random VMA, if there is any. */
bool fuzz_as_some_area(struct fuzz_as *f, const struct as_task *task, struct as_area *area);
/* A multiple of the page size, most of the time. */
u32 fuzz_as_address(struct fuzz_as *f, const struct as_task *task);
/* Where a call on what is mapped begins; *len: how far it goes. */
u32 fuzz_as_range(struct fuzz_as *f, const struct as_task *task, u32 *len);
const char *fuzz_as_some_file(struct fuzz_as *f);

/* ---- steps ---------------------------------------------------------------------------------- */

void fuzz_as_step_access(struct fuzz_as *f);
void fuzz_as_step_share(struct fuzz_as *f);
void fuzz_as_step_bring(struct fuzz_as *f);
void fuzz_as_step_contents(struct fuzz_as *f);
/* Opens a file in variable f<n>. */
void fuzz_as_new_file(struct fuzz_as *f, unsigned int n);
void fuzz_as_step_file(struct fuzz_as *f);
void fuzz_as_step_task(struct fuzz_as *f);
void fuzz_as_step_limit(struct fuzz_as *f);
void fuzz_as_step_capable(struct fuzz_as *f);
void fuzz_as_step_sysctl(struct fuzz_as *f);
