/* What slab adds to struct kmem_cache. Corresponds to Linux include/linux/slab_def.h. */
#pragma once

#define KMALLOC_HAS_CACHES 1

struct kmem_impl {
	int unused;
};
