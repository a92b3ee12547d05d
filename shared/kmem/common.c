/* What the three allocators share: the list of caches, kmalloc's sizes, large blocks, reports. */
#include "base/bug.h"
#include "base/errno.h"
#include "base/fault.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "kmem/kasan.h"
#include "kmem/kmemleak.h"
#include "kmem/options.h"
#include "kmem/failslab.h"
#include "phys/page_alloc.h"
#include "phys/vmstat.h"

__mm_state struct list_head slab_caches;
__mm_state struct mutex slab_mutex = MUTEX_INIT("slab", MUTEX_RANK_SLAB);
__mm_state u32 kmem_gate;
__mm_state unsigned int slab_errors;
__mm_state struct kmem_cache *kmalloc_caches[2][NR_KMALLOC_CLASSES];

/* Of a cache that is destroyed with objects in use, so many are named. */
#define MAX_LIVE_REPORTS 16

/* ---- reports ------------------------------------------------------------------------------- */

int kmem_report(const struct kmem_cache *s, const void *object, const char *what)
{
	slab_errors++;
	printk("kmem: %s: cache %s object %08lx\n", what, s ? s->name : "none",
	       (unsigned long)object);
	return -EINVAL;
}

void report_live_object(const struct kmem_cache *s, const void *object)
{
	printk("kmem: cache %s cannot be destroyed: object %08lx is in use\n", s->name,
	       (unsigned long)object);
}

static bool report_if_live(struct slab_view *slab, void *object)
{
	if (kmem_object_is_free(slab->cache, slab->page, object))
		return false;
	report_live_object(slab->cache, object);
	return true;
}

void report_live_objects(struct kmem_cache *s)
{
	unsigned int live = 0;

	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		struct slab_view slab;

		if (!slab_of_page(pfn_to_page(pfn), &slab) || slab.cache != s)
			continue;
		for (unsigned int i = 0; i < slab.objects && live < MAX_LIVE_REPORTS; i++)
			live += report_if_live(&slab, (char *)slab.first + i * s->size);
	}
}

bool kmem_address_ok(const void *p)
{
	return (unsigned long)p >= PAGE_OFFSET && PFN_DOWN(__pa(p)) < memory.max_low_pfn;
}

/* ---- the list of caches -------------------------------------------------------------------- */

/* slab_mutex is held, or nothing else runs. */
struct kmem_cache *find_kmem_cache(const char *name)
{
	list_for_each (at, &slab_caches) {
		struct kmem_cache *s = list_entry(at, struct kmem_cache, list);

		if (strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

struct kmem_cache *kmem_cache_nth(unsigned int n)
{
	if (!slab_caches.next)
		return NULL;
	list_for_each (at, &slab_caches)
		if (n-- == 0)
			return list_entry(at, struct kmem_cache, list);
	return NULL;
}

int kmem_cache_sanity_check(const char *name, size_t size, size_t align, unsigned long flags)
{
	if (!name || !*name || strnlen(name, KMEM_NAME_SIZE) == KMEM_NAME_SIZE)
		return -EINVAL;
	if (!size || size > KMEM_CACHE_MAX_SIZE)
		return -EINVAL;
	if (align & (align - 1) || align > PAGE_SIZE || flags & ~SLAB_KNOWN_FLAGS)
		return -EINVAL;
	return find_kmem_cache(name) ? -EEXIST : 0;
}

/* What the user wants, and what the processor does. */
unsigned int kmem_calculate_alignment(u32 flags, size_t align, size_t size)
{
	if (flags & SLAB_HWCACHE_ALIGN) {
		unsigned int line = CACHE_LINE_SIZE;

		/* Small objects may share a line, as long as none straddles two. */
		while (size <= line / 2)
			line /= 2;
		align = max(align, line);
	}
	return max(align, ARCH_SLAB_MINALIGN);
}

void kmem_cache_init_struct(struct kmem_cache *s, const char *name, size_t size, size_t align,
			    u32 flags, void (*ctor)(void *))
{
	memset(s, 0, sizeof(*s));
	memcpy(s->name, name, strlen(name) + 1);
	s->object_size = size;
	s->flags = flags | kmem_debug_flags(name);
	s->align = kmem_calculate_alignment(flags, align, size);
	s->ctor = ctor;
	s->refcount = 1;
	if (flags & SLAB_CACHE_DMA)
		s->allocflags |= __GFP_DMA;
	if (flags & SLAB_RECLAIM_ACCOUNT)
		s->allocflags |= __GFP_RECLAIMABLE;
}

static struct kmem_cache *create_cache(const char *name, size_t size, size_t align, u32 flags,
				       void (*ctor)(void *), int *err)
{
	struct kmem_cache *s;

	*err = kmem_cache_sanity_check(name, size, align, flags);
	if (*err)
		return NULL;
	s = kmem_cache_find_mergeable(size, align, flags | kmem_debug_flags(name), ctor);
	if (s) {
		s->refcount++;
		s->object_size = max(s->object_size, size);
		s->inuse = max(s->inuse, ALIGN(size, sizeof(void *)));
		return s;
	}
	*err = -ENOMEM;
	s = kmem_cache_alloc_struct();
	if (!s)
		return NULL;
	kmem_cache_init_struct(s, name, size, align, flags, ctor);
	*err = kmem_cache_setup(s);
	if (*err) {
		kmem_cache_free_struct(s);
		return NULL;
	}
	list_add_tail(&s->list, &slab_caches);
	return s;
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align,
				     unsigned long flags, void (*ctor)(void *))
{
	int err;

	/* Who promises that it will not fail is not failed on purpose. */
	if (flags & SLAB_PANIC)
		fault_pause();
	mutex_lock(&slab_mutex);
	struct kmem_cache *s = create_cache(name, size, align, flags, ctor, &err);

	mutex_unlock(&slab_mutex);
	if (flags & SLAB_PANIC)
		fault_resume();
	if (!s) {
		BUG_ON(flags & SLAB_PANIC, "kmem_cache_create: cache %s: error %d",
		       name ? name : "without a name", err);
		printk("kmem_cache_create: cache %s: error %d\n", name ? name : "without a name",
		       err);
	}
	return s;
}

int kmem_cache_destroy(struct kmem_cache *s)
{
	int err = 0;

	mutex_lock(&slab_mutex);
	if (s->refcount > 1) { /* one of the merged ones; the allocator's own may be, too */
		s->refcount--;
	} else if (s->permanent) {
		err = kmem_report(s, NULL, "a permanent cache is destroyed");
	} else {
		err = kmem_cache_teardown(s);
		if (!err) {
			list_del(&s->list);
			kmem_cache_free_struct(s);
		}
	}
	mutex_unlock(&slab_mutex);
	return err;
}

unsigned int kmem_cache_size(const struct kmem_cache *s)
{
	return s->object_size;
}

const char *kmem_cache_name(const struct kmem_cache *s)
{
	return s->name;
}

void kmem_construct(struct kmem_cache *s, void *object)
{
	if (CONFIG_KASAN)
		kasan_unpoison_object_data(s, object);
	s->ctor(object);
	if (CONFIG_KASAN)
		kasan_poison_object_data(s, object);
}

/* ---- many objects -------------------------------------------------------------------------- */

unsigned int kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp, unsigned int n, void **p)
{
	for (unsigned int i = 0; i < n; i++) {
		p[i] = kmem_cache_alloc(s, gfp);
		if (!p[i]) {
			kmem_cache_free_bulk(s, i, p);
			return 0;
		}
	}
	return n;
}

int kmem_cache_free_bulk(struct kmem_cache *s, unsigned int n, void **p)
{
	int err = 0;

	for (unsigned int i = 0; i < n; i++) {
		int one = kmem_cache_free(s, p[i]);

		err = err ? err : one;
	}
	return err;
}

/* ---- watched allocations ------------------------------------------------------------------- */

static bool tracks_leaks(const struct kmem_cache *s)
{
	return kmem_gate & KMEM_GATE_KMEMLEAK && !(s->flags & SLAB_NOLEAKTRACE);
}

void *kmem_alloc_watched(struct kmem_cache *s, gfp_t gfp, unsigned long caller)
{
	void *object;

	if (kmem_gate & KMEM_GATE_FAILSLAB && should_failslab(s, gfp))
		return NULL;
	object = kmem_alloc_object(s, gfp, caller);
	if (CONFIG_KASAN)
		kasan_slab_alloc(s, object, caller);
	if (tracks_leaks(s))
		kmemleak_alloc(object, s->object_size, 1, gfp, caller);
	return object;
}

/* Into the quarantine, or at once. */
static int free_object(struct kmem_cache *s, void *object, unsigned long caller)
{
	if (CONFIG_KASAN && kasan_slab_free(s, object, caller))
		return 0;
	return kmem_free_object(s, object, caller);
}

int kmem_free_watched(struct kmem_cache *s, void *object, unsigned long caller)
{
	struct kmemleak_object *record;
	int err;

	if (CONFIG_KASAN && kasan_refuses_free(s, object, caller))
		return -EINVAL;
	if (!tracks_leaks(s))
		return free_object(s, object, caller);
	/* Before, or else somebody else may be handed the object while it is on record. */
	record = kmemleak_detach(object);
	err = free_object(s, object, caller);
	kmemleak_detached(record, object, err);
	return err;
}

/* ---- kmalloc's caches ---------------------------------------------------------------------- */

static size_t class_size(unsigned int index)
{
	return index == 1 ? 96 : index == 2 ? 192 : 1u << index;
}

void create_kmalloc_cache(unsigned int dma, unsigned int index)
{
	char name[KMEM_NAME_SIZE];
	size_t size = class_size(index);
	/* A power of two is aligned to itself: who asks for one may rely on it. */
	size_t align = index > 2 ? min(size, PAGE_SIZE) : 0;
	struct kmem_cache *s;

	if (kmalloc_caches[dma][index])
		return;
	scnprintf(name, sizeof(name), "%skmalloc-%zu", dma ? "dma-" : "", size);
	s = kmem_cache_create(name, size, align, SLAB_PANIC | (dma ? SLAB_CACHE_DMA : 0), NULL);
	s->permanent = true;
	kmalloc_caches[dma][index] = s;
}

void create_kmalloc_caches(void)
{
	/* In the order of size. */
	static const u8 order[] = {3, 4, 5, 6, 1, 7, 2, 8, 9, 10, 11, 12, 13};

	for (unsigned int dma = 0; dma < 2; dma++)
		for (unsigned int i = 0; i < ARRAY_SIZE(order); i++)
			create_kmalloc_cache(dma, order[i]);
}

/* ---- large blocks -------------------------------------------------------------------------- */

void *kmalloc_large(size_t size, gfp_t gfp)
{
	struct page *page = NULL;

	if (size <= KMALLOC_MAX_SIZE)
		page = alloc_pages(gfp, get_order(size));
	else if (!(gfp & __GFP_NOWARN))
		printk("kmalloc: %zu bytes: more than the largest block\n", size);
	if (!page)
		return NULL;
	set_page_flag(page, PG_kmalloc);
	if (CONFIG_KASAN)
		kasan_kmalloc_large(page_address(page), size);
	if (unlikely(kmem_gate & KMEM_GATE_KMEMLEAK))
		kmemleak_alloc(page_address(page), size, 1, gfp,
			       (unsigned long)__builtin_return_address(0));
	return page_address(page);
}

static bool is_large_block(const void *p)
{
	return kmem_address_ok(p) && IS_ALIGNED((unsigned long)p, PAGE_SIZE) &&
	       page_flag(virt_to_page(p), PG_kmalloc);
}

int kfree_large(const void *p)
{
	struct page *page;

	if (CONFIG_KASAN && !is_large_block(p))
		kasan_report_bad_kfree(p, (unsigned long)__builtin_return_address(0));
	if (!is_large_block(p))
		return kmem_report(NULL, p, "free of what kmalloc did not give");
	page = virt_to_page(p);
	clear_page_flag(page, PG_kmalloc);
	if (unlikely(kmem_gate & KMEM_GATE_KMEMLEAK))
		kmemleak_free(p);
	return __free_pages(page, page_order_in_use(page));
}

size_t ksize_large(const void *p)
{
	return is_large_block(p) ? PAGE_SIZE << page_order_in_use(virt_to_page(p)) : 0;
}
