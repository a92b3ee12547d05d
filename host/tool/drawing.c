#include "tool/drawing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/reading.h"

/* The letters of the types are those of Linux's show_free_areas(). */
const struct holder holders[NR_HOLDERS] = {
	[HOLDER_FREE + MIGRATE_UNMOVABLE] = {"free Unmovable", "", '_', '_', 0xA9D3F0},
	[HOLDER_FREE + MIGRATE_RECLAIMABLE] = {"free Reclaimable", "", ',', ',', 0xF3D5E6},
	[HOLDER_FREE + MIGRATE_MOVABLE] = {"free Movable", "", '.', '.', 0xB5E3D3},
	[HOLDER_FREE + MIGRATE_RESERVE] = {"free Reserve", "", ':', ':', 0xFBE3B0},
	[HOLDER_USED + MIGRATE_UNMOVABLE] = {"used Unmovable", "", 'U', 'u', 0x0072B2},
	[HOLDER_USED + MIGRATE_RECLAIMABLE] = {"used Reclaimable", "", 'E', 'e', 0xCC79A7},
	[HOLDER_USED + MIGRATE_MOVABLE] = {"used Movable", "", 'M', 'm', 0x009E73},
	[HOLDER_USED + MIGRATE_RESERVE] = {"used Reserve", "", 'R', 'r', 0xE69F00},
	[HOLDER_TABLE] = {"table", "page directories and page tables", 'T', 't', 0xD55E00},
	[HOLDER_PCP] = {"pcp", "on per-CPU lists", 'P', 'p', 0xF0E442},
	[HOLDER_BOOT] = {"boot", "BIOS, boot-time allocations", 'B', 'b', 0x9A9A9A},
	[HOLDER_TEXT] = {"text", "the kernel image, read-only", 'X', 'x', 0x262626},
	[HOLDER_DATA] = {"data", "the kernel image, writable", 'D', 'd', 0x686868},
	[HOLDER_HOLE] = {"hole", "no RAM", 'H', 'h', 0xE4E4E4},
};
_Static_assert(MIGRATE_TYPES == 4, "each migrate type has its two rows in holders[]");

/* ---- pagetypeinfo -------------------------------------------------------------------------- */

/* Reads count numbers, each right-aligned in width and followed by a blank, and the line's end. */
static int read_numbers(const struct reading *r, const char *at, int width, unsigned long *numbers,
			unsigned int count)
{
	char expected[32];

	for (unsigned int i = 0; i < count; i++) {
		numbers[i] = strtoul(at, NULL, 10);
		int len = snprintf(expected, sizeof(expected), "%*lu ", width, numbers[i]);

		if (strncmp(at, expected, len) != 0)
			return unexpected(r, "expected a number at \"%s\"", at);
		at += len;
	}
	return *at ? unexpected(r, "expected no more at \"%s\"", at) : 0;
}

static const char *behind_area(const struct reading *r, unsigned int zone, unsigned int type)
{
	return behind(r, "Node %4d, zone %8s, type %12s ", 0, zone_name(zone),
		      migratetype_name(type));
}

/* The lines of a zone, one a type. The first has been read. */
static int read_zone(struct reading *r, struct zone_areas *areas)
{
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		unsigned long blocks[MAX_ORDER];
		const char *at;

		if (type)
			next_line(r);
		at = behind_area(r, areas->zone, type);
		if (!at)
			return unexpected(r, "expected zone %s, type %s", zone_name(areas->zone),
					  migratetype_name(type));
		if (read_numbers(r, at, 6, blocks, MAX_ORDER))
			return -1;
		for (unsigned int order = 0; order < MAX_ORDER; order++)
			areas->blocks[order][type] = blocks[order];
	}
	return 0;
}

static int read_heading(struct reading *r)
{
	char orders[MAX_ORDER * 7 + 1];

	for (unsigned int order = 0; order < MAX_ORDER; order++)
		snprintf(orders + order * 7, 8, "%6u ", order);
	return expect_line(r, "Page block order: %d", pageblock_order) ||
	       expect_line(r, "Pages per block:  %lu", pageblock_nr_pages) ||
	       expect_line(r, "%s", "") ||
	       expect_line(r, "%-43s %s", "Free pages count per migrate type at order", orders);
}

/* The table of page blocks, which is not drawn. */
static int read_page_blocks(struct reading *r, const struct free_areas *areas)
{
	char types[MIGRATE_TYPES * 13 + 1];
	unsigned long blocks[MIGRATE_TYPES];

	for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
		snprintf(types + type * 13, 14, "%12s ", migratetype_name(type));
	if (expect_line(r, "%-23s%s", "Number of blocks type ", types))
		return -1;
	for (unsigned int i = 0; i < areas->nr_zones; i++) {
		next_line(r);
		const char *at = behind(r, "Node 0, zone %8s ", zone_name(areas->zones[i].zone));

		if (!at)
			return unexpected(r, "expected zone %s", zone_name(areas->zones[i].zone));
		if (read_numbers(r, at, 12, blocks, MIGRATE_TYPES))
			return -1;
	}
	return expect_end(r);
}

int free_areas_read(struct free_areas *areas, const struct text *pagetypeinfo)
{
	struct reading r = reading_start("pagetypeinfo", pagetypeinfo);

	*areas = (struct free_areas){0};
	if (read_heading(&r))
		return -1;
	next_line(&r);
	for (unsigned int zone = 0; zone < MAX_NR_ZONES; zone++) {
		if (!behind_area(&r, zone, 0))
			continue;
		areas->zones[areas->nr_zones] = (struct zone_areas){.zone = zone};
		if (read_zone(&r, &areas->zones[areas->nr_zones++]))
			return -1;
		next_line(&r);
	}
	if (*r.line || !*r.at)
		return unexpected(&r, "expected a zone's free blocks, or the table of page blocks");
	return read_page_blocks(&r, areas);
}

u64 pages_of_order(const struct zone_areas *areas, unsigned int order)
{
	u64 blocks = 0;

	for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
		blocks += areas->blocks[order][type];
	return blocks << order;
}

u64 pages_of_zone(const struct zone_areas *areas)
{
	u64 pages = 0;

	for (unsigned int order = 0; order < MAX_ORDER; order++)
		pages += pages_of_order(areas, order);
	return pages;
}

/* ---- physmap ------------------------------------------------------------------------------- */

/* The zone or holder of that name, or how many there are. */
static unsigned int find_zone(const char *name)
{
	unsigned int zone = 0;

	while (zone < MAX_NR_ZONES && strcmp(name, zone_name(zone)) != 0)
		zone++;
	return zone;
}

static unsigned int find_holder(const char *name)
{
	unsigned int holder = 0;

	while (holder < NR_HOLDERS && strcmp(name, holders[holder].name) != 0)
		holder++;
	return holder;
}

/* Takes a line apart, and puts it together again for comparison. */
static int read_run(const struct reading *r, struct page_run *run)
{
	char zone[16], again[sizeof(r->line)];
	int at_holder = 0;

	if (sscanf(r->line, "%lx - %lx %15s %n", &run->start, &run->end, zone, &at_holder) != 3 ||
	    !at_holder)
		return unexpected(r, "expected START - END ZONE HOLDER");
	run->zone = find_zone(zone);
	if (run->zone == MAX_NR_ZONES)
		return unexpected(r, "no zone is called %s", zone);
	run->holder = find_holder(r->line + at_holder);
	if (run->holder == NR_HOLDERS)
		return unexpected(r, "no holder is called \"%s\"", r->line + at_holder);
	snprintf(again, sizeof(again), "%05lx - %05lx %s %s", run->start, run->end, zone,
		 holders[run->holder].name);
	return strcmp(r->line, again) == 0 ? 0 : unexpected(r, "expected \"%s\"", again);
}

static int read_runs(struct reading *r, struct page_map *map)
{
	unsigned long expected = 0;
	struct page_run run;
	size_t room = 0;

	for (; next_line(r); expected = run.end) {
		if (read_run(r, &run))
			return -1;
		if (run.start != expected || run.end <= run.start || run.end > map->max_pfn)
			return unexpected(r, "expected a run from %05lx on, within %05lx pages",
					  expected, map->max_pfn);
		if (map->nr_runs == room) {
			room = room ? 2 * room : 256;
			map->runs = realloc(map->runs, room * sizeof(run));
			if (!map->runs)
				abort();
		}
		map->runs[map->nr_runs++] = run;
	}
	return expected == map->max_pfn
		       ? 0
		       : unexpected(r, "expected runs up to %05lx, the last ends at %05lx",
				    map->max_pfn, expected);
}

/* max_pfn, from the head of the memory map. */
static int read_max_pfn(const struct text *memory_map, unsigned long *max_pfn)
{
	struct reading r = reading_start("memory_map", memory_map);
	char stage[16], head[64];

	next_line(&r);
	if (sscanf(r.line, "stage %15s max_pfn %lx", stage, max_pfn) != 2 || !*max_pfn)
		return unexpected(&r, "expected \"stage STAGE max_pfn N ...\"");
	snprintf(head, sizeof(head), "stage %s max_pfn %05lx max_low_pfn ", stage, *max_pfn);
	return behind(&r, "%s", head) ? 0 : unexpected(&r, "expected \"%s\"", head);
}

int page_map_read(struct page_map *map, const struct text *memory_map, const struct text *physmap)
{
	struct reading r = reading_start("physmap", physmap);

	*map = (struct page_map){0};
	if (read_max_pfn(memory_map, &map->max_pfn) == 0 && read_runs(&r, map) == 0)
		return 0;
	page_map_free(map);
	return -1;
}

void page_map_free(struct page_map *map)
{
	free(map->runs);
	*map = (struct page_map){0};
}

void page_map_count(const struct page_map *map, unsigned long pages[NR_HOLDERS])
{
	memset(pages, 0, NR_HOLDERS * sizeof(*pages));
	for (size_t i = 0; i < map->nr_runs; i++)
		pages[map->runs[i].holder] += map->runs[i].end - map->runs[i].start;
}

unsigned long round_unit(unsigned long pages, unsigned long count, unsigned long least)
{
	unsigned long unit = least;

	while ((pages + unit - 1) / unit > count)
		unit *= 2;
	return unit;
}

/* ---- words --------------------------------------------------------------------------------- */

const char *size_text(char buf[SIZE_TEXT], u64 pages)
{
	u64 kib = pages << (PAGE_SHIFT - 10);
	const char *unit = "K";

	for (const char *next = "MG"; *next && kib && kib % 1024 == 0; next++) {
		kib /= 1024;
		unit = next;
	}
	snprintf(buf, SIZE_TEXT, "%llu%c", kib, *unit);
	return buf;
}
