/* The verifier's part on pages: what the zones say against what the struct pages are. */
#include "top/mm_verify_priv.h"

#include "boot/setup.h"
#include "phys/page_owner.h"
#include "phys/fail_page_alloc.h"
#include "phys/pcp.h"
#include "phys/vmstat.h"
#include "phys/zone.h"
#include "top/mm_init.h"

/* ---- free lists ---------------------------------------------------------------------------- */

static void verify_free_block(const struct zone *zone, const struct page *page, unsigned int order)
{
	unsigned long pfn = page_to_pfn(page), buddy = pfn ^ (1ul << order);

	if (!page_flag(page, PG_buddy) || page->private != order)
		violation("pfn %lx on free list %u is not marked as such", pfn, order);
	if (!IS_ALIGNED(pfn, 1ul << order))
		violation("pfn %lx on free list %u is misaligned", pfn, order);
	if (pfn < zone->zone_start_pfn ||
	    pfn + (1ul << order) > zone->zone_start_pfn + zone->spanned_pages)
		violation("pfn %lx order %u lies outside zone %s", pfn, order, zone->name);
	if (order < MAX_ORDER - 1 && buddy - zone->zone_start_pfn < zone->spanned_pages &&
	    page_flag(pfn_to_page(buddy), PG_buddy) && pfn_to_page(buddy)->private == order)
		violation("pfn %lx and its buddy %lx are both free at order %u", pfn, buddy, order);
}

/* Is `at`, the count-th entry of a list, a struct page whose link back is right? */
static bool link_is_sound(const struct zone *zone, const struct list_head *at,
			  const struct list_head *prev, unsigned long count)
{
	const struct page *page = list_entry(at, struct page, lru);

	return page >= mem_map && page < mem_map + memory.max_pfn && at->prev == prev &&
	       count < zone->spanned_pages;
}

/* Adds the list's blocks to *count; false when it is broken. */
static bool verify_free_list(const struct zone *zone, unsigned int order, unsigned int type,
			     unsigned long *count)
{
	const struct list_head *list = &zone->free_area[order].free_list[type], *prev = list;

	list_for_each (at, list) {
		if (!link_is_sound(zone, at, prev, *count)) {
			violation("zone %s free list %u is broken after %lu blocks", zone->name,
				  order, *count);
			return false;
		}
		verify_free_block(zone, list_entry(at, struct page, lru), order);
		prev = at;
		++*count;
	}
	return true;
}

static unsigned long verify_free_area(const struct zone *zone, unsigned int order)
{
	const struct free_area *area = &zone->free_area[order];
	unsigned long count = 0;

	for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
		if (!verify_free_list(zone, order, type, &count))
			return 0;
	if (count != area->nr_free)
		violation("zone %s order %u: nr_free %lu, on the lists %lu", zone->name, order,
			  area->nr_free, count);
	return count << order;
}

/* ---- per-CPU lists ------------------------------------------------------------------------- */

/* Marks each block's first page, so that the census tells it from one that was lost. */
static bool verify_pcp_list(const struct zone *zone, const struct list_head *list,
			    unsigned int order, unsigned long *pages)
{
	const struct list_head *prev = list;

	list_for_each (at, list) {
		struct page *page = list_entry(at, struct page, lru);

		if (!link_is_sound(zone, at, prev, *pages)) {
			violation("zone %s per-CPU list %u is broken after %lu pages", zone->name,
				  order, *pages);
			return false;
		}
		if (page->flags & (PAGE_FLAGS_CHECK | 1u << PG_seen) || page->_count ||
		    page_order_in_use(page) != order || page_zone(page) != zone)
			violation("pfn %lx on the per-CPU list %u of zone %s has flags %08x, count "
				  "%u",
				  page_to_pfn(page), order, zone->name, page->flags, page->_count);
		set_page_flag(page, PG_seen);
		prev = at;
		*pages += 1ul << order;
	}
	return true;
}

static void verify_pageset(const struct zone *zone, const struct per_cpu_pages *pcp)
{
	unsigned long pages = 0;

	for (unsigned int type = 0; type < MIGRATE_PCPTYPES; type++)
		for (unsigned int order = 0; order <= PAGE_ALLOC_COSTLY_ORDER; order++)
			if (!verify_pcp_list(zone, &pcp->lists[type][order], order, &pages))
				return;
	if (pages != pcp_count(pcp))
		violation("zone %s: per-CPU count %lu, on the lists %lu", zone->name,
			  pcp_count(pcp), pages);
}

/* ---- pages --------------------------------------------------------------------------------- */

/* How many pages of one zone were found in each state. */
struct census {
	unsigned long free, pcp, used, reserved;
};

static void verify_tail(const struct page *head, const struct page *page, const char *kind)
{
	u32 allowed = 1u << PG_poison | 3u << PAGE_FLAGS_ZONE_SHIFT |
		      PAGE_FLAGS_TYPE_MASK << PAGE_FLAGS_TYPE_SHIFT;

	if (page_flag(head, PG_slab))
		allowed |= 1u << PG_slab | 1u << PG_tail;

	if (page->flags & ~allowed || page->_count)
		violation("pfn %lx in the %s block at %lx has flags %08x, count %u",
			  page_to_pfn(page), kind, page_to_pfn(head), page->flags, page->_count);
	if (page_zonenum(page) != page_zonenum(head))
		violation("pfn %lx and its block at %lx are in different zones", page_to_pfn(page),
			  page_to_pfn(head));
}

static void verify_tails(const struct page *head, unsigned int order, const char *kind)
{
	for (unsigned long i = 1; i < 1ul << order; i++)
		verify_tail(head, head + i, kind);
}

/* A block in use has an owner of its order, and is watched; no other page is or has. */
static void verify_owners(const struct page *head, unsigned int order, bool in_use)
{
	for (unsigned long i = 0; page_owners && i < 1ul << order; i++) {
		const struct page_owner *owner = &page_owners[page_to_pfn(head) + i];
		bool expected = in_use && i == 0;

		if (owner->in_use != expected || page_flag(head + i, PG_watched) != expected)
			violation("pfn %lx, %s, has %s owner, and is %s", page_to_pfn(head + i),
				  in_use ? "in use" : "free", owner->in_use ? "an" : "no",
				  page_flag(head + i, PG_watched) ? "watched" : "not watched");
		else if (expected && owner->order != order)
			violation("pfn %lx of order %u has an owner of order %u", page_to_pfn(head),
				  order, owner->order);
	}
}

/* Judges the page or block at pfn, counts it, and returns how many pages it was. */
static unsigned long verify_page(unsigned long pfn, struct census *census)
{
	struct page *page = pfn_to_page(pfn);
	unsigned long order;

	if (page_flag(page, PG_reserved)) {
		if (page->_count || page_flag(page, PG_buddy))
			violation("reserved pfn %lx has flags %08x, count %u", pfn, page->flags,
				  page->_count);
		census->reserved++;
		return 1;
	}
	if (page_flag(page, PG_buddy)) {
		order = min(page->private, MAX_ORDER - 1ul);
		if (page->_count)
			violation("free pfn %lx has count %u", pfn, page->_count);
		verify_tails(page, order, "free");
		verify_owners(page, order, false);
		census->free += 1ul << order;
		return 1ul << order;
	}
	order = page_order_in_use(page);
	if (page_flag(page, PG_seen)) {
		clear_page_flag(page, PG_seen);
		verify_tails(page, order, "per-CPU");
		verify_owners(page, order, false);
		census->pcp += 1ul << order;
		return 1ul << order;
	}
	if (page->_count == 0 || order >= MAX_ORDER) {
		violation("pfn %lx is lost: flags %08x, count %u", pfn, page->flags, page->_count);
		return 1;
	}
	verify_tails(page, order, "used");
	verify_owners(page, order, true);
	census->used += 1ul << order;
	return 1ul << order;
}

/* ---- zones --------------------------------------------------------------------------------- */

static void verify_counts(const struct zone *zone, const struct census *found, unsigned long listed)
{
	unsigned int type = zone_idx(zone);

	if (listed != zone->free_pages || found->free != zone->free_pages)
		violation("zone %s: free_pages %lu, on lists %lu, found free %lu", zone->name,
			  zone->free_pages, listed, found->free);
	if (found->pcp != pcp_pages(type))
		violation("zone %s: per-CPU count %lu, found %lu", zone->name, pcp_pages(type),
			  found->pcp);
	if (found->free + found->pcp + found->used != zone->managed_pages)
		violation("zone %s: managed %lu, found %lu free, %lu per-CPU and %lu used",
			  zone->name, zone->managed_pages, found->free, found->pcp, found->used);
	if (zone->managed_pages > zone->present_pages || zone->present_pages > zone->spanned_pages)
		violation("zone %s: managed %lu, present %lu, spanned %lu", zone->name,
			  zone->managed_pages, zone->present_pages, zone->spanned_pages);
}

/* Each page says the same zone and type as the first of its page block. */
static void verify_page_blocks(const struct zone *zone)
{
	u32 type_bits = PAGE_FLAGS_TYPE_MASK << PAGE_FLAGS_TYPE_SHIFT, first = 0;

	for (unsigned long pfn = zone->zone_start_pfn; pfn < zone_end_pfn(zone); pfn++) {
		u32 flags = pfn_to_page(pfn)->flags;

		if (pfn == zone->zone_start_pfn || IS_ALIGNED(pfn, pageblock_nr_pages))
			first = flags;
		if (page_zone(pfn_to_page(pfn)) != zone)
			violation("pfn %lx is not marked as zone %s", pfn, zone->name);
		if ((flags ^ first) & type_bits ||
		    (first & type_bits) >> PAGE_FLAGS_TYPE_SHIFT >= MIGRATE_TYPES)
			violation("pfn %lx has migrate type %u, its page block %u", pfn,
				  (flags & type_bits) >> PAGE_FLAGS_TYPE_SHIFT,
				  (first & type_bits) >> PAGE_FLAGS_TYPE_SHIFT);
	}
}

static void verify_watermarks(const struct zone *zone)
{
	unsigned int type = zone_idx(zone);

	if (zone->watermark[WMARK_MIN] > zone->watermark[WMARK_LOW] ||
	    zone->watermark[WMARK_LOW] > zone->watermark[WMARK_HIGH])
		violation("zone %s: watermarks %lu, %lu, %lu do not rise", zone->name,
			  zone->watermark[WMARK_MIN], zone->watermark[WMARK_LOW],
			  zone->watermark[WMARK_HIGH]);
	for (unsigned int j = 0; j < MAX_NR_ZONES; j++)
		if (j <= type ? zone->lowmem_reserve[j] != 0
			      : zone->lowmem_reserve[j] < zone->lowmem_reserve[j - 1])
			violation("zone %s: %lu pages reserved from requests for zone %u",
				  zone->name, zone->lowmem_reserve[j], j);
}

static void verify_zone(const struct zone *zone)
{
	unsigned long listed = 0;
	struct census census = {0};

	for (int order = 0; order < MAX_ORDER; order++)
		listed += verify_free_area(zone, order);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		verify_pageset(zone, &zone->pageset[cpu]);
	for (unsigned long pfn = zone->zone_start_pfn; pfn < zone_end_pfn(zone);)
		pfn += verify_page(pfn, &census);
	verify_counts(zone, &census, listed);
	verify_page_blocks(zone);
	verify_watermarks(zone);
}

/* The allocator's tables say what zones and watermarks say, but for marks that are closed. */
static void verify_classes(void)
{
	if (mm_stage() >= MM_UP && fail_page_alloc_armed() &&
	    !(alloc_marks_closed & CLOSED_FOR_FAULTS))
		violation("page allocations are to fail, and the fast path is open");
	for (unsigned int i = 0; i < NR_GFP_CLASSES; i++) {
		const struct alloc_class *ac = &alloc_classes[i];
		unsigned long mark =
			ac->zone->watermark[WMARK_LOW] + ac->zone->lowmem_reserve[ac->zone_idx];

		if (ac->open_mark != mark || !populated_zone(ac->zone) ||
		    ac->zone != ac->zones[0] || ac->lists != ac->zone->pageset[0].lists[ac->type])
			violation("gfp class %u: mark %lu of zone %s, expected %lu", i,
				  ac->open_mark, ac->zone->name, mark);
		if (ac->mark != (alloc_marks_closed ? ALLOC_MARK_CLOSED : ac->open_mark))
			violation("gfp class %u: the fast path's mark is %lu", i, ac->mark);
	}
}

void verify_zones(void)
{
	for (int type = 0; type < MAX_NR_ZONES; type++)
		verify_zone(zone_of(type));
	verify_classes();
}
