/*
 * Pages as slabs: what slab and slub do alike to mark them. Corresponds to Linux mm/slab.c,
 * kmem_getpages(), and mm/slub.c, allocate_slab().
 */
#pragma once

#include "kmem/cache.h"

/*
 * 2^order pages for a slab of s: PG_slab and slab_cache on each, PG_tail and first_page on all but
 * the first, whose counters and freelist are 0; counted as slab pages. NULL when memory is short.
 */
struct page *__must_check slab_alloc_pages(struct kmem_cache *s, gfp_t gfp, unsigned int order);

/* The way back. */
void slab_free_pages(struct kmem_cache *s, struct page *page, unsigned int order);

/* The slab that holds p, or NULL: p is in no slab of any cache. */
struct page *slab_page_of(const void *p);
