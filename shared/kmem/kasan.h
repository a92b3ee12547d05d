/*
 * Kernel objects under shadow memory (base/kasan.h): what the object allocators tell, the
 * quarantine, and reports. Corresponds to Linux mm/kasan/common.c, generic.c, quarantine.c and
 * report.c. For slab and slub; slob is without, as it was in Linux.
 *
 * A cache's place has a red zone behind all else, its end the metadata (struct kasan_meta):
 *
 *   | red_left | object_size .. | pointer? tracks? | padding | meta | next place
 *     fc fc fc   00 00 00 05 fc   fc fc fc fc fc fc fc fc fc
 *                         ^ of kmalloc(29) from kmalloc-32: as many bytes as were asked for
 *
 * An object's first granule, its other ones, and where it is:
 *
 *        new slab         kmem_cache_alloc()                 kmem_cache_free()
 *   pages ----> fc fc ..  ----------------->  00 00 .. 05 fc ----------------->  fa fb fb ..
 *               free           ^              in use                             quarantine
 *                              |                                                     |
 *                         fb fb .. free  <---- the oldest, once there is too much ---'
 *
 * The quarantine keeps freed objects from being handed out again: for so long a use after free is
 * seen as one. It is a queue, the oldest leave when the places in it come to more bytes than its
 * limit, 1/32 of the free low memory at the start. For the allocator they are in use.
 *
 * Invariants (mm_verify()): an object is free for its allocator iff its granules are all fb or all
 * fc; it is in the quarantine iff its first is fa; else some bytes from its first on may be
 * touched, and no others of its place. (A cache with debug flags keeps damaged objects back, in any
 * state.)
 *
 * Everybody comes by the long way, kmem_alloc_watched() and kmem_free_watched(): kmem_gate has
 * KMEM_GATE_KASAN.
 *
 * Locking: the quarantine's own lock. Objects leave it without any lock held.
 */
#pragma once

#include "base/kasan.h"
#include "base/stackdepot.h"
#include "kmem/cache.h"

/* ---- the start ----------------------------------------------------------------------------- */

/* Shadow, depot of traces, reports; stage zones. The gate and the quarantine; before
 * kmem_cache_init(). Boot time only. */
void kasan_init(void);
void kasan_init_objects(void);

/* ---- shape of a cache ----------------------------------------------------------------------- */

/* At the end of an object's place. next is the first: what is written in front of the next object
 * hits the others, which are but read by people. */
struct kasan_meta {
	void *next; /* in the quarantine: the one freed after it */
	depot_stack_handle_t alloc, free;
};

/* Bytes of red zone that follow an object of that size; room for the metadata is among them. */
unsigned int kasan_redzone(unsigned int object_size);

static inline struct kasan_meta *kasan_meta_of(const struct kmem_cache *s, const void *object)
{
	return (struct kasan_meta *)((char *)object + s->size - s->red_left) - 1;
}

/* ---- what the allocators tell ---------------------------------------------------------------- */

/* A new slab's pages; a new slab's place, after debug_init_object(). */
void kasan_poison_slab(struct page *page, unsigned int order);
void kasan_init_slab_obj(struct kmem_cache *s, void *object);

/* Around the constructor of an object in a new slab. */
void kasan_unpoison_object_data(struct kmem_cache *s, void *object);
void kasan_poison_object_data(struct kmem_cache *s, void *object);

/* An object was handed out; NULL is nothing. */
void kasan_slab_alloc(struct kmem_cache *s, void *object, unsigned long caller);

/* ... or a block of pages, by kmalloc(), and so many bytes of it were asked for; or krealloc()
 * gives what is in the place of p already. All return what they were given. */
void *kasan_kmalloc(struct kmem_cache *s, void *object, size_t size);
void *kasan_kmalloc_large(void *p, size_t size);
void *kasan_krealloc(const void *p, size_t size);

/* Is that no object of s in use? Then that is reported, and it must not be freed. What is in no
 * slab of s is left to the allocator. */
bool kasan_refuses_free(struct kmem_cache *s, const void *object, unsigned long caller);

/* A sound free: the object goes to the quarantine. false: the allocator frees it, now. */
bool kasan_slab_free(struct kmem_cache *s, void *object, unsigned long caller);

/* kfree() of what is neither an object nor a block of pages. */
void kasan_report_bad_kfree(const void *p, unsigned long caller);

/* May p's first byte be touched? Else that is reported. */
bool kasan_check_byte(const void *p, unsigned long caller);

/* ---- the quarantine -------------------------------------------------------------------------- */

/* Invariants: count objects from head to tail; bytes is what their places come to. */
struct kasan_quarantine {
	spinlock_t lock;
	void *head, *tail; /* the oldest, the newest */
	u32 count;
	unsigned long bytes, limit;
};

extern struct kasan_quarantine quarantine;

void quarantine_init(unsigned long limit);
void quarantine_put(void *object);

/* Frees the oldest until at most so many bytes are left; how many objects that were. */
u32 quarantine_reduce(unsigned long bytes);

/* Frees those of a cache that is to shrink or to go. */
void quarantine_remove_cache(struct kmem_cache *s);

/* From the oldest to the newest, as far as the queue is sound. Nothing else may run. */
void quarantine_for_each(void (*fn)(const void *object, void *arg), void *arg);

/* ---- for each other -------------------------------------------------------------------------- */

/* Who had what. */
extern struct stack_depot kasan_depot;

/* The words: what it is, by whom, whose memory, the shadow around. */
void kasan_print_bug(const struct kasan_bug *bug);
