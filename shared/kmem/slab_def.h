/* What slab adds to struct kmem_cache. Corresponds to Linux include/linux/slab_def.h. */
#pragma once

#define KMALLOC_HAS_CACHES 1
/* Can it tell from an object's address whose it is? */
#define KMEM_KNOWS_OWNER 1

struct kmem_impl {
	int unused;
};

void *__must_check __regparm kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
int __regparm kmem_cache_free(struct kmem_cache *s, void *object);
