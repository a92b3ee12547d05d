#include "tool/slab_map.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/reading.h"
#include "top/mm_kmem.h"
#include "top/mm_slabs.h"

const struct holder slab_parts[NR_SLAB_PARTS] = {
	[OBJECT_USED] = {"used", "", 'U', 'u', 0x0072B2},
	[OBJECT_STOCKED] = {"stocked", " for a CPU", 'S', 's', 0xE69F00},
	[OBJECT_FREE] = {"free", "", '.', '.', 0xB5E3D3},
	[SLAB_COLOUR] = {"colour", ": bytes that shift the objects", ' ', ' ', 0xCC79A7},
	[SLAB_REST] = {"rest", ": descriptor, red zone, what is left over", ' ', ' ', 0xE4E4E4},
};

/* ---- reading ------------------------------------------------------------------------------- */

static int add_run(const struct reading *r, struct slab_map *map, struct drawn_slab *slab,
		   char letter, unsigned int count)
{
	static const char letters[NR_OBJECT_STATES] = {'u', 's', 'f'};
	const char *found = memchr(letters, letter, sizeof(letters));
	enum slab_part state = found ? found - letters : NR_OBJECT_STATES;

	if (!found)
		return unexpected(r, "expected u, s or f, found %c", letter);
	if (slab->nr_runs && map->runs[map->nr_runs - 1].state == state)
		return unexpected(r, "expected one run of what %c%u continues", letter, count);
	if (!count)
		return unexpected(r, "expected no run of nothing");
	map->runs = one_more(map->runs, map->nr_runs, sizeof(*map->runs));
	map->runs[map->nr_runs++] = (struct object_run){state, count};
	slab->nr_runs++;
	slab->count[state] += count;
	return 0;
}

/* A line of runs; *left counts the objects down that are to come. */
static int read_runs(struct reading *r, struct slab_map *map, struct drawn_slab *slab,
		     unsigned int *left)
{
	char letter, again[sizeof(r->line)] = "";
	unsigned int count, runs = 0;
	int len, made = 0;

	next_line(r);
	for (const char *at = r->line; sscanf(at, " %c%u%n", &letter, &count, &len) == 2;
	     at += len, runs++) {
		if (count > *left)
			return unexpected(r, "expected %u objects more", *left);
		if (add_run(r, map, slab, letter, count))
			return -1;
		*left -= count;
		made += snprintf(again + made, sizeof(again) - made, " %c%u", letter, count);
	}
	if (expect_this_line(r, "%s", again))
		return -1;
	if (!runs || runs > RUNS_PER_LINE || (*left && runs < RUNS_PER_LINE))
		return unexpected(r, "expected runs, %d in a full line", RUNS_PER_LINE);
	return 0;
}

static int find_place(const char *name)
{
	int place = 0;

	while (place < NR_SLAB_PLACES && strcmp(name, slab_place_name(place)) != 0)
		place++;
	return place;
}

static int read_slab_line(const struct reading *r, struct drawn_slab *slab, unsigned int *inuse)
{
	char place[16];

	if (sscanf(r->line, "slab %lx order %u %15s objects %u inuse %u at %u colour %u",
		   &slab->pfn, &slab->order, place, &slab->objects, inuse, &slab->at,
		   &slab->colour) != 7)
		return unexpected(r, "expected \"slab PFN order N PLACE objects N inuse N at N "
				     "colour N\"");
	slab->place = find_place(place);
	if (slab->place == NR_SLAB_PLACES)
		return unexpected(r, "no place is called %s", place);
	return expect_this_line(r, "slab %05lx order %u %s objects %u inuse %u at %u colour %u",
				slab->pfn, slab->order, place, slab->objects, *inuse, slab->at,
				slab->colour);
}

/* The size of a slab is its pages'; red zones and padding may stand behind the last object. */
static int check_slab(const struct reading *r, const struct drawn_cache *cache,
		      const struct drawn_slab *slab, unsigned int inuse)
{
	u64 end = slab->at + (u64)(slab->objects - 1) * cache->size;

	if (slab->order >= MAX_ORDER || !slab->objects || end >= PAGE_SIZE << slab->order)
		return unexpected(r, "%u objects of %u bytes do not fit", slab->objects,
				  cache->size);
	if (slab->colour > slab->at)
		return unexpected(r, "the colour is more than what is before the objects");
	if (slab->count[OBJECT_USED] + slab->count[OBJECT_STOCKED] != inuse)
		return unexpected(r, "%u objects are in use or stocked, inuse said %u",
				  slab->count[OBJECT_USED] + slab->count[OBJECT_STOCKED], inuse);
	return 0;
}

/* The line in r is a slab's. */
static int read_slab(struct reading *r, struct slab_map *map, const struct drawn_cache *cache)
{
	struct drawn_slab slab = {.first_run = map->nr_runs};
	unsigned int inuse, left;

	if (read_slab_line(r, &slab, &inuse))
		return -1;
	if (map->nr_slabs > cache->first_slab && map->slabs[map->nr_slabs - 1].place > slab.place)
		return unexpected(r, "expected slabs in the order of places");
	for (left = slab.objects; left;)
		if (read_runs(r, map, &slab, &left))
			return -1;
	if (check_slab(r, cache, &slab, inuse))
		return -1;
	map->slabs = one_more(map->slabs, map->nr_slabs, sizeof(slab));
	map->slabs[map->nr_slabs++] = slab;
	return 0;
}

/* Nothing is lost, nothing twice. A cache of slob has objects without slabs. */
static int check_cache(const struct reading *r, const struct slab_map *map,
		       const struct drawn_cache *cache)
{
	unsigned long objects = 0, used = 0;

	for (size_t i = cache->first_slab; i < map->nr_slabs; i++) {
		objects += map->slabs[i].objects;
		used += map->slabs[i].count[OBJECT_USED];
	}
	if (map->nr_slabs - cache->first_slab != cache->slabs ||
	    (cache->slabs && (objects != cache->objects || used != cache->in_use)))
		return unexpected(r,
				  "cache %s says %lu slabs, %lu objects, %lu in use; found "
				  "%zu, %lu, %lu",
				  cache->name, cache->slabs, cache->objects, cache->in_use,
				  map->nr_slabs - cache->first_slab, objects, used);
	return 0;
}

/* The line in r is a cache's; reads up to the next one's. */
static int read_cache(struct reading *r, struct slab_map *map)
{
	struct drawn_cache cache = {.first_slab = map->nr_slabs};

	if (sscanf(r->line, "cache %63s size %u slabs %lu objects %lu in_use %lu", cache.name,
		   &cache.size, &cache.slabs, &cache.objects, &cache.in_use) != 5 ||
	    !cache.size)
		return unexpected(r, "expected \"cache NAME size N slabs N objects N in_use N\"");
	if (expect_this_line(r, "cache %s size %u slabs %lu objects %lu in_use %lu", cache.name,
			     cache.size, cache.slabs, cache.objects, cache.in_use))
		return -1;
	while (next_line(r) && behind(r, "slab "))
		if (read_slab(r, map, &cache))
			return -1;
	if (check_cache(r, map, &cache))
		return -1;
	map->caches = one_more(map->caches, map->nr_caches, sizeof(cache));
	map->caches[map->nr_caches++] = cache;
	return 0;
}

static bool is_allocator(const char *name)
{
	return strcmp(name, "slab") == 0 || strcmp(name, "slub") == 0 || strcmp(name, "slob") == 0;
}

int slab_map_read(struct slab_map *map, const struct text *text)
{
	struct reading r = reading_start("slab_map", text);

	next_line(&r);
	if (sscanf(r.line, "kernel objects by %7s", map->allocator) != 1 ||
	    !is_allocator(map->allocator))
		return unexpected(&r, "expected \"kernel objects by slab\", slub or slob");
	if (expect_this_line(&r, "kernel objects by %s", map->allocator))
		return -1;
	if (!next_line(&r))
		return unexpected(&r, "expected a cache");
	do {
		if (read_cache(&r, map))
			return -1;
	} while (*r.line);
	if (*r.at || memcmp(text->data + text->size - 2, "\n\n", 2) == 0)
		return unexpected(&r, "expected a cache");
	return 0;
}

void slab_map_free(struct slab_map *map)
{
	free(map->caches);
	free(map->slabs);
	free(map->runs);
	*map = (struct slab_map){0};
}

/* ---- in words ------------------------------------------------------------------------------ */

bool is_shared(const struct slab_map *map, const struct drawn_cache *cache)
{
	return strcmp(map->allocator, "slob") == 0 && strcmp(cache->name, SHARED_SLABS) == 0;
}

const char *object_word(const struct slab_map *map, const struct drawn_cache *cache)
{
	return is_shared(map, cache) ? "unit" : "object";
}

unsigned int most_objects(const struct slab_map *map, const struct drawn_cache *cache)
{
	unsigned int most = 0;

	for (size_t i = 0; i < cache->slabs; i++)
		most = max(most, map->slabs[cache->first_slab + i].objects);
	return most;
}

bool cache_is_empty(const struct drawn_cache *cache)
{
	return !cache->slabs && !cache->objects;
}

void describe_cache(char *buf, size_t size, const struct slab_map *map,
		    const struct drawn_cache *cache)
{
	snprintf(buf, size, "cache %s: %lu of %lu %ss of %u bytes in use, %lu slab%s", cache->name,
		 cache->in_use, cache->objects, object_word(map, cache), cache->size, cache->slabs,
		 cache->slabs == 1 ? "" : "s");
}
