/*
 * slab: allocation and free. Corresponds to Linux mm/slab.c as it was in the 2.6 series; the design
 * is Bonwick's (The Slab Allocator, USENIX 1994; Magazines and Vmem, USENIX 2001).
 *
 * Each CPU has an array of objects in no use: a stack. Allocations pop, frees push. An array that
 * is empty is filled, one that is full is emptied, by batchcount objects at a time:
 *
 *                          cache_alloc_refill()
 *            .----------------<---------------.-----------<----------.
 *            v     transfer_objects()         |                      |
 *   user <-> array[cpu]          shared array          slabs of the node (kmem/slab_node.c)
 *            |                                ^                      ^
 *            '---------------->---------------'----------->----------'
 *                          cache_flusharray()
 *
 * The shared array, where there is one, goes first in both directions: what one CPU frees another
 * gets without a look at any slab.
 *
 * Locking: array_lock[cpu] before list_lock. Allocations and frees leave interrupts on and try
 * array_lock; an interrupt that comes in between, or a CPU whose array is just being drained, finds
 * it busy and goes to the node by itself: alloc_from_node(), free_to_node(). Nothing is called with
 * a lock held that takes one of another cache or may sleep: a slab is made and given back in
 * between.
 *
 * A cache with debug flags has an array for no object at all, which is empty and full at once: the
 * fast paths fail, its objects come from the node and go there, one by one, with every check.
 */
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/debug.h"
#include "kmem/kasan.h"
#include "kmem/pages.h"
#include "kmem/slab_priv.h"

/* An array that was not used lately is not filled to more than this. */
#define BATCHREFILL_LIMIT 16u

/* ---- allocation, the slow path ------------------------------------------------------------- */

/* Moves up to `most` objects, the hottest, from one array to another; returns how many. */
static unsigned int transfer_objects(struct array_cache *to, struct array_cache *from,
				     unsigned int most)
{
	unsigned int n = min(min(from->avail, to->limit - to->avail), most);

	from->avail -= n;
	memcpy(to->entry + to->avail, from->entry + from->avail, n * sizeof(to->entry[0]));
	to->avail += n;
	from->touched |= n != 0;
	return n;
}

/* Fills the empty array with what there is. array_lock is held. */
static void cache_alloc_refill(struct kmem_cache *s, struct array_cache *ac)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned int batch = ac->batchcount;
	unsigned long flags;

	lock_assert_held(&s->impl.array_lock[0]);
	if (!ac->touched)
		batch = min(batch, BATCHREFILL_LIMIT);
	flags = spin_lock_irqsave(&l3->list_lock);
	if (!l3->shared || !transfer_objects(ac, l3->shared, batch))
		ac->avail = take_from_slabs(s, ac->entry, batch);
	spin_unlock_irqrestore(&l3->list_lock, flags);
}

/* Past the array. */
static void *alloc_from_node(struct kmem_cache *s)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags = spin_lock_irqsave(&l3->list_lock);
	struct array_cache *shared = l3->shared;
	void *object = NULL;

	if (shared && shared->avail) {
		object = shared->entry[--shared->avail];
		shared->touched = true;
	} else {
		take_from_slabs(s, &object, 1);
	}
	spin_unlock_irqrestore(&l3->list_lock, flags);
	return object;
}

/* An object from what the cache has, or NULL. */
static void *alloc_present(struct kmem_cache *s)
{
	struct array_cache *ac;
	void *object = NULL;

	if (kmem_debugged(s) || !spin_trylock(&s->impl.array_lock[0]))
		return alloc_from_node(s);
	ac = s->impl.array[0];
	if (!ac->avail)
		cache_alloc_refill(s, ac);
	if (ac->avail) {
		object = ac->entry[--ac->avail];
		ac->touched = true;
	}
	spin_unlock(&s->impl.array_lock[0]);
	return object;
}

/* Once the cache could not grow there is one more look: who slept has perhaps waited long enough
 * for others to free something. */
static void *alloc_or_grow(struct kmem_cache *s, gfp_t gfp)
{
	bool grown = true;
	void *object;

	for (;;) {
		object = alloc_present(s);
		if (object || !grown)
			return object;
		grown = cache_grow(s, gfp);
	}
}

/* What the hooks want to know of the slab that holds an object. */
static struct debug_slab debug_slab_of(struct kmem_cache *s, const void *object)
{
	struct page *page = slab_page_of(object);
	const struct slab *slab = slab_of(page);

	page->inuse = slab->inuse; /* they report it; nobody else looks */
	return (struct debug_slab){s, page, slab->s_mem, s->impl.num};
}

/* True for caches without debug flags. */
static bool alloc_hook(struct kmem_cache *s, void *object, unsigned long caller)
{
	struct debug_slab slab;

	if (likely(!kmem_debugged(s)))
		return true;
	slab = debug_slab_of(s, object);
	return debug_alloc(&slab, object, caller);
}

void *kmem_alloc_object(struct kmem_cache *s, gfp_t gfp, unsigned long caller)
{
	void *object;

	if (gfp & __GFP_HIGHMEM)
		return NULL;
	/* What is damaged stays out of use: its slab counts it as in use for good. */
	do
		object = alloc_or_grow(s, gfp);
	while (object && !alloc_hook(s, object, caller));
	if (object && gfp & __GFP_ZERO)
		memset(object, 0, s->object_size);
	return object;
}

/* ---- free, the slow path ------------------------------------------------------------------- */

/* Past the array. */
static void free_to_node(struct kmem_cache *s, void *object)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	struct list_head doomed;
	unsigned long flags;

	list_init(&doomed);
	flags = spin_lock_irqsave(&l3->list_lock);
	free_block(s, &object, 1, &doomed);
	spin_unlock_irqrestore(&l3->list_lock, flags);
	slabs_destroy(s, &doomed);
}

/* Moves up to n objects, the coldest, to the shared array; false if there is no room. list_lock is
 * held. */
static bool flush_to_shared(struct array_cache *shared, struct array_cache *ac, unsigned int n)
{
	n = min(n, shared->limit - shared->avail);
	memcpy(shared->entry + shared->avail, ac->entry, n * sizeof(ac->entry[0]));
	shared->avail += n;
	ac->avail -= n;
	memmove(ac->entry, ac->entry + n, ac->avail * sizeof(ac->entry[0]));
	return n;
}

/* Makes room in an array that is full, by a batch. array_lock is held. */
static void cache_flusharray(struct kmem_cache *s, struct array_cache *ac, struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags;

	lock_assert_held(&s->impl.array_lock[0]);
	flags = spin_lock_irqsave(&l3->list_lock);
	if (!l3->shared || !flush_to_shared(l3->shared, ac, ac->batchcount))
		drain_objects(s, ac, ac->batchcount, doomed);
	spin_unlock_irqrestore(&l3->list_lock, flags);
}

static void free_slow(struct kmem_cache *s, void *object)
{
	struct list_head doomed;
	struct array_cache *ac;

	if (kmem_debugged(s) || !spin_trylock(&s->impl.array_lock[0])) {
		free_to_node(s, object);
		return;
	}
	list_init(&doomed);
	ac = s->impl.array[0];
	if (ac->avail == ac->limit)
		cache_flusharray(s, ac, &doomed);
	ac->entry[ac->avail++] = object;
	spin_unlock(&s->impl.array_lock[0]);
	slabs_destroy(s, &doomed);
}

/* True for caches without debug flags. */
static bool free_hook(struct kmem_cache *s, void *object, unsigned long caller)
{
	struct debug_slab slab;

	if (likely(!kmem_debugged(s)))
		return true;
	slab = debug_slab_of(s, object);
	return debug_free(&slab, object, caller);
}

int kmem_free_object(struct kmem_cache *s, void *object, unsigned long caller)
{
	struct page *page = slab_page_of(object);

	if (!page)
		return kmem_report(s, object, "free of what is in no slab");
	if (page->slab_cache != s)
		return kmem_report(s, object, "free of another cache's object");
	if (!free_hook(s, object, caller))
		return -EINVAL;
	free_slow(s, object);
	return 0;
}

/* ---- the API ------------------------------------------------------------------------------- */

/* A slab's object, but not for the fast path. */
static noinline __regparm int kfree_slow(struct kmem_cache *s, void *object, unsigned long caller)
{
	if (kmem_gate || kmem_debugged(s))
		return kmem_free_rest(s, object, caller);
	free_slow(s, object);
	return 0;
}

/* Not an object of a slab. A function of this file, so that traces name kfree(). */
static noinline __regparm int kfree_rest(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : kfree_large(p);
}

int __regparm kfree(const void *p)
{
	unsigned long pfn = slab_pfn_at(p);
	struct kmem_cache *s;

	if (unlikely(pfn >= memory.max_low_pfn) || unlikely(!page_flag(pfn_to_page(pfn), PG_slab)))
		return kfree_rest(p);
	s = pfn_to_page(pfn)->slab_cache;
	if (unlikely(kmem_gate) || unlikely(!slab_free_fast(s, (void *)p)))
		return kfree_slow(s, (void *)p, RETURN_ADDRESS);
	return 0;
}

size_t ksize(const void *p)
{
	struct page *page = slab_page_of(p);

	if (CONFIG_KASAN && !kasan_check_byte(p, RETURN_ADDRESS))
		return 0;
	return page ? page->slab_cache->object_size : ksize_large(p);
}
