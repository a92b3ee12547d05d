/* What the parts of slub share. */
#pragma once

#include "kmem/cache.h"

/* Debugged caches, and those with a constructor, have it behind the object. */
static __always_inline void *get_freepointer(const struct kmem_cache *s, void *object)
{
	return *(void **)((char *)object + s->offset);
}

static __always_inline void set_freepointer(const struct kmem_cache *s, void *object, void *next)
{
	*(void **)((char *)object + s->offset) = next;
}

/* The objects of a slab of that order. */
static inline unsigned int slub_order_objects(const struct kmem_cache *s, unsigned int order)
{
	return (PAGE_SIZE << order) / s->size;
}

/* The first object of a slab. */
static inline void *slub_first_object(const struct kmem_cache *s, const struct page *page)
{
	return (char *)page_address(page) + s->red_left;
}

/* A fresh slab, on no list, in no CPU's hands; NULL when memory is short. May sleep. */
struct page *slub_new_slab(struct kmem_cache *s, gfp_t gfp);

/* Gives back what this CPU holds of the cache: its slab and those it set aside. */
void slub_flush_cpu(struct kmem_cache *s);

/* Gives an empty slab's pages back; it is on no list. */
void slub_discard_slab(struct kmem_cache *s, struct page *page);
