/*
 * Watermarks: how many free pages a zone keeps back, and from whom. Corresponds to Linux
 * mm/page_alloc.c (2.6): zone_watermark_ok(), min_free_kbytes, lowmem_reserve.
 *
 *   free pages
 *      high  ----  the background reclaimer goes back to sleep
 *      low   ----  below it the reclaimer is woken, and the next zone is tried
 *      min   ----  below it only: __GFP_HIGH down to a half, who cannot sleep down to three
 *                  quarters of that, and reclaim itself down to nothing
 *
 * min is the zone's share of min_free_kbytes, low and high are a quarter and a half of it above.
 * High memory has the same steps above a min of 32 to 128 pages. On top of the mark comes
 * lowmem_reserve: a request that could have had a higher zone leaves a part of the lower ones
 * alone, one page for each `ratio` pages of the zones above it.
 */
#pragma once

#include "phys/zone.h"

/* What a request may do: the mark that it observes, and how far it may go below. */
#define ALLOC_WMARK_MASK 0x03u /* enum zone_watermarks */
#define ALLOC_NO_WATERMARKS 0x04u
#define ALLOC_HARDER 0x10u /* a quarter below: cannot sleep */
#define ALLOC_HIGH 0x20u   /* half below; __GFP_HIGH's own bit */

/*
 * Would the zone still have the pages that `mark` keeps back, and the reserve for requests that may
 * have zone_idx, after a block of that order is gone? For larger blocks the small free ones count
 * less and less: with those below order n taken off, 1/2^n of the mark must still be there.
 */
bool __regparm zone_watermark_ok(const struct zone *zone, unsigned int order, unsigned long mark,
				 unsigned int zone_idx, unsigned int alloc_flags);

/* The figures of /proc/sys/vm/: each setter recomputes what follows from it. Take the watermark
 * lock. */

/* KiB, at most 64 MiB or the lowmem there is: -EINVAL. Sets watermarks and Reserve blocks. */
int set_min_free_kbytes(unsigned long kbytes);
unsigned long get_min_free_kbytes(void);

/* 1 / share of the zones above that a zone keeps back; 1 keeps back most. -EINVAL for 0, or a zone
 * without zones above. */
int set_lowmem_reserve_ratio(unsigned int zone, unsigned long ratio);

/* The most of each zone that one CPU keeps: 1 / fraction; 0 for the default. -EINVAL for 1 to 7. */
int set_percpu_pagelist_fraction(unsigned long fraction);

/*
 * For that reason (CLOSED_FOR_*, phys/pcp.h) closes the fast path of page allocations, or has it
 * closed no longer: it is open when there is no reason left. Takes the watermark lock.
 */
void close_alloc_marks(u32 reason, bool closed);

/* Pages that no ordinary request gets: high watermarks and reserves. */
unsigned long totalreserve_pages(void);

/* Works all of them out from the size of the zones, once boot has filled these. */
void init_watermarks(void);
