/*
 * Stack traces: who called, kept for later. Corresponds to Linux include/linux/stacktrace.h.
 *
 * A trace is saved as addresses and printed as names, without offsets: those differ from machine to
 * machine, and a trace must not. For the same reason it leaves out what a compiler may decide one
 * way or another:
 * - Static functions are not named: they may be inlined. Checked builds are compiled so that all
 *   others, if called, have a frame (shared/sources.cmake).
 * - A trace ends below the function whose name begins with "trace_root_": what is above it is the
 *   machine's. The function that it called is named, even if it is static: whoever is called
 *   through a pointer has a frame.
 * Builds without frame pointers know the direct caller only, and name it, whatever it is.
 */
#pragma once

#include "arch/types.h"

/* From the entry of an allocator to the root, statics included: 9 at most, as things are. */
#define STACK_TRACE_DEPTH 12

struct stack_trace {
	unsigned int nr;
	unsigned long pcs[STACK_TRACE_DEPTH]; /* return addresses, the innermost first */
};

/*
 * Saves the callers, beginning with the return address `caller`, which is that of a function on the
 * stack: what was called from there, and led here, is left out.
 */
void stack_trace_save(struct stack_trace *trace, unsigned long caller);

/*
 * The name of the first function from the *at-th address on that a trace shows, len characters of
 * it, and *at behind it; NULL for none.
 */
const char *stack_trace_next(const struct stack_trace *trace, unsigned int *at, int *len);

/* A line for each function: two blanks and its name. */
void stack_trace_print(const struct stack_trace *trace);
