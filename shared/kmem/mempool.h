/*
 * Pools that keep a reserve of elements, so that those who must get on can: writing a page out to
 * make memory free must not fail for want of memory. Corresponds to Linux mm/mempool.c.
 *
 *   mempool_alloc()  1 the allocator, without waiting or I/O
 *                    2 the reserve
 *                    3 the allocator, with all that gfp allows
 *                    4 waits for an element to come back (mempool_wait), and again from 2 on
 *   mempool_free()   the reserve, while it is short of min_nr; else the allocator
 *
 * So a reserve of one is enough for users that hold one element each and always give it back:
 * then there is progress, one at a time at worst.
 */
#pragma once

#include "base/bug.h"
#include "base/list.h"
#include "base/lock.h"
#include "base/mutex.h"
#include "kmem/slab.h"

/*
 * Elements from wherever they come; called with no lock of the pool held. alloc: NULL for none.
 * pool_data comes first, other than in Linux: where kmem_cache_alloc() and kmem_cache_free() have
 * the cache, so that nothing needs to be moved on the way to them.
 */
typedef void *__regparm (*mempool_alloc_t)(void *pool_data, gfp_t gfp);
typedef void __regparm (*mempool_free_t)(void *pool_data, void *element);

/*
 * Invariants, with no resize under way: curr_nr <= min_nr <= curr_nr + in_use (what the reserve
 * lacks is in use); elements[0 .. curr_nr) are distinct, and pages of them have the pool in
 * `mapping`.
 */
struct mempool {
	spinlock_t lock;
	unsigned int min_nr;  /* lock: elements to keep; read without */
	unsigned int curr_nr; /* lock: elements in the reserve; read without */
	u32 in_use;	      /* atomic: elements that users have */
	void **elements;      /* lock: the reserve, a stack with room for min_nr */

	/* Constant. */
	void *pool_data;
	mempool_alloc_t alloc;
	mempool_free_t free;

	struct list_head list; /* mempool_mutex: in mempools */
};

/* All pools, the oldest first. Under mempool_mutex, or while nothing else runs. */
extern struct list_head mempools;
extern struct mutex mempool_mutex;

/*
 * A pool with a full reserve of min_nr elements. NULL when memory is short, or min_nr is 0 or more
 * than a block of pages has room for pointers to: nothing is left behind. May sleep: no lock held.
 */
struct mempool *__must_check mempool_create(unsigned int min_nr, mempool_alloc_t alloc_fn,
					    mempool_free_t free_fn, void *pool_data);

/* The same for objects of a cache, memory of size bytes (> 0) and blocks of 2^order pages; elements
 * of the latter are struct pages. */
struct mempool *__must_check mempool_create_slab_pool(unsigned int min_nr, struct kmem_cache *s);
struct mempool *__must_check mempool_create_kmalloc_pool(unsigned int min_nr, size_t size);
struct mempool *__must_check mempool_create_page_pool(unsigned int min_nr, unsigned int order);

/*
 * Makes the reserve one of min_nr elements. What it lacked before, because it is in use, it lacks
 * still. 0; -EINVAL: min_nr as in mempool_create(); -ENOMEM: the pool is as before. Not while
 * another resize or mempool_destroy() of this pool is under way. May sleep: no lock held.
 */
int mempool_resize(struct mempool *pool, unsigned int min_nr);

/* The end of a pool. -EBUSY, with a report, while elements are in use: the pool is as before. May
 * sleep: no lock held. */
int mempool_destroy(struct mempool *pool);

/* What a pool adds to each request: it has a way out, so nobody need go to great lengths. */
#define MEMPOOL_EFFORT (__GFP_NOMEMALLOC | __GFP_NORETRY | __GFP_NOWARN)

/* All but the usual. */
void *__must_check __regparm mempool_alloc_rest(struct mempool *pool, gfp_t gfp);
void __regparm mempool_free_rest(struct mempool *pool, void *element);

/*
 * An element.
 * - With __GFP_WAIT it may sleep, so no lock may be held, and NULL comes only, with a message
 *   unless __GFP_NOWARN, where waiting is of no use: see set_mempool_wait().
 * - Without, NULL when allocator and reserve have none; any lock below LOCK_RANK_KMEM_CACHE may be
 *   held.
 * - Elements come as they are: not with __GFP_ZERO. Nor with __GFP_NOFAIL: __GFP_WAIT says it all.
 * - The emergency reserve of the page allocator is left alone (__GFP_NOMEMALLOC), and reclaim is
 *   tried once a round (__GFP_NORETRY): the pool is the way out.
 *
 * Inline, so that what is added to gfp costs nothing where that is constant.
 */
static __always_inline void *__must_check mempool_alloc(struct mempool *pool, gfp_t gfp)
{
	void *element;

	MM_ASSERT(!(gfp & (__GFP_ZERO | __GFP_NOFAIL)), "gfp %x for a mempool", gfp);
	MM_ASSERT(!(gfp & __GFP_WAIT) || !locks_held(), "gfp %x with a lock held", gfp);
	element = pool->alloc(pool->pool_data, (gfp | MEMPOOL_EFFORT) & ~(__GFP_WAIT | __GFP_IO));
	if (unlikely(!element))
		return mempool_alloc_rest(pool, gfp);
	__atomic_fetch_add(&pool->in_use, 1, __ATOMIC_RELAXED);
	return element;
}

/*
 * Gives an element of this pool back; nothing for NULL. Never sleeps; locks as in mempool_alloc().
 * Whether it is one cannot be seen; in checked builds one that is in the reserve already is a BUG,
 * and so is one when none is in use.
 */
static __always_inline void mempool_free(void *element, struct mempool *pool)
{
	if (CONFIG_CHECKED || unlikely(!element) ||
	    unlikely(READ_ONCE(pool->curr_nr) < READ_ONCE(pool->min_nr))) {
		mempool_free_rest(pool, element);
		return;
	}
	__atomic_fetch_sub(&pool->in_use, 1, __ATOMIC_RELAXED);
	pool->free(pool->pool_data, element);
}

/*
 * The way up: waits until an element may have come back to the pool. true: worth another try;
 * false: nobody will give one back, mempool_alloc() fails. Called without locks; may sleep. NULL
 * (at start) for none: with one task, who waits waits for himself, so that is a failure at once.
 * mempool_alloc() calls it for as long as it returns true and there is nothing.
 */
typedef bool (*mempool_wait_t)(struct mempool *pool);
void set_mempool_wait(mempool_wait_t wait);

/* For tools: where a pool's elements come from, and what pool_data is. */
enum mempool_kind {
	MEMPOOL_OTHER,
	MEMPOOL_OBJECTS, /* the cache */
	MEMPOOL_MEMORY,	 /* bytes */
	MEMPOOL_PAGES,	 /* the order; elements are struct pages */
};
enum mempool_kind mempool_kind(const struct mempool *pool);
