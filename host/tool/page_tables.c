#include "tool/page_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/reading.h"

const struct holder page_kinds[NR_PAGE_KINDS] = {
	[PAGE_ZERO] = {"zero", ": read, and never written", 'Z', 'z', 0xC4C4C4},
	[PAGE_ANON] = {"anon", ": a program's own", 'A', 'a', 0xE69F00},
	[PAGE_FILE] = {"file", ": of a file", 'F', 'f', 0x56B4E9},
	[PAGE_SHMEM] = {"shmem", ": of shared memory", 'M', 'm', 0xCC79A7},
	[PAGE_OWNERLESS] = {"page", ": of no owner", 'P', 'p', 0x009E73},
	[PAGE_FRAME] = {"frame", ": not counted", 'R', 'r', 0x686868},
};

static enum page_kind find_kind(const char *name)
{
	enum page_kind kind = 0;

	while (kind < NR_PAGE_KINDS && strcmp(name, page_kinds[kind].name) != 0)
		kind++;
	return kind;
}

static bool is_counted(enum page_kind kind)
{
	return kind != PAGE_ZERO && kind != PAGE_FRAME;
}

/* ---- entries ------------------------------------------------------------------------------- */

/* What page_map prints behind the kind of entries, or of pages of a cache. */
static void print_figures(char *buf, size_t size, enum page_kind kind, unsigned long pfn,
			  unsigned int count, int maps)
{
	buf[0] = '\0';
	if (is_counted(kind))
		snprintf(buf, size, " pfn %05lx count %u maps %d", pfn, count, maps);
	else if (kind == PAGE_FRAME)
		snprintf(buf, size, " pfn %05lx", pfn);
}

/* The area that the run is in, if it is in one. */
static const struct drawn_area *find_area(const struct page_tables *map,
					  const struct drawn_space *space,
					  const struct drawn_entries *run)
{
	for (size_t i = 0; i < space->nr_areas; i++) {
		const struct drawn_area *area = &map->spaces.areas[space->first_area + i];

		if (run->start < area->end && run->end > area->start)
			return area;
	}
	return NULL;
}

/* The run that was added last: does it fit in? */
static int check_run(const struct reading *r, const struct page_tables *map,
		     const struct drawn_space *space, const struct drawn_table *table)
{
	struct drawn_entries *run = &map->runs[map->nr_runs - 1];
	unsigned long begin = (unsigned long)table->slot << PGDIR_SHIFT, from = begin;
	const struct drawn_area *area;

	if (map->nr_runs - 1 > table->first_run)
		from = run[-1].end;
	if (!IS_ALIGNED(run->start | run->end, PAGE_SIZE) || run->start < from ||
	    run->end <= run->start || run->end - begin > PGDIR_SIZE)
		return unexpected(r, "expected entries in order, from %08lx on, within the table",
				  from);
	area = find_area(map, space, run);
	if (area && (run->start < area->start || run->end > area->end))
		return unexpected(r, "expected entries of one area");
	return 0;
}

static int read_entries(const struct reading *r, struct page_tables *map,
			const struct drawn_space *space, const struct drawn_table *table)
{
	struct drawn_entries run = {.start = 0};
	char kind[8] = "", young[8] = "", dirty[8] = "", figures[64];
	int len = 0;

	if (sscanf(r->line, "entry %lx-%lx %7s %7s %7s %7s%n", &run.start, &run.end, kind,
		   run.rights, young, dirty, &len) != 6)
		return unexpected(r, "expected \"entry START-END KIND RIGHTS YOUNG DIRTY\"");
	run.kind = find_kind(kind);
	if (run.kind == NR_PAGE_KINDS)
		return unexpected(r, "no kind of page is called %s", kind);
	sscanf(r->line + len, " pfn %lx count %u maps %d", &run.pfn, &run.count, &run.maps);
	if (strcmp(run.rights, "rw") != 0 && strcmp(run.rights, "ro") != 0 &&
	    strcmp(run.rights, "none") != 0)
		return unexpected(r, "expected rights rw, ro or none");
	run.young = strcmp(young, "young") == 0;
	run.dirty = strcmp(dirty, "dirty") == 0;
	print_figures(figures, sizeof(figures), run.kind, run.pfn, run.count, run.maps);
	if (expect_this_line(r, "entry %08lx-%08lx %s %s %s %s%s", run.start, run.end, kind,
			     run.rights, run.young ? "young" : "old", run.dirty ? "dirty" : "clean",
			     figures))
		return -1;
	map->runs = one_more(map->runs, map->nr_runs, sizeof(run));
	map->runs[map->nr_runs++] = run;
	return check_run(r, map, space, table);
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Slots in order, below the end of what a task can have. */
static int check_slot(const struct reading *r, const struct page_tables *map,
		      const struct drawn_tree *tree, const struct drawn_table *table)
{
	unsigned int from = tree->nr_tables ? map->tables[map->nr_tables - 1].slot + 1 : 0;

	if (table->slot < from || table->slot >= map->spaces.end >> PGDIR_SHIFT)
		return unexpected(r, "expected slots in order, from %u on, below %lu", from,
				  map->spaces.end >> PGDIR_SHIFT);
	return 0;
}

/* The line in r is a table's; reads up to behind its entries. */
static int read_table(struct reading *r, struct page_tables *map, struct drawn_tree *tree,
		      const struct drawn_space *space)
{
	struct drawn_table table = {.first_run = map->nr_runs};
	unsigned long address, pages = 0;

	if (sscanf(r->line, "table %u %lx pfn %lx entries %lu", &table.slot, &address, &table.pfn,
		   &table.entries) != 4)
		return unexpected(r, "expected \"table SLOT ADDRESS pfn PFN entries N\"");
	if (expect_this_line(r, "table %u %08lx pfn %05lx entries %lu", table.slot,
			     (unsigned long)table.slot << PGDIR_SHIFT, table.pfn, table.entries) ||
	    check_slot(r, map, tree, &table))
		return -1;
	for (; next_line(r) && behind(r, "entry "); table.nr_runs++) {
		if (read_entries(r, map, space, &table))
			return -1;
		pages += run_pages(&map->runs[map->nr_runs - 1]);
	}
	if (pages != table.entries)
		return unexpected(r, "table %u says %lu entries, found %lu", table.slot,
				  table.entries, pages);
	map->tables = one_more(map->tables, map->nr_tables, sizeof(table));
	map->tables[map->nr_tables++] = table;
	tree->nr_tables++;
	return 0;
}

/* The lines of space_map on the space's tasks, once more. */
static int read_tasks(struct reading *r, const struct page_tables *map,
		      const struct drawn_space *space)
{
	for (size_t i = 0; i < space->nr_tasks; i++) {
		const struct drawn_task *task = &map->spaces.tasks[space->first_task + i];

		if (expect_line(r, "task %d %s%s", task->pid, task->borrows ? "borrows" : "runs",
				task->current ? " current" : ""))
			return -1;
	}
	return 0;
}

/* The line in r is a space's first one. */
static int read_heading(const struct reading *r, struct drawn_tree *tree)
{
	char kernel[8] = "";

	if (sscanf(r->line, "space %u pgd %lx tables %lu entries %lu kernel %7s", &tree->number,
		   &tree->pgd, &tree->tables, &tree->entries, kernel) != 5)
		return unexpected(
			r, "expected \"space NUMBER pgd PFN tables N entries N kernel WORD\"");
	tree->kernel_shared = strcmp(kernel, "shared") == 0;
	return expect_this_line(r, "space %u pgd %05lx tables %lu entries %lu kernel %s",
				tree->number, tree->pgd, tree->tables, tree->entries,
				tree->kernel_shared ? "shared" : "differs");
}

/* The line in r is a space's first one; reads up to behind it. */
static int read_tree(struct reading *r, struct page_tables *map)
{
	struct drawn_tree tree = {.first_table = map->nr_tables};
	const struct drawn_space *space = &map->spaces.spaces[map->nr_trees];
	unsigned long entries = 0;

	if (map->nr_trees == map->spaces.nr_spaces)
		return unexpected(r, "expected no space more");
	if (read_heading(r, &tree))
		return -1;
	if (tree.number != space->number)
		return unexpected(r, "expected space %u", space->number);
	if (read_tasks(r, map, space))
		return -1;
	for (next_line(r); behind(r, "table ");) {
		if (read_table(r, map, &tree, space))
			return -1;
		entries += map->tables[map->nr_tables - 1].entries;
	}
	if (tree.nr_tables != tree.tables || entries != tree.entries)
		return unexpected(r, "space %u says %lu tables and %lu entries, found %zu and %lu",
				  tree.number, tree.tables, tree.entries, tree.nr_tables, entries);
	map->trees = one_more(map->trees, map->nr_trees, sizeof(tree));
	map->trees[map->nr_trees++] = tree;
	return 0;
}

/* ---- caches -------------------------------------------------------------------------------- */

static int read_cached(const struct reading *r, struct page_tables *map,
		       const struct drawn_page_cache *cache)
{
	unsigned long from = cache->nr_runs ? map->cached[map->nr_cached - 1].end : 0;
	struct drawn_cached run = {.first = 0};
	char kind[8] = "", figures[64];

	if (sscanf(r->line, "cached %lx-%lx %7s pfn %lx count %u maps %d", &run.first, &run.end,
		   kind, &run.pfn, &run.count, &run.maps) != 6)
		return unexpected(r, "expected \"cached FIRST-END KIND pfn PFN count N maps N\"");
	run.kind = find_kind(kind);
	if (run.kind != PAGE_FILE && run.kind != PAGE_SHMEM)
		return unexpected(r, "no kind of page in a cache is called %s", kind);
	print_figures(figures, sizeof(figures), run.kind, run.pfn, run.count, run.maps);
	if (expect_this_line(r, "cached %lx-%lx %s%s", run.first, run.end, kind, figures))
		return -1;
	if (run.first < from || run.end <= run.first)
		return unexpected(r, "expected pages in order, from %lx on", from);
	map->cached = one_more(map->cached, map->nr_cached, sizeof(run));
	map->cached[map->nr_cached++] = run;
	return 0;
}

/* The line in r is a cache's; reads up to behind its pages. */
static int read_cache(struct reading *r, struct page_tables *map)
{
	struct drawn_page_cache cache = {.first_run = map->nr_cached};
	unsigned long pages = 0;
	int len = 0;

	if (sscanf(r->line, "cache pages %lu size %llx%n", &cache.pages, &cache.size, &len) != 2)
		return unexpected(r, "expected \"cache pages N size BYTES NAME\"");
	if (r->line[len] != ' ' || strlen(r->line + len + 1) >= sizeof(cache.name))
		return unexpected(r, "expected a name that is not so long");
	strcpy(cache.name, r->line + len + 1);
	if (expect_this_line(r, "cache pages %lu size %llx %s", cache.pages, cache.size,
			     cache.name))
		return -1;
	for (; next_line(r) && behind(r, "cached "); cache.nr_runs++) {
		if (read_cached(r, map, &cache))
			return -1;
		pages +=
			map->cached[map->nr_cached - 1].end - map->cached[map->nr_cached - 1].first;
	}
	if (pages != cache.pages)
		return unexpected(r, "cache %s says %lu pages, found %lu", cache.name, cache.pages,
				  pages);
	map->caches = one_more(map->caches, map->nr_caches, sizeof(cache));
	map->caches[map->nr_caches++] = cache;
	return 0;
}

/* ---- all ----------------------------------------------------------------------------------- */

/* The arrays grow, and areas with them: names are looked up when nothing moves any more. */
static void name_areas(struct page_tables *map)
{
	for (size_t i = 0; i < map->nr_trees; i++) {
		const struct drawn_tree *tree = &map->trees[i];

		for (size_t j = 0; j < tree->nr_tables; j++) {
			const struct drawn_table *table = &map->tables[tree->first_table + j];

			for (size_t k = 0; k < table->nr_runs; k++) {
				struct drawn_entries *run = &map->runs[table->first_run + k];

				run->area = find_area(map, &map->spaces.spaces[i], run);
			}
		}
	}
}

static int read_page_map(struct page_tables *map, const struct text *text)
{
	struct reading r = reading_start("page_map", text);
	size_t caches = map->nr_caches, cached = map->nr_cached;

	next_line(&r);
	if (sscanf(r.line, "spaces %u caches %u", &map->all, &map->all_caches) != 2)
		return unexpected(&r, "expected \"spaces N caches N\"");
	if (expect_this_line(&r, "spaces %u caches %u", map->spaces.all, map->all_caches))
		return -1;
	next_line(&r);
	while (behind(&r, "space "))
		if (read_tree(&r, map))
			return -1;
	if (map->nr_trees != map->spaces.nr_spaces)
		return unexpected(&r, "expected space %u",
				  map->spaces.spaces[map->nr_trees].number);
	while (behind(&r, "cache "))
		if (read_cache(&r, map))
			return -1;
	if (map->nr_caches - caches != map->all_caches)
		return unexpected(&r, "expected %u caches, found %zu", map->all_caches,
				  map->nr_caches - caches);
	if (*r.line || *r.at || memcmp(text->data + text->size - 2, "\n\n", 2) == 0)
		return unexpected(&r, "expected no more");
	/* Behind a second space stand the same ones. */
	if (caches) {
		map->nr_caches = caches;
		map->nr_cached = cached;
	}
	return 0;
}

int page_tables_read(struct page_tables *map, const struct text *space_map,
		     const struct text *page_map)
{
	if (space_map_read(&map->spaces, space_map) || read_page_map(map, page_map))
		return -1;
	name_areas(map);
	return 0;
}

void page_tables_free(struct page_tables *map)
{
	space_map_free(&map->spaces);
	free(map->trees);
	free(map->tables);
	free(map->runs);
	free(map->caches);
	free(map->cached);
	free(map->places);
	free(map->shared);
	*map = (struct page_tables){.all = 0};
}
