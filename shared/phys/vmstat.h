/*
 * Counters, under Linux's names. Corresponds to Linux mm/vmstat.c.
 *
 * Freed pages are counted on the hot path, in the per-CPU lists' own structure; free pages in the
 * zones. The pages ever allocated follow from these. The rest stands here, changed by atomic
 * operations.
 */
#pragma once

#include "arch/types.h"

enum vm_item {
	ALLOCSTALL,	       /* how often an allocation had to reclaim for itself */
	NR_PAGE_TABLE_PAGES,   /* page directories and page tables, in pages */
	NR_SLAB_RECLAIMABLE,   /* pages of slabs whose objects can be reclaimed */
	NR_SLAB_UNRECLAIMABLE, /* pages of all other slabs */
	NR_VM_ITEMS
};

extern unsigned long vm_counters[NR_VM_ITEMS];

static inline void mod_vm_counter(enum vm_item item, long delta)
{
	__atomic_fetch_add(&vm_counters[item], delta, __ATOMIC_RELAXED);
}

/* Free pages of all zones; those on per-CPU lists do not count. */
unsigned long nr_free_pages(void);

/* Pages ever allocated from, and freed to, the zone of that index (pgalloc_*, pgfree); they wrap.
 */
unsigned long pgalloc_events(unsigned int zone);
unsigned long pgfree_events(unsigned int zone);

/* Pages on the per-CPU lists of the zone of that index. */
unsigned long pcp_pages(unsigned int zone);
