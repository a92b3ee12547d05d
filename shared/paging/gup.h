/*
 * Pages of programs for the kernel's use: a driver's, or to have them in place beforehand.
 * Corresponds to Linux mm/gup.c.
 */
#pragma once

#include "as/mm_types.h"
#include "phys/page.h"

/* Linux's values. */
#define FOLL_WRITE 0x01u /* the page will be written to */
#define FOLL_FORCE 0x10u /* even where the area's rights forbid it: as a debugger does */
#define FOLL_COW 0x4000u /* within get_user_pages() alone: the page was copied for this write */

/*
 * Takes a use of each page from start on, in order, faulting them in.
 * - mm->mmap_sem is held for reading, or writing; no spinlock; may sleep.
 * - pages: nr_pages entries, or NULL: the pages are only to be there.
 * - A stack is not grown for it, as in Linux since 6.5: mmap_sem would have to be held for writing.
 * - Returns how many it got, all before the first that it did not; if that is the first of all, an
 *   error: -EFAULT: no area, its rights forbid it, or it has nothing there; -ENOMEM.
 * - A page gotten for writing is the space's own at that moment: it never is what others see, not
 *   even where another task of the space takes the copy away meanwhile (MADV_DONTNEED): then there
 *   is another fault, for writing again.
 */
long get_user_pages(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages);

/*
 * What happens between the fault that a page took and the look that finds it, where other tasks
 * may come in: called with mmap_sem held, after each fault of get_user_pages(). For tests; NULL at
 * start.
 */
extern void (*gup_after_fault)(struct vm_area_struct *vma, unsigned long address);

/*
 * Faults in [start, end) of an area, as its own rights have it: writable private pages as by a
 * write. Nothing for VM_LOCKONFAULT. mmap_sem is held. 0, -EFAULT, -ENOMEM: some of it may be
 * there.
 */
int populate_area(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/*
 * Faults in [start, end) of an area as by reads, or writes, of its owner. mmap_sem is held. 0;
 * -EINVAL: its rights forbid it, or it is of frames that have no struct page; -EFAULT: there is
 * nothing; -ENOMEM. Some of it may be there. Linux: faultin_vma_page_range().
 */
int fault_in_area(struct vm_area_struct *vma, unsigned long start, unsigned long end, bool write);

/*
 * populate_area() for all areas of [start, start + len) of current's space; takes mmap_sem. With
 * ignore_errors it goes on with the next area and returns 0; holes are passed over. Linux:
 * __mm_populate().
 */
int mm_populate(unsigned long start, unsigned long len, bool ignore_errors);
