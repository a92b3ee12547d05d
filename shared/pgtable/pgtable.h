/*
 * Page tables: look up, allocate, map, free. Corresponds to Linux include/asm-i386/pgalloc.h and
 * arch/i386/mm/pgtable.c.
 *
 * The flush rule, once: whoever takes rights or a frame away from a present entry flushes its page
 * before anything else can happen to the frame; giving rights needs no flush (Intel SDM vol. 3A,
 * 4.10.4.3). An address space that CR3 does not name has nothing cached: user entries are not
 * global.
 *
 * One thread at a time works on one page directory: its owner serialises (later: mmap_sem and the
 * page-table lock).
 */
#pragma once

#include "arch/pte.h"
#include "base/list.h"
#include "base/lock.h"
#include "phys/page.h"

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

/* The entry for va, or NULL where there is no page table (a hole, or a 4 MiB page). Any va. */
pte_t *pte_lookup(pgd_t *pgd, unsigned long va);

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
int make_pte_table(pgd_t *pgd, unsigned long va);

/*
 * Moves what is mapped at `from`, rights and bits as they are, to `to`, where nothing is; both are
 * page-aligned user addresses of one directory. Flushes. -ENOENT: nothing is mapped at `from`.
 * -ENOMEM: no page table to be had; nothing has changed.
 */
int move_page(pgd_t *pgd, unsigned long from, unsigned long to);

/* Frees the page tables of [start, end), which are whole tables of user addresses and map nothing.
 */
void free_tables(pgd_t *pgd, unsigned long start, unsigned long end);

/* Frees the page tables of [start, end), user addresses, that map nothing; returns how many. */
unsigned int free_empty_tables(pgd_t *pgd, unsigned long start, unsigned long end);

/* The page that a page directory stands in, and back. */
static inline struct page *pgd_page(const pgd_t *pgd)
{
	return virt_to_page(pgd);
}

static inline pte_t *pgd_table_address(pgd_t entry)
{
	return __va(pgd_table(entry));
}
