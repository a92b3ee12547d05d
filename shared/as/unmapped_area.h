/* Which addresses a mapping gets. Corresponds to Linux mm/mmap.c, get_unmapped_area(). */
#pragma once

#include "as/mm_types.h"

/*
 * Where len bytes, > 0 and page-aligned, go: *result, page-aligned.
 * - MAP_FIXED: at addr, whatever is there. Else at addr, if it is not 0 and free, guard gaps
 *   included; else where mm's layout says, the other way round if there is no room.
 * - -ENOMEM: longer than the space, beyond its end, or no room. -EINVAL: MAP_FIXED and not aligned.
 *   -EPERM: below mmap_min_addr, and no CAP_SYS_RAWIO.
 * mmap_sem is held.
 */
int get_unmapped_area(struct mm_struct *mm, unsigned long addr, unsigned long len,
		      unsigned long flags, unsigned long *result);
