/*
 * Page tables under areas: entries that go, lose rights, or are put in by a driver. Corresponds to
 * Linux mm/memory.c, and the page-table half of mm/mprotect.c. What moves is in
 * paging/move_tables.h, what a fork copies in paging/copy_tables.h, what a fault brings in
 * paging/fault.h.
 *
 * Ranges are page-aligned user addresses. mmap_sem is held for writing, or for reading where only
 * contents go; not at all by exit_mmap(): nobody is left there to hold it against. Entries and rss
 * are under page_table_lock, which is taken table by table.
 */
#pragma once

#include "as/mm_types.h"
#include "pgtable/tlb.h"

/*
 * Unmaps [start, end) of the areas from vma on, in their vm_next order: pages lose a mapping and a
 * use, once the gathering is flushed. Dirty pages of files are PG_dirty then.
 */
void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		unsigned long end);

/* The same for one of them. */
void zap_area(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end);

/* The same, at once. */
void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/* Frees the page tables that are within [floor, ceiling), free of areas, and touch [start, end),
 * where nothing is mapped any more. */
void free_pgtables(struct mmu_gather *tlb, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling);

/* Gives the pages of [start, end) the rights that their area gives at most now. */
void change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end);

/*
 * Maps a page of a driver's own in an area, at addr, and takes a use of it; the area is one of
 * VM_MIXEDMAP from then on. -EFAULT: addr is not in it, or not aligned. -EINVAL: nobody uses the
 * page, it belongs to somebody, or the area is of VM_PFNMAP, without counted pages. -EBUSY: there
 * is one. -ENOMEM.
 */
int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page);

/* The end of the page table that addr is in, or end if that is before. */
static inline unsigned long table_end(unsigned long addr, unsigned long end)
{
	unsigned long next = (addr & PGDIR_MASK) + PGDIR_SIZE;

	return min(next, end);
}

/* Pages that are mapped, of all kinds. */
unsigned long get_mm_rss(const struct mm_struct *mm);
/* The most there ever were, now included. */
unsigned long get_mm_hiwater_rss(const struct mm_struct *mm);
unsigned long get_mm_hiwater_vm(const struct mm_struct *mm);
/* Notes the figures as they are: before they fall. */
void update_hiwater(struct mm_struct *mm);
