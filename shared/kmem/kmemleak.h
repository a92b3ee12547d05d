/*
 * kmemleak: finds objects that nobody points to any more. Corresponds to Linux mm/kmemleak.c and
 * Documentation/dev-tools/kmemleak.rst. kmemleak=on on the command line starts it, from the first
 * object on; while it is off kmem_gate lacks KMEM_GATE_KMEMLEAK, and nothing is called.
 *
 * Each allocation has a record, in a tree by address. kmemleak_scan() is mark and sweep, over words
 * that might be pointers:
 *
 *   all records white but for the grey ones by decree
 *   scan the roots: globals, and whatever was added with kmemleak_add_root()
 *   while there is a grey record not looked at yet: scan its object
 *   report what is white still
 *
 *              min_count    count, after a scan       is it looked into?   reported?
 *   white      1            fewer than min_count      no                   yes, once
 *   grey       1            min_count or more         yes                  no
 *   grey       0            any                       yes                  no kmemleak_not_leak()
 *   black      -1           any                       no                   no    kmemleak_ignore()
 *
 * Any word whose value lies within an object counts as a pointer to it. An object that points to
 * itself is not kept by that: it is looked into only once something else is known to point to it.
 * Pages are not looked into, nor struct page, nor stacks, nor what is in a register: there must be
 * nothing but the roots that knows of a live object when a scan begins.
 *
 * Records come from caches with SLAB_NOLEAKTRACE: no allocation for a record is recorded. Where
 * there is no memory for one, the picture is incomplete and would blame the innocent: kmemleak
 * switches itself off for good, and says so.
 *
 * Before kmemleak_init() has made the caches, what would be done is written down, and done then.
 *
 * Locking: kmemleak_lock, over tree and lists, with interrupts off; held throughout a scan, so that
 * nothing moves meanwhile. Records are allocated before it is taken, freed after it was released.
 */
#pragma once

#include "arch/types.h"

struct kmem_cache;
struct kmemleak_object;

/* ---- what an allocator tells ---------------------------------------------------------------- */

/*
 * [ptr, ptr + size) was handed out to the code at caller, a return address. min_count: 1; 0 or -1
 * for what is grey or black from the start. Nothing for NULL. A range that overlaps a known one
 * switches kmemleak off. May sleep if gfp says so.
 */
void kmemleak_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp, unsigned long caller);

/* The object that begins at ptr is being freed. Says so if there is none. */
void kmemleak_free(const void *ptr);

/* A part of an object is: what is left of it on either side is known as objects of their own. */
void kmemleak_free_part(const void *ptr, size_t size);

/*
 * The same in two steps, for a free that may be refused: the record of the object that begins at
 * ptr, or NULL, which is not in the tree until one of the others is called.
 * - kmemleak_detached: err is what came of the free. 0: the record is dropped, and if there was
 *   none, that is said. Else it is as before.
 */
struct kmemleak_object *kmemleak_detach(const void *ptr);
void kmemleak_detached(struct kmemleak_object *object, const void *ptr, int err);

/* ---- what an owner knows -------------------------------------------------------------------- */

/* All return 0, or -ENOENT, with a message, where there is no object; 0 while kmemleak is off. */

/* Grey: not a leak, even if nothing points to it. */
int kmemleak_not_leak(const void *ptr);
/* Black: neither a leak nor looked into. */
int kmemleak_ignore(const void *ptr);
/* Not looked into: it holds no pointers, or none that count. */
int kmemleak_no_scan(const void *ptr);
/*
 * Of the object that holds [ptr, ptr + size) only this, and what else was said so, is looked into.
 * -EINVAL where it goes beyond the object; -ENOMEM: all of it is looked into.
 */
int kmemleak_scan_area(const void *ptr, size_t size, gfp_t gfp);

/* ---- roots and scans ------------------------------------------------------------------------ */

#define KMEMLEAK_MAX_ROOTS 8

/*
 * Memory to begin with: whole words of [start, end). A root of that name is moved there. -ENOSPC:
 * there are KMEMLEAK_MAX_ROOTS. The name is not copied. Holds while kmemleak is off as well.
 */
int kmemleak_add_root(const char *name, const void *start, const void *end);
/* -ENOENT: there is none of that name. */
int kmemleak_remove_root(const char *name);

/*
 * Scans, and prints each leak that was not reported before:
 *
 *	unreferenced object 0xc0024000 (size 64):
 *	  sequence 40, allocated by:
 *	  function
 *	  ...
 *
 * Returns how many; -EINVAL while kmemleak is off. Linux adds the first 32 bytes: they may hold
 * addresses of functions, or what was there before, which no two machines have in common.
 */
int kmemleak_scan(void);

/* Prints what was a leak in the last scan, reported then or before. Returns how many, or -EINVAL.
 */
int kmemleak_show(void);

/* Forgives these: they are grey from now on. Returns how many, or -EINVAL. */
int kmemleak_clear(void);

/* ---- the whole ------------------------------------------------------------------------------ */

/* Begins to write down, if the command line said so. Before kmem_cache_init(). Boot time only. */
void kmemleak_early_start(void);

/* Makes the caches, and does what was written down. Boot time only, right after
 * kmem_cache_init(). */
void kmemleak_init(void);

/* Off for good: all records are dropped. */
void kmemleak_disable(void);

bool kmemleak_is_on(void);

/* What the digest and texts see of a record, in the order of addresses. Takes no lock. */
struct kmemleak_view {
	unsigned long start;
	size_t size;
	int min_count, count;
	bool no_scan, reported;
	unsigned int sequence, areas;
};
void for_each_kmemleak_object(void (*fn)(const struct kmemleak_view *view, void *arg), void *arg);

/* Checks tree and lists; NULL, or what is wrong. */
const char *kmemleak_fault(void);
