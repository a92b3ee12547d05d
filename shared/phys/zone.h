/*
 * Zones and the node. Corresponds to Linux include/linux/mmzone.h.
 *
 *   ZONE_DMA      [0, 16 MiB)            what ISA devices reach
 *   ZONE_NORMAL   [16 MiB, max_low_pfn)  the rest of the direct map
 *   ZONE_HIGHMEM  [max_low_pfn, max_pfn) no permanent kernel address
 */
#pragma once

#include "arch/types.h"
#include "base/list.h"
#include "base/lock.h"
#include "phys/page.h"

enum zone_type { ZONE_DMA, ZONE_NORMAL, ZONE_HIGHMEM, MAX_NR_ZONES };

/* Orders 0 .. 10: blocks of 4 KiB to 4 MiB. */
#define MAX_ORDER 11

struct free_area {
	struct list_head free_list; /* heads of free blocks, the last freed first */
	unsigned long nr_free;	    /* blocks on the list */
};

/* Invariants: free_pages == sum of nr_free << order; present_pages <= spanned_pages. */
struct zone {
	spinlock_t lock; /* protects free_area, free_pages and free pages' struct page */
	unsigned long free_pages;
	struct free_area free_area[MAX_ORDER];

	/* Constant after boot. */
	const char *name;
	unsigned long zone_start_pfn;
	unsigned long spanned_pages; /* holes included */
	unsigned long present_pages; /* RAM */
	unsigned long managed_pages; /* ever handed to the allocator */
};

typedef struct pglist_data {
	struct zone node_zones[MAX_NR_ZONES];
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

const char *zone_name(unsigned int type);

/*
 * Lays out the zones over [0, memory.max_pfn), with mem_map all reserved and the free areas empty.
 * Boot time only, after setup_bootmem_allocator() and paging_init().
 */
void zone_sizes_init(void);
