/*
 * Kernel objects: one API, three implementations, of which the build has one (PAGETWIN_SLAB).
 * Corresponds to Linux include/linux/slab.h.
 *
 *   kmem/slab.c   queues of objects by CPU, slabs with descriptors, colours (Bonwick 1994)
 *   kmem/slub.c   a free list in each slab's own page, one slab by CPU; the default
 *   kmem/slob.c   first fit within pages shared by all caches, for tiny machines
 *
 * Allocations may be made with any lock of a lower rank than LOCK_RANK_KMEM_CACHE held and
 * interrupts on or off, but for __GFP_WAIT: that may sleep, so no lock may be held. Frees never
 * sleep. Creating, shrinking and destroying caches takes slab_mutex and may sleep: no lock held.
 *
 * Objects are of low memory, so they have addresses of the direct map: __GFP_HIGHMEM is refused.
 * Zones and mobility are the cache's business, not the request's.
 */
#pragma once

#include "arch/types.h"
#include "phys/gfp.h"

/* Flags of a cache; Linux's names and values. */
#define SLAB_CONSISTENCY_CHECKS 0x00000100u /* F: sanity checks on each alloc and free */
#define SLAB_RED_ZONE 0x00000400u	    /* Z: guard words around each object */
#define SLAB_POISON 0x00000800u		    /* P: free objects hold a pattern */
#define SLAB_HWCACHE_ALIGN 0x00002000u	    /* objects begin at cache lines */
#define SLAB_CACHE_DMA 0x00004000u	    /* memory below MAX_DMA_ADDRESS */
#define SLAB_STORE_USER 0x00010000u	    /* U: note who allocated and freed last */
#define SLAB_RECLAIM_ACCOUNT 0x00020000u    /* what it holds can be reclaimed */
#define SLAB_PANIC 0x00040000u		    /* kmem_cache_create() must not fail */
#define SLAB_TRACE 0x00200000u		    /* T: a message for each alloc and free */
#define SLAB_NOLEAKTRACE 0x00800000u	    /* kmemleak does not track its objects */
#define SLAB_FAILSLAB 0x02000000u	    /* a candidate for failslab with cache-filter */

#define SLAB_DEBUG_FLAGS                                                                           \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER | SLAB_TRACE)
#define SLAB_KNOWN_FLAGS                                                                           \
	(SLAB_DEBUG_FLAGS | SLAB_HWCACHE_ALIGN | SLAB_CACHE_DMA | SLAB_RECLAIM_ACCOUNT |           \
	 SLAB_PANIC | SLAB_NOLEAKTRACE | SLAB_FAILSLAB)

/* What kmalloc(0) returns: not NULL, and a fault when used (page 0 is unmapped). */
#define ZERO_SIZE_PTR ((void *)16)
#define ZERO_OR_NULL_PTR(p) ((unsigned long)(p) <= (unsigned long)ZERO_SIZE_PTR)

/* Every object is aligned to this at least: what a u64 wants. */
#define ARCH_SLAB_MINALIGN 8u
/* SLAB_HWCACHE_ALIGN: the line of the processors that one has in mind (Pentium 4 and later). */
#define CACHE_LINE_SIZE 64u

/* A cache's objects are at most so large. */
#define KMEM_CACHE_MAX_SIZE (4ul << 20)

struct kmem_cache;

/* ---- caches -------------------------------------------------------------------------------- */

/* The allocator's start: after mem_init(), before anything below. Panics when memory is short. */
void kmem_cache_init(void);

/*
 * May a cache of this shape exist? 0; -EINVAL: no name or one of 32 characters or more, size 0 or
 * above KMEM_CACHE_MAX_SIZE, an alignment that is no power of two or above a page, unknown flags;
 * -EEXIST: there is one of that name.
 */
int kmem_cache_sanity_check(const char *name, size_t size, size_t align, unsigned long flags);

/*
 * Makes a cache of objects of size bytes, aligned to align (0: no wish).
 * - ctor, or NULL, runs once for each object when its slab is made; who frees an object leaves it
 *   constructed, so that the next user finds it so.
 * - The name is copied.
 * - NULL, with a message, when kmem_cache_sanity_check() fails or memory is short; nothing is left
 *   behind. With SLAB_PANIC it panics instead.
 * - slub may return a cache that exists and serves as well: kmem_cache_destroy() takes that in.
 */
struct kmem_cache *__must_check kmem_cache_create(const char *name, size_t size, size_t align,
						  unsigned long flags, void (*ctor)(void *));

/*
 * Gives all of an unused cache back. -EBUSY, with a report that lists the objects, while any is in
 * use: the cache is as before. -EINVAL for one of the allocator's own.
 */
int kmem_cache_destroy(struct kmem_cache *s);

/* Gives back all slabs without objects in use, this CPU's stock first. Returns the number of slabs
 * that stayed. */
unsigned int kmem_cache_shrink(struct kmem_cache *s);

/*
 * Sets how much is stocked of a cache: limit objects for each CPU, batchcount of them at a time,
 * and, if shared is not 0, shared * batchcount objects between the CPUs and the slabs. What is
 * stocked goes back to the slabs. Takes slab_mutex; may sleep.
 * -EIO: the allocator has no tunables: slab alone does. -EINVAL unless 1 <= batchcount <= limit,
 * where an array would be too large to allocate, or for a cache with debug flags, of which nothing
 * is stocked; -ENOMEM: nothing changed.
 */
int kmem_cache_tune(struct kmem_cache *s, unsigned int limit, unsigned int batchcount,
		    unsigned int shared);

/*
 * One pass over all caches, as Linux makes every two seconds: this CPU's arrays, if nothing was
 * taken since the last pass, lose a fifth of their limit; in every second pass shared arrays
 * likewise, and caches that did without their free slabs lose some of these. Returns how many slabs
 * were given back; slub and slob keep none that would wait for it. Takes slab_mutex; may sleep.
 */
unsigned int cache_reap(void);

/* Bytes that a user of an object has. */
unsigned int kmem_cache_size(const struct kmem_cache *s);
const char *kmem_cache_name(const struct kmem_cache *s);

/* The n-th cache in the order of their making, NULL after the last; and by name. */
struct kmem_cache *kmem_cache_nth(unsigned int n);
struct kmem_cache *find_kmem_cache(const char *name);

/* ---- objects ------------------------------------------------------------------------------- */

/*
 * Bits of those who want to see each allocation and free. While it is 0, fast paths serve.
 */
#define KMEM_GATE_FAILSLAB 1u
#define KMEM_GATE_KMEMLEAK 2u
#define KMEM_GATE_KASAN 4u
extern u32 kmem_gate;

/*
 * void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
 *   An object, or NULL. __GFP_ZERO: zeroed, not for caches with a constructor.
 *
 * int kmem_cache_free(struct kmem_cache *s, void *object)
 *   Gives an object back. -EINVAL, with a report, for what can be seen to be none of this cache's
 *   in use: then nothing changes. Which that are depends on the cache's debug flags (kmem/debug.h).
 *   NULL is -EINVAL too: only kfree() takes it.
 *
 * Functions, or inline: the allocator's header has them.
 */
#include "kmem/def.h"

static inline void *__must_check kmem_cache_zalloc(struct kmem_cache *s, gfp_t gfp)
{
	return kmem_cache_alloc(s, gfp | __GFP_ZERO);
}

/* n objects into p: n, or 0 with none left behind. Frees n; the first error, the rest are freed. */
unsigned int __must_check kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp, unsigned int n,
						void **p);
int kmem_cache_free_bulk(struct kmem_cache *s, unsigned int n, void **p);

/* ---- memory of any size -------------------------------------------------------------------- */

/*
 * kmalloc's caches, "kmalloc-8" to "kmalloc-8192" and, for GFP_DMA, "dma-kmalloc-8"...; larger
 * sizes get pages. slob has none of them.
 */
#define KMALLOC_SHIFT_LOW 3
#define KMALLOC_SHIFT_HIGH 13
#define KMALLOC_MAX_CACHE_SIZE (1u << KMALLOC_SHIFT_HIGH)
#define KMALLOC_MAX_SIZE (4ul << 20) /* the largest block of pages */
#define NR_KMALLOC_CLASSES (KMALLOC_SHIFT_HIGH + 1)

/* [0] for the usual zones, [1] for DMA; by class, NULL before boot got to it. */
extern struct kmem_cache *kmalloc_caches[2][NR_KMALLOC_CLASSES];

/* The class for a size, 1 to KMALLOC_MAX_CACHE_SIZE: 1 is 96, 2 is 192, n is 2^n. */
static __always_inline unsigned int kmalloc_index(size_t size)
{
	if (size <= 1u << KMALLOC_SHIFT_LOW)
		return KMALLOC_SHIFT_LOW;
	if (size > 64 && size <= 96)
		return 1;
	if (size > 128 && size <= 192)
		return 2;
	return 32 - __builtin_clz(size - 1);
}

/* kmalloc() where the size is not constant, or not of a cache. */
void *__must_check __regparm __kmalloc(size_t size, gfp_t gfp);

/*
 * size bytes, aligned to ARCH_SLAB_MINALIGN, a power of two to itself up to a page (not with
 * SLAB_RED_ZONE; slob: to ARCH_SLAB_MINALIGN). ZERO_SIZE_PTR for size 0. NULL when memory is short
 * or size > KMALLOC_MAX_SIZE, with a message unless __GFP_NOWARN.
 */
#define kmalloc(size, gfp)                                                                         \
	(__builtin_constant_p(size) && KMALLOC_HAS_CACHES && !CONFIG_KASAN && (size) != 0 &&       \
			 (size) <= KMALLOC_MAX_CACHE_SIZE && __builtin_constant_p(gfp)             \
		 ? kmem_cache_alloc(kmalloc_caches[!!((gfp)&__GFP_DMA)]                            \
						  [kmalloc_index((size) != 0 ? (size) : 1)],       \
				    gfp)                                                           \
		 : __kmalloc(size, gfp))

/*
 * Gives back what kmalloc() or krealloc() gave, or an object of any cache but slob's; nothing for
 * NULL and ZERO_SIZE_PTR. -EINVAL, with a report, for what can be seen to be none of these.
 */
int __regparm kfree(const void *p);

/*
 * Bytes that krealloc() would give behind p in place: at least what was asked for. 0 for NULL,
 * ZERO_SIZE_PTR and what is not kmalloc's. Whoever uses more than he asked for asks krealloc()
 * first: shadow memory (kmem/kasan.h) knows what was asked for, and ksize() does not change it
 * (Linux, since 6.1).
 */
size_t ksize(const void *p);

/* kmem/util.c */
void *__must_check kzalloc(size_t size, gfp_t gfp);
/* n * size zeroed bytes; NULL when that overflows. */
void *__must_check kcalloc(size_t n, size_t size, gfp_t gfp);
/*
 * Makes p hold size bytes: in place, or elsewhere with the contents moved and p freed. NULL p:
 * kmalloc(). Size 0: kfree(), and ZERO_SIZE_PTR. NULL when memory is short: p is as before.
 */
void *__must_check krealloc(const void *p, size_t size, gfp_t gfp);
/* Copies: NULL when memory is short; kstrdup(NULL) is NULL. */
void *__must_check kmemdup(const void *from, size_t size, gfp_t gfp);
char *__must_check kstrdup(const char *s, gfp_t gfp);
