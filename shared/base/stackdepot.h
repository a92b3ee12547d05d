/*
 * A depot of stack traces: each is kept once, and known by a number. Corresponds to Linux
 * include/linux/stackdepot.h. Who notes a trace for each of many objects keeps a word of it.
 *
 *   slots[hash ...]  --->  entries[1 .. nr]: trace          open addressing, nothing is taken out
 *
 * A depot has room for so many traces, given at its start; then it knows no new ones.
 *
 * Invariants: each entry is in exactly one slot; the slots between the one that its hash names and
 * its own are taken.
 */
#pragma once

#include "base/lock.h"
#include "base/stacktrace.h"

/* A trace's number; 0 is none. */
typedef u32 depot_stack_handle_t;

struct stack_depot {
	spinlock_t lock;
	u32 nr, room;		     /* traces, at most so many */
	u32 *slots;		     /* 2 * room of them, a power of two; 0: empty */
	struct stack_trace *entries; /* [0] is not used */
};

/* Bytes that a depot with room for so many traces takes; room is a power of two. */
size_t stack_depot_bytes(u32 room);

/* Makes it, in so many zeroed bytes. */
void stack_depot_init(struct stack_depot *depot, void *mem, u32 room);

/* The trace's number, 0 when the depot is full, or was not made. */
depot_stack_handle_t stack_depot_save(struct stack_depot *depot, const struct stack_trace *trace);

/* The trace of a number, NULL for one that was never given. */
const struct stack_trace *stack_depot_fetch(const struct stack_depot *depot,
					    depot_stack_handle_t handle);
