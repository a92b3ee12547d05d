/*
 * The ways into slab and slub that are the same for both: what the fast paths, inline in the
 * allocator's header, are not for; and kmalloc(). Corresponds to Linux mm/slab_common.c.
 */
#include "kmem/cache.h"
#include "kmem/kasan.h"

void *__regparm kmem_alloc_rest(struct kmem_cache *s, gfp_t gfp, unsigned long caller)
{
	return kmem_gate ? kmem_alloc_watched(s, gfp, caller) : kmem_alloc_object(s, gfp, caller);
}

int __regparm kmem_free_rest(struct kmem_cache *s, void *object, unsigned long caller)
{
	return kmem_gate ? kmem_free_watched(s, object, caller)
			 : kmem_free_object(s, object, caller);
}

void *__regparm kmem_cache_alloc_rest(struct kmem_cache *s, gfp_t gfp)
{
	return kmem_alloc_rest(s, gfp, RETURN_ADDRESS);
}

int __regparm kmem_cache_free_rest(struct kmem_cache *s, void *object)
{
	return kmem_free_rest(s, object, RETURN_ADDRESS);
}

/* kmalloc(0), and what is too large for the caches. */
static noinline __regparm void *kmalloc_rest(size_t size, gfp_t gfp)
{
	return size ? kmalloc_large(size, gfp) : ZERO_SIZE_PTR;
}

void *__regparm __kmalloc(size_t size, gfp_t gfp)
{
	struct kmem_cache *s;
	void *object;

	_Static_assert(__GFP_DMA == 1, "it chooses the row");
	if (unlikely(size - 1 >= KMALLOC_MAX_CACHE_SIZE))
		return kmalloc_rest(size, gfp);
	s = kmalloc_caches[gfp & __GFP_DMA][kmalloc_index(size)];
	if (CONFIG_KASAN)
		return kasan_kmalloc(s, kmem_alloc_rest(s, gfp, RETURN_ADDRESS), size);
	if (unlikely(kmem_gate) || unlikely(gfp & KMEM_GFP_SLOW) ||
	    unlikely(!kmem_alloc_fast(s, &object)))
		return kmem_alloc_rest(s, gfp, RETURN_ADDRESS);
	return object;
}
