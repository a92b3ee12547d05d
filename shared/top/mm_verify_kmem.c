/* The verifier's part on kernel objects: what the allocator says against what its slabs are. */
#include "base/bitops.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "kmem/mempool.h"
#include "phys/vmstat.h"
#include "top/mm_init.h"
#include "top/mm_kmem.h"
#include "top/mm_verify_priv.h"

/* A slab's objects, to be seen once each. The rig's own. */
#define MAX_OBJECTS 32768u
static u32 seen[MAX_OBJECTS / BITS_PER_WORD];

/* ---- one slab ------------------------------------------------------------------------------ */

struct count {
	const struct slab_view *slab;
	unsigned int free;
	bool broken;
};

/* Is it one of the slab's places? slob's are of any size: it judges them by itself. */
static bool count_free_object(void *object, void *arg)
{
	struct count *count = arg;
	const struct slab_view *slab = count->slab;
	unsigned long offset = (char *)object - (char *)slab->first;
	unsigned int index = offset / slab->cache->size;

	if ((char *)object < (char *)slab->first || index >= slab->objects ||
	    offset % slab->cache->size || test_bit(index, seen)) {
		violation("cache %s: %08lx among the free objects of the slab at pfn %lx",
			  slab->cache->name, (unsigned long)object, page_to_pfn(slab->page));
		count->broken = true;
		return false;
	}
	set_bit(index, seen);
	count->free++;
	return true;
}

static void verify_objects(const struct slab_view *slab)
{
	struct count count = {.slab = slab};

	memset(seen, 0, DIV_ROUND_UP(slab->objects, BITS_PER_WORD) * sizeof(u32));
	for_each_free_object(slab, count_free_object, &count);
	if (!count.broken && count.free + slab->inuse != slab->objects)
		violation("cache %s: slab at pfn %lx has %u objects, %u free and %u in use",
			  slab->cache->name, page_to_pfn(slab->page), slab->objects, count.free,
			  slab->inuse);
}

static void verify_slab_pages(const struct slab_view *slab)
{
	for (unsigned int i = 0; i < 1u << slab->order; i++) {
		const struct page *page = slab->page + i;

		if (!page_flag(page, PG_slab) || page_flag(page, PG_tail) != (i != 0) ||
		    (i && page->first_page != slab->page) || page->slab_cache != slab->cache)
			violation("pfn %lx is not marked as the slab at pfn %lx is",
				  page_to_pfn(page), page_to_pfn(slab->page));
	}
}

/* ---- one cache ----------------------------------------------------------------------------- */

static void verify_listed(const struct slab_view *slab, void *pages)
{
	if (page_flag(slab->page, PG_seen))
		violation("the slab at pfn %lx is on two lists", page_to_pfn(slab->page));
	set_page_flag(slab->page, PG_seen);
	verify_slab_pages(slab);
	if (slab->cache)
		verify_objects(slab);
	*(unsigned long *)pages += 1ul << slab->order;
}

/* An object in a CPU's stock counts as in use in its slab. */
static bool verify_stocked(void *object, void *arg)
{
	struct kmem_cache *s = arg;
	struct page *page = kmem_address_ok(object) ? slab_head(virt_to_page(object)) : NULL;

	if (!page || !page_flag(page, PG_slab) || page->slab_cache != s) {
		violation("cache %s: %08lx is stocked, and not the cache's", s->name,
			  (unsigned long)object);
		return false;
	}
	return true;
}

static void verify_cache(struct kmem_cache *s, unsigned long *pages)
{
	const char *fault = kmem_cache_fault(s);

	if (fault) {
		violation("cache %s: %s", s ? s->name : "none", fault);
		return;
	}
	for_each_listed_slab(s, verify_listed, pages);
	if (s)
		for_each_stocked_object(s, verify_stocked, s);
}

/* ---- all pages ----------------------------------------------------------------------------- */

static bool cache_exists(const struct kmem_cache *wanted)
{
	struct kmem_cache *s;

	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++)
		if (s == wanted)
			return true;
	return false;
}

/* slub has its full slabs on no list; slob neither, but has counted them. */
static bool may_be_unlisted(const struct slab_view *slab)
{
	if (!slab->cache)
		return strcmp(kmem_allocator_name, "slob") == 0 && slab->place == SLAB_FULL;
	return strcmp(kmem_allocator_name, "slub") == 0 && slab->place == SLAB_FULL &&
	       !(slab->cache->flags & SLAB_STORE_USER);
}

/* A slab's first page that no list has led to. */
static void verify_unlisted(const struct slab_view *slab)
{
	if (slab->cache ? !cache_exists(slab->cache) : !may_be_unlisted(slab))
		violation("the slab at pfn %lx is of no cache", page_to_pfn(slab->page));
	else if (!may_be_unlisted(slab))
		violation("cache %s: the slab at pfn %lx is on no list", slab->cache->name,
			  page_to_pfn(slab->page));
	else
		verify_slab_pages(slab);
}

/* Takes the marks off again; returns the pages of slabs. */
static unsigned long sweep_pages(void)
{
	unsigned long pages = 0;

	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn);
		struct slab_view slab;

		pages += page_flag(page, PG_slab);
		if (page_flag(page, PG_seen))
			clear_page_flag(page, PG_seen);
		else if (page_flag(page, PG_slab) && slab_of_page(page, &slab))
			verify_unlisted(&slab);
	}
	return pages;
}

/* ---- memory pools -------------------------------------------------------------------------- */

/* Is it an object, of that cache or (NULL) whichever, that its slab does not have free? */
static bool is_object_in_use(void *object, const struct kmem_cache *s)
{
	struct page *page = kmem_address_ok(object) ? slab_head(virt_to_page(object)) : NULL;
	struct slab_view slab;
	unsigned long offset;

	if (!page || !slab_of_page(page, &slab))
		return !s && page && page->_count && page_flag(page, PG_kmalloc);
	if (!slab.cache) /* slob: whose it is cannot be seen */
		return !kmem_object_is_free(NULL, page, object);
	offset = (char *)object - (char *)slab.first;
	return (!s || slab.cache == s) && (char *)object >= (char *)slab.first &&
	       offset % slab.cache->size == 0 && offset / slab.cache->size < slab.objects &&
	       !kmem_object_is_free(slab.cache, page, object);
}

static bool is_block_in_use(const struct page *page, unsigned int order)
{
	const u32 others = 1u << PG_reserved | 1u << PG_buddy | 1u << PG_table | 1u << PG_slab |
			   1u << PG_kmalloc;

	return page >= mem_map && page < mem_map + memory.max_pfn && page->_count &&
	       !(page->flags & others) && page_order_in_use(page) == order;
}

static bool is_pool_element(const struct mempool *pool, void *element)
{
	switch (mempool_kind(pool)) {
	case MEMPOOL_OBJECTS:
		return is_object_in_use(element, pool->pool_data);
	case MEMPOOL_MEMORY:
		return is_object_in_use(element, NULL);
	case MEMPOOL_PAGES:
		return is_block_in_use(element, (u32)pool->pool_data) &&
		       ((struct page *)element)->mapping == pool;
	default:
		return true;
	}
}

static void verify_pool(const struct mempool *pool)
{
	if (pool->curr_nr > pool->min_nr || pool->min_nr > pool->curr_nr + pool->in_use) {
		violation("a pool of %u has %u elements, %u are in use", pool->min_nr,
			  pool->curr_nr, pool->in_use);
		return;
	}
	for (unsigned int i = 0; i < pool->curr_nr; i++) {
		void *element = pool->elements[i];

		if (!is_pool_element(pool, element))
			violation("a pool of %u has %08lx, which is not in use", pool->min_nr,
				  (unsigned long)element);
		for (unsigned int j = 0; j < i; j++)
			if (pool->elements[j] == element)
				violation("a pool of %u has %08lx twice", pool->min_nr,
					  (unsigned long)element);
	}
}

static void verify_pools(void)
{
	const struct list_head *prev = &mempools;

	list_for_each (at, &mempools) {
		struct mempool *pool = list_entry(at, struct mempool, list);

		if (!is_object_in_use(pool, NULL) || at->prev != prev) {
			violation("the list of pools is broken");
			return;
		}
		verify_pool(pool);
		prev = at;
	}
}

void verify_kmem(void)
{
	unsigned long listed = 0, marked;
	struct kmem_cache *s;

	if (mm_stage() < MM_KMEM)
		return;
	verify_cache(NULL, &listed);
	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++)
		verify_cache(s, &listed);
	marked = sweep_pages();
	if (marked != vm_counters[NR_SLAB_RECLAIMABLE] + vm_counters[NR_SLAB_UNRECLAIMABLE])
		violation("%lu pages are marked as slabs', %lu and %lu are counted", marked,
			  vm_counters[NR_SLAB_RECLAIMABLE], vm_counters[NR_SLAB_UNRECLAIMABLE]);
	verify_pools();
}
