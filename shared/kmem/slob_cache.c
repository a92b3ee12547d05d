/* slob: caches. kmem/slob.c has the theory. */
#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "boot/boot_params.h"
#include "kmem/options.h"
#include "kmem/failslab.h"
#include "kmem/kmemleak.h"
#include "kmem/slob_priv.h"
#include "phys/page_alloc.h"

/* The cache of caches: struct kmem_cache is an object like any other. */
static __mm_state struct kmem_cache kmem_cache_boot;

int kmem_cache_setup(struct kmem_cache *s)
{
	s->flags &= ~SLAB_DEBUG_FLAGS;
	s->size = has_own_pages(s) ? PAGE_SIZE << get_order(s->object_size)
				   : ALIGN(s->object_size, SLOB_UNIT);
	s->inuse = s->object_size;
	s->impl.live = 0;
	list_init(&s->impl.blocks);
	return 0;
}

int kmem_cache_teardown(struct kmem_cache *s)
{
	mutex_assert_held(&slab_mutex);
	if (!s->impl.live)
		return 0;
	printk("kmem: cache %s cannot be destroyed: %lu objects are in use\n", s->name,
	       s->impl.live);
	if (has_own_pages(s)) /* where others are cannot be told */
		report_live_objects(s);
	return -EBUSY;
}

unsigned int kmem_cache_shrink(struct kmem_cache *s)
{
	return has_own_pages(s) ? s->impl.live : 0;
}

struct kmem_cache *kmem_cache_find_mergeable(size_t size __maybe_unused,
					     size_t align __maybe_unused, u32 flags __maybe_unused,
					     void (*ctor)(void *) __maybe_unused)
{
	return NULL;
}

struct kmem_cache *kmem_cache_alloc_struct(void)
{
	return kmem_cache_alloc(&kmem_cache_boot, GFP_KERNEL);
}

void kmem_cache_free_struct(struct kmem_cache *s)
{
	kmem_cache_free(&kmem_cache_boot, s);
}

void kmem_cache_init(void)
{
	spin_lock_init(&slob.lock, "slob", LOCK_RANK_SLOB, 0);
	for (unsigned int i = 0; i < NR_SLOB_LISTS; i++)
		list_init(&slob.lists[i]);
	list_init(&slab_caches);
	kmem_parse_options(boot_params_page->command_line);
	kmem_cache_init_struct(&kmem_cache_boot, "kmem_cache", sizeof(struct kmem_cache), 0,
			       SLAB_PANIC, NULL);
	BUG_ON(kmem_cache_setup(&kmem_cache_boot), "slob's first cache");
	kmem_cache_boot.permanent = true;
	list_add_tail(&kmem_cache_boot.list, &slab_caches);
}

/* Whether kmem/common.c sees to it: blocks of pages. */
static bool is_small(const void *p)
{
	return !ZERO_OR_NULL_PTR(p) && !ksize_large(p);
}

void *kmalloc_watched(size_t size, gfp_t gfp, unsigned long caller)
{
	void *p;

	/* Blocks of pages and 0 bytes are no objects. */
	if (kmem_gate & KMEM_GATE_FAILSLAB && size && size < PAGE_SIZE &&
	    should_failslab(NULL, gfp))
		return NULL;
	p = kmalloc_object(size, gfp, caller);
	if (kmem_gate & KMEM_GATE_KMEMLEAK && is_small(p))
		kmemleak_alloc(p, size, 1, gfp, caller);
	return p;
}

int kfree_watched(const void *p, unsigned long caller)
{
	struct kmemleak_object *record;
	int err;

	if (!(kmem_gate & KMEM_GATE_KMEMLEAK) || !is_small(p))
		return kfree_object(p, caller);
	record = kmemleak_detach(p);
	err = kfree_object(p, caller);
	kmemleak_detached(record, p, err);
	return err;
}

int kmem_cache_tune(struct kmem_cache *s __maybe_unused, unsigned int limit __maybe_unused,
		    unsigned int batchcount __maybe_unused, unsigned int shared __maybe_unused)
{
	return -EIO;
}

unsigned int cache_reap(void)
{
	return 0;
}
