/*
 * What areas' changes do to page tables: pages that go, move, or lose rights. Corresponds to Linux
 * mm/memory.c, and the page-table halves of mm/mprotect.c and mm/mremap.c.
 *
 * Ranges are page-aligned user addresses. mmap_sem is held for writing, but by exit_mmap(): nobody
 * is left there to hold it against.
 */
#pragma once

#include "as/mm_types.h"
#include "phys/page.h"

/* Unmaps all pages of [start, end), which lies in one or more areas; drops their uses. */
void zap_page_range(struct mm_struct *mm, unsigned long start, unsigned long end);

/* Frees the page tables that are within [floor, ceiling), free of areas, and touch [start, end),
 * where nothing is mapped any more. */
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling);

/* Gives the pages of [start, end) these rights. */
void change_protection(struct mm_struct *mm, unsigned long start, unsigned long end, pgprot_t prot);

/*
 * Makes the page tables that move_page_tables() will need, so that it cannot fail. -ENOMEM: none
 * was made, or all that were are gone again.
 */
int move_page_tables_prepare(struct mm_struct *mm, unsigned long from, unsigned long to,
			     unsigned long len);

/*
 * Moves the pages of [from, from + len) to `to`, where none is; the two do not overlap. The tables
 * are there: move_page_tables_prepare().
 */
void move_page_tables(struct mm_struct *mm, unsigned long from, unsigned long to,
		      unsigned long len);

/*
 * Maps in dst, which has a copy of the area vma, what it maps in its own space. Pages of memory
 * that each is to have for itself are read-only in both, as vm_page_prot has them. -ENOMEM: some of
 * it is mapped.
 */
int copy_page_range(struct mm_struct *dst, struct vm_area_struct *vma);

/*
 * Maps a page of a driver's own in an area, at addr, and takes a use of it; the area is one of
 * VM_MIXEDMAP from then on. -EFAULT: addr is not in it, or not aligned. -EINVAL: nobody uses the
 * page, or the area is of VM_PFNMAP, without counted pages. -EBUSY: there is one. -ENOMEM.
 */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page);

/* Pages that are mapped, of all kinds. */
unsigned long get_mm_rss(const struct mm_struct *mm);
/* The most there ever were, now included. */
unsigned long get_mm_hiwater_rss(const struct mm_struct *mm);
unsigned long get_mm_hiwater_vm(const struct mm_struct *mm);
/* Notes the figures as they are: before they fall. */
void update_hiwater(struct mm_struct *mm);
