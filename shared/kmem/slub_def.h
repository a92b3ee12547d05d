/* What slub adds to struct kmem_cache. Corresponds to Linux include/linux/slub_def.h. */
#pragma once

#include "base/cmpxchg.h"
#include "base/list.h"
#include "base/lock.h"
#include "phys/page.h"
#include "phys/zone.h"

#define KMALLOC_HAS_CACHES 1
/* Can it tell from an object's address whose it is? */
#define KMEM_KNOWS_OWNER 1

/*
 * A CPU's slab. freelist and tid change together (cmpxchg8b): an allocation or free that another
 * one came into sees a new tid, and starts again.
 * Invariants: page and those on partial are frozen; freelist is NULL or within page, all of whose
 * objects then count as inuse.
 */
struct kmem_cache_cpu {
	void *freelist;
	u32 tid;
	unsigned long start; /* of page's bytes, and how many; 0 without one: what a free asks */
	unsigned long bytes;
	struct page *page;
	struct page *partial; /* slabs set aside, linked by lru.next, the last one first */
	unsigned int nr_partial;
} __aligned(8);

/* Invariants: nr_partial == length of partial, whose slabs are not frozen and have free objects. */
struct kmem_cache_node {
	spinlock_t list_lock;	     /* the lists, and what puts a slab on or off them */
	unsigned long nr_partial;    /* list_lock */
	struct list_head partial;    /* list_lock */
	struct list_head full;	     /* list_lock; with SLAB_STORE_USER */
	unsigned long nr_slabs;	     /* atomic: all slabs of the cache */
	unsigned long total_objects; /* atomic: the objects that fit into them */
};

/* First in struct kmem_cache. */
struct kmem_impl {
	struct kmem_cache_cpu cpu_slab[NR_CPUS];
	unsigned int offset; /* from an object to its free pointer */
	struct kmem_cache_node node;
	unsigned int min_partial; /* so many empty slabs may stay on the node's list */
	unsigned int cpu_partial; /* so many slabs may a CPU set aside */
	u8 order, min_order;	  /* of a slab; and when there is no block of that */
};

/*
 * Takes the first object of the CPU's list. In few instructions: docs/bench.md counts them. false:
 * there is none. The word read behind the object may be anybody's by then: tid tells.
 */
static __always_inline bool kmem_alloc_fast(struct kmem_cache *s, void **object)
{
	struct kmem_impl *impl = (struct kmem_impl *)s;
	struct kmem_cache_cpu *c = &impl->cpu_slab[0];
	u32 tid, first;

	do {
		tid = c->tid;
		barrier();
		first = (u32)c->freelist;
		if (unlikely(!first))
			return false;
	} while (unlikely(!this_cpu_cmpxchg_double(c, &first, &tid, *(u32 *)(first + impl->offset),
						   tid + 1)));
	*object = (void *)first;
	return true;
}

/* Takes an object of the CPU's slab back; false if it is not one. */
static __always_inline bool slub_free_fast(struct kmem_cache *s, void *object)
{
	struct kmem_impl *impl = (struct kmem_impl *)s;
	struct kmem_cache_cpu *c = &impl->cpu_slab[0];
	u32 tid, freelist;

	do {
		tid = c->tid;
		barrier();
		if (unlikely((unsigned long)object - c->start >= c->bytes))
			return false;
		freelist = (u32)c->freelist;
		*(u32 *)((char *)object + impl->offset) = freelist;
	} while (unlikely(!this_cpu_cmpxchg_double(c, &freelist, &tid, (u32)object, tid + 1)));
	return true;
}

/* Requests that the fast path is not for. */
#define KMEM_GFP_SLOW __GFP_ZERO

/* What the fast paths are not for. Their caller is who allocates or frees. */
void *__must_check __regparm kmem_cache_alloc_rest(struct kmem_cache *s, gfp_t gfp);
int __regparm kmem_cache_free_rest(struct kmem_cache *s, void *object);

static __always_inline void *__must_check kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *object;

	if (unlikely(gfp & KMEM_GFP_SLOW) || unlikely(kmem_gate) ||
	    unlikely(!kmem_alloc_fast(s, &object)))
		return kmem_cache_alloc_rest(s, gfp);
	return object;
}

static __always_inline int kmem_cache_free(struct kmem_cache *s, void *object)
{
	if (unlikely(kmem_gate) || unlikely(!slub_free_fast(s, object)))
		return kmem_cache_free_rest(s, object);
	return 0;
}
