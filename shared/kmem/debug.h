/*
 * Detectors within slabs, for slab and slub alike. Corresponds to Linux mm/slub.c, slub_debug=, and
 * Documentation/mm/slub.rst.
 *
 *   F  consistency checks: frees of what is no object, of another cache's, of what is free already
 *   Z  red zones: words around the object that nobody may write
 *   P  poison: a free object holds 6b 6b ... a5; a new one 5a
 *   U  who allocated and freed the object last
 *   T  a message for each allocation and free
 *
 * A place in a slab, with all flags:
 *
 *   | red_left | object | right red zone | free pointer | track alloc | track free | padding |
 *     bb / cc    6b..a5    bb / cc                                                     5a
 *
 * bb while the object is free, cc while it is in use. An object found damaged is reported once, and
 * what was damaged is restored; it is not handed out (alloc) or not taken back (free): it is lost,
 * the rest of the slab goes on.
 */
#pragma once

#include "kmem/cache.h"

#define RED_INACTIVE 0xBB
#define RED_ACTIVE 0xCC
#define POISON_INUSE 0x5A
#define POISON_FREE 0x6B
#define POISON_END 0xA5

/*
 * Lays out a place: from object_size, align, flags and ctor to red_left, inuse, offset, track and
 * size. pointer: a free object holds a pointer to the next one (slub).
 */
void kmem_layout(struct kmem_cache *s, bool pointer);

static inline bool kmem_debugged(const struct kmem_cache *s)
{
	return s->flags & SLAB_DEBUG_FLAGS;
}

/* The objects of a slab, the first of them at `first`. */
struct debug_slab {
	struct kmem_cache *cache;
	struct page *page;
	char *first;
	unsigned int objects;
};

/* A new slab's place: fills it as a free object's, padding included. Before the constructor. */
void debug_init_object(struct kmem_cache *s, void *object);

/*
 * An object is about to be handed out: checks it, then marks it in use. false: it is damaged, which
 * was reported, and must not be handed out.
 */
bool debug_alloc(const struct debug_slab *slab, void *object, unsigned long caller);

/*
 * The object that follows in a slab's chain of free ones, as the chain has it: NULL, with a report,
 * where that is no object of the slab; the chain ends there then.
 */
void *debug_next_free(const struct debug_slab *slab, void *object, void *next);

/*
 * An object comes back: checks it, then marks it free. false: it is no object in use, or damaged,
 * which was reported; the slab must be left as it is.
 */
bool debug_free(const struct debug_slab *slab, void *object, unsigned long caller);

/* Checks all objects of a cache, in use or not, and reports the damaged ones: how many there are.
 * Nothing else may run. Linux: /sys/kernel/slab/NAME/validate. */
unsigned int kmem_cache_validate(struct kmem_cache *s);

/* Prints each object of a cache: whether it is in use, and with SLAB_STORE_USER by whose hand. */
void kmem_cache_list_objects(struct kmem_cache *s);
