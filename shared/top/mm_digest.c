#include "top/mm_digest.h"

#include "base/hash.h"
#include "boot/bootmem.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "kmem/failslab.h"
#include "kmem/inspect.h"
#include "pgtable/pgtable.h"
#include "phys/page_owner.h"
#include "phys/fail_page_alloc.h"
#include "phys/vmstat.h"
#include "phys/zone.h"
#include "top/mm_init.h"
#include "top/mm_kasan.h"
#include "top/mm_kmem.h"
#include "top/mm_leak.h"
#include "top/mm_spaces.h"

static void digest_fault(struct digest *d, const struct fault_attr *attr)
{
	const u32 *words = (const u32 *)attr;

	for (unsigned int i = 0; i < sizeof(*attr) / sizeof(u32); i++)
		digest_word(d, words[i]);
}

/* The knobs, and what came of them. */
static void digest_faults(struct digest *d)
{
	digest_fault(d, &fail_page_alloc.attr);
	digest_word(d, fail_page_alloc.min_order);
	digest_word(d, fail_page_alloc.ignore_gfp_wait);
	digest_word(d, fail_page_alloc.ignore_gfp_highmem);
	digest_fault(d, &failslab.attr);
	digest_word(d, failslab.ignore_gfp_wait);
	digest_word(d, failslab.cache_filter);
}

static void digest_map(struct digest *d)
{
	digest_word(d, e820.nr_map);
	for (unsigned int i = 0; i < e820.nr_map; i++) {
		digest_u64(d, e820.map[i].addr);
		digest_u64(d, e820.map[i].size);
		digest_word(d, e820.map[i].type);
	}
	digest_word(d, memory.max_pfn);
	digest_word(d, memory.max_low_pfn);
	digest_word(d, memory.options.nopentium);
	digest_u64(d, memory.options.kernelcore);
	digest_u64(d, memory.options.movablecore);
	digest_fault(d, &memory.options.fail_page_alloc);
	digest_fault(d, &memory.options.failslab);
}

static void digest_bootmem(struct digest *d)
{
	if (!bootmem.bitmap)
		return;
	digest_word(d, bootmem.last_pos);
	digest_word(d, bootmem.last_offset);
	for (unsigned long i = 0; i < DIV_ROUND_UP(bootmem.low_pfn, 32); i++)
		digest_word(d, bootmem.bitmap[i]);
}

static void digest_list(struct digest *d, const struct list_head *list)
{
	list_for_each (at, list)
		digest_word(d, page_to_pfn(list_entry(at, struct page, lru)));
}

static void digest_pageset(struct digest *d, const struct per_cpu_pages *pcp)
{
	digest_word(d, pcp_count(pcp));
	digest_word(d, pcp->next);
	digest_word(d, pcp->pgfree);
	for (unsigned int type = 0; type < MIGRATE_PCPTYPES; type++)
		for (unsigned int order = 0; order <= PAGE_ALLOC_COSTLY_ORDER; order++) {
			digest_word(d, type << 8 | order);
			digest_list(d, &pcp->lists[type][order]);
		}
}

/* What does not follow the allocations. */
static void digest_zone_bounds(struct digest *d, const struct zone *zone)
{
	digest_word(d, zone->zone_start_pfn);
	digest_word(d, zone->spanned_pages);
	digest_word(d, zone->present_pages);
	digest_word(d, zone->managed_pages);
	for (unsigned int i = 0; i < NR_WMARK; i++)
		digest_word(d, zone->watermark[i]);
	for (unsigned int i = 0; i < MAX_NR_ZONES; i++)
		digest_word(d, zone->lowmem_reserve[i]);
	digest_word(d, zone->pageset[0].high);
	digest_word(d, zone->pageset[0].batch);
}

static void digest_zone(struct digest *d, const struct zone *zone)
{
	digest_zone_bounds(d, zone);
	digest_word(d, zone->free_pages);
	for (int order = 0; order < MAX_ORDER; order++) {
		const struct free_area *area = &zone->free_area[order];

		digest_word(d, area->nr_free);
		for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
			digest_word(d, type);
			digest_list(d, &area->free_list[type]);
		}
	}
	digest_pageset(d, &zone->pageset[0]);
}

/* A free block counts as its head: mm_verify() sees to it that the rest is as it must be. */
static void digest_pages(struct digest *d)
{
	for (unsigned long pfn = 0; pfn < memory.max_pfn;) {
		const struct page *page = pfn_to_page(pfn);
		u32 flags = page->flags & ~(1u << PG_poison | 1u << PG_watched);

		digest_word(d, flags);
		digest_word(d, page->_count);
		digest_word(d, page->_mapcount);
		digest_word(d, page->private);
		digest_word(d, page->index);
		digest_word(d, page->mapping != NULL);
		if (page_owners && page_owners[pfn].in_use)
			digest_word(d, page_owners[pfn].gfp);
		pfn += page_flag(page, PG_buddy) ? 1ul << page->private : 1;
	}
}

static void digest_table(struct digest *d, const pte_t *table, u32 ignored)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(table[i])) {
			digest_word(d, i);
			digest_word(d, pte_val(table[i]) & ~ignored);
		}
}

static void digest_pgd_range(struct digest *d, pgd_t *pgd, unsigned int first, unsigned int end,
			     u32 ignored)
{
	for (unsigned int i = first; i < end; i++) {
		if (pgd_none(pgd[i]))
			continue;
		digest_word(d, i);
		digest_word(d, pgd_val(pgd[i]) & ~(_PAGE_ACCESSED | _PAGE_DIRTY));
		if (pgd_present(pgd[i]) && !pgd_large(pgd[i])) {
			pte_t *table = pgd_table_map(pgd[i]);

			digest_table(d, table, ignored);
			pte_unmap(table);
		}
	}
}

static void digest_page_tables(struct digest *d)
{
	digest_pgd_range(d, swapper_pg_dir, 0, MACHINE_WINDOW >> PGDIR_SHIFT,
			 _PAGE_ACCESSED | _PAGE_DIRTY);
	if (mm_stage() < MM_PAGING)
		return;
	list_for_each (at, &pgd_list) {
		struct page *page = list_entry(at, struct page, lru);

		digest_word(d, page_to_pfn(page));
		digest_pgd_range(d, page_address(page), 0, USER_PTRS_PER_PGD, 0);
	}
}

u64 mm_digest(void)
{
	struct digest d = DIGEST_INIT;

	digest_word(&d, mm_stage());
	digest_map(&d);
	digest_bootmem(&d);
	digest_page_tables(&d);
	if (mm_stage() >= MM_ZONES) {
		for (int type = 0; type < MAX_NR_ZONES; type++)
			digest_zone(&d, zone_of(type));
		digest_pages(&d);
		for (unsigned int i = 0; i < NR_VM_ITEMS; i++)
			digest_word(&d, vm_counters[i]);
		digest_faults(&d);
	}
	if (mm_stage() >= MM_KMEM) {
		digest_kmem(&d);
		digest_kmemleak(&d);
		if (CONFIG_KASAN)
			digest_kasan(&d);
	}
	if (mm_stage() >= MM_AS)
		digest_spaces(&d);
	return digest_value(d);
}

/* ---- what is held -------------------------------------------------------------------------- */

/* The type of a page block is the allocator's: it may have changed hands for another request. */
#define HELD_FLAGS (~(1u << PG_poison | PAGE_FLAGS_TYPE_MASK << PAGE_FLAGS_TYPE_SHIFT))

/* Pages behind the head of a block in use have no users, and say nothing; nor do those on lists. */
static void digest_held_page(struct digest *d, const struct page *page)
{
	if (!page->_count && !page_flag(page, PG_reserved))
		return;
	if (page_flag(page, PG_slab))
		return;
	digest_word(d, page_to_pfn(page));
	digest_word(d, page->flags & HELD_FLAGS);
	digest_word(d, page->_count);
	digest_word(d, page->_mapcount);
	digest_word(d, page->index);
	digest_word(d, page->mapping != NULL);
}

static void digest_held_pages(struct digest *d)
{
	for (unsigned long pfn = 0; pfn < memory.max_pfn;) {
		const struct page *page = pfn_to_page(pfn);

		digest_held_page(d, page);
		pfn += page_flag(page, PG_buddy) ? 1ul << page->private : 1;
	}
}

static void digest_objects_in_use(struct digest *d, struct kmem_cache *s)
{
	struct slabinfo info;

	get_slabinfo(s, &info);
	if (CONFIG_KASAN)
		info.active_objs -= quarantined_objects(s);
	digest_word(d, info.active_objs);
}

/* Slabs are the allocator's; which caches there are, and what is in use of them, is not. */
static void digest_held_caches(struct digest *d)
{
	struct kmem_cache *s;

	digest_objects_in_use(d, NULL);
	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++) {
		for (const char *at = s->name; *at; at++)
			digest_word(d, *at);
		digest_word(d, s->object_size);
		digest_word(d, s->flags);
		digest_word(d, s->refcount);
		digest_objects_in_use(d, s);
	}
}

u64 mm_digest_held(void)
{
	struct digest d = DIGEST_INIT;

	digest_word(&d, mm_stage());
	digest_map(&d);
	digest_bootmem(&d);
	digest_page_tables(&d);
	if (mm_stage() >= MM_ZONES) {
		for (int type = 0; type < MAX_NR_ZONES; type++)
			digest_zone_bounds(&d, zone_of(type));
		digest_held_pages(&d);
		digest_word(&d, vm_counters[NR_PAGE_TABLE_PAGES]);
	}
	if (mm_stage() >= MM_KMEM) {
		digest_held_caches(&d);
		digest_held_pools(&d);
	}
	if (mm_stage() >= MM_AS)
		digest_held_spaces(&d);
	return digest_value(d);
}
