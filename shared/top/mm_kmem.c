#include "top/mm_kmem.h"

#include "base/printk.h"
#include "base/string.h"
#include "kmem/inspect.h"
#include "kmem/mempool.h"

static const char *const place_names[NR_SLAB_PLACES] = {
	[SLAB_CPU] = "cpu",	    [SLAB_CPU_PARTIAL] = "cpu-partial",
	[SLAB_PARTIAL] = "partial", [SLAB_FULL] = "full",
	[SLAB_FREE] = "free",
};

const char *slab_place_name(enum slab_place place)
{
	return place_names[place];
}

static const char *const pool_kinds[] = {
	[MEMPOOL_OTHER] = "other",
	[MEMPOOL_OBJECTS] = "cache",
	[MEMPOOL_MEMORY] = "kmalloc",
	[MEMPOOL_PAGES] = "order",
};

/* Objects that all caches share (slob): there is no cache to ask for them. */
static void for_each_slab_list(void (*fn)(struct kmem_cache *s, void *arg), void *arg)
{
	struct kmem_cache *s;

	fn(NULL, arg);
	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++)
		fn(s, arg);
}

/* ---- the digest ---------------------------------------------------------------------------- */

static void digest_one(u32 word, void *d)
{
	digest_word(d, word);
}

static bool digest_object(void *object, void *d)
{
	digest_word(d, (u32)object);
	return true;
}

static void digest_slab(const struct slab_view *slab, void *d)
{
	digest_word(d, page_to_pfn(slab->page));
	digest_word(d, slab->place << 16 | slab->order);
	digest_word(d, slab->objects << 16 | slab->inuse);
	digest_word(d, slab->colour);
	for_each_free_object(slab, digest_object, d);
}

static void digest_name(struct digest *d, const char *name)
{
	while (*name)
		digest_word(d, *name++);
}

static void digest_shape(struct digest *d, const struct kmem_cache *s)
{
	digest_name(d, s->name);
	digest_word(d, s->size);
	digest_word(d, s->object_size);
	digest_word(d, s->inuse << 16 | s->offset);
	digest_word(d, s->track << 16 | s->red_left);
	digest_word(d, s->align);
	digest_word(d, s->flags);
	digest_word(d, s->allocflags);
	digest_word(d, s->refcount << 2 | s->permanent << 1 | (s->ctor != NULL));
}

static void digest_cache(struct kmem_cache *s, void *d)
{
	if (s)
		digest_shape(d, s);
	for_each_kmem_word(s, digest_one, d);
	for_each_listed_slab(s, digest_slab, d);
	for_each_stocked_object(s, digest_object, d);
}

/* Of a page its number: struct pages are not where addresses are the same. */
static u32 pool_element(const struct mempool *pool, unsigned int index)
{
	void *element = pool->elements[index];

	return mempool_kind(pool) == MEMPOOL_PAGES ? page_to_pfn(element) : (u32)element;
}

static void digest_pool_figures(struct digest *d, const struct mempool *pool)
{
	digest_word(d, pool->min_nr);
	digest_word(d, pool->curr_nr);
	digest_word(d, pool->in_use);
}

static void digest_pool(struct digest *d, const struct mempool *pool)
{
	enum mempool_kind kind = mempool_kind(pool);

	digest_word(d, kind);
	if (kind == MEMPOOL_OBJECTS)
		digest_name(d, kmem_cache_name(pool->pool_data));
	else if (kind != MEMPOOL_OTHER)
		digest_word(d, (u32)pool->pool_data);
	digest_pool_figures(d, pool);
	for (unsigned int i = 0; i < pool->curr_nr; i++)
		digest_word(d, pool_element(pool, i));
}

void digest_held_pools(struct digest *d)
{
	list_for_each (at, &mempools)
		digest_pool_figures(d, list_entry(at, struct mempool, list));
}

void digest_kmem(struct digest *d)
{
	for_each_slab_list(digest_cache, d);
	list_for_each (at, &mempools)
		digest_pool(d, list_entry(at, struct mempool, list));
}

/* ---- in words ------------------------------------------------------------------------------ */

/* A run of free objects, each so many bytes behind the one before. */
struct run {
	const char *what;
	char *first, *last;
	unsigned int step;
};

static void end_run(struct run *run)
{
	if (!run->first)
		return;
	if (run->first == run->last)
		printk("  %s %08lx\n", run->what, (unsigned long)run->first);
	else
		printk("  %s %08lx - %08lx, each %u\n", run->what, (unsigned long)run->first,
		       (unsigned long)run->last, run->step);
	run->first = NULL;
}

static bool show_object(void *object, void *arg)
{
	struct run *run = arg;

	if (run->first && run->step && (char *)object == run->last + run->step) {
		run->last = object;
		return true;
	}
	end_run(run);
	run->first = run->last = object;
	return true;
}

static void show_slab(const struct slab_view *slab, void *arg __maybe_unused)
{
	struct run run = {.what = "free", .step = slab->cache ? slab->cache->size : 0};

	printk(" slab %05lx order %u %s objects %u inuse %u colour %u\n", page_to_pfn(slab->page),
	       slab->order, place_names[slab->place], slab->objects, slab->inuse, slab->colour);
	for_each_free_object(slab, show_object, &run);
	end_run(&run);
}

static void show_word(u32 word, void *arg __maybe_unused)
{
	printk(" word %08x\n", word);
}

static void show_cache(struct kmem_cache *s, void *arg __maybe_unused)
{
	struct run run = {.what = "stocked", .step = s ? s->size : 0};

	if (s)
		printk("cache %s object_size %u size %u inuse %u offset %u track %u red_left %u "
		       "align %u flags %08x gfp %x refcount %d%s%s\n",
		       s->name, s->object_size, s->size, s->inuse, s->offset, s->track, s->red_left,
		       s->align, s->flags, s->allocflags, s->refcount,
		       s->permanent ? " permanent" : "", s->ctor ? " ctor" : "");
	for_each_kmem_word(s, show_word, NULL);
	for_each_listed_slab(s, show_slab, NULL);
	for_each_stocked_object(s, show_object, &run);
	end_run(&run);
}

static void show_pool(const struct mempool *pool)
{
	enum mempool_kind kind = mempool_kind(pool);

	printk("pool %s ", pool_kinds[kind]);
	if (kind == MEMPOOL_OBJECTS)
		printk("%s", kmem_cache_name(pool->pool_data));
	else if (kind != MEMPOOL_OTHER)
		printk("%u", (u32)pool->pool_data);
	printk(" min_nr %u curr_nr %u in_use %u\n", pool->min_nr, pool->curr_nr, pool->in_use);
	for (unsigned int i = 0; i < pool->curr_nr; i++)
		printk(" element %0*x\n", kind == MEMPOOL_PAGES ? 5 : 8, pool_element(pool, i));
}

void show_kmem(void)
{
	printk("kernel objects by %s\n", kmem_allocator_name);
	for_each_slab_list(show_cache, NULL);
	list_for_each (at, &mempools)
		show_pool(list_entry(at, struct mempool, list));
}
