#include "top/mm_proc.h"

#include "as/account.h"
#include "base/printk.h"
#include "boot/resource.h"
#include "boot/setup.h"
#include "phys/vmstat.h"
#include "phys/watermark.h"
#include "top/mm_init.h"

#define LINE_SIZE 160

/* A line put together piece by piece. */
struct line {
	char text[LINE_SIZE];
	int len;
};

static void __printf(2, 3) line_add(struct line *line, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	line->len += vscnprintf(line->text + line->len, sizeof(line->text) - line->len, fmt, args);
	va_end(args);
}

static void line_end(struct line *line)
{
	printk("%s\n", line->text);
	line->len = 0;
}

static void for_each_populated_zone(void (*fn)(const struct zone *zone))
{
	for (int type = 0; type < MAX_NR_ZONES; type++)
		if (populated_zone(zone_of(type)))
			fn(zone_of(type));
}

/* ---- buddyinfo, pagetypeinfo --------------------------------------------------------------- */

static void buddyinfo_zone(const struct zone *zone)
{
	struct line line = {.len = 0};

	line_add(&line, "Node 0, zone %8s", zone->name);
	for (int order = 0; order < MAX_ORDER; order++)
		line_add(&line, " %6lu", zone->free_area[order].nr_free);
	line_end(&line);
}

void show_buddyinfo(void)
{
	for_each_populated_zone(buddyinfo_zone);
}

static unsigned long list_length(const struct list_head *list)
{
	unsigned long count = 0;

	list_for_each (at, list)
		count++;
	return count;
}

static void free_blocks_by_type(const struct zone *zone)
{
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		struct line line = {.len = 0};

		line_add(&line, "Node %4d, zone %8s, type %12s ", 0, zone->name,
			 migratetype_name(type));
		for (int order = 0; order < MAX_ORDER; order++)
			line_add(&line, "%6lu ",
				 list_length(&zone->free_area[order].free_list[type]));
		line_end(&line);
	}
}

static void page_blocks_by_type(const struct zone *zone)
{
	struct line line = {.len = 0};

	line_add(&line, "Node 0, zone %8s ", zone->name);
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
		line_add(&line, "%12lu ", count_pageblocks(zone, type));
	line_end(&line);
}

void show_pagetypeinfo(void)
{
	struct line line = {.len = 0};

	printk("Page block order: %d\n", pageblock_order);
	printk("Pages per block:  %lu\n\n", pageblock_nr_pages);
	line_add(&line, "%-43s ", "Free pages count per migrate type at order");
	for (int order = 0; order < MAX_ORDER; order++)
		line_add(&line, "%6d ", order);
	line_end(&line);
	for_each_populated_zone(free_blocks_by_type);
	line_add(&line, "\n%-23s", "Number of blocks type ");
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
		line_add(&line, "%12s ", migratetype_name(type));
	line_end(&line);
	for_each_populated_zone(page_blocks_by_type);
}

/* ---- zoneinfo ------------------------------------------------------------------------------ */

static void zoneinfo_zone(const struct zone *zone)
{
	struct line line = {.len = 0};

	printk("Node 0, zone %8s\n", zone->name);
	printk("  pages free     %lu\n", zone->free_pages);
	printk("        min      %lu\n", zone->watermark[WMARK_MIN]);
	printk("        low      %lu\n", zone->watermark[WMARK_LOW]);
	printk("        high     %lu\n", zone->watermark[WMARK_HIGH]);
	printk("        spanned  %lu\n", zone->spanned_pages);
	printk("        present  %lu\n", zone->present_pages);
	printk("        managed  %lu\n", zone->managed_pages);
	printk("    nr_free_pages %lu\n", zone->free_pages);
	line_add(&line, "        protection: (");
	for (int type = 0; type < MAX_NR_ZONES; type++)
		line_add(&line, "%s%lu", type ? ", " : "", zone->lowmem_reserve[type]);
	line_add(&line, ")");
	line_end(&line);
	printk("  pagesets\n");
	for (int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct per_cpu_pages *pcp = &zone->pageset[cpu];

		printk("    cpu: %i\n", cpu);
		printk("              count: %lu\n", pcp_count(pcp));
		printk("              high:  %lu\n", pcp->high);
		printk("              batch: %lu\n", pcp->batch);
	}
	printk("  start_pfn:         %lu\n", zone->zone_start_pfn);
}

void show_zoneinfo(void)
{
	for_each_populated_zone(zoneinfo_zone);
}

/* ---- meminfo, vmstat ----------------------------------------------------------------------- */

static void meminfo_line(const char *name, unsigned long pages)
{
	struct line line = {.len = 0};

	line_add(&line, "%s:", name);
	while (line.len < 16)
		line_add(&line, " ");
	line_add(&line, "%8lu kB", pages << (PAGE_SHIFT - 10));
	line_end(&line);
}

void show_meminfo(void)
{
	unsigned long total = 0, high = 0, high_free = 0, free = nr_free_pages();
	unsigned long reserved = totalreserve_pages();

	for (int type = 0; type < MAX_NR_ZONES; type++) {
		const struct zone *zone = zone_of(type);

		total += zone->managed_pages;
		high += is_highmem(zone) ? zone->managed_pages : 0;
		high_free += is_highmem(zone) ? zone->free_pages : 0;
	}
	meminfo_line("MemTotal", total);
	meminfo_line("MemFree", free);
	meminfo_line("MemAvailable", free > reserved ? free - reserved : 0);
	meminfo_line("HighTotal", high);
	meminfo_line("HighFree", high_free);
	meminfo_line("LowTotal", total - high);
	meminfo_line("LowFree", free - high_free);
	meminfo_line("Slab", vm_counters[NR_SLAB_RECLAIMABLE] + vm_counters[NR_SLAB_UNRECLAIMABLE]);
	meminfo_line("SReclaimable", vm_counters[NR_SLAB_RECLAIMABLE]);
	meminfo_line("SUnreclaim", vm_counters[NR_SLAB_UNRECLAIMABLE]);
	meminfo_line("PageTables", vm_counters[NR_PAGE_TABLE_PAGES]);
	if (mm_stage() < MM_AS)
		return;
	meminfo_line("CommitLimit", vm_commit_limit());
	meminfo_line("Committed_AS", vm_committed_as);
}

void show_vmstat(void)
{
	static const char *const names[MAX_NR_ZONES] = {"dma", "normal", "high", "movable"};
	unsigned long freed = 0;

	printk("nr_free_pages %lu\n", nr_free_pages());
	printk("nr_slab_reclaimable %lu\n", vm_counters[NR_SLAB_RECLAIMABLE]);
	printk("nr_slab_unreclaimable %lu\n", vm_counters[NR_SLAB_UNRECLAIMABLE]);
	printk("nr_page_table_pages %lu\n", vm_counters[NR_PAGE_TABLE_PAGES]);
	for (int type = 0; type < MAX_NR_ZONES; type++) {
		printk("pgalloc_%s %lu\n", names[type], pgalloc_events(type));
		freed += pgfree_events(type);
	}
	printk("pgfree %lu\n", freed);
	printk("allocstall %lu\n", vm_counters[ALLOCSTALL]);
}

/* ---- iomem --------------------------------------------------------------------------------- */

static void iomem_line(const struct resource *at, unsigned int depth)
{
	printk("%*s%08llx-%08llx : %s\n", (int)depth * 2, "", at->start, at->end, at->name);
}

void show_iomem(void)
{
	for_each_resource(&iomem_resource, iomem_line);
}
