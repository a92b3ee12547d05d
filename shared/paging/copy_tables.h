/*
 * What a fork copies of an area: entries, not pages. Corresponds to Linux mm/memory.c,
 * copy_page_range().
 *
 * Memory that each space is to have for itself becomes read-only in both, so that the first write
 * on either side gets a copy (copy-on-write, paging/fault.h). Pages that a fault will find again in
 * their file are not copied at all.
 *
 * Both spaces' mmap_sems are held for writing; nobody runs in dst.
 */
#pragma once

#include "as/mm_types.h"
#include "pgtable/tlb.h"

/* Makes the page tables that copy_page_range() will need. -ENOMEM: some are made. May sleep. */
int copy_page_range_prepare(struct mm_struct *dst, const struct vm_area_struct *src);

/*
 * Copies src's entries to dst, where src's space has lost rights once the gathering is flushed.
 * -ENOMEM: a page has as many uses as there may be (try_get_page()); some is copied, and pages of
 * src's are read-only, which the next write mends.
 */
int copy_page_range(struct mmu_gather *tlb, struct mm_struct *dst,
		    const struct vm_area_struct *src);
