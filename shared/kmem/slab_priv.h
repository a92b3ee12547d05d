/*
 * What the parts of slab share: descriptors, and the ways of objects and slabs below the arrays.
 *
 * A slab is 2^gfporder pages. Its descriptor, a struct slab with the index chain behind it, stands
 * at the head of the pages, behind the colour; or, for large objects, in an object of a kmalloc
 * cache:
 *
 *   on-slab:   | colour | struct slab | chain[num] | place 0 | place 1 | ... | rest |
 *              |<--------- colouroff ------------->|
 *   off-slab:  | colour | place 0 | place 1 | ... | rest |
 *              |<------>| colouroff
 *
 * Every page of a slab leads to its descriptor by page->freelist and to its cache by
 * page->slab_cache, so that a free needs no look at the first page.
 */
#pragma once

#include "kmem/cache.h"

/* One word for each object: the index of the next free one, or one of these. */
typedef u32 kmem_bufctl;
#define BUFCTL_END (~0u)	/* the last free one */
#define BUFCTL_ACTIVE (~0u - 2) /* in use, or stocked; BUFCTL_FREE, ~0u - 1, is none of ours */

/*
 * Under list_lock. Invariant: the chain from `free` has num - inuse members; all other words are
 * BUFCTL_ACTIVE. The list is that of struct kmem_list3 that inuse tells.
 */
struct slab {
	struct list_head list;
	unsigned int colouroff; /* bytes from the first page to the first place */
	void *s_mem;		/* the first object */
	unsigned int inuse;
	kmem_bufctl free; /* the next to be handed out */
	kmem_bufctl chain[];
};

static __always_inline struct slab *slab_of(const struct page *page)
{
	return page->freelist;
}

static __always_inline void *index_to_obj(const struct kmem_cache *s, const struct slab *slab,
					  unsigned int index)
{
	return (char *)slab->s_mem + s->size * index;
}

/*
 * Exact for an object: with reciprocal * size = 2^32 + r, r < size, the product is off by
 * index * r / 2^32, which is less than 1 as index * size fits a word. Of any other address of the
 * slab some number, perhaps beyond num.
 */
static __always_inline unsigned int obj_to_index(const struct kmem_cache *s,
						 const struct slab *slab, const void *object)
{
	u32 offset = (const char *)object - (const char *)slab->s_mem;

	return (u64)offset * s->impl.reciprocal_size >> 32;
}

/* ---- kmem/slab_node.c: slabs and the node's lists ------------------------------------------- */

/*
 * Takes up to `most` objects out of the slabs, partly used ones first; returns how many. Under
 * list_lock.
 */
unsigned int take_from_slabs(struct kmem_cache *s, void **objects, unsigned int most);

/*
 * Puts n objects back into their slabs. A slab that becomes free while there are free objects
 * enough goes to `doomed`, for slabs_destroy(). Under list_lock. Checked builds report and leave
 * out an object that is in its slab already, others trust.
 */
void free_block(struct kmem_cache *s, void **objects, unsigned int n, struct list_head *doomed);

/*
 * The first n objects of an array, the coldest, go back; 0: the array may be NULL. Under list_lock,
 * and the array's own lock if it has one.
 */
void drain_objects(struct kmem_cache *s, struct array_cache *ac, unsigned int n,
		   struct list_head *doomed);

/* Takes up to `most` slabs off slabs_free, those idle longest first. Takes list_lock. */
void take_free_slabs(struct kmem_cache *s, unsigned int most, struct list_head *doomed);

/* Gives slabs back that are on no list of the cache. Returns how many. No lock held. */
unsigned int slabs_destroy(struct kmem_cache *s, struct list_head *doomed);

/* One more slab, onto slabs_free. False when memory is short. No lock held; may sleep. */
bool cache_grow(struct kmem_cache *s, gfp_t gfp);

/* ---- kmem/slab_cache.c ---------------------------------------------------------------------- */

/* Passes of cache_reap() so far; it wraps. Under slab_mutex. */
extern u32 reap_clock;
