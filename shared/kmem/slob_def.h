/* What slob adds to struct kmem_cache. Corresponds to Linux include/linux/slob_def.h. */
#pragma once

#define KMALLOC_HAS_CACHES 0

struct kmem_impl {
	int unused;
};
