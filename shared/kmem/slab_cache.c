/*
 * slab: caches. Their shape, their arrays, their start and end, reaping. Corresponds to Linux
 * mm/slab.c.
 *
 * The start. A cache needs a struct kmem_list3 and an array, which come from kmalloc caches, which
 * need the same. So the first three caches have static ones, the array of a single object:
 *
 *   boot_stage         cache made then         its array   its lists
 *   BOOT_NONE          kmem_cache, static      static      static
 *   BOOT_CACHE         kmalloc's for arrays    static      static
 *   BOOT_PARTIAL_AC    kmalloc's for lists     kmalloc     static
 *   BOOT_PARTIAL_L3    the others of kmalloc   kmalloc     kmalloc
 *   BOOT_FULL          all others              kmalloc, of its proper size
 *
 * In the end the static ones are replaced, and all caches get arrays of their proper size.
 * Descriptors stay on-slab until BOOT_PARTIAL_L3: their caches are not there yet.
 */
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "boot/setup.h"
#include "kmem/debug.h"
#include "kmem/inspect.h"
#include "kmem/kasan.h"
#include "kmem/kmemleak.h"
#include "kmem/options.h"
#include "kmem/slab_priv.h"
#include "phys/page_alloc.h"

const char kmem_allocator_name[] = "slab";

/* ---- shape --------------------------------------------------------------------------------- */

/* From that size on, descriptors are off-slab: on it, a page would hold an object less. */
#define OFF_SLAB_MIN_SIZE (PAGE_SIZE >> 3)

/* Where there is more RAM than this, slabs may have two pages for the sake of little waste. */
#define BREAK_GFP_ORDER_MEMORY (32ul << 20)
#define BREAK_GFP_ORDER_HI 1u
#define BREAK_GFP_ORDER_LO 0u

/* Slabs of more than one object have no higher order. So a descriptor that is off-slab is itself an
 * object of slabs with theirs on them. */
_Static_assert(sizeof(struct slab) + sizeof(kmem_bufctl) * (PAGE_SIZE << BREAK_GFP_ORDER_HI) /
					     OFF_SLAB_MIN_SIZE <
		       OFF_SLAB_MIN_SIZE,
	       "descriptors of descriptors come to an end");

static __mm_state enum {
	BOOT_NONE,
	BOOT_CACHE,
	BOOT_PARTIAL_AC,
	BOOT_PARTIAL_L3,
	BOOT_FULL,
} boot_stage;

/* Bytes of a descriptor and its chain, such that an aligned object may follow. */
static unsigned int slab_mgmt_size(unsigned int num, unsigned int align)
{
	return ALIGN(sizeof(struct slab) + num * sizeof(kmem_bufctl), align);
}

/* The objects of a slab of that order; left_over: the bytes that are used for nothing, if there are
 * any objects. */
static unsigned int cache_estimate(const struct kmem_cache *s, unsigned int order, bool off_slab,
				   unsigned int *left_over)
{
	unsigned int bytes = PAGE_SIZE << order, mgmt = 0, num;

	if (off_slab) {
		num = bytes / s->size;
	} else {
		/* To align the descriptor costs no object: all else is multiples of align. */
		num = (bytes - sizeof(struct slab)) / (s->size + sizeof(kmem_bufctl));
		mgmt = slab_mgmt_size(num, s->align);
	}
	*left_over = bytes - mgmt - num * s->size;
	return num;
}

/*
 * The least order that wastes no more than an eighth, or the highest that is tried: slabs of more
 * than one page are hard to come by. Sets gfporder and num, which is 0 where no order will do.
 * Returns the bytes that are left over.
 */
static unsigned int calculate_slab_order(struct kmem_cache *s, bool off_slab)
{
	unsigned int most = memory.max_pfn > PFN_DOWN(BREAK_GFP_ORDER_MEMORY) ? BREAK_GFP_ORDER_HI
									      : BREAK_GFP_ORDER_LO;
	unsigned int left_over = 0;

	for (unsigned int order = 0; order <= get_order(KMALLOC_MAX_SIZE); order++) {
		unsigned int rest, num = cache_estimate(s, order, off_slab, &rest);

		if (!num)
			continue;
		s->impl.num = num;
		s->impl.gfporder = order;
		left_over = rest;
		/* What can be reclaimed is reclaimed more easily by single pages. */
		if (s->flags & SLAB_RECLAIM_ACCOUNT || order >= most ||
		    left_over * 8 <= PAGE_SIZE << order)
			break;
	}
	return left_over;
}

/* -EINVAL for a size that no slab can hold. */
static int choose_shape(struct kmem_cache *s)
{
	struct kmem_impl *impl = &s->impl;
	bool off_slab = s->size >= OFF_SLAB_MIN_SIZE && boot_stage >= BOOT_PARTIAL_L3;
	unsigned int left_over = calculate_slab_order(s, off_slab);

	if (!impl->num)
		return -EINVAL;
	impl->slab_size = slab_mgmt_size(impl->num, s->align);
	if (off_slab && left_over >= impl->slab_size) {
		off_slab = false;
		left_over -= impl->slab_size;
	}
	if (off_slab) {
		impl->slab_size = sizeof(struct slab) + impl->num * sizeof(kmem_bufctl);
		impl->slabp_cache = kmalloc_caches[0][kmalloc_index(impl->slab_size)];
		BUG_ON(!impl->slabp_cache, "no cache for descriptors of %u bytes", impl->slab_size);
	}
	impl->colour_off = max(CACHE_LINE_SIZE, s->align);
	impl->colour = left_over / impl->colour_off;
	/* 2^32 / size rounded up, without 64-bit division; size > 1. */
	impl->reciprocal_size = ~0u / s->size + 1;
	return 0;
}

/* ---- arrays -------------------------------------------------------------------------------- */

/* More entries than this are no block that kmalloc() has. */
#define MAX_ENTRIES ((KMALLOC_MAX_SIZE - sizeof(struct array_cache)) / sizeof(void *))

static void init_arraycache(struct array_cache *ac, unsigned int limit, unsigned int batchcount)
{
	*ac = (struct array_cache){.limit = limit, .batchcount = batchcount};
}

/* Beyond avail it names objects that are in use by now: kmemleak must not take that for a use. */
static struct array_cache *alloc_arraycache(unsigned int limit, unsigned int batchcount)
{
	struct array_cache *ac =
		kmalloc(sizeof(struct array_cache) + limit * sizeof(void *), GFP_KERNEL);

	if (!ac)
		return NULL;
	kmemleak_no_scan(ac);
	init_arraycache(ac, limit, batchcount);
	return ac;
}

/* Frees n arrays, NULL or not, that hold nothing. */
static void free_arrays(struct array_cache **arrays, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		kfree(arrays[i]);
}

/* Exchanges a CPU's array; the objects of the old one, which is returned, go to their slabs. */
static struct array_cache *exchange_array(struct kmem_cache *s, unsigned int cpu,
					  struct array_cache *ac, struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	struct array_cache *old;
	unsigned long flags;

	spin_lock(&s->impl.array_lock[cpu]);
	old = s->impl.array[cpu];
	s->impl.array[cpu] = ac;
	if (old) {
		flags = spin_lock_irqsave(&l3->list_lock);
		drain_objects(s, old, old->avail, doomed);
		spin_unlock_irqrestore(&l3->list_lock, flags);
	}
	spin_unlock(&s->impl.array_lock[cpu]);
	return old;
}

/* Likewise for the shared one; ac may be NULL. */
static struct array_cache *exchange_shared(struct kmem_cache *s, struct array_cache *ac,
					   struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags = spin_lock_irqsave(&l3->list_lock);
	struct array_cache *old = l3->shared;

	l3->shared = ac;
	/* A batch for each CPU, one for the node, and a slab. */
	l3->free_limit = (1 + NR_CPUS) * s->impl.batchcount + s->impl.num;
	if (old)
		drain_objects(s, old, old->avail, doomed);
	spin_unlock_irqrestore(&l3->list_lock, flags);
	return old;
}

/*
 * Gives a cache arrays of other sizes; it may have none so far. shared * batchcount and limit are
 * at most MAX_ENTRIES. -ENOMEM: nothing changed.
 */
static int do_tune_cpucache(struct kmem_cache *s, unsigned int limit, unsigned int batchcount,
			    unsigned int shared)
{
	struct array_cache *arrays[NR_CPUS + 1] = {NULL}, **last = &arrays[NR_CPUS];
	struct list_head doomed;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		arrays[cpu] = alloc_arraycache(limit, batchcount);
		if (!arrays[cpu])
			goto no_memory;
	}
	if (shared) {
		*last = alloc_arraycache(shared * batchcount, 0);
		if (!*last)
			goto no_memory;
	}
	s->impl.limit = limit;
	s->impl.batchcount = batchcount;
	s->impl.shared = shared;
	list_init(&doomed);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		arrays[cpu] = exchange_array(s, cpu, arrays[cpu], &doomed);
	*last = exchange_shared(s, *last, &doomed);
	slabs_destroy(s, &doomed);
	free_arrays(arrays, NR_CPUS + 1);
	return 0;

no_memory:
	free_arrays(arrays, NR_CPUS + 1);
	return -ENOMEM;
}

/* The larger the objects, the fewer lie idle: a few pages' worth for the small ones. */
static unsigned int limit_for(unsigned int size)
{
	static const struct {
		unsigned int above, limit;
	} limits[] = {{128u << 10, 1}, {PAGE_SIZE, 8}, {1024, 24}, {256, 54}, {0, 120}};
	unsigned int i = 0;

	while (size <= limits[i].above)
		i++;
	return limits[i].limit;
}

/* Batches that the shared array holds: of use only where one CPU frees what another allocates. */
#define SHARED_BATCHES (NR_CPUS > 1 ? 8u : 0u)

/* A debugged cache's array is for nothing: kmem/slab.c. */
static int enable_cpucache(struct kmem_cache *s)
{
	unsigned int limit = limit_for(s->size);

	if (kmem_debugged(s))
		return do_tune_cpucache(s, 0, 0, 0);
	return do_tune_cpucache(s, limit, (limit + 1) / 2,
				s->size <= PAGE_SIZE ? SHARED_BATCHES : 0);
}

int kmem_cache_tune(struct kmem_cache *s, unsigned int limit, unsigned int batchcount,
		    unsigned int shared)
{
	unsigned int entries;
	int err;

	if (!batchcount || batchcount > limit || limit > MAX_ENTRIES || kmem_debugged(s))
		return -EINVAL;
	if (__builtin_mul_overflow(shared, batchcount, &entries) || entries > MAX_ENTRIES)
		return -EINVAL;
	mutex_lock(&slab_mutex);
	err = do_tune_cpucache(s, limit, batchcount, shared);
	mutex_unlock(&slab_mutex);
	return err;
}

/* ---- making caches ------------------------------------------------------------------------- */

/* In passes of cache_reap(): lists are looked at in every second one. */
#define REAPTIMEOUT_LIST3 2
__mm_state u32 reap_clock;

/* An array for one object. */
struct arraycache_init {
	struct array_cache cache;
	void *entries[1];
};

/* Of the first caches, by boot_stage. */
static __mm_state struct arraycache_init initarray[BOOT_PARTIAL_AC];
static __mm_state struct kmem_list3 initkmem_list3[BOOT_PARTIAL_L3];

/* The cache of caches. */
static __mm_state struct kmem_cache cache_cache;

#define INDEX_AC kmalloc_index(sizeof(struct arraycache_init))
#define INDEX_L3 kmalloc_index(sizeof(struct kmem_list3))
/* Each has a stage, and an array that stands ready, of its own. */
_Static_assert(sizeof(struct arraycache_init) <= 32 && sizeof(struct kmem_list3) > 32,
	       "arrays and lists come from different caches");

static void kmem_list3_init(struct kmem_list3 *l3)
{
	*l3 = (struct kmem_list3){.next_reap = reap_clock + REAPTIMEOUT_LIST3};
	list_init(&l3->slabs_partial);
	list_init(&l3->slabs_full);
	list_init(&l3->slabs_free);
	spin_lock_init(&l3->list_lock, "slab lists", LOCK_RANK_KMEM_NODE, 0);
}

/* A cache gets what there is at this stage. */
static void setup_boot_cache(struct kmem_cache *s)
{
	struct array_cache *ac;

	if (boot_stage < BOOT_PARTIAL_L3)
		s->impl.nodelist = &initkmem_list3[boot_stage];
	else
		s->impl.nodelist = kmalloc(sizeof(struct kmem_list3), GFP_KERNEL);
	if (boot_stage < BOOT_PARTIAL_AC)
		ac = &initarray[boot_stage].cache;
	else
		ac = kmalloc(sizeof(struct arraycache_init), GFP_KERNEL);
	BUG_ON(!ac || !s->impl.nodelist, "no memory for cache %s", s->name);
	s->impl.limit = s->impl.batchcount = kmem_debugged(s) ? 0 : 1;
	init_arraycache(ac, s->impl.limit, s->impl.batchcount);
	kmem_list3_init(s->impl.nodelist);
	s->impl.array[0] = ac;
}

static int setup_cpu_cache(struct kmem_cache *s)
{
	int err;

	s->impl.nodelist = kmalloc(sizeof(struct kmem_list3), GFP_KERNEL);
	if (!s->impl.nodelist)
		return -ENOMEM;
	kmem_list3_init(s->impl.nodelist);
	err = enable_cpucache(s);
	if (err)
		kfree(s->impl.nodelist);
	return err;
}

int kmem_cache_setup(struct kmem_cache *s)
{
	int err;

	kmem_layout(s, false);
	err = choose_shape(s);
	if (err)
		return err;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		spin_lock_init(&s->impl.array_lock[cpu], "array cache", LOCK_RANK_KMEM_CACHE, cpu);
	if (boot_stage == BOOT_FULL)
		return setup_cpu_cache(s);
	setup_boot_cache(s);
	return 0;
}

struct kmem_cache *kmem_cache_alloc_struct(void)
{
	return kmem_cache_alloc(&cache_cache, GFP_KERNEL);
}

void kmem_cache_free_struct(struct kmem_cache *s)
{
	kmem_cache_free(&cache_cache, s);
}

/* Objects of different caches stay in different slabs. */
struct kmem_cache *kmem_cache_find_mergeable(size_t size __maybe_unused,
					     size_t align __maybe_unused, u32 flags __maybe_unused,
					     void (*ctor)(void *) __maybe_unused)
{
	return NULL;
}

/* ---- the start ----------------------------------------------------------------------------- */

/* The list gets another head. */
static void adopt_list(struct list_head *to, struct list_head *from)
{
	list_init(to);
	if (!list_empty(from))
		list_insert(to, from->prev, from->next);
}

/* Nothing else runs: no lock. Memory is allocated first, as that may change what is copied. */
static void replace_boot_array(struct kmem_cache *s)
{
	struct array_cache *ac = kmalloc(sizeof(struct arraycache_init), GFP_KERNEL);

	BUG_ON(!ac, "no memory for cache %s", s->name);
	memcpy(ac, s->impl.array[0], sizeof(struct arraycache_init));
	s->impl.array[0] = ac;
}

static void replace_boot_lists(struct kmem_cache *s)
{
	struct kmem_list3 *l3 = kmalloc(sizeof(struct kmem_list3), GFP_KERNEL);
	struct kmem_list3 *old = s->impl.nodelist;

	BUG_ON(!l3, "no memory for cache %s", s->name);
	*l3 = *old;
	adopt_list(&l3->slabs_partial, &old->slabs_partial);
	adopt_list(&l3->slabs_full, &old->slabs_full);
	adopt_list(&l3->slabs_free, &old->slabs_free);
	s->impl.nodelist = l3;
}

static void replace_boot_memory(void)
{
	replace_boot_array(&cache_cache);
	replace_boot_array(kmalloc_caches[0][INDEX_AC]);
	replace_boot_lists(&cache_cache);
	replace_boot_lists(kmalloc_caches[0][INDEX_AC]);
	replace_boot_lists(kmalloc_caches[0][INDEX_L3]);
	/* What is left there must not be taken for pointers. */
	memset(initarray, 0, sizeof(initarray));
	memset(initkmem_list3, 0, sizeof(initkmem_list3));
}

void kmem_cache_init(void)
{
	list_init(&slab_caches);
	kmem_parse_options(boot_params_page->command_line);
	kmem_cache_init_struct(&cache_cache, "kmem_cache", sizeof(struct kmem_cache), 0,
			       SLAB_HWCACHE_ALIGN, NULL);
	cache_cache.permanent = true;
	BUG_ON(kmem_cache_setup(&cache_cache), "the cache of caches has no shape");
	list_add(&cache_cache.list, &slab_caches);

	boot_stage = BOOT_CACHE;
	create_kmalloc_cache(0, INDEX_AC);
	boot_stage = BOOT_PARTIAL_AC;
	create_kmalloc_cache(0, INDEX_L3);
	boot_stage = BOOT_PARTIAL_L3;
	create_kmalloc_caches();

	replace_boot_memory();
	list_for_each (at, &slab_caches) {
		struct kmem_cache *s = list_entry(at, struct kmem_cache, list);

		BUG_ON(enable_cpucache(s), "no memory for cache %s", s->name);
	}
	boot_stage = BOOT_FULL;
}

/* ---- draining, reaping, the end ------------------------------------------------------------ */

/* All that is stocked goes back to the slabs. Waits for the arrays' locks. */
static void drain_cpu_caches(struct kmem_cache *s, struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct array_cache *ac;

		spin_lock(&s->impl.array_lock[cpu]);
		ac = s->impl.array[cpu];
		flags = spin_lock_irqsave(&l3->list_lock);
		drain_objects(s, ac, ac->avail, doomed);
		spin_unlock_irqrestore(&l3->list_lock, flags);
		spin_unlock(&s->impl.array_lock[cpu]);
	}
	flags = spin_lock_irqsave(&l3->list_lock);
	if (l3->shared)
		drain_objects(s, l3->shared, l3->shared->avail, doomed);
	spin_unlock_irqrestore(&l3->list_lock, flags);
}

/* Takes all that is not in use out of the cache. */
static void shrink(struct kmem_cache *s)
{
	struct list_head doomed;

	if (CONFIG_KASAN)
		quarantine_remove_cache(s);
	list_init(&doomed);
	drain_cpu_caches(s, &doomed);
	take_free_slabs(s, ~0u, &doomed);
	slabs_destroy(s, &doomed);
}

static unsigned int count_list(const struct list_head *list)
{
	unsigned int count = 0;

	list_for_each (at, list)
		count++;
	return count;
}

unsigned int kmem_cache_shrink(struct kmem_cache *s)
{
	unsigned int left;

	mutex_lock(&slab_mutex);
	shrink(s);
	left = count_list(&s->impl.nodelist->slabs_partial) +
	       count_list(&s->impl.nodelist->slabs_full);
	mutex_unlock(&slab_mutex);
	return left;
}

int kmem_cache_teardown(struct kmem_cache *s)
{
	struct kmem_list3 *l3 = s->impl.nodelist;

	mutex_assert_held(&slab_mutex);
	shrink(s);
	if (!list_empty(&l3->slabs_partial) || !list_empty(&l3->slabs_full)) {
		report_live_objects(s);
		return -EBUSY;
	}
	free_arrays(s->impl.array, NR_CPUS);
	kfree(l3->shared);
	kfree(l3);
	return 0;
}

/* An array that somebody took from is left alone this time. Under list_lock. */
static void reap_array(struct kmem_cache *s, struct array_cache *ac, struct list_head *doomed)
{
	unsigned int n = (ac->limit + 4) / 5;

	if (!ac->avail)
		return;
	if (ac->touched) {
		ac->touched = false;
		return;
	}
	drain_objects(s, ac, n > ac->avail ? (ac->avail + 1) / 2 : n, doomed);
}

/* Is it the lists' turn? Under list_lock. */
static bool lists_are_due(struct kmem_list3 *l3)
{
	if ((s32)(reap_clock - l3->next_reap) < 0)
		return false;
	l3->next_reap = reap_clock + REAPTIMEOUT_LIST3;
	return true;
}

static unsigned int reap_cache(struct kmem_cache *s)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned int slabs = 0;
	struct list_head doomed;
	unsigned long flags;

	list_init(&doomed);
	spin_lock(&s->impl.array_lock[0]);
	flags = spin_lock_irqsave(&l3->list_lock);
	reap_array(s, s->impl.array[0], &doomed);
	if (lists_are_due(l3)) {
		if (l3->shared)
			reap_array(s, l3->shared, &doomed);
		/* A fifth of what may be free. */
		if (!l3->free_touched)
			slabs = DIV_ROUND_UP(l3->free_limit, 5 * s->impl.num);
		l3->free_touched = false;
	}
	spin_unlock_irqrestore(&l3->list_lock, flags);
	spin_unlock(&s->impl.array_lock[0]);
	take_free_slabs(s, slabs, &doomed);
	return slabs_destroy(s, &doomed);
}

unsigned int cache_reap(void)
{
	unsigned int slabs = 0;

	mutex_lock(&slab_mutex);
	reap_clock++;
	list_for_each (at, &slab_caches)
		slabs += reap_cache(list_entry(at, struct kmem_cache, list));
	mutex_unlock(&slab_mutex);
	return slabs;
}
