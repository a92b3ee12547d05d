/* What slob adds to struct kmem_cache. Corresponds to Linux include/linux/slob_def.h. */
#pragma once

#include "arch/types.h"
#include "base/list.h"

#define KMALLOC_HAS_CACHES 0
/* Can it tell from an object's address whose it is? */
#define KMEM_KNOWS_OWNER 0

/* slob's lock guards all of it. Invariant: blocks has live entries, or none. */
struct kmem_impl {
	unsigned long live;	 /* objects in use */
	struct list_head blocks; /* if objects are blocks of pages: these by lru, new ones last */
};

void *__must_check __regparm kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
int __regparm kmem_cache_free(struct kmem_cache *s, void *object);
