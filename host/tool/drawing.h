/*
 * What `pagetwin show` draws: the free areas of the buddy system, and the map of physical memory;
 * slab_map.h has the slabs.
 *
 * Both are read from what verbs print, so a drawing can show no more than the state says, and the
 * reading is strict: a line that is not, letter by letter, what the verb writes for the figures in
 * it, or runs of pages that leave a gap or overlap, are errors. A wrong picture is worse than none.
 */
#pragma once

#include "phys/pageblock.h"
#include "phys/zone.h"
#include "tool/files.h"

/* ---- who holds a page ---------------------------------------------------------------------- */

/*
 * The holders of mm_physmap.h. Pages that are free or in use come by the migrate type of their page
 * block: HOLDER_FREE + MIGRATE_MOVABLE.
 */
enum holder_id {
	HOLDER_FREE,
	HOLDER_USED = HOLDER_FREE + MIGRATE_TYPES,
	HOLDER_TABLE = HOLDER_USED + MIGRATE_TYPES,
	HOLDER_PCP,
	HOLDER_BOOT,
	HOLDER_TEXT,
	HOLDER_DATA,
	HOLDER_HOLE,
	NR_HOLDERS
};

struct holder {
	const char *name;    /* as physmap says it: "used Movable" */
	const char *about;   /* what there is to say besides, or "" */
	char whole, part;    /* letters for a cell that is held as a whole, and in part */
	unsigned int colour; /* 0xRRGGBB */
};

/*
 * Colours: grey is what the allocator never got. Each migrate type has a hue of the palette of
 * Okabe and Ito, which the colour-blind can tell apart, dark where its pages are used and light
 * where they are free.
 */
extern const struct holder holders[NR_HOLDERS];

/* ---- the free areas ------------------------------------------------------------------------ */

struct zone_areas {
	unsigned int zone;
	unsigned long blocks[MAX_ORDER][MIGRATE_TYPES]; /* free ones */
};

struct free_areas {
	unsigned int nr_zones; /* those that have pages */
	struct zone_areas zones[MAX_NR_ZONES];
};

/* Reads what the verb pagetypeinfo printed. 0, or -1 with the reason on stderr. */
int free_areas_read(struct free_areas *areas, const struct text *pagetypeinfo);

/* Sums, in pages. */
u64 pages_of_order(const struct zone_areas *areas, unsigned int order);
u64 pages_of_zone(const struct zone_areas *areas);

/* ---- the map ------------------------------------------------------------------------------- */

/* Pages start to end, which is one past the last. */
struct page_run {
	unsigned long start, end;
	unsigned int zone;
	enum holder_id holder;
};

/* runs[0].start is 0, runs[i].end is runs[i + 1].start, the last end is max_pfn. */
struct page_map {
	unsigned long max_pfn;
	size_t nr_runs;
	struct page_run *runs;
};

/* Reads what memory_map and physmap printed. 0, or -1 with the reason on stderr. */
int page_map_read(struct page_map *map, const struct text *memory_map, const struct text *physmap);
void page_map_free(struct page_map *map);

/* How many pages each holder has; together they are max_pfn. */
void page_map_count(const struct page_map *map, unsigned long pages[NR_HOLDERS]);

/* The smallest power of two, from `least` on, of which `count` or fewer hold `pages`. */
unsigned long round_unit(unsigned long pages, unsigned long count, unsigned long least);

/* ---- words --------------------------------------------------------------------------------- */

#define SIZE_TEXT 24
/* So many pages in the largest unit that tells it exactly: "4K", "61M", "3G". */
const char *size_text(char buf[SIZE_TEXT], u64 pages);
