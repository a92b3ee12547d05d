/* Kernel objects, and memory pools, in the digest, in show_state() and in mm_verify(). From MM_KMEM
 * on. */
#pragma once

#include "base/hash.h"
#include "kmem/inspect.h"

/*
 * Each cache: its shape, what its allocator counts, its listed slabs with their free objects in
 * order, the objects stocked for CPUs. Slabs on no list count with their pages. Each memory pool:
 * its figures, and the elements of its reserve in order.
 */
void digest_kmem(struct digest *d);

/* Each memory pool, as far as its user can tell: its reserve, and what is in use. */
void digest_held_pools(struct digest *d);

/* "cpu", "partial" and so on. */
const char *slab_place_name(enum slab_place place);

/* The same in words. */
void show_kmem(void);

/* Every cache, slab and memory pool, recounted; see mm_verify.h. Any stage. */
void verify_kmem(void);
