/*
 * What slab adds to struct kmem_cache, and its two knobs. Corresponds to Linux
 * include/linux/slab_def.h and mm/slab.c, struct array_cache and struct kmem_list3.
 */
#pragma once

#include "base/list.h"
#include "base/lock.h"
#include "boot/setup.h"
#include "phys/page.h"
#include "phys/zone.h"

#define KMALLOC_HAS_CACHES 1
/* Can it tell from an object's address whose it is? */
#define KMEM_KNOWS_OWNER 1

/*
 * A stack of objects that are in no use, yet taken out of their slabs: those freed last, which the
 * processor has in its cache, are handed out first.
 * Invariant: avail <= limit, batchcount <= limit; entry[0 .. avail) are objects, the next to go
 * last.
 */
struct array_cache {
	unsigned int avail;
	unsigned int limit;	 /* how many fit */
	unsigned int batchcount; /* how many come or go at once; 0 for a shared array */
	bool touched;		 /* objects were taken since cache_reap() last looked */
	void *entry[];
};

/*
 * A node's slabs, by how much of them is in use; all under list_lock. Stocked objects count as in
 * use.
 * Invariant: free_objects is the number of free objects in slabs_partial and slabs_free.
 */
struct kmem_list3 {
	struct list_head slabs_partial; /* 0 < inuse < num; the first one is taken from */
	struct list_head slabs_full;	/* inuse == num */
	struct list_head slabs_free;	/* inuse == 0 */
	unsigned long free_objects;
	unsigned int free_limit;  /* above that many, a slab that becomes free is given back */
	unsigned int colour_next; /* of the next slab: below the cache's colour, or 0 */
	spinlock_t list_lock;
	struct array_cache *shared; /* between the CPUs' arrays and the slabs; or NULL */
	u32 next_reap;		    /* when cache_reap() looks at the lists, in passes */
	bool free_touched;	    /* slabs_free was needed since it last looked */
};

/*
 * array_lock[cpu] guards array[cpu], the pointer included. It is tried on the ways of allocations
 * and frees, and waited for by who exchanges or drains arrays.
 * First in struct kmem_cache.
 */
struct kmem_impl {
	spinlock_t array_lock[NR_CPUS];
	struct array_cache *array[NR_CPUS];
	u32 reciprocal_size; /* 2^32 / size, rounded up: finds an object's index */
	unsigned int num;    /* objects of a slab */
	struct kmem_list3 *nodelist;
	unsigned int gfporder;	 /* pages of a slab: 2^gfporder */
	unsigned int slab_size;	 /* bytes of the descriptor, its index chain included */
	unsigned int colour;	 /* how many colours there are: shifts that fit in the rest */
	unsigned int colour_off; /* bytes from one to the next */
	struct kmem_cache *slabp_cache;		/* of off-slab descriptors; NULL: on-slab */
	unsigned int limit, batchcount, shared; /* tunables: see kmem_cache_tune() */
};

/* ---- the fast paths ------------------------------------------------------------------------ */

/* Takes an object off this CPU's array. False: there is none, or the array is busy. */
static __always_inline bool kmem_alloc_fast(struct kmem_cache *s, void **object)
{
	struct kmem_impl *impl = (struct kmem_impl *)s;
	struct array_cache *ac;
	unsigned int avail;

	if (unlikely(!spin_trylock(&impl->array_lock[0])))
		return false;
	ac = impl->array[0];
	if (unlikely(__builtin_sub_overflow(ac->avail, 1, &avail))) {
		spin_unlock(&impl->array_lock[0]);
		return false;
	}
	ac->avail = avail;
	ac->touched = true;
	*object = ac->entry[avail];
	spin_unlock(&impl->array_lock[0]);
	return true;
}

/* Puts an object on this CPU's array. False: that is full, or busy. */
static __always_inline bool slab_free_fast(struct kmem_cache *s, void *object)
{
	struct kmem_impl *impl = (struct kmem_impl *)s;
	struct array_cache *ac;
	unsigned int avail;

	if (unlikely(!spin_trylock(&impl->array_lock[0])))
		return false;
	ac = impl->array[0];
	avail = ac->avail;
	if (unlikely(avail >= ac->limit)) {
		spin_unlock(&impl->array_lock[0]);
		return false;
	}
	ac->entry[avail] = object;
	ac->avail = avail + 1;
	spin_unlock(&impl->array_lock[0]);
	return true;
}

/* The number of the page at p: max_low_pfn or more if p is no address of the direct map. */
static __always_inline unsigned long slab_pfn_at(const void *p)
{
	return ((unsigned long)p - PAGE_OFFSET) >> PAGE_SHIFT;
}

/* What makes an allocation none for the fast path. */
#define KMEM_GFP_SLOW (__GFP_ZERO | __GFP_HIGHMEM)

/* What the fast paths are not for. Their caller is who allocates or frees. */
void *__must_check __regparm kmem_cache_alloc_rest(struct kmem_cache *s, gfp_t gfp);
int __regparm kmem_cache_free_rest(struct kmem_cache *s, void *object);

static __always_inline void *__must_check kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *object;

	if (unlikely(kmem_gate) || unlikely(gfp & KMEM_GFP_SLOW) ||
	    unlikely(!kmem_alloc_fast(s, &object)))
		return kmem_cache_alloc_rest(s, gfp);
	return object;
}

/* A page that is of no slab is of no cache: nobody else's `mapping` is a struct kmem_cache. */
static __always_inline int kmem_cache_free(struct kmem_cache *s, void *object)
{
	unsigned long pfn = slab_pfn_at(object);

	if (unlikely(kmem_gate) || unlikely(pfn >= memory.max_low_pfn) ||
	    unlikely(pfn_to_page(pfn)->slab_cache != s) || unlikely(!slab_free_fast(s, object)))
		return kmem_cache_free_rest(s, object);
	return 0;
}
