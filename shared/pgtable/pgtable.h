/*
 * Page tables: look up, allocate, map, free. Corresponds to Linux include/asm-i386/pgalloc.h and
 * arch/i386/mm/pgtable.c.
 *
 * The flush rule, once: whoever takes rights or a frame away from a present entry flushes its page
 * before anything else can happen to the frame; pgtable/tlb.h says when there is nothing to flush.
 *
 * A user's page tables may stand in high memory: pte_map() and pte_unmap(). One thread at a time
 * works on one page directory: its owner serialises, by mmap_sem and page_table_lock.
 */
#pragma once

#include "arch/pte.h"
#include "base/list.h"
#include "base/lock.h"
#include "pgtable/highmem.h"
#include "phys/page.h"

struct mmu_gather;

#define swapper_pg_dir ((pgd_t *)__va(BOOT_SWAPPER_PG_DIR))

/* All page directories but swapper_pg_dir, linked by the lru of their struct page, newest first. */
extern struct list_head pgd_list;

void pgtable_init(void);

/* A page directory with an empty user half and swapper_pg_dir's kernel half. NULL: no memory. */
pgd_t *__must_check pgd_alloc(void);

/*
 * Frees a page directory with its user page tables, dropping the pages they still map.
 * -EBUSY when CR3 names it.
 */
int pgd_free(pgd_t *pgd);

/* Frees a page directory that has no user page tables, and is not loaded. */
void pgd_release(pgd_t *pgd);

/* The entry for va, or NULL where there is no page table (a hole, or a 4 MiB page). Any address of
 * the kernel: its tables are in low memory. */
pte_t *pte_lookup(pgd_t *pgd, unsigned long va);

/* The page that a table stands in, and its first entry until pte_unmap(). */
static inline struct page *pgd_table_page(pgd_t entry)
{
	return pfn_to_page(PFN_DOWN(pgd_table(entry)));
}

static inline pte_t *pgd_table_map(pgd_t entry)
{
	if (likely(PFN_DOWN(pgd_table(entry)) < highstart_pfn))
		return __va(pgd_table(entry));
	return kmap_atomic_high(pgd_table_page(entry));
}

/*
 * The entry for va, a user address, NULL where there is no page table; to be looked at until
 * pte_unmap(), for the table may be in high memory. Linux: pte_offset_map().
 */
static inline pte_t *pte_map(pgd_t *pgd, unsigned long va)
{
	pgd_t entry = pgd[pgd_index(va)];

	return likely(pgd_present(entry)) ? pgd_table_map(entry) + pte_index(va) : NULL;
}

static inline void pte_unmap(pte_t *pte)
{
	kunmap_atomic(pte);
}

/* What is at va, a user address, 0 for nothing. */
static inline pte_t pte_at(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = pte_map(pgd, va), entry = {0};

	if (pte) {
		entry = ptep_get(pte);
		pte_unmap(pte);
	}
	return entry;
}

/* Is there a page table for any of [start, end), user addresses, start < end? Much of a space never
 * has one. */
static inline bool has_tables(const pgd_t *pgd, unsigned long start, unsigned long end)
{
	for (unsigned int i = pgd_index(start); i <= pgd_index(end - 1); i++)
		if (pgd_present(pgd[i]))
			return true;
	return false;
}

/* Frees a page table that no directory names. */
void pte_free(struct page *table);

/*
 * Maps the page of pfn at va, a user address, and takes a use and a mapping of it.
 * -EINVAL: va is no page-aligned user address. -EEXIST: something is mapped there.
 * -ENOMEM: no page table to be had. On error nothing has changed.
 */
int map_page(pgd_t *pgd, unsigned long va, struct page *page, pgprot_t prot);

/* Unmaps va, flushes, then drops the mapping's use of the page. -ENOENT: nothing is mapped there.
 */
int unmap_page(pgd_t *pgd, unsigned long va);

/* Changes the rights at va, keeping the frame, A and D; flushes. -ENOENT as above. */
int protect_page(pgd_t *pgd, unsigned long va, pgprot_t prot);

/*
 * Clears A at va and flushes, so that the next use sets it again; returns whether it was set.
 * -ENOENT as above. Linux: ptep_clear_flush_young().
 */
int clear_flush_young(pgd_t *pgd, unsigned long va);

/* Puts another page where va maps one already, rights kept, A and D cleared: copy-on-write's last
 * step. */
int replace_page(pgd_t *pgd, unsigned long va, struct page *page);

/* Makes the page table that va, a user address, wants. -ENOMEM: there is none. */
int __must_check make_pte_table_slow(pgd_t *pgd, unsigned long va);
static inline int __must_check make_pte_table(pgd_t *pgd, unsigned long va)
{
	return likely(pgd_present(pgd[pgd_index(va)])) ? 0 : make_pte_table_slow(pgd, va);
}

/* Frees the page tables of [start, end), which are whole tables of user addresses and map nothing.
 */
void free_tables(struct mmu_gather *tlb, unsigned long start, unsigned long end);

/* Frees the page tables of [start, end), user addresses, that map nothing; returns how many. */
unsigned int free_empty_tables(pgd_t *pgd, unsigned long start, unsigned long end);

/* The page that a page directory stands in, and back. */
static inline struct page *pgd_page(const pgd_t *pgd)
{
	return virt_to_page(pgd);
}
