/*
 * struct kmem_cache, and what each of the three allocators supplies below the API of kmem/slab.h.
 * Corresponds to Linux mm/slab.h.
 *
 *   kmem/slab.h API        kmem/common.c          kmem/slab.c | slub.c | slob.c
 *   kmem_cache_create() -> checks, the list  ->   kmem_cache_setup()
 *   kmem_cache_alloc()  ------------------------> its fast path, its slow path
 *                          kmem_alloc_watched() ->  kmem_alloc_object()      while kmem_gate
 *   kmalloc(), kfree()  -> large sizes            its fast path
 */
#pragma once

#include "base/list.h"
#include "base/mutex.h"
#include "kmem/slab.h"
#include "phys/page.h"

#define KMEM_NAME_SIZE 32

/*
 * The layout of an object's place, `size` bytes of it; `object` points behind red_left:
 *
 *   | red_left | object_size ... inuse | free pointer? | tracks? | padding | next place
 *                ^ object
 *
 * Without debug flags red_left is 0, and a free object's pointer to the next is within the object
 * itself, unless there is a constructor. slab keeps no pointers in objects.
 */
struct kmem_cache {
	struct kmem_impl impl; /* the allocator's own: kmem/def.h */

	/* Constant after creation, but for object_size of a merged cache. */
	unsigned int size;	  /* bytes from place to place */
	unsigned int object_size; /* bytes that the user has */
	unsigned int inuse;	  /* offset of metadata: object_size, right red zone included */
	unsigned int offset;	  /* of the free pointer (slub) */
	unsigned int track;	  /* offset of the tracks, with SLAB_STORE_USER */
	unsigned int red_left;	  /* bytes of red zone before the object */
	unsigned int align;
	u32 flags; /* SLAB_*, those of the command line included */
	gfp_t allocflags;
	void (*ctor)(void *);
	char name[KMEM_NAME_SIZE];

	struct list_head list; /* slab_mutex: in slab_caches */
	int refcount;	       /* slab_mutex: users; more than one of a merged cache */
	bool permanent;	       /* the allocator's own */
};

/* All caches, the oldest first. Under slab_mutex. */
extern struct list_head slab_caches;
extern struct mutex slab_mutex;

/* ---- hooks --------------------------------------------------------------------------------- */

/* kmem_cache_alloc() and kmem_cache_free() while kmem_gate is not 0. */
void *kmem_alloc_watched(struct kmem_cache *s, gfp_t gfp, unsigned long caller);
int kmem_free_watched(struct kmem_cache *s, void *object, unsigned long caller);

/* slob has no caches for kmalloc(): the same for kmalloc() and kfree(), zero sizes and large ones
 * included. */
void *kmalloc_watched(size_t size, gfp_t gfp, unsigned long caller);
int kfree_watched(const void *p, unsigned long caller);

/* ---- what an allocator supplies ------------------------------------------------------------ */

/*
 * Works out a cache's layout from object_size, align, flags and ctor, and gives it what it needs.
 * 0; -ENOMEM, -EINVAL (it cannot be laid out): nothing is left behind. Under slab_mutex; may sleep.
 */
int kmem_cache_setup(struct kmem_cache *s);

/* Gives all slabs and what setup() took back: 0; -EBUSY: objects are in use, which are reported
 * with report_live_object(). Under slab_mutex. */
int kmem_cache_teardown(struct kmem_cache *s);

/* A cache that will do for a new one of this shape, or NULL: slub merges, the others do not. */
struct kmem_cache *kmem_cache_find_mergeable(size_t size, size_t align, u32 flags,
					     void (*ctor)(void *));

/* A struct kmem_cache, not initialised; and its end. */
struct kmem_cache *kmem_cache_alloc_struct(void);
void kmem_cache_free_struct(struct kmem_cache *s);

/* An object, the long way, without hooks; as kmem_cache_alloc() otherwise. */
void *kmem_alloc_object(struct kmem_cache *s, gfp_t gfp, unsigned long caller);
int kmem_free_object(struct kmem_cache *s, void *object, unsigned long caller);

/* slob alone: kmalloc() and kfree() without hooks. */
void *kmalloc_object(size_t size, gfp_t gfp, unsigned long caller);
int kfree_object(const void *p, unsigned long caller);

/* ---- kmem/entry.c, for slab and slub -------------------------------------------------------- */

/* All that the fast paths are not for: past the watchers, if there are any. */
void *__regparm kmem_alloc_rest(struct kmem_cache *s, gfp_t gfp, unsigned long caller);
int __regparm kmem_free_rest(struct kmem_cache *s, void *object, unsigned long caller);

/* ---- kmem/common.c, for the allocators ------------------------------------------------------ */

/* Initialises a cache of the allocator's own, and puts it on the list. */
void kmem_cache_init_struct(struct kmem_cache *s, const char *name, size_t size, size_t align,
			    u32 flags, void (*ctor)(void *));

/* Creates the kmalloc cache of a class, of kmalloc_index(), for DMA or not, unless it is there; and
 * all of them. Boot time: panics when memory is short. */
void create_kmalloc_cache(unsigned int dma, unsigned int index);
void create_kmalloc_caches(void);

/* Runs the constructor of an object in a new slab. */
void kmem_construct(struct kmem_cache *s, void *object);

/* Blocks of pages for kmalloc sizes beyond the caches: PG_kmalloc. */
void *kmalloc_large(size_t size, gfp_t gfp);
/* -EINVAL, with a report, unless p is the first byte of such a block. */
int kfree_large(const void *p);
size_t ksize_large(const void *p);

/* So many bugs in the use of objects were reported: by kmem_report() and by the hooks of
 * kmem/debug.h. Linux: slab_errors, of lib/slub_kunit.c. */
extern unsigned int slab_errors;

/* "kmem: what: cache NAME object ADDR": a bad free or the like. Returns -EINVAL. */
int kmem_report(const struct kmem_cache *s, const void *object, const char *what);

/* kmem_cache_teardown(): reports one object that is in use still; all, by their slabs' pages. */
void report_live_object(const struct kmem_cache *s, const void *object);
void report_live_objects(struct kmem_cache *s);

/* The alignment that comes of a wish, SLAB_HWCACHE_ALIGN and the processor, in bytes. */
unsigned int kmem_calculate_alignment(u32 flags, size_t align, size_t size);

/* Is p an address of the direct map? */
bool kmem_address_ok(const void *p);
