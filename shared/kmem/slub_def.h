/* What slub adds to struct kmem_cache. Corresponds to Linux include/linux/slub_def.h. */
#pragma once

#include "base/list.h"
#include "base/lock.h"
#include "phys/page.h"
#include "phys/zone.h"

#define KMALLOC_HAS_CACHES 1

/*
 * A CPU's slab. freelist and tid change together (cmpxchg8b): an allocation or free that another
 * one came into sees a new tid, and starts again.
 * Invariants: page and those on partial are frozen; freelist is NULL or within page, all of whose
 * objects then count as inuse.
 */
struct kmem_cache_cpu {
	void *freelist;
	u32 tid;
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

struct kmem_impl {
	struct kmem_cache_cpu cpu_slab[NR_CPUS];
	struct kmem_cache_node node;
	unsigned int min_partial; /* so many empty slabs may stay on the node's list */
	unsigned int cpu_partial; /* so many slabs may a CPU set aside */
	u8 order, min_order;	  /* of a slab; and when there is no block of that */
};
