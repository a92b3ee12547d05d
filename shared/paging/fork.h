/*
 * Spaces and tasks that begin and end. Corresponds to Linux kernel/fork.c and kernel/exit.c, as far
 * as memory goes.
 */
#pragma once

#include "as/task.h"

#define CLONE_VM 0x100u

/*
 * A copy of current's space, with one user: all areas but those of VM_DONTCOPY, none of them
 * locked. -ENOMEM: memory, or commitments; nothing is left behind. Takes both mmap_sems.
 */
int dup_mm(struct mm_struct **result);

/* A task like current, with a copy of its space, or with CLONE_VM with the space itself; a kernel
 * thread's child is one. -ENOMEM: nothing is left behind. May sleep. */
int do_fork(unsigned long clone_flags, struct task_struct **result);

/*
 * A new space for current, with a stack of size bytes, a multiple of a page below TASK_SIZE; the
 * one it had loses a user. -ENOMEM: current has the one it had. May sleep. Linux: begin_new_exec().
 */
int do_exec(unsigned long stack_size);

/* One user less; the last one's areas go, and all that they map. May sleep. */
void mmput(struct mm_struct *mm);

/* current ends: it has no space any more, and init_task runs. Frees the task. */
void do_exit(void);
