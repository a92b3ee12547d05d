/*
 * The state in words, for people and for telling two states apart. Each writes whole lines with
 * printk; none takes locks. Later: the texts of /proc.
 */
#pragma once

#include "arch/pte.h"
#include "phys/page.h"

/* e820, limits and stage. */
void show_memory_map(void);

/* Zones: spanned, present, managed, free. MM_ZONES and later, as all that follow. */
void show_zones(void);

/* The text of /proc/buddyinfo. */
void show_buddyinfo(void);

/* The free blocks of every list, by pfn, in list order. */
void show_free_lists(void);

/* One line: all fields of a struct page. */
void show_page(const struct page *page);

/* The entries that a walk of pgd for va meets, spelled out. */
void show_walk(pgd_t *pgd, unsigned long va);

/* Event counters: the text of /proc/vmstat as far as it exists. */
void show_vmstat(void);

/* All of what mm_digest() covers, one item a line: the same lines iff the same digest. */
void show_state(void);
