/* Which pages are in several places, and where; what there is to say of pages in words. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as/mm_types.h"
#include "tool/page_tables.h"
#include "tool/reading.h"

/* ---- places -------------------------------------------------------------------------------- */

static int compare_places(const void *a, const void *b)
{
	const struct drawn_place *one = a, *other = b;

	if (one->pfn != other->pfn)
		return one->pfn < other->pfn ? -1 : 1;
	if (one->tree != other->tree)
		return one->tree < other->tree ? -1 : 1;
	return one->address < other->address ? -1 : one->address > other->address;
}

/* Each page of a run that others have as well is a place of its own. */
static void add_places(struct page_tables *map, size_t tree, size_t run)
{
	const struct drawn_entries *entries = &map->runs[run];

	if (entries->maps < 2)
		return;
	for (unsigned long i = 0; i < run_pages(entries); i++) {
		map->places = one_more(map->places, map->nr_places, sizeof(*map->places));
		map->places[map->nr_places++] =
			(struct drawn_place){.pfn = entries->pfn + i,
					     .address = entries->start + (i << PAGE_SHIFT),
					     .tree = tree,
					     .run = run};
	}
}

/* A space that was asked for twice has its places once. */
static bool was_before(const struct page_tables *map, size_t tree)
{
	for (size_t i = 0; i < tree; i++)
		if (map->trees[i].number == map->trees[tree].number)
			return true;
	return false;
}

static void collect_places(struct page_tables *map)
{
	for (size_t i = 0; i < map->nr_trees; i++) {
		const struct drawn_tree *tree = &map->trees[i];

		if (was_before(map, i))
			continue;
		for (size_t j = 0; j < tree->nr_tables; j++) {
			const struct drawn_table *table = &map->tables[tree->first_table + j];

			for (size_t k = 0; k < table->nr_runs; k++)
				add_places(map, i, table->first_run + k);
		}
	}
	if (map->nr_places)
		qsort(map->places, map->nr_places, sizeof(*map->places), compare_places);
}

/* Is next, a page with so many places, the one behind those of shared in all of these? */
static bool goes_on(const struct page_tables *map, const struct drawn_shared *shared,
		    const struct drawn_place *next, size_t nr_places)
{
	if (next->pfn != shared->pfn + shared->pages || nr_places != shared->nr_places)
		return false;
	for (size_t i = 0; i < nr_places; i++) {
		const struct drawn_place *place = &map->places[shared->first_place + i];

		if (next[i].run != place->run || next[i].address != end_of_place(shared, place))
			return false;
	}
	return true;
}

void page_tables_share(struct page_tables *map)
{
	collect_places(map);
	for (size_t i = 0, count; i < map->nr_places; i += count) {
		const struct drawn_place *place = &map->places[i];
		const struct drawn_entries *run = &map->runs[place->run];

		for (count = 1; i + count < map->nr_places && place[count].pfn == place->pfn;)
			count++;
		if (map->nr_shared &&
		    goes_on(map, &map->shared[map->nr_shared - 1], place, count)) {
			map->shared[map->nr_shared - 1].pages++;
			continue;
		}
		map->shared = one_more(map->shared, map->nr_shared, sizeof(*map->shared));
		map->shared[map->nr_shared] = (struct drawn_shared){.number = map->nr_shared + 1,
								    .pfn = place->pfn,
								    .pages = 1,
								    .kind = run->kind,
								    .maps = run->maps,
								    .first_place = i,
								    .nr_places = count};
		map->nr_shared++;
	}
}

const struct drawn_shared *shared_of_run(const struct page_tables *map,
					 const struct drawn_entries *run, size_t *count)
{
	const struct drawn_shared *first = NULL;

	*count = 0;
	if (run->maps < 2)
		return NULL;
	for (size_t i = 0; i < map->nr_shared; i++) {
		const struct drawn_shared *shared = &map->shared[i];

		if (shared->pfn >= run->pfn + run_pages(run) ||
		    shared->pfn + shared->pages <= run->pfn)
			continue;
		if (!first)
			first = shared;
		++*count;
	}
	return first;
}

/* ---- figures ------------------------------------------------------------------------------- */

unsigned long count_zero(const struct page_tables *map, unsigned int *spaces)
{
	unsigned long entries = 0;

	*spaces = 0;
	for (size_t i = 0; i < map->nr_trees; i++) {
		const struct drawn_tree *tree = &map->trees[i];
		unsigned long before = entries;

		for (size_t j = 0; j < tree->nr_tables && !was_before(map, i); j++) {
			const struct drawn_table *table = &map->tables[tree->first_table + j];

			for (size_t k = 0; k < table->nr_runs; k++)
				if (map->runs[table->first_run + k].kind == PAGE_ZERO)
					entries += run_pages(&map->runs[table->first_run + k]);
		}
		*spaces += entries > before;
	}
	return entries;
}

unsigned long count_unmapped(const struct page_tables *map, const struct drawn_page_cache *cache)
{
	const struct drawn_cached *run = map->cached;
	size_t count = map->nr_cached;
	unsigned long pages = 0;

	if (cache) {
		run += cache->first_run;
		count = cache->nr_runs;
	}
	for (; count--; run++)
		pages += run->maps ? 0 : run->end - run->first;
	return pages;
}

/* ---- in words ------------------------------------------------------------------------------ */

static const char *plural(unsigned long count)
{
	return count == 1 ? "" : "s";
}

void describe_tree(char *buf, size_t size, const struct drawn_tree *tree)
{
	snprintf(buf, size,
		 "page directory %05lx; %lu page table%s with %lu entr%s; the kernel's half %s",
		 tree->pgd, tree->tables, plural(tree->tables), tree->entries,
		 tree->entries == 1 ? "y" : "ies",
		 tree->kernel_shared ? "is shared" : "differs from the kernel's own");
}

const char *frames_text(char buf[FRAMES_TEXT], unsigned long pfn, unsigned long pages)
{
	if (!pfn)
		return "-";
	if (pages == 1)
		snprintf(buf, FRAMES_TEXT, "%05lx", pfn);
	else
		snprintf(buf, FRAMES_TEXT, "%05lx-%05lx", pfn, pfn + pages - 1);
	return buf;
}

const char *shared_text(char buf[SHARED_TEXT], const struct page_tables *map,
			const struct drawn_entries *run)
{
	size_t count;
	const struct drawn_shared *first = shared_of_run(map, run, &count);

	if (!first)
		return "";
	snprintf(buf, SHARED_TEXT, "#%u", first->number);
	if (count > 1)
		string_append(buf, SHARED_TEXT, "-%u", first[count - 1].number);
	return buf;
}

/* The cache's run that has the frame. */
static const struct drawn_cached *find_cached(const struct page_tables *map, unsigned long pfn,
					      const struct drawn_page_cache **cache)
{
	for (size_t i = 0; i < map->nr_caches; i++) {
		*cache = &map->caches[i];
		for (size_t j = 0; j < (*cache)->nr_runs; j++) {
			const struct drawn_cached *run = &map->cached[(*cache)->first_run + j];

			if (run->pfn <= pfn && pfn - run->pfn < run->end - run->first)
				return run;
		}
	}
	return NULL;
}

/* Has one of the places an area that shares its memory? */
static bool is_shared_memory(const struct page_tables *map, const struct drawn_shared *shared)
{
	for (size_t i = 0; i < shared->nr_places; i++) {
		const struct drawn_place *place = &map->places[shared->first_place + i];
		const struct drawn_area *area = map->runs[place->run].area;

		if (area && area->flags & VM_MAYSHARE)
			return true;
	}
	return false;
}

/* Behind the frames and their kind: why there are several places. */
static void append_why(char *buf, size_t size, const struct page_tables *map,
		       const struct drawn_shared *shared)
{
	const struct drawn_page_cache *cache;
	const struct drawn_cached *run;

	if (shared->kind == PAGE_ANON) {
		string_append(buf, size, "copy-on-write after a fork");
		return;
	}
	if (shared->kind == PAGE_OWNERLESS) {
		string_append(buf, size, "inserted by a driver");
		return;
	}
	string_append(buf, size, is_shared_memory(map, shared) ? "shared memory" : "file");
	run = find_cached(map, shared->pfn, &cache);
	if (!run) {
		string_append(buf, size, ", in a cache no more");
		return;
	}
	struct drawn_cached part = {.first = run->first + (shared->pfn - run->pfn)};

	part.end = part.first + shared->pages;
	string_append(buf, size, ", %s ", cache->name);
	describe_cached(buf + strlen(buf), size - strlen(buf), &part);
}

void describe_shared(char *buf, size_t size, const struct page_tables *map,
		     const struct drawn_shared *shared)
{
	char frames[FRAMES_TEXT];

	snprintf(buf, size, "%s %s: ", page_kinds[shared->kind].name,
		 frames_text(frames, shared->pfn, shared->pages));
	append_why(buf, size, map, shared);
	string_append(buf, size, "; %d entries%s", shared->maps, shared->pages == 1 ? "" : " each");
}

void describe_missing(char *buf, size_t size, const struct page_tables *map,
		      const struct drawn_shared *shared)
{
	bool all = true;

	buf[0] = '\0';
	if (shared->nr_places == shared->maps)
		return;
	for (unsigned int number = 1, found; number <= map->all; number++, all &= found) {
		found = 0;
		for (size_t i = 0; i < map->nr_trees; i++)
			found |= map->trees[i].number == number;
	}
	if (shared->nr_places > shared->maps || all)
		snprintf(buf, size, "found %zu: the count is wrong", shared->nr_places);
	else
		snprintf(buf, size, "%zu more in spaces that are not shown",
			 shared->maps - shared->nr_places);
}

void describe_page_cache(char *buf, size_t size, const struct page_tables *map,
			 const struct drawn_page_cache *cache)
{
	unsigned long unmapped = count_unmapped(map, cache);

	snprintf(buf, size, "%s: %lu of %lu page%s in the cache", cache->name, unmapped,
		 cache->pages, plural(cache->pages));
}

void describe_cached(char *buf, size_t size, const struct drawn_cached *run)
{
	if (run->end - run->first == 1)
		snprintf(buf, size, "page %lx", run->first);
	else
		snprintf(buf, size, "pages %lx-%lx", run->first, run->end - 1);
}
