/* Shadow memory (kmem/kasan.h) in the digest, in show_state() and in mm_verify(). Only in builds
 * with CONFIG_KASAN. */
#pragma once

#include "base/hash.h"
#include "kmem/slab.h"

/* Reports so far, the quarantine in order, the shadow of slabs and of kmalloc()'s blocks; that of
 * all other pages follows from what they are, or mm_verify() says so. Stage kmem. */
void digest_kasan(struct digest *d);

/* The same in words. */
void show_kasan(void);

/* How many objects of a cache are in the quarantine: they count as in use, and nobody has them. */
unsigned int quarantined_objects(const struct kmem_cache *s);

/*
 * The whole shadow against what the pages and objects are. Stages zones and later; deep: each
 * granule of free pages and of plain ones in use, else but the ends of each page.
 */
void verify_kasan(bool deep);
