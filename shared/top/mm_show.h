/*
 * The state in words, for people and for telling two states apart. Each writes whole lines with
 * printk; none takes locks. The texts of /proc: top/mm_proc.h.
 */
#pragma once

#include "arch/pte.h"
#include "phys/page.h"

/* e820, limits and stage. */
void show_memory_map(void);

/* Zones: spanned, present, managed, free. MM_ZONES and later, as all that follow. */
void show_zones(void);

/* The free blocks of every list, by pfn, in list order. */
void show_free_lists(void);

/* The per-CPU lists, block by block, the hot end first, with their bounds. */
void show_pcp_lists(void);

/* The types of all page blocks, in runs. */
void show_pageblocks(void);

/* min, low, high, and what is kept back from requests for each zone above. */
void show_watermarks(void);

/* One line: all fields of a struct page. */
void show_page(const struct page *page);

/* The entries that a walk of pgd for va meets, spelled out. */
void show_walk(pgd_t *pgd, unsigned long va);

/* All of what mm_digest() covers, one item a line: the same lines iff the same digest. */
void show_state(void);
