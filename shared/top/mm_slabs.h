/*
 * Kernel objects slab by slab, in lines for programs that draw them:
 *
 *   kernel objects by slub
 *   cache NAME size SIZE slabs N objects TOTAL in_use USED
 *   slab PFN order ORDER PLACE objects N inuse N at OFFSET colour COLOUR
 *    u12 s40 f12
 *
 * of the caches in the order of their making, and of their slabs in the order of enum slab_place
 * and of the lists; those on no list come last. SIZE is bytes from object to object, OFFSET those
 * from the slab's first page to its first object, COLOUR the part of them that shifts the objects.
 * inuse is what the slab counts: used and stocked ones.
 *
 * The rest are the slab's objects in runs, as they lie: used, stocked for a CPU, free; as long as
 * there are, RUNS_PER_LINE in a line. slob: what caches share is a cache "shared" of units of two
 * bytes; what is below a page has no slabs.
 */
#pragma once

#include "kmem/inspect.h"

#define RUNS_PER_LINE 12

/* The name of slob's shared pages, unless there is a cache of that name. */
#define SHARED_SLABS "shared"

/*
 * Prints one cache, or with NULL all of them. -ENOENT: there is none of that name. Nothing else may
 * run: pages are marked for a while.
 */
int show_slabs(const char *name);
