/*
 * bootmem: the allocator of the time before there is an allocator. One bit per page of low memory,
 * set while the page is taken. Corresponds to Linux mm/bootmem.c (2.4, 2.6). Boot time only: one
 * CPU, no locks, nothing sleeps. Addresses are physical bytes.
 */
#pragma once

#include "arch/types.h"

struct bootmem_data {
	u32 *bitmap;		/* NULL outside init_bootmem() .. free_all_bootmem() */
	unsigned long low_pfn;	/* pages [0, low_pfn) are managed */
	unsigned long last_pos; /* page of the last allocation's last byte, for sub-page packing */
	unsigned long last_offset; /* bytes taken in that page; 0: it is full */
};

extern struct bootmem_data bootmem;

/* Pages that the bitmap for pages [0, low_pfn) takes. */
unsigned long bootmem_bitmap_pages(unsigned long low_pfn);

/*
 * Starts bootmem for pages [0, low_pfn), all taken, with its bitmap at page map_pfn (whose memory
 * the caller reserves afterwards). Returns the bitmap's size in bytes.
 */
unsigned long init_bootmem(unsigned long map_pfn, unsigned long low_pfn);

/*
 * Gives up the whole pages within [addr, addr + size): a partial page stays taken. -EINVAL beyond
 * the managed range, or, with a message and the other pages freed, when some page was free already.
 */
int free_bootmem(phys_addr_t addr, unsigned long size);

/* Takes all pages that [addr, addr + size) touches. -EINVAL beyond the range; says so if taken
 * twice. */
int reserve_bootmem(phys_addr_t addr, unsigned long size);

/*
 * Takes size bytes, zeroed, at a multiple of align (a power of two), at or above goal if there is
 * room, else anywhere. Small requests share pages with the one before. NULL when nothing fits.
 */
void *__alloc_bootmem_nopanic(unsigned long size, unsigned long align, phys_addr_t goal);

/* The same; boot cannot go on without it, so it panics instead. */
void *__alloc_bootmem(unsigned long size, unsigned long align, phys_addr_t goal);

/* NULL where nothing fits below limit, a physical address: for who can reach no more yet. */
void *alloc_bootmem_below(unsigned long size, unsigned long align, phys_addr_t limit);

/* At or above MAX_DMA_ADDRESS for preference, to spare DMA memory. */
void *alloc_bootmem_pages(unsigned long size);

/* Pages still free. */
unsigned long bootmem_free_pages(void);

/*
 * Ends bootmem: hands every run of free pages [start_pfn, end_pfn) to free_range, lowest first,
 * then the bitmap's own pages. Returns the number of pages.
 */
unsigned long free_all_bootmem(void (*free_range)(unsigned long start_pfn, unsigned long end_pfn));
