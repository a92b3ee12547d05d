/*
 * What tools see of the allocator: each of the three supplies these, and the digest, the verifier,
 * /proc/slabinfo, drawings and detectors look through them. Nothing here takes a lock or changes
 * anything: nothing else may run.
 */
#pragma once

#include "kmem/cache.h"

/* Where a slab is. */
enum slab_place {
	SLAB_CPU,	  /* slub: the slab that a CPU takes from */
	SLAB_CPU_PARTIAL, /* slub: set aside for a CPU */
	SLAB_PARTIAL,	  /* on the node's list of partly used ones; slob: on one of its lists */
	SLAB_FULL,	  /* all objects in use (or stocked) */
	SLAB_FREE,	  /* slab: on the list of unused ones */
	NR_SLAB_PLACES
};

/*
 * slob: its shared pages are one slab each, without a cache; their units of two bytes are counted,
 * since the objects cannot be. An object of whole pages is a slab of its cache, with one object.
 */
struct slab_view {
	struct kmem_cache *cache; /* NULL for slob: its pages serve all caches */
	struct page *page;	  /* the first of 2^order */
	unsigned int order;
	enum slab_place place;
	unsigned int objects; /* how many fit; slob: units of a page */
	unsigned int inuse;   /* as the slab itself counts: stocked ones are counted as well */
	void *first;	      /* the first object; the others follow at cache->size (not slob) */
	unsigned int colour;  /* bytes by which they are shifted (slab) */
};

/*
 * In all functions that take a cache, NULL stands for slabs that all caches share: only slob has
 * such, with the other two there is nothing to see.
 *
 * Calls fn for each slab of a cache that a list has, in the order of places above and of the lists:
 * what the allocator will do next depends on it. slub keeps full slabs on no list (unless with
 * SLAB_STORE_USER): see slab_of_page().
 * slob: the whole pages of a cache that has them; for NULL, the shared pages with free units:
 * small, medium, large, then those for DMA; a search begins with the first of its list. Those
 * without are on no list.
 */
void for_each_listed_slab(struct kmem_cache *s, void (*fn)(const struct slab_view *slab, void *arg),
			  void *arg);

/* The slab that a page with PG_slab is the first of; false if it is a later one. */
bool slab_of_page(struct page *page, struct slab_view *slab);

/*
 * Calls fn for each free object of a slab in the order in which they will be handed out, until it
 * returns false. Those stocked for a CPU are not among them. Where objects were overwritten fn may
 * see an address that is none, as the last one. slob: for each free block of a shared page, in the
 * order of addresses; for_each_kmem_word(NULL) has their sizes.
 */
void for_each_free_object(const struct slab_view *slab, bool (*fn)(void *object, void *arg),
			  void *arg);

/*
 * The same for the objects that are stocked: taken out of their slabs, but in no use. slub: the
 * CPU's free list. slab: the CPU's array, the next to go first; then the shared array.
 */
void for_each_stocked_object(struct kmem_cache *s, bool (*fn)(void *object, void *arg), void *arg);

/* Is the object in no use? Of a debug hook's slab: SLAB_CONSISTENCY_CHECKS. slob: does it begin
 * within a free block? s does not matter. */
bool kmem_object_is_free(struct kmem_cache *s, struct page *page, const void *object);

/*
 * The figures of /proc/slabinfo. slob: of a cache only its objects, and slabs where they are whole
 * pages; for NULL of the shared pages, in units. Who adds both up counts what caches have in shared
 * pages twice.
 */
struct slabinfo {
	unsigned long active_objs, num_objs, active_slabs, num_slabs;
	unsigned int objects_per_slab, order;
	unsigned int limit, batchcount, shared; /* slab's tunables, else 0 */
	unsigned long shared_avail;
};
void get_slabinfo(struct kmem_cache *s, struct slabinfo *info);

/* Calls fn for each word of state that lists, slabs and objects do not tell; no addresses. slob:
 * for NULL, its counts, and the units of each free block in the order of the listed slabs. */
void for_each_kmem_word(struct kmem_cache *s, void (*fn)(u32 word, void *arg), void *arg);

/* Recounts what the allocator counts; returns NULL, or what is wrong. slob: of a cache with whole
 * pages these; for NULL all shared pages, and who has their units. */
const char *kmem_cache_fault(struct kmem_cache *s);

/* A word of the allocator's own that kmem_cache_fault() judges, to be damaged on purpose; NULL:
 * there is none of that name. Each allocator has its names; slob's may be what all caches share. */
u32 *kmem_word_named(struct kmem_cache *s, const char *name);

/* "slab", "slub", "slob" */
extern const char kmem_allocator_name[];
