/*
 * Random steps on kernel objects. A few caches (c0, c1, ...) of all kinds, a few objects (k0, k1,
 * ...) from them and from kmalloc(), many more without a name. Contents are written only where an
 * object is known to be in use; frees go wherever the draw goes. A few memory pools (m0, m1, ...)
 * over all that, with elements among the objects, as pages (e0, e1, ...), and without a name.
 */
#include "tool/fuzz_kmem.h"

#define NR_CACHES 6
#define NR_OBJECTS 24
#define NR_POOLS 4
#define NR_ELEMENTS 4

static unsigned int cache_size(struct fuzz_draw *d)
{
	static const unsigned int sizes[] = {1,	   4,	 8,    12,   24,   32,	 60,   64,
					     100,  120,	 192,  256,  500,  512,	 1000, 1024,
					     2000, 3000, 4096, 5000, 8192, 20000};

	return fuzz_draw(d, 3) ? sizes[fuzz_draw(d, sizeof(sizes) / sizeof(sizes[0]))]
			       : 1 + fuzz_draw(d, 4000);
}

static const char *cache_flags(struct fuzz_draw *d)
{
	static const char *const words[] = {
		"none",
		"none",
		"none",
		"SLAB_HWCACHE_ALIGN",
		"SLAB_RECLAIM_ACCOUNT",
		"SLAB_CACHE_DMA",
		"SLAB_RED_ZONE|SLAB_POISON|SLAB_CONSISTENCY_CHECKS",
		"SLAB_STORE_USER|SLAB_CONSISTENCY_CHECKS",
		"SLAB_POISON",
		"SLAB_HWCACHE_ALIGN|SLAB_RED_ZONE|SLAB_STORE_USER",
	};

	return words[fuzz_draw(d, sizeof(words) / sizeof(words[0]))];
}

static void create_cache(struct fuzz_kmem *f, unsigned int n)
{
	static const unsigned int aligns[] = {0, 0, 0, 8, 16, 64, 256, 4096};
	struct fuzz_draw *d = f->draw;

	text_printf(f->text, "c%u = kmem_cache_create cache%u %u %u %s%s\n", n, f->names++,
		    cache_size(d), aligns[fuzz_draw(d, 8)], cache_flags(d),
		    fuzz_draw(d, 5) ? "" : " ctor");
	f->caches |= 1u << n;
}

/* A cache variable; what it names may be gone by now. */
static unsigned int some_cache(struct fuzz_kmem *f)
{
	unsigned int n = fuzz_draw(f->draw, NR_CACHES);

	if (!(f->caches >> n & 1) || fuzz_draw(f->draw, 40) == 0)
		create_cache(f, n);
	return n;
}

static void note_assigned(struct fuzz_kmem *f, unsigned int n)
{
	f->objects |= 1u << n;
	f->filled &= ~(1u << n);
}

static unsigned int some_object(struct fuzz_kmem *f)
{
	unsigned int n = fuzz_draw(f->draw, NR_OBJECTS);

	if (!(f->objects >> n & 1)) {
		text_printf(f->text, "k%u = kmalloc %u\n", n, fuzz_draw(f->draw, 300));
		note_assigned(f, n);
	}
	return n;
}

static const char *object_gfp(struct fuzz_draw *d)
{
	static const char *const words[] = {"GFP_KERNEL", "GFP_KERNEL", "GFP_ATOMIC", "GFP_NOWAIT",
					    "GFP_KERNEL|__GFP_NORETRY"};

	return words[fuzz_draw(d, 5)];
}

static void step_kmalloc(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int n = fuzz_draw(d, NR_OBJECTS);
	unsigned int size = fuzz_draw(d, 6) ? cache_size(d) : fuzz_draw(d, 300000);

	switch (fuzz_draw(d, 8)) {
	case 0:
		text_printf(f->text, "k%u = kcalloc %u %u\n", n, fuzz_draw(d, 50), cache_size(d));
		break;
	case 1:
		text_printf(f->text, "k%u = kzalloc %u GFP_DMA\n", n, size);
		break;
	case 2:
		text_printf(f->text, "k%u = krealloc k%u %u\n", n, some_object(f), size);
		break;
	case 3:
		text_printf(f->text, "k%u = kmemdup k%u %u\n", n, some_object(f), fuzz_draw(d, 64));
		break;
	case 4:
		text_printf(f->text, "k%u = kzalloc %u\nobj_check k%u 0\n", n, size, n);
		break;
	default:
		text_printf(f->text, "k%u = kmalloc %u %s\n", n, size, object_gfp(d));
	}
	note_assigned(f, n);
}

static void step_object(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int c = some_cache(f), n = fuzz_draw(d, NR_OBJECTS);

	if (fuzz_draw(d, 8))
		text_printf(f->text, "k%u = kmem_cache_alloc c%u %s\n", n, c, object_gfp(d));
	else
		text_printf(f->text, "k%u = kmem_cache_zalloc c%u\n", n, c);
	note_assigned(f, n);
}

static void step_free(struct fuzz_kmem *f)
{
	unsigned int n = some_object(f);

	if (fuzz_draw(f->draw, 3))
		text_printf(f->text, "kfree k%u\n", n);
	else
		text_printf(f->text, "kmem_cache_free c%u k%u\n", some_cache(f), n);
}

static void step_contents(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int n = some_object(f);

	switch (fuzz_draw(d, 4)) {
	case 0: /* what it held before is not the same on both sides */
		if (f->filled >> n & 1)
			text_printf(f->text, "obj_check k%u 0x5a\n", n);
		break;
	case 1:
		text_printf(f->text, "ksize k%u\n", n);
		break;
	case 2:
		text_printf(f->text, "obj_aligned k%u %u\n", n, 8u << fuzz_draw(d, 4));
		break;
	default:
		text_printf(f->text, "obj_fill k%u 0x5a\n", n);
		f->filled |= 1u << n;
	}
}

static void step_many(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int c = some_cache(f);

	switch (fuzz_draw(d, 6)) {
	case 0:
		text_printf(f->text, "kmem_cache_alloc_bulk c%u %u\n", c, fuzz_draw(d, 300));
		break;
	case 1:
		text_printf(f->text, "kmem_cache_free_bulk c%u %u\n", c, fuzz_draw(d, 300));
		break;
	case 2:
	case 3:
		text_printf(f->text, "kmem_release c%u %u\n", c, 1 + fuzz_draw(d, 5));
		break;
	default:
		text_printf(f->text, "kmem_hoard c%u %u\n", c,
			    fuzz_draw(d, 4) ? fuzz_draw(d, 60) : fuzz_draw(d, 1000));
	}
}

static void step_cache(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int n = fuzz_draw(d, NR_CACHES);

	switch (fuzz_draw(d, 8)) {
	case 0:
		n = some_cache(f);
		text_printf(f->text, "kmem_release c%u\nkmem_cache_destroy c%u\n", n, n);
		break;
	case 1:
		text_printf(f->text, "kmem_cache_destroy c%u\n", some_cache(f));
		break;
	case 2:
	case 3:
		text_printf(f->text, "kmem_cache_shrink c%u\n", some_cache(f));
		break;
	case 4:
		text_printf(f->text, "kmem_cache_validate c%u\n", some_cache(f));
		break;
	case 6:
		if (fuzz_draw(d, 2))
			text_printf(f->text, "cache_reap\n");
		else
			text_printf(f->text, "kmem_cache_tune c%u %u %u %u\n", some_cache(f),
				    fuzz_draw(d, 100), fuzz_draw(d, 40), fuzz_draw(d, 3));
		break;
	case 5:
		text_printf(f->text, "kmem_cache_stat c%u\n", some_cache(f));
		break;
	default:
		create_cache(f, n);
	}
}

/* ---- memory pools -------------------------------------------------------------------------- */

static void create_pool(struct fuzz_kmem *f, unsigned int n)
{
	struct fuzz_draw *d = f->draw;
	unsigned int min_nr = 1 + fuzz_draw(d, 12), c;

	switch (fuzz_draw(d, 3)) {
	case 0:
		text_printf(f->text, "m%u = mempool_create_page_pool %u %u\n", n, min_nr,
			    fuzz_draw(d, 3));
		break;
	case 1:
		text_printf(f->text, "m%u = mempool_create_kmalloc_pool %u %u\n", n, min_nr,
			    cache_size(d));
		break;
	default:
		c = some_cache(f);
		text_printf(f->text, "m%u = mempool_create_slab_pool %u c%u\n", n, min_nr, c);
	}
	f->pools |= 1u << n;
}

static unsigned int some_pool(struct fuzz_kmem *f)
{
	unsigned int n = fuzz_draw(f->draw, NR_POOLS);

	if (!(f->pools >> n & 1))
		create_pool(f, n);
	return n;
}

/* Whichever pool it is, a variable of its kind is assigned or refused. */
static void step_element(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int m = some_pool(f), n = fuzz_draw(d, NR_OBJECTS), e = fuzz_draw(d, NR_ELEMENTS);

	switch (fuzz_draw(d, 4)) {
	case 0:
		text_printf(f->text, "k%u = mempool_alloc m%u %s\n", n, m, object_gfp(d));
		note_assigned(f, n);
		break;
	case 1:
		text_printf(f->text, "e%u = mempool_alloc_page m%u %s\n", e, m, object_gfp(d));
		f->elements |= 1u << e;
		break;
	case 2:
		if (f->elements >> e & 1)
			text_printf(f->text, "mempool_free_page m%u e%u\n", m, e);
		break;
	default:
		n = some_object(f);
		text_printf(f->text, "mempool_free m%u k%u\n", m, n);
	}
}

/* Replaces the pool only where it may be gone: what is left of it stays for good. */
static void step_pool(struct fuzz_kmem *f)
{
	struct fuzz_draw *d = f->draw;
	unsigned int m = some_pool(f);

	switch (fuzz_draw(d, 8)) {
	case 0:
		text_printf(f->text, "mempool_give m%u 5000\nmempool_destroy m%u\n", m, m);
		create_pool(f, m);
		break;
	case 1:
		text_printf(f->text, "mempool_resize m%u %u\n", m, fuzz_draw(d, 30));
		break;
	case 2:
		if (fuzz_draw(d, 3))
			text_printf(f->text, "mempool_wait %u %u\n", fuzz_draw(d, 3),
				    fuzz_draw(d, 3));
		else
			text_printf(f->text, "no_mempool_wait\n");
		break;
	case 3:
		text_printf(f->text, "mempool_stat m%u\n", m);
		break;
	case 4:
	case 5:
		text_printf(f->text, "mempool_give m%u %u\n", m, fuzz_draw(d, 40));
		break;
	default:
		text_printf(f->text, "mempool_take m%u %u %s\n", m, fuzz_draw(d, 40),
			    object_gfp(d));
	}
}

void fuzz_kmem_step(struct fuzz_kmem *f)
{
	static void (*const steps[])(struct fuzz_kmem * f) = {
		step_kmalloc,  step_kmalloc,  step_kmalloc, step_object, step_object,
		step_object,   step_free,     step_free,    step_free,	 step_free,
		step_contents, step_contents, step_many,    step_many,	 step_cache,
		step_element,  step_element,  step_pool,
	};

	steps[fuzz_draw(f->draw, sizeof(steps) / sizeof(steps[0]))](f);
}
