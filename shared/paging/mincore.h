/* msync(), mincore(), remap_file_pages(). Corresponds to Linux mm/msync.c, mincore.c, and mmap.c.
 */
#pragma once

#include "as/mm_types.h"

/*
 * -EINVAL: unknown flags, start is not page-aligned, MS_ASYNC with MS_SYNC. -ENOMEM: the range
 * wraps, or some of it has no area. -EBUSY: MS_INVALIDATE of locked memory. All memory is its
 * file's own so far: there is nothing to write out. Takes current's mmap_sem.
 */
int do_msync(unsigned long start, unsigned long len, unsigned long flags);

/*
 * Calls note for each page of the range, in order, with 1 when there is a page, else 0. -EINVAL:
 * start is not page-aligned. -ENOMEM: beyond TASK_SIZE, or some of it has no area: pages before
 * that were noted. Takes current's mmap_sem.
 */
int do_mincore(unsigned long start, unsigned long len, void (*note)(void *arg, bool resident),
	       void *arg);

/*
 * Maps other pages of the file in the place of [start, start + size), which is shared and of one
 * kind. -EINVAL: it is not, or prot is not 0, or the range or the offsets wrap; else as do_mmap().
 */
int do_remap_file_pages(unsigned long start, unsigned long size, unsigned long prot,
			unsigned long pgoff, unsigned long flags);
