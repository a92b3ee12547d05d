/*
 * Pages that programs see: who they belong to, who maps them, and what is done to all of these
 * entries at once. Corresponds to Linux include/linux/rmap.h and the second half of mm/rmap.c.
 *
 *	page_add_new_anon_rmap()   a new page in an area without others: of the area's anon_vma
 *	page_dup_rmap()            one more entry for it, in a fork's copy of the area
 *	page_add_file_rmap()       one more entry for a page of a file, or of nobody
 *	page_remove_rmap()         one less
 *
 * These are called with page_table_lock held, beside the change of the entry. The entries of a page
 * are found through its anon_vma or its file's i_mmap, and _mapcount says how many there are.
 */
#pragma once

#include "as/mm_types.h"
#include "phys/page.h"

/* Which of a space's resident pages it counts as. */
static inline enum mm_counter mm_counter(const struct page *page)
{
	if (page_is_anon(page))
		return MM_ANONPAGES;
	return page_flag(page, PG_swapbacked) ? MM_SHMEMPAGES : MM_FILEPAGES;
}

/* The page of an entry; NULL for the zero page, and for frames that nobody counts. */
struct page *vm_normal_page(const struct vm_area_struct *vma, pte_t pte);

/* The zero page's frame: what is read before it was ever written. */
#define ZERO_PFN (BOOT_EMPTY_ZERO_PAGE >> PAGE_SHIFT)

/* The area's page of an address, counted as the area counts. */
static inline unsigned long linear_page_index(const struct vm_area_struct *vma, unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

/* Nobody else has the page so far; the area has an anon_vma. */
static inline void page_add_new_anon_rmap(struct page *page, const struct vm_area_struct *vma,
					  unsigned long addr)
{
	lock_assert_held(&vma->vm_mm->page_table_lock);
	page->mapping = (void *)((unsigned long)vma->anon_vma | PAGE_MAPPING_ANON);
	page->index = linear_page_index(vma, addr);
	page->flags |= 1u << PG_swapbacked | 1u << PG_uptodate;
	page->_mapcount = 0;
}

static inline void page_dup_rmap(struct page *page)
{
	__atomic_add_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
}

static inline void page_add_file_rmap(struct page *page)
{
	__atomic_add_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
}

static inline void page_remove_rmap(struct page *page)
{
	__atomic_sub_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
}

/* The area is the only one with the page left: its own anon_vma will do, for shorter searches. */
static inline void page_move_anon_rmap(struct page *page, const struct vm_area_struct *vma)
{
	lock_assert_held(&vma->vm_mm->page_table_lock);
	page->mapping = (void *)((unsigned long)vma->anon_vma | PAGE_MAPPING_ANON);
}

/*
 * Calls fn for each area that maps the page, with the entry and page_table_lock held, until it
 * returns false. Takes the lock of the anon_vma's family, or i_mmap_rwsem. The page is locked, or
 * otherwise kept from changing owners.
 */
struct rmap_visit {
	struct page *page;
	struct vm_area_struct *vma;
	unsigned long address;
	pte_t *pte;
};
void rmap_walk(struct page *page, bool (*fn)(const struct rmap_visit *visit, void *arg), void *arg);

/* How many entries had A set, which is taken away, with a flush; and PG_referenced, if set. */
unsigned int page_referenced(struct page *page);

/*
 * Takes all entries of a file's page away; dirty ones make it PG_dirty. The page is locked. True:
 * nobody maps it any more. False: somebody has it locked (VM_LOCKED), or it is anonymous: its
 * contents would be nowhere. Nothing is undone then.
 */
bool try_to_unmap(struct page *page);

/*
 * Makes all shared entries of a file's page clean and read-only, so that the next write will be
 * noticed; returns how many were dirty or writable. The page is locked.
 */
unsigned int page_mkclean(struct page *page);

/* An entry of a page is gone, or clean: what the processor noted in it is the page's now. */
void note_entry_bits(struct page *page, pte_t old);
