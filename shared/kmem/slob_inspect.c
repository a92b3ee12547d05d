/* slob for tools: kmem/inspect.h. */
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "kmem/slob_priv.h"
#include "phys/zone.h"

const char kmem_allocator_name[] = "slob";

/* ---- slabs --------------------------------------------------------------------------------- */

static struct slab_view view_of(struct page *page)
{
	struct kmem_cache *s = page->slab_cache;
	struct slab_view slab = {.cache = s, .page = page, .first = page_address(page)};

	if (s) {
		slab.order = page_order_in_use(page);
		slab.place = SLAB_FULL;
		slab.objects = slab.inuse = 1;
	} else {
		slab.place = page->units ? SLAB_PARTIAL : SLAB_FULL;
		slab.objects = SLOB_PAGE_UNITS;
		slab.inuse = SLOB_PAGE_UNITS - page->units;
	}
	return slab;
}

/* A damaged list may have no end: no list has more than `most` pages. */
static void for_each_on_list(struct list_head *list, unsigned long most,
			     void (*fn)(const struct slab_view *slab, void *arg), void *arg)
{
	for (struct list_head *at = list->next; at != list && most--; at = at->next) {
		struct slab_view slab = view_of(list_entry(at, struct page, lru));

		fn(&slab, arg);
	}
}

void for_each_listed_slab(struct kmem_cache *s, void (*fn)(const struct slab_view *slab, void *arg),
			  void *arg)
{
	if (s) {
		for_each_on_list(&s->impl.blocks, s->impl.live + 1, fn, arg);
		return;
	}
	for (unsigned int i = 0; i < NR_SLOB_LISTS; i++)
		for_each_on_list(&slob.lists[i], slob.nr_pages + 1, fn, arg);
}

bool slab_of_page(struct page *page, struct slab_view *slab)
{
	if (!page_flag(page, PG_slab) || page_flag(page, PG_tail))
		return false;
	*slab = view_of(page);
	return true;
}

/* The next free block: a damaged one may lead outside, or back. */
static unsigned int following_block(const slobidx_t *base, unsigned int at)
{
	unsigned int next = at < SLOB_PAGE_UNITS - 1 || base[at] <= 0 ? block_next(base, at) : 0;

	return next > at ? next : SLOB_PAGE_UNITS;
}

void for_each_free_object(const struct slab_view *slab, bool (*fn)(void *object, void *arg),
			  void *arg)
{
	slobidx_t *base = slob_base(slab->page);
	unsigned int at = slab->cache ? SLOB_PAGE_UNITS : first_block(slab->page);

	while (at < SLOB_PAGE_UNITS && fn(base + at, arg))
		at = following_block(base, at);
}

void for_each_stocked_object(struct kmem_cache *s __maybe_unused,
			     bool (*fn)(void *object, void *arg) __maybe_unused,
			     void *arg __maybe_unused)
{
}

bool kmem_object_is_free(struct kmem_cache *s __maybe_unused, struct page *page, const void *object)
{
	unsigned int unit = ((unsigned long)object & ~PAGE_MASK) / SLOB_UNIT;
	slobidx_t *base = slob_base(page);

	if (page->slab_cache)
		return false;
	for (unsigned int at = first_block(page); at <= unit; at = following_block(base, at))
		if (unit < at + block_units(base, at))
			return true;
	return false;
}

/* ---- figures ------------------------------------------------------------------------------- */

static void add_free_units(const struct slab_view *slab, void *arg)
{
	*(unsigned long *)arg += slab->page->units;
}

void get_slabinfo(struct kmem_cache *s, struct slabinfo *info)
{
	unsigned long free = 0;

	*info = (struct slabinfo){0};
	if (!s) {
		for_each_listed_slab(NULL, add_free_units, &free);
		info->active_slabs = info->num_slabs = slob.nr_pages;
		info->objects_per_slab = SLOB_PAGE_UNITS;
		info->num_objs = slob.nr_pages * SLOB_PAGE_UNITS;
		info->active_objs = info->num_objs - free;
		return;
	}
	info->active_objs = info->num_objs = s->impl.live;
	if (!has_own_pages(s))
		return;
	info->active_slabs = info->num_slabs = s->impl.live;
	info->objects_per_slab = 1;
	while (PAGE_SIZE << info->order < s->size)
		info->order++;
}

struct word_walk {
	void (*fn)(u32 word, void *arg);
	void *arg;
};

static void give_block_units(const struct slab_view *slab, void *arg)
{
	const struct word_walk *walk = arg;
	const slobidx_t *base = slob_base(slab->page);

	for (unsigned int at = first_block(slab->page); at < SLOB_PAGE_UNITS;
	     at = following_block(base, at))
		walk->fn(block_units(base, at), walk->arg);
}

void for_each_kmem_word(struct kmem_cache *s, void (*fn)(u32 word, void *arg), void *arg)
{
	struct word_walk walk = {fn, arg};

	if (s) {
		fn(s->impl.live, arg);
		return;
	}
	fn(slob.nr_pages, arg);
	fn(slob.kmalloc_units, arg);
	for_each_listed_slab(NULL, give_block_units, &walk);
}

/* ---- recounting ---------------------------------------------------------------------------- */

/* Free blocks: within the page, ascending, apart; and their sum. Trusts nothing that it reads. */
static const char *page_fault(const struct page *page)
{
	const slobidx_t *base = slob_base(page);
	unsigned int units = 0, end = 0;
	unsigned long at = (unsigned long)page->freelist - (unsigned long)base;

	if (page->slob_list >= NR_SLOB_LISTS)
		return "a page is of a list that does not exist";
	if (!page->freelist)
		return page->units ? "a page has free units, and no free block" : NULL;
	if (at >= PAGE_SIZE || at % SLOB_UNIT)
		return "a page's first free block is not in it";
	for (at /= SLOB_UNIT; at != SLOB_PAGE_UNITS; at = block_next(base, at)) {
		if (at > SLOB_PAGE_UNITS || (units && at < end))
			return "free blocks do not ascend";
		if (units && at == end)
			return "two free blocks touch";
		if (at == SLOB_PAGE_UNITS - 1 && base[at] > 0)
			return "a free block goes beyond its page";
		end = at + block_units(base, at);
		if (end > SLOB_PAGE_UNITS)
			return "a free block goes beyond its page";
		units += end - at;
	}
	if (units != page->units)
		return "a page's free units do not add up";
	return units == SLOB_PAGE_UNITS ? "a page is free as a whole" : NULL;
}

/* Is that a struct page, linked as it should be? */
static bool link_is_sound(const struct list_head *at, const struct list_head *prev)
{
	const struct page *page = list_entry(at, struct page, lru);

	return page >= mem_map && page < mem_map + memory.max_low_pfn && at->prev == prev &&
	       page_flag(page, PG_slab) && !page_flag(page, PG_tail);
}

static const char *list_fault(unsigned int list, unsigned long *count)
{
	const struct list_head *prev = &slob.lists[list];

	list_for_each (at, &slob.lists[list]) {
		const struct page *page = list_entry(at, struct page, lru);

		if (!link_is_sound(at, prev) || ++*count > slob.nr_pages)
			return "a list is broken";
		if (page->slab_cache || !page->units)
			return "a page is on a list, and has no free units";
		if (page->slob_list != list)
			return "a page is on another list than its own";
		if (list >= NR_SLOB_CLASSES && page_zonenum(page) != ZONE_DMA)
			return "a page for DMA is not of DMA memory";
		prev = at;
	}
	return NULL;
}

struct census {
	unsigned long pages, partial, used_units;
};

/* All shared pages, listed or not. */
static const char *count_pages(struct census *found)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);
		const char *why;

		if (!page_flag(page, PG_slab) || page_flag(page, PG_tail) || page->slab_cache)
			continue;
		why = page_fault(page);
		if (why)
			return why;
		found->pages++;
		found->partial += page->units != 0;
		found->used_units += SLOB_PAGE_UNITS - page->units;
	}
	return NULL;
}

static const char *shared_fault(void)
{
	struct census found = {0};
	unsigned long listed = 0, owned = slob.kmalloc_units;
	const char *why = count_pages(&found);

	for (unsigned int i = 0; i < NR_SLOB_LISTS && !why; i++)
		why = list_fault(i, &listed);
	if (why)
		return why;
	if (found.pages != slob.nr_pages)
		return "the count of shared pages is off";
	if (found.partial != listed)
		return "a page with free units is on no list";
	list_for_each (at, &slab_caches) {
		const struct kmem_cache *s = list_entry(at, struct kmem_cache, list);

		if (!has_own_pages(s))
			owned += s->impl.live * SLOB_UNITS(s->size);
	}
	return owned == found.used_units ? NULL : "units in use are nobody's, or somebody's twice";
}

static const char *blocks_fault(const struct kmem_cache *s)
{
	const struct list_head *prev = &s->impl.blocks;
	unsigned long count = 0;

	list_for_each (at, &s->impl.blocks) {
		const struct page *page = list_entry(at, struct page, lru);

		if (!link_is_sound(at, prev) || ++count > s->impl.live)
			return "a cache's list of blocks is broken";
		if (page->slab_cache != s || PAGE_SIZE << page_order_in_use(page) != s->size)
			return "a cache's block is another's, or of another size";
		prev = at;
	}
	return count == s->impl.live ? NULL : "a cache's count of objects is off";
}

const char *kmem_cache_fault(struct kmem_cache *s)
{
	if (!s)
		return shared_fault();
	return has_own_pages(s) ? blocks_fault(s) : NULL;
}

u32 *kmem_word_named(struct kmem_cache *s, const char *name)
{
	const struct {
		const char *name;
		void *word;
	} words[] = {
		{"live", &s->impl.live},
		{"blocks", &s->impl.blocks.next},
		{"nr_pages", &slob.nr_pages},
		{"kmalloc_units", &slob.kmalloc_units},
		{"small", &slob.lists[SLOB_SMALL].next},
		{"medium", &slob.lists[SLOB_MEDIUM].next},
		{"dma_small", &slob.lists[NR_SLOB_CLASSES + SLOB_SMALL].next},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].word;
	return NULL;
}
