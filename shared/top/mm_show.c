#include "top/mm_show.h"

#include "base/printk.h"
#include "base/string.h"
#include "boot/bootmem.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "kmem/failslab.h"
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

/* A boot parameter, if it was given: at first there is neither. */
static void show_fault_option(const char *name, const struct fault_attr *attr)
{
	static const struct fault_attr none = FAULT_ATTR_INIT;

	if (attr->interval && memcmp(attr, &none, sizeof(none)) != 0)
		printk("%s=%u,%u,%u,%d\n", name, attr->interval, attr->probability, attr->space,
		       attr->times);
}

void show_memory_map(void)
{
	printk("stage %s max_pfn %05lx max_low_pfn %05lx%s\n", mm_stage_names[mm_stage()],
	       memory.max_pfn, memory.max_low_pfn, memory.options.nopentium ? " nopentium" : "");
	if (memory.options.kernelcore || memory.options.movablecore)
		printk("kernelcore %llu movablecore %llu\n", memory.options.kernelcore,
		       memory.options.movablecore);
	show_fault_option("fail_page_alloc", &memory.options.fail_page_alloc);
	show_fault_option("failslab", &memory.options.failslab);
	print_memory_map("e820");
}

void show_zones(void)
{
	for (int type = 0; type < MAX_NR_ZONES; type++) {
		const struct zone *zone = zone_of(type);

		if (type == ZONE_MOVABLE && !populated_zone(zone))
			continue;
		printk("zone %-7s start %05lx spanned %lu present %lu managed %lu free %lu\n",
		       zone->name, zone->zone_start_pfn, zone->spanned_pages, zone->present_pages,
		       zone->managed_pages, zone->free_pages);
	}
}

void show_free_lists(void)
{
	for (int type = 0; type < MAX_NR_ZONES; type++)
		for (int order = 0; order < MAX_ORDER; order++)
			for (int list = 0; list < MIGRATE_TYPES; list++)
				list_for_each (at, &zone_of(type)->free_area[order].free_list[list])
					printk("free zone %s order %d type %s pfn %05lx\n",
					       zone_name(type), order, migratetype_name(list),
					       page_to_pfn(list_entry(at, struct page, lru)));
}

static void show_pcp_list(const struct zone *zone, const struct per_cpu_pages *pcp,
			  unsigned int type, unsigned int order)
{
	list_for_each (at, &pcp->lists[type][order])
		printk("pcp zone %s order %u type %s pfn %05lx\n", zone->name, order,
		       migratetype_name(type), page_to_pfn(list_entry(at, struct page, lru)));
}

void show_pcp_lists(void)
{
	for (int i = 0; i < MAX_NR_ZONES; i++) {
		const struct zone *zone = zone_of(i);
		const struct per_cpu_pages *pcp = &zone->pageset[0];

		if (!populated_zone(zone))
			continue;
		printk("pcp zone %s count %lu high %lu batch %lu next %u\n", zone->name,
		       pcp_count(pcp), pcp->high, pcp->batch, pcp->next);
		for (unsigned int type = 0; type < MIGRATE_PCPTYPES; type++)
			for (unsigned int order = 0; order <= PAGE_ALLOC_COSTLY_ORDER; order++)
				show_pcp_list(zone, pcp, type, order);
	}
}

/* One past the last page block from pfn on that is of pfn's type and zone. */
static unsigned long pageblock_run(unsigned long pfn)
{
	const struct page *first = pfn_to_page(pfn);

	do
		pfn = ALIGN(pfn + 1, pageblock_nr_pages);
	while (pfn < memory.max_pfn &&
	       page_migratetype(pfn_to_page(pfn)) == page_migratetype(first) &&
	       page_zonenum(pfn_to_page(pfn)) == page_zonenum(first));
	return min(pfn, memory.max_pfn);
}

void show_pageblocks(void)
{
	for (unsigned long pfn = 0, end; pfn < memory.max_pfn; pfn = end) {
		const struct page *page = pfn_to_page(pfn);

		end = pageblock_run(pfn);
		printk("pageblocks %05lx - %05lx zone %s type %s\n", pfn, end,
		       zone_name(page_zonenum(page)), migratetype_name(page_migratetype(page)));
	}
}

void show_watermarks(void)
{
	for (int type = 0; type < MAX_NR_ZONES; type++) {
		const struct zone *zone = zone_of(type);

		if (populated_zone(zone))
			printk("watermarks zone %s min %lu low %lu high %lu protection (%lu, %lu, "
			       "%lu, %lu)\n",
			       zone->name, zone->watermark[WMARK_MIN], zone->watermark[WMARK_LOW],
			       zone->watermark[WMARK_HIGH], zone->lowmem_reserve[0],
			       zone->lowmem_reserve[1], zone->lowmem_reserve[2],
			       zone->lowmem_reserve[3]);
	}
}

static void show_counters(void)
{
	printk("allocstall %lu nr_page_table_pages %lu slab reclaimable %lu unreclaimable %lu\n",
	       vm_counters[ALLOCSTALL], vm_counters[NR_PAGE_TABLE_PAGES],
	       vm_counters[NR_SLAB_RECLAIMABLE], vm_counters[NR_SLAB_UNRECLAIMABLE]);
	for (int type = 0; type < MAX_NR_ZONES; type++)
		if (populated_zone(zone_of(type)))
			printk("events zone %s pgalloc %lu pgfree %lu\n", zone_name(type),
			       pgalloc_events(type), pgfree_events(type));
}

static void show_fault(const char *name, const struct fault_attr *attr)
{
	printk("%s interval %u probability %u space %u times %d nth %u seed %08x passed %u calls "
	       "%u "
	       "failures %u\n",
	       name, attr->interval, attr->probability, attr->space, attr->times, attr->nth,
	       attr->seed, attr->passed, attr->calls, attr->failures);
}

/* Where they are as at first, they are not worth a line. */
static void show_faults(void)
{
	static const struct fail_page_alloc no_page = {.attr = FAULT_ATTR_INIT};
	static const struct failslab no_slab = {.attr = FAULT_ATTR_INIT};

	if (memcmp(&fail_page_alloc, &no_page, sizeof(no_page)) != 0) {
		show_fault("fail_page_alloc", &fail_page_alloc.attr);
		printk("fail_page_alloc min_order %u ignore_gfp_wait %u ignore_gfp_highmem %u\n",
		       fail_page_alloc.min_order, fail_page_alloc.ignore_gfp_wait,
		       fail_page_alloc.ignore_gfp_highmem);
	}
	if (memcmp(&failslab, &no_slab, sizeof(no_slab)) != 0) {
		show_fault("failslab", &failslab.attr);
		printk("failslab ignore_gfp_wait %u cache_filter %u\n", failslab.ignore_gfp_wait,
		       failslab.cache_filter);
	}
}

void show_page(const struct page *page)
{
	char text[160];

	print_page(page, text, sizeof(text));
	printk("%s\n", text);
}

/* ---- page tables --------------------------------------------------------------------------- */

static void entry_flags(u32 raw, char *buf, size_t size)
{
	static const struct {
		u32 bit;
		const char *name;
	} names[] = {
		{_PAGE_PRESENT, " present"}, {_PAGE_RW, " rw"},	  {_PAGE_USER, " user"},
		{_PAGE_PWT, " pwt"},	     {_PAGE_PCD, " pcd"}, {_PAGE_ACCESSED, " accessed"},
		{_PAGE_DIRTY, " dirty"},     {_PAGE_PSE, " 4m"},  {_PAGE_GLOBAL, " global"},
	};
	int n = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (raw & names[i].bit)
			n += scnprintf(buf + n, size - n, "%s", names[i].name);
}

static void show_entry(const char *kind, unsigned int index, u32 raw)
{
	char flags[80];

	entry_flags(raw, flags, sizeof(flags));
	printk("%s[%u] %05x%s\n", kind, index, raw >> PAGE_SHIFT, raw ? flags : " none");
}

void show_walk(pgd_t *pgd, unsigned long va)
{
	u32 directory = pgd_val(pgd[pgd_index(va)]);
	pte_t *pte = va < TASK_SIZE ? pte_map(pgd, va) : pte_lookup(pgd, va);

	/* Whether a refused access sets A in a directory entry is the processor's choice. */
	if (va < TASK_SIZE)
		directory &= ~(_PAGE_ACCESSED | _PAGE_DIRTY);
	show_entry("pgd", pgd_index(va), directory);
	if (!pte)
		return;
	show_entry("pte", pte_index(va), pte_val(*pte));
	pte_unmap(pte);
}

/* How many entries from index on map frames in a row with the same bits. */
static unsigned int entry_run(const pte_t *table, unsigned int index)
{
	unsigned int count = 1;

	while (index + count < PTRS_PER_PTE && pte_present(table[index]) &&
	       pte_val(table[index + count]) == pte_val(table[index]) + (count << PAGE_SHIFT))
		count++;
	return count;
}

static void show_table(const pte_t *table)
{
	for (unsigned int i = 0, count; i < PTRS_PER_PTE; i += count) {
		char kind[24];

		count = entry_run(table, i);
		scnprintf(kind, sizeof(kind), count > 1 ? " %u ptes from" : " pte", count);
		if (!pte_none(table[i]))
			show_entry(kind, i, pte_val(table[i]));
	}
}

static void show_pgd(pgd_t *pgd, unsigned int first, unsigned int end)
{
	printk("page directory %05lx\n", PFN_DOWN(__pa(pgd)));
	for (unsigned int i = first; i < end; i++) {
		if (pgd_none(pgd[i]))
			continue;
		show_entry("pgd", i, pgd_val(pgd[i]) & ~(_PAGE_ACCESSED | _PAGE_DIRTY));
		if (pgd_large(pgd[i]) || !pgd_present(pgd[i]))
			continue;

		pte_t *table = pgd_table_map(pgd[i]);

		show_table(table);
		pte_unmap(table);
	}
}

/* ---- everything ---------------------------------------------------------------------------- */

static void show_bootmem(void)
{
	if (!bootmem.bitmap)
		return;
	printk("bootmem last_pos %05lx last_offset %lx\n", bootmem.last_pos, bootmem.last_offset);
	for (unsigned long i = 0; i < DIV_ROUND_UP(bootmem.low_pfn, 32); i++)
		if (bootmem.bitmap[i] != ~0u)
			printk("bootmem from %05lx taken %08x\n", i * 32, bootmem.bitmap[i]);
}

/* One past the last of the plain reserved pages from pfn on. */
static unsigned long reserved_run(unsigned long pfn)
{
	const struct page *first = pfn_to_page(pfn);

	for (; pfn < memory.max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);

		if (!page_flag(page, PG_reserved) || page->flags != first->flags || page->_count ||
		    page->_mapcount != -1 || page->private || page->index)
			break;
	}
	return pfn;
}

static void show_pages_not_free(void)
{
	for (unsigned long pfn = 0; pfn < memory.max_pfn;) {
		const struct page *page = pfn_to_page(pfn);
		unsigned long end = reserved_run(pfn);

		if (page_flag(page, PG_buddy)) {
			pfn += 1ul << page->private;
		} else if (end > pfn) {
			printk("reserved %05lx - %05lx zone %s\n", pfn, end,
			       zone_name(page_zonenum(page)));
			pfn = end;
		} else {
			show_page(page);
			if (page_owners && page_owners[pfn].in_use)
				printk("owner %05lx mask 0x%x\n", pfn, page_owners[pfn].gfp);
			pfn++;
		}
	}
}

void show_state(void)
{
	show_memory_map();
	show_bootmem();
	if (mm_stage() >= MM_ZONES) {
		show_zones();
		show_watermarks();
		show_pageblocks();
		show_free_lists();
		show_pcp_lists();
		show_pages_not_free();
		show_counters();
		show_faults();
	}
	if (mm_stage() >= MM_KMEM) {
		show_kmem();
		show_kmemleak();
		if (CONFIG_KASAN)
			show_kasan();
	}
	if (mm_stage() >= MM_AS)
		show_spaces();
	show_pgd(swapper_pg_dir, 0, MACHINE_WINDOW >> PGDIR_SHIFT);
	if (mm_stage() < MM_PAGING)
		return;
	list_for_each (at, &pgd_list)
		show_pgd(page_address(list_entry(at, struct page, lru)), 0, USER_PTRS_PER_PGD);
}
