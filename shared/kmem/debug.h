/*
 * Detectors within slabs, for slab and slub alike. Corresponds to Linux mm/slub.c, slub_debug=, and
 * Documentation/mm/slub.rst.
 *
 *   F  consistency checks: frees of what is free already, chains of free objects that lead
 *      astray, in circles, or to too few or too many objects
 *   Z  red zones: words around the object that nobody may write. They tell what is free, too
 *   P  poison: a free object holds 6b 6b ... a5, a new one 5a, and so does what lies unused between
 *      objects and behind the last one, always
 *   U  who allocated and freed the object last
 *   T  a message for each allocation and free
 *
 * A place in a slab, with all flags:
 *
 *   | red_left | object | right red zone | free pointer | track alloc | track free | padding |
 *     bb / cc    6b..a5    bb / cc                                                     5a
 *
 * bb while the object is free, cc while it is in use.
 *
 * Each flag does its checks when an object is handed out or freed, when a slab is given back, and
 * in kmem_cache_validate(); what lies behind the last place is looked at with F, or by the latter
 * two. All of them refuse frees of an address that is no object's. What is found damaged is
 * reported, and the damage is mended, so that it is reported once:
 *   - an object to be handed out is not: it counts as in use for good, and keeps the contents that
 * it was found with, but for poison
 *   - an object to be freed is not: -EINVAL, and it stays in use. A second free may succeed
 *   - the free objects of a slab with a damaged chain count as in use for good
 * The rest of the slab goes on.
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

/* Fills the places of a new slab as free objects', and what is behind them. Before constructors. */
void debug_init_slab(const struct debug_slab *slab);

/* A slab without objects in use is about to be given back: checks all of it. */
void debug_end_slab(const struct debug_slab *slab);

/*
 * slub: an object is about to leave or enter a slab, whose inuse is in its struct page: checks the
 * chain of the free ones. false: it is damaged, which was reported. The slab must get an empty one,
 * with all objects in use: the red zones of those that were free say that already.
 */
bool debug_check_chain(const struct debug_slab *slab);

/*
 * An object is about to be handed out: checks it, then marks it in use. false: it is damaged, which
 * was reported, and must not be handed out.
 */
bool debug_alloc(const struct debug_slab *slab, void *object, unsigned long caller);

/*
 * An object comes back: checks it, then marks it free. false: it is no object in use, or damaged,
 * which was reported; the slab must be left as it is.
 */
bool debug_free(const struct debug_slab *slab, void *object, unsigned long caller);

/*
 * Checks all objects of a cache, in use or not, as far as its flags go, what lies behind the last
 * ones, and the chains of free ones, whatever the flags; reports what is damaged. Returns how many
 * objects, chains and slabs' ends these are. A damaged chain is not mended: debug_check_chain()
 * will. Nothing else may run. Linux: /sys/kernel/slab/NAME/validate.
 */
unsigned int kmem_cache_validate(struct kmem_cache *s);

/* Prints each object of a cache: whether it is in use, and with SLAB_STORE_USER by whose hand. */
void kmem_cache_list_objects(struct kmem_cache *s);
