/* What the two parts of kmemleak share: the records, and the scan over them. */
#pragma once

#include "base/list.h"
#include "base/lock.h"
#include "base/rbtree.h"
#include "base/stacktrace.h"
#include "kmem/kmemleak.h"

#define KMEMLEAK_GREY 0
#define KMEMLEAK_BLACK (-1)

/* All under kmemleak_lock. */
struct kmemleak_object {
	struct rb_node rb;     /* in kmemleak.tree, by start; no two overlap */
	struct list_head list; /* in kmemleak.objects: the oldest first */
	struct list_head grey; /* within a scan: in the list of those to be looked into */
	unsigned long start;
	size_t size;
	int min_count, count;
	bool no_scan, reported;
	unsigned int sequence;	     /* the how-manieth allocation it was */
	struct kmemleak_area *areas; /* the parts to look into; NULL: all */
	struct stack_trace trace;
};

struct kmemleak_area {
	struct kmemleak_area *next;
	unsigned long start;
	size_t size;
};

struct kmemleak_root {
	const char *name;
	unsigned long start, end;
};

struct kmemleak_state {
	spinlock_t lock;
	bool on;    /* from kmemleak_early_start() to kmemleak_disable() */
	bool ready; /* the caches are there */
	struct rb_root tree;
	struct list_head objects;
	unsigned long nr_objects;
	unsigned int sequence;
	struct kmem_cache *object_cache, *area_cache;
};

extern struct kmemleak_state kmemleak;

/* Roots outlive kmemleak itself. */
extern struct kmemleak_root kmemleak_roots[KMEMLEAK_MAX_ROOTS];

/* The object that holds an address, or NULL. */
struct kmemleak_object *kmemleak_lookup(unsigned long address);

static inline struct kmemleak_object *kmemleak_of_list(struct list_head *at)
{
	return list_entry(at, struct kmemleak_object, list);
}
