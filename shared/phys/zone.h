/*
 * Zones and the node. Corresponds to Linux include/linux/mmzone.h.
 *
 *   ZONE_DMA      [0, 16 MiB)            what ISA devices reach
 *   ZONE_NORMAL   [16 MiB, max_low_pfn)  the rest of the direct map
 *   ZONE_HIGHMEM  [max_low_pfn, max_pfn) no permanent kernel address
 *   ZONE_MOVABLE  the upper part of the highest of these, where kernelcore= or movablecore= says
 * so: only for pages that can be moved away again
 *
 * A zone begins at a multiple of the largest block, so no block and no page block straddles two.
 */
#pragma once

#include "arch/types.h"
#include "base/list.h"
#include "base/lock.h"
#include "phys/pageblock.h"

enum zone_type { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, ZONE_MOVABLE, MAX_NR_ZONES };

/* One CPU so far. */
#define NR_CPUS 1

struct free_area {
	struct list_head free_list[MIGRATE_TYPES]; /* heads of free blocks, the last freed first */
	unsigned long nr_free;			   /* blocks on all the lists */
};

/* Up to this order blocks pass through per-CPU lists: what is called cheap (phys/pcp.h). */
#define PAGE_ALLOC_COSTLY_ORDER 3

/*
 * A CPU's own stock of free blocks of a zone. Its pages count as neither free nor in use.
 * Invariants: pcp_count() == sum of pages on the lists; after a free, it is at most high.
 */
struct per_cpu_pages {
	spinlock_t lock;     /* taken by trylock on the fast paths: who fails goes to the zone */
	long room;	     /* pages that may still come before a batch goes back: high - count */
	unsigned long high;  /* pages: from here on a free gives a batch back */
	unsigned long batch; /* pages to move from or to the zone at a time */
	unsigned int next;   /* the list that the last drain ended before */
	struct list_head lists[MIGRATE_PCPTYPES][PAGE_ALLOC_COSTLY_ORDER + 1];
	/* Pages ever freed here, past the lists as well; a statistic, no lock. */
	unsigned long pgfree;
};

/* Pages on the lists. */
static inline unsigned long pcp_count(const struct per_cpu_pages *pcp)
{
	return pcp->high - pcp->room;
}

enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };

/* More than two Reserve blocks buy nothing: an atomic request is 4 MiB at most. */
#define MAX_RESERVE_BLOCKS 2ul

/*
 * Invariants: free_pages == sum of nr_free << order; present_pages <= spanned_pages;
 * managed_pages == free + on per-CPU lists + in use; min <= low <= high.
 */
struct zone {
	struct per_cpu_pages pageset[NR_CPUS];
	spinlock_t lock; /* protects free_area, free_pages and free pages' struct page */
	unsigned long free_pages;
	struct free_area free_area[MAX_ORDER];

	/* Pages to keep back; changed under the watermark lock (phys/watermark.h), read without. */
	unsigned long watermark[NR_WMARK];
	/* ... and besides, from requests that could have taken the zone of that index. */
	unsigned long lowmem_reserve[MAX_NR_ZONES];

	/* Constant after boot. */
	const char *name;
	unsigned long zone_start_pfn;
	unsigned long spanned_pages; /* holes included */
	unsigned long present_pages; /* RAM */
	unsigned long managed_pages; /* ever handed to the allocator */
};

/* The zones that a request may take pages from, the preferred one first, NULL at the end. */
struct zonelist {
	struct zone *zones[MAX_NR_ZONES + 1];
};

typedef struct pglist_data {
	struct zone node_zones[MAX_NR_ZONES];
	struct zonelist node_zonelists[MAX_NR_ZONES]; /* by the highest zone that will do */
	enum zone_type movable_zone;		      /* the zone that ZONE_MOVABLE is cut from */
} pg_data_t;

extern pg_data_t contig_page_data;

static inline struct zone *zone_of(unsigned int type)
{
	return &contig_page_data.node_zones[type];
}

static inline struct zone *page_zone(const struct page *page)
{
	return zone_of(page_zonenum(page));
}

static inline unsigned int zone_idx(const struct zone *zone)
{
	return zone - contig_page_data.node_zones;
}

static inline unsigned long zone_end_pfn(const struct zone *zone)
{
	return zone->zone_start_pfn + zone->spanned_pages;
}

static inline bool populated_zone(const struct zone *zone)
{
	return zone->present_pages != 0;
}

/* Do the zone's pages lack a permanent kernel address? */
bool is_highmem(const struct zone *zone);

const char *zone_name(unsigned int type);

/*
 * Lays out the zones over [0, memory.max_pfn), with mem_map all reserved and the free areas empty,
 * and builds the zonelists. Boot time only, after setup_bootmem_allocator() and paging_init().
 */
void zone_sizes_init(void);
