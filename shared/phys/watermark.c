#include "phys/watermark.h"

#include "base/bug.h"
#include "base/errno.h"
#include "phys/pcp.h"

/* Below 128 KiB there is nothing to keep back; above 64 MiB it would serve nobody. */
#define MIN_FREE_KBYTES_LEAST 128ul
#define MIN_FREE_KBYTES_MOST 65536ul

/*
 * A kernel request never needs high memory to make progress: what is kept back there only keeps
 * reclaim from working a page at a time. From one batch of reclaim to four.
 */
#define HIGHMEM_MIN_LEAST 32ul
#define HIGHMEM_MIN_MOST 128ul

#define PERCPU_FRACTION_LEAST 8

/* DMA memory is dear, and much of what could go to Normal must not end there. */
static const u16 default_ratios[MAX_NR_ZONES - 1] = {
	[ZONE_DMA] = 256, [ZONE_NORMAL] = 32, [ZONE_HIGHMEM] = 32};

static __mm_state struct {
	spinlock_t lock; /* the figures here, and the zones' watermarks and reserves */
	unsigned long min_free_kbytes;
	unsigned long ratios[MAX_NR_ZONES - 1];
} limits;

bool __regparm zone_watermark_ok(const struct zone *zone, unsigned int order, unsigned long mark,
				 unsigned int zone_idx, unsigned int alloc_flags)
{
	s32 min = mark, free = READ_ONCE(zone->free_pages) - (1ul << order) + 1;

	if (alloc_flags & ALLOC_HIGH)
		min -= min / 2;
	if (alloc_flags & ALLOC_HARDER)
		min -= min / 4;
	if (free <= min + (s32)zone->lowmem_reserve[zone_idx])
		return false;
	/* Each test below has these pages on the left, and at most half the mark on the right. */
	if ((s32)(zone->free_area[MAX_ORDER - 1].nr_free << (MAX_ORDER - 1)) - (1 << order) >=
	    min / 2)
		return true;
	for (unsigned int o = 0; o < order; o++) {
		free -= zone->free_area[o].nr_free << o;
		min >>= 1;
		if (free <= min)
			return false;
	}
	return true;
}

/* ---- from the figures to the zones --------------------------------------------------------- */

static unsigned long lowmem_pages(void)
{
	unsigned long pages = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		if (!is_highmem(zone_of(type)))
			pages += zone_of(type)->managed_pages;
	return pages;
}

/* What an ordinary kernel request can have: not ZONE_MOVABLE, wherever it is cut from. */
static unsigned long buffer_pages(void)
{
	unsigned long pages = 0;

	for (struct zone *const *at = contig_page_data.node_zonelists[ZONE_NORMAL].zones; *at; at++)
		pages += (*at)->managed_pages;
	return pages;
}

static void set_zone_wmarks(struct zone *zone, unsigned long pages_min, unsigned long lowmem)
{
	unsigned long share = (u32)((u64)pages_min * zone->managed_pages / max(lowmem, 1ul));
	unsigned long min = share;

	if (is_highmem(zone)) {
		min = max(zone->managed_pages / 1024, HIGHMEM_MIN_LEAST);
		min = min(min, HIGHMEM_MIN_MOST);
	}
	unsigned long flags = spin_lock_irqsave(&zone->lock);

	zone->watermark[WMARK_MIN] = min;
	zone->watermark[WMARK_LOW] = min + share / 4;
	zone->watermark[WMARK_HIGH] = min + share / 2;
	setup_zone_migrate_reserve(zone);
	spin_unlock_irqrestore(&zone->lock, flags);
}

static void setup_per_zone_wmarks(void)
{
	unsigned long pages_min = limits.min_free_kbytes >> (PAGE_SHIFT - 10);
	unsigned long lowmem = lowmem_pages();

	lock_assert_held(&limits.lock);
	for (int type = 0; type < MAX_NR_ZONES; type++)
		if (populated_zone(zone_of(type)))
			set_zone_wmarks(zone_of(type), pages_min, lowmem);
	update_alloc_marks();
}

/* A zone keeps back from a request for zone j a share of all pages above it, up to j. */
static void setup_per_zone_lowmem_reserve(void)
{
	lock_assert_held(&limits.lock);
	for (unsigned int lower = 0; lower < MAX_NR_ZONES - 1; lower++) {
		unsigned long above = 0;

		for (unsigned int j = lower + 1; j < MAX_NR_ZONES; j++) {
			above += zone_of(j)->managed_pages;
			zone_of(lower)->lowmem_reserve[j] = above / limits.ratios[lower];
		}
	}
	update_alloc_marks();
}

void close_alloc_marks(u32 reason, bool closed)
{
	unsigned long flags = spin_lock_irqsave(&limits.lock);

	if (closed)
		alloc_marks_closed |= reason;
	else
		alloc_marks_closed &= ~reason;
	update_alloc_marks();
	spin_unlock_irqrestore(&limits.lock, flags);
}

/* ---- the figures --------------------------------------------------------------------------- */

int set_min_free_kbytes(unsigned long kbytes)
{
	if (kbytes > MIN_FREE_KBYTES_MOST || kbytes > lowmem_pages() << (PAGE_SHIFT - 10))
		return -EINVAL;
	unsigned long flags = spin_lock_irqsave(&limits.lock);

	limits.min_free_kbytes = kbytes;
	setup_per_zone_wmarks();
	spin_unlock_irqrestore(&limits.lock, flags);
	return 0;
}

unsigned long get_min_free_kbytes(void)
{
	return limits.min_free_kbytes;
}

int set_lowmem_reserve_ratio(unsigned int zone, unsigned long ratio)
{
	if (zone >= MAX_NR_ZONES - 1 || ratio == 0)
		return -EINVAL;
	unsigned long flags = spin_lock_irqsave(&limits.lock);

	limits.ratios[zone] = ratio;
	setup_per_zone_lowmem_reserve();
	spin_unlock_irqrestore(&limits.lock, flags);
	return 0;
}

int set_percpu_pagelist_fraction(unsigned long fraction)
{
	if (fraction && fraction < PERCPU_FRACTION_LEAST)
		return -EINVAL;
	unsigned long flags = spin_lock_irqsave(&limits.lock);

	for (int type = 0; type < MAX_NR_ZONES; type++)
		setup_pageset(zone_of(type), fraction);
	spin_unlock_irqrestore(&limits.lock, flags);
	return 0;
}

unsigned long totalreserve_pages(void)
{
	unsigned long sum = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++) {
		const struct zone *zone = zone_of(type);
		unsigned long most = 0;

		for (int j = type; j < MAX_NR_ZONES; j++)
			most = max(most, zone->lowmem_reserve[j]);
		sum += min(most + zone->watermark[WMARK_HIGH], zone->managed_pages);
	}
	return sum;
}

static unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0;

	for (unsigned long bit = 1ul << 15; bit; bit >>= 1)
		if ((root + bit) * (root + bit) <= x)
			root += bit;
	return root;
}

/*
 * min_free_kbytes = sqrt(16 * KiB for the kernel): larger machines allocate faster, but not in
 * proportion. 16 MiB: 512   64 MiB: 1024   256 MiB: 2048   896 MiB: 3831
 */
void init_watermarks(void)
{
	unsigned long kbytes = int_sqrt((buffer_pages() << (PAGE_SHIFT - 10)) * 16);

	spin_lock_init(&limits.lock, "watermarks", LOCK_RANK_WATERMARK, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(default_ratios); i++)
		limits.ratios[i] = default_ratios[i];
	kbytes = min(max(kbytes, MIN_FREE_KBYTES_LEAST), MIN_FREE_KBYTES_MOST);

	unsigned long flags = spin_lock_irqsave(&limits.lock);

	limits.min_free_kbytes = kbytes;
	for (int type = 0; type < MAX_NR_ZONES; type++)
		setup_pageset(zone_of(type), 0);
	setup_per_zone_wmarks();
	setup_per_zone_lowmem_reserve();
	spin_unlock_irqrestore(&limits.lock, flags);
}
