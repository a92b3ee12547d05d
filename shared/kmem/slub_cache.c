/* slub: caches. Their shape, their start, their end. Corresponds to Linux mm/slub.c. */
#include "base/bitops.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "boot/setup.h"
#include "kmem/debug.h"
#include "kmem/kmemleak.h"
#include "kmem/inspect.h"
#include "kmem/kasan.h"
#include "kmem/options.h"
#include "kmem/pages.h"
#include "kmem/slub_priv.h"
#include "phys/page_alloc.h"

const char kmem_allocator_name[] = "slub";

/* The cache of caches; at first a static one, then an object of itself. */
static __mm_state struct kmem_cache boot_kmem_cache;
static __mm_state struct kmem_cache *kmem_cache;

/* ---- the order of slabs -------------------------------------------------------------------- */

/* What page->objects can count. */
#define MAX_OBJECTS_PER_SLAB 32767u

/* The least order for min_objects whose rest is at most 1/fraction of the slab; above max_order
 * where there is none. */
static unsigned int slab_order(unsigned int size, unsigned int min_objects, unsigned int max_order,
			       unsigned int fraction)
{
	unsigned int order = max(get_order(min_objects * size), kmem_options.min_order);

	while (order && (PAGE_SIZE << order) / size > MAX_OBJECTS_PER_SLAB)
		order--;
	for (; order <= max_order; order++) {
		unsigned long slab = PAGE_SIZE << order;

		if (slab % size <= slab / fraction)
			break;
	}
	return order;
}

/*
 * Enough objects that the list lock is seldom wanted, little waste, no block larger than what is
 * cheap: first the one is given up, then the other. 8 objects for one CPU, as Linux has it: 4 for
 * each power of two up to the number of CPUs.
 */
static unsigned int calculate_order(unsigned int size)
{
	unsigned int min_objects = kmem_options.min_objects;
	unsigned int max_order = kmem_options.max_order;
	unsigned int most = (PAGE_SIZE << max_order) / size;

	if (!min_objects)
		min_objects = 4 * (highest_bit(NR_CPUS) + 2);
	for (min_objects = min(min_objects, most); min_objects > 1; min_objects--)
		for (unsigned int fraction = 16; fraction >= 4; fraction /= 2) {
			unsigned int order = slab_order(size, min_objects, max_order, fraction);

			if (order <= max_order)
				return order;
		}
	return max(get_order(size), kmem_options.min_order);
}

/* ---- setup --------------------------------------------------------------------------------- */

/* Larger objects are dear to keep: fewer slabs stay empty. 5 to 10 of them. */
static unsigned int min_partial_of(unsigned int size)
{
	return min(max(highest_bit(size) / 2, 5u), 10u);
}

/* In objects, as Linux has it since 5.16; slabs are taken for half full. */
static unsigned int cpu_partial_of(const struct kmem_cache *s)
{
	unsigned int objects = 120;

	if (kmem_debugged(s))
		return 0;
	if (s->size >= PAGE_SIZE)
		objects = 6;
	else if (s->size >= 1024)
		objects = 24;
	else if (s->size >= 256)
		objects = 52;
	return DIV_ROUND_UP(objects * 2, slub_order_objects(s, s->impl.order));
}

int kmem_cache_setup(struct kmem_cache *s)
{
	struct kmem_cache_node *n = &s->impl.node;

	kmem_layout(s, true);
	if (s->size > KMEM_CACHE_MAX_SIZE)
		return -EINVAL;
	s->impl.offset = s->offset;
	s->impl.order = calculate_order(s->size);
	s->impl.min_order = get_order(s->size);
	s->impl.min_partial = min_partial_of(s->size);
	s->impl.cpu_partial = cpu_partial_of(s);
	spin_lock_init(&n->list_lock, "slab lists", LOCK_RANK_KMEM_NODE, 0);
	list_init(&n->partial);
	list_init(&n->full);
	return 0;
}

/*
 * What the CPU has of a cache is free, or looks like a pointer to the first object of its slab: no
 * reference. The way to the next cache is.
 */
static void tell_kmemleak(struct kmem_cache *s, gfp_t gfp)
{
	if (kmem_gate & KMEM_GATE_KMEMLEAK)
		kmemleak_scan_area(&s->list, sizeof(s->list), gfp);
}

struct kmem_cache *kmem_cache_alloc_struct(void)
{
	struct kmem_cache *s = kmem_cache_alloc(kmem_cache, GFP_KERNEL);

	if (s)
		tell_kmemleak(s, GFP_KERNEL);
	return s;
}

void kmem_cache_free_struct(struct kmem_cache *s)
{
	kmem_cache_free(kmem_cache, s);
}

/* ---- merging ------------------------------------------------------------------------------- */

/* Flags that make objects of one cache unlike all others'. */
#define SLAB_NEVER_MERGE (SLAB_DEBUG_FLAGS | SLAB_NOLEAKTRACE | SLAB_FAILSLAB)
/* ... and those in which two caches must agree. */
#define SLAB_MERGE_SAME (SLAB_RECLAIM_ACCOUNT | SLAB_CACHE_DMA)

static bool mergeable_with(const struct kmem_cache *s, size_t size, size_t align, u32 flags)
{
	if (s->flags & SLAB_NEVER_MERGE || s->ctor || s == kmem_cache)
		return false;
	if ((s->flags ^ flags) & SLAB_MERGE_SAME)
		return false;
	/* Its places hold the object, at the alignment wanted, with less than a word to spare. */
	return size <= s->size && IS_ALIGNED(s->size, align) && s->size - size < sizeof(void *) &&
	       IS_ALIGNED(s->align, align);
}

struct kmem_cache *kmem_cache_find_mergeable(size_t size, size_t align, u32 flags,
					     void (*ctor)(void *))
{
	/* Shadow memory is about the bytes of one kind of objects, and no others. */
	if (CONFIG_KASAN || kmem_options.nomerge || ctor || flags & SLAB_NEVER_MERGE)
		return NULL;
	align = kmem_calculate_alignment(flags, align, size);
	size = ALIGN(size, align);
	list_for_each (at, &slab_caches) {
		struct kmem_cache *s = list_entry(at, struct kmem_cache, list);

		if (mergeable_with(s, size, align, flags))
			return s;
	}
	return NULL;
}

/* ---- shrinking, the end ---------------------------------------------------------------------- */

/* Takes the empty slabs off the node's list. */
static void take_empty(struct kmem_cache *s, struct list_head *empty)
{
	struct kmem_cache_node *n = &s->impl.node;

	lock_assert_held(&n->list_lock);
	list_init(empty);
	for (struct list_head *at = n->partial.next, *next; at != &n->partial; at = next) {
		struct page *page = list_entry(at, struct page, lru);

		next = at->next;
		if (page->inuse)
			continue;
		list_del(at);
		n->nr_partial--;
		list_add_tail(at, empty);
	}
}

/* The fullest first: the next allocations fill them, and the emptiest may become free. A stable
 * insertion sort: the list is short where it matters, and nobody waits. */
static void sort_partial(struct kmem_cache_node *n)
{
	struct list_head sorted;

	list_init(&sorted);
	while (!list_empty(&n->partial)) {
		struct page *page = list_first_entry(&n->partial, struct page, lru);
		struct list_head *at = sorted.prev;

		list_del(&page->lru);
		while (at != &sorted && list_entry(at, struct page, lru)->inuse < page->inuse)
			at = at->prev;
		list_add(&page->lru, at);
	}
	if (list_empty(&sorted))
		return;
	list_insert(&n->partial, sorted.prev, sorted.next);
}

static void shrink(struct kmem_cache *s)
{
	struct kmem_cache_node *n = &s->impl.node;
	struct list_head empty;
	unsigned long flags;

	if (CONFIG_KASAN)
		quarantine_remove_cache(s);
	slub_flush_cpu(s);
	flags = spin_lock_irqsave(&n->list_lock);
	take_empty(s, &empty);
	sort_partial(n);
	spin_unlock_irqrestore(&n->list_lock, flags);
	while (!list_empty(&empty)) {
		struct page *page = list_first_entry(&empty, struct page, lru);

		list_del(&page->lru);
		slub_discard_slab(s, page);
	}
}

unsigned int kmem_cache_shrink(struct kmem_cache *s)
{
	shrink(s);
	return s->impl.node.nr_slabs;
}

int kmem_cache_teardown(struct kmem_cache *s)
{
	mutex_assert_held(&slab_mutex);
	shrink(s);
	if (!s->impl.node.nr_slabs)
		return 0;
	report_live_objects(s);
	return -EBUSY;
}

/* ---- the start ----------------------------------------------------------------------------- */

static void adopt_list(struct kmem_cache *s, struct list_head *to, struct list_head *from)
{
	list_init(to);
	while (!list_empty(from)) {
		struct page *page = list_first_entry(from, struct page, lru);

		list_del(&page->lru);
		list_add_tail(&page->lru, to);
		for (unsigned int i = 0; i < 1u << page_order_in_use(page); i++)
			page[i].slab_cache = s;
	}
}

/* Makes the static cache an object of itself. */
static struct kmem_cache *bootstrap(struct kmem_cache *boot)
{
	struct kmem_cache *s = kmem_cache_alloc(boot, GFP_NOWAIT);

	BUG_ON(!s, "no memory for the cache of caches");
	tell_kmemleak(s, GFP_NOWAIT);
	slub_flush_cpu(boot);
	*s = *boot;
	adopt_list(s, &s->impl.node.partial, &boot->impl.node.partial);
	adopt_list(s, &s->impl.node.full, &boot->impl.node.full);
	list_add_tail(&s->list, &slab_caches);
	return s;
}

void kmem_cache_init(void)
{
	list_init(&slab_caches);
	kmem_parse_options(boot_params_page->command_line);
	kmem_cache_init_struct(&boot_kmem_cache, "kmem_cache", sizeof(struct kmem_cache), 0,
			       SLAB_HWCACHE_ALIGN, NULL);
	boot_kmem_cache.permanent = true;
	BUG_ON(kmem_cache_setup(&boot_kmem_cache), "the cache of caches has no shape");
	kmem_cache = bootstrap(&boot_kmem_cache);
	create_kmalloc_caches();
}

/* ---- sizes ---------------------------------------------------------------------------------- */

size_t ksize(const void *p)
{
	const struct page *page = slab_page_of(p);
	const struct kmem_cache *s;

	if (CONFIG_KASAN && !kasan_check_byte(p, (unsigned long)__builtin_return_address(0)))
		return 0;
	if (!page)
		return ksize_large(p);
	s = page->slab_cache;
	/* What lies behind the object is free for the taking, unless somebody watches it. */
	if (CONFIG_KASAN || s->flags & (SLAB_RED_ZONE | SLAB_POISON))
		return s->object_size;
	return s->flags & SLAB_STORE_USER || s->ctor ? s->inuse : s->size;
}

int kmem_cache_tune(struct kmem_cache *s __maybe_unused, unsigned int limit __maybe_unused,
		    unsigned int batchcount __maybe_unused, unsigned int shared __maybe_unused)
{
	return -EIO;
}

unsigned int cache_reap(void)
{
	return 0;
}
