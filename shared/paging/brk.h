/* brk() and stacks: areas that grow by themselves. Corresponds to Linux mm/mmap.c. */
#pragma once

#include "as/mm_types.h"

/*
 * Moves the end of current's heap to brk, in bytes, if it can be moved there; returns where it is
 * then. Takes mmap_sem; may sleep.
 */
unsigned long sys_brk(unsigned long brk);

/*
 * A stack grows down to hold addr, which is below vma and above all others. -ENOMEM: limits, the
 * guard gap to what is below, commitments. -EPERM: below mmap_min_addr. mmap_sem is held for
 * writing. Linux: expand_stack().
 */
int expand_stack(struct vm_area_struct *vma, unsigned long addr);

/* What a fault at addr comes to: 0 when an area has it, or a stack grew to have it; -EFAULT, or as
 * expand_stack(). Takes current's mmap_sem. */
int find_or_expand(unsigned long addr);

/* The first stack of a space: size bytes below TASK_SIZE, whole pages. -ENOMEM. Takes mmap_sem. */
int setup_stack(struct mm_struct *mm, unsigned long size);
