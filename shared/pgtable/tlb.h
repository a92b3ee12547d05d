/*
 * What a processor may have cached of a space, and how it is made to forget. Corresponds to Linux
 * include/asm-generic/tlb.h, mm/mmu_gather.c and arch/x86/mm/tlb.c.
 *
 * A flush is needed when three things hold, and is done then and only then:
 *   - CR3 names the directory: user entries are not global, so that a load of CR3 drops them all
 *     (Intel SDM vol. 3A, 4.10.4.1);
 *   - the old entry was present and had A set, or nobody may have cached it (4.10.2.3);
 *   - the new one gives less, or leads elsewhere; what gives more needs none (4.10.4.3):
 *     pte_needs_flush().
 *
 * Whoever takes many entries away gathers: the flushes they need, the pages they mapped, the tables
 * they stood in. Nothing of that is freed, and may so be used for something else, before the flush.
 *
 *	tlb_gather(&tlb, pgd);
 *	... tlb_note_entry(), tlb_remove_page(), tlb_remove_table() ...
 *	tlb_finish(&tlb);
 */
#pragma once

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/list.h"
#include "phys/page_alloc.h"

/* So many entries are flushed one by one; for more, all of the space is, which costs it the refills
 * of what it goes on using: about as many as a first-level TLB has entries for data. */
#define TLB_SINGLE_MAX 32
#define TLB_GATHER_PAGES 64

struct mmu_gather {
	pgd_t *pgd;
	bool loaded;	   /* CR3 names it */
	bool table_cached; /* a directory entry went that had A set */
	unsigned int nr_entries, nr_pages;
	struct list_head tables;	     /* by lru */
	unsigned long entry[TLB_SINGLE_MAX]; /* the first so many addresses to flush */
	struct page *page[TLB_GATHER_PAGES]; /* each a use to drop */
};

/* How many flushes there were of one page, and of a whole space. */
struct tlb_flushes {
	unsigned long one, all;
};
extern struct tlb_flushes tlb_flushes;

static inline bool pgd_is_loaded(const pgd_t *pgd)
{
	return arch_read_cr3() == __pa(pgd);
}

/* One page, if CR3 names the directory. */
void flush_tlb_page(const pgd_t *pgd, unsigned long va);
/* The same, if need be: the entry of va was old, and is new now. */
static inline void flush_tlb_entry(const pgd_t *pgd, unsigned long va, pte_t old, pte_t new)
{
	if (pte_needs_flush(old, new))
		flush_tlb_page(pgd, va);
}

void tlb_gather(struct mmu_gather *tlb, pgd_t *pgd);
/* Flushes what is due, then frees. The gathering may go on. */
void tlb_flush(struct mmu_gather *tlb);

/* The entry of va was old, and is new now. */
static inline void tlb_note_entry(struct mmu_gather *tlb, unsigned long va, pte_t old, pte_t new)
{
	if (!tlb->loaded || !pte_needs_flush(old, new))
		return;
	if (tlb->nr_entries < TLB_SINGLE_MAX)
		tlb->entry[tlb->nr_entries] = va;
	tlb->nr_entries++;
}

/* A use of the page that the entry held goes with the flush. */
static inline void tlb_remove_page(struct mmu_gather *tlb, struct page *page)
{
	if (!tlb->loaded) {
		put_page(page);
		return;
	}
	if (unlikely(tlb->nr_pages == TLB_GATHER_PAGES))
		tlb_flush(tlb);
	tlb->page[tlb->nr_pages++] = page;
}

/* The page table that old named, which maps nothing any more, goes with the flush. */
void tlb_remove_table(struct mmu_gather *tlb, pgd_t old);

void tlb_finish(struct mmu_gather *tlb);
