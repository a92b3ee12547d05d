/*
 * Taking areas out of a space. Corresponds to Linux mm/mmap.c, do_munmap() and exit_mmap().
 *
 * Whoever wants addresses for something else (mmap() and mremap() at a fixed place) plans the
 * unmapping first, does all that may fail, and then unmaps, which cannot.
 */
#pragma once

#include "as/vma_merge.h"

/* Could [start, end) be unmapped, but for memory? 0, or what plan_unmap() would say. */
int may_unmap(struct mm_struct *mm, unsigned long start, unsigned long end);

/*
 * Gets ready to unmap [start, end), whatever is there. *spares is stocked. -ENOMEM: one area would
 * become two, and the space has sysctl_max_map_count; or memory is short; or what may_split() says:
 * nothing has changed. May sleep. The plan ends with unmap_planned(), or vma_spares_release().
 */
int plan_unmap(struct mm_struct *mm, unsigned long start, unsigned long end,
	       struct vma_spares *spares);
void unmap_planned(struct mm_struct *mm, unsigned long start, unsigned long end,
		   struct vma_spares *spares);
/* The same, but page tables stay: the addresses are to be used again at once. */
void unmap_keep_tables(struct mm_struct *mm, unsigned long start, unsigned long end,
		       struct vma_spares *spares);

/*
 * munmap(): start and len in bytes, as the caller gave them.
 * -EINVAL: start is not page-aligned, nothing or something beyond TASK_SIZE is asked for. Else as
 * plan_unmap(). mmap_sem is held for writing.
 */
int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len);

/* Takes all areas out. Nobody runs in the space. */
void exit_mmap(struct mm_struct *mm);
