#include "top/mm_verify.h"

#include "arch/arch.h"
#include "base/lock.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "pgtable/pgtable.h"
#include "phys/zone.h"
#include "top/mm_init.h"

/* Beyond this many the rest is counted, not printed. */
#define MAX_REPORTS 16

/* The rig's own: a verifier inside the state it judges could not be trusted. */
static unsigned int violations;

static void __printf(1, 2) violation(const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (violations++ >= MAX_REPORTS)
		return;
	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printk("verify: %s\n", text);
}

static void verify_map(void)
{
	for (unsigned int i = 0; i < e820.nr_map; i++)
		if (e820.map[i].addr + e820.map[i].size < e820.map[i].addr)
			violation("e820 entry %u wraps", i);
}

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

static unsigned long verify_free_area(const struct zone *zone, unsigned int order)
{
	const struct free_area *area = &zone->free_area[order];
	const struct list_head *prev = &area->free_list;
	unsigned long count = 0;

	list_for_each (at, &area->free_list) {
		const struct page *page = list_entry(at, struct page, lru);

		if (page < mem_map || page >= mem_map + memory.max_pfn || at->prev != prev ||
		    count == zone->spanned_pages) {
			violation("zone %s free list %u is broken after %lu blocks", zone->name,
				  order, count);
			return 0;
		}
		verify_free_block(zone, page, order);
		prev = at;
		count++;
	}
	if (count != area->nr_free)
		violation("zone %s order %u: nr_free %lu, on the list %lu", zone->name, order,
			  area->nr_free, count);
	return count << order;
}

/* ---- pages --------------------------------------------------------------------------------- */

/* How many pages of one zone were found in each state. */
struct census {
	unsigned long free, used, reserved;
};

static void verify_tail(const struct page *head, const struct page *page, const char *kind)
{
	u32 allowed = 1u << PG_poison | 3u << PAGE_FLAGS_ZONE_SHIFT;

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

/* Judges the page or block at pfn, counts it, and returns how many pages it was. */
static unsigned long verify_page(unsigned long pfn, struct census *census)
{
	const struct page *page = pfn_to_page(pfn);
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
		census->free += 1ul << order;
		return 1ul << order;
	}
	order = page_order_in_use(page);
	if (page->_count == 0 || order >= MAX_ORDER) {
		violation("pfn %lx is lost: flags %08x, count %u", pfn, page->flags, page->_count);
		return 1;
	}
	verify_tails(page, order, "used");
	census->used += 1ul << order;
	return 1ul << order;
}

static void verify_zone(const struct zone *zone)
{
	unsigned long end = zone->zone_start_pfn + zone->spanned_pages, listed = 0;
	struct census census = {0};

	for (int order = 0; order < MAX_ORDER; order++)
		listed += verify_free_area(zone, order);
	for (unsigned long pfn = zone->zone_start_pfn; pfn < end;) {
		if (page_zone(pfn_to_page(pfn)) != zone)
			violation("pfn %lx is not marked as zone %s", pfn, zone->name);
		pfn += verify_page(pfn, &census);
	}
	if (listed != zone->free_pages || census.free != zone->free_pages)
		violation("zone %s: free_pages %lu, on lists %lu, found free %lu", zone->name,
			  zone->free_pages, listed, census.free);
	if (census.free + census.used != zone->managed_pages)
		violation("zone %s: managed %lu, found %lu free and %lu used", zone->name,
			  zone->managed_pages, census.free, census.used);
	if (zone->managed_pages > zone->present_pages || zone->present_pages > zone->spanned_pages)
		violation("zone %s: managed %lu, present %lu, spanned %lu", zone->name,
			  zone->managed_pages, zone->present_pages, zone->spanned_pages);
}

/* ---- page tables --------------------------------------------------------------------------- */

/* Page directories and tables that can be reached; each carries PG_table. */
static unsigned long tables_reached;

static void verify_table(const void *table)
{
	tables_reached++;
	if (!page_flag(virt_to_page(table), PG_table))
		violation("page table at %x is not marked as one", __pa(table));
}

/* What a present entry maps is RAM in use, with a use for each mapping. */
static void verify_mapped_page(pte_t pte)
{
	const struct page *page = pfn_to_page(pte_pfn(pte));

	if (!pfn_valid(pte_pfn(pte)))
		violation("entry %08x maps pfn %lx, beyond RAM", pte_val(pte), pte_pfn(pte));
	else if (page_flag(page, PG_reserved) || !page->_count)
		violation("pfn %lx is mapped, and not in use", pte_pfn(pte));
}

/* Adds delta to the _mapcount of every page that a user entry maps; judges the entries if it is -1.
 */
static void count_mappings(pgd_t *pgd, s32 delta)
{
	if (delta < 0)
		verify_table(pgd);
	for (unsigned long i = 0; i < USER_PTRS_PER_PGD; i++) {
		if (!pgd_present(pgd[i]))
			continue;
		const pte_t *table = pgd_table_address(pgd[i]);

		if (delta < 0)
			verify_table(table);
		for (unsigned int j = 0; j < PTRS_PER_PTE; j++) {
			if (!pte_present(table[j]))
				continue;
			if (delta < 0)
				verify_mapped_page(table[j]);
			if (pfn_valid(pte_pfn(table[j])))
				pfn_to_page(pte_pfn(table[j]))->_mapcount += delta;
		}
	}
}

static void verify_kernel_half(const pgd_t *pgd)
{
	u32 ignored = _PAGE_ACCESSED | _PAGE_DIRTY;

	for (unsigned int i = USER_PTRS_PER_PGD; i < PTRS_PER_PGD; i++)
		if ((pgd_val(pgd[i]) ^ pgd_val(swapper_pg_dir[i])) & ~ignored)
			violation("page directory %x, slot %u: %08x, swapper_pg_dir has %08x",
				  __pa(pgd), i, pgd_val(pgd[i]), pgd_val(swapper_pg_dir[i]));
}

static void for_each_pgd(void (*fn)(pgd_t *pgd, s32 arg), s32 arg)
{
	list_for_each (at, &pgd_list)
		fn(page_address(list_entry(at, struct page, lru)), arg);
}

static void verify_page_users(unsigned long pfn)
{
	const struct page *page = pfn_to_page(pfn);

	if (page->_mapcount >= 0 && (u32)page->_mapcount >= page->_count)
		violation("pfn %lx: count %u, fewer than its %d mappings", pfn, page->_count,
			  page->_mapcount + 1);
}

/* Takes every mapping off the counts, which must leave none, and puts them back. */
static void verify_mapcounts(void)
{
	unsigned long tables_marked = 0;

	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn++)
		verify_page_users(pfn);
	tables_reached = 0;
	for_each_pgd(count_mappings, -1);
	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);

		tables_marked += page_flag(page, PG_table);
		if (page->_mapcount != -1)
			violation("pfn %lx: mapcount is off by %d", pfn, page->_mapcount + 1);
	}
	for_each_pgd(count_mappings, 1);
	if (tables_marked != tables_reached)
		violation("%lu pages are marked as page tables, %lu are in use as such",
			  tables_marked, tables_reached);
	list_for_each (at, &pgd_list)
		verify_kernel_half(page_address(list_entry(at, struct page, lru)));
}

/* ---- the direct map ------------------------------------------------------------------------ */

/* Judges the entry that maps low page pfn and returns how many pages it was good for. */
static unsigned long verify_direct_entry(unsigned long pfn)
{
	unsigned long va = (unsigned long)__va(PFN_PHYS(pfn));
	pgd_t pgd = swapper_pg_dir[pgd_index(va)];
	pte_t *pte = pte_lookup(swapper_pg_dir, va);
	u32 entry = pte ? pte_val(*pte) : pgd_val(pgd);
	u32 frame = pte ? entry & (u32)PAGE_MASK : entry & PSE_ADDRESS;

	if ((entry & _PAGE_KERNEL) != _PAGE_KERNEL || entry & _PAGE_USER || frame != PFN_PHYS(pfn))
		violation("direct map of pfn %lx: entry %08x", pfn, entry);
	return pgd_large(pgd) || !pgd_present(pgd) ? PTRS_PER_PTE : 1;
}

static void verify_direct_map(void)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn;)
		pfn += verify_direct_entry(pfn);
}

/* ---- poison -------------------------------------------------------------------------------- */

static void verify_poison(void)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		const u32 *words = page_address(pfn_to_page(pfn));

		if (!page_flag(pfn_to_page(pfn), PG_poison))
			continue;
		for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u32); i++)
			if (words[i] != PAGE_POISON) {
				violation("free pfn %lx was written: word %u is %08x", pfn, i,
					  words[i]);
				break;
			}
	}
}

unsigned int mm_verify(bool deep)
{
	violations = 0;
	if (locks_held())
		violation("%u locks held", locks_held());
	verify_map();
	if (mm_stage() >= MM_PAGING)
		verify_direct_map();
	if (mm_stage() >= MM_ZONES) {
		for (int type = 0; type < MAX_NR_ZONES; type++)
			verify_zone(zone_of(type));
		verify_mapcounts();
		if (deep)
			verify_poison();
	}
	if (violations > MAX_REPORTS)
		printk("verify: %u violations in all\n", violations);
	return violations;
}
