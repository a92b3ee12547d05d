/* Shadow memory of kernel objects: theory in kasan.h. Only in builds with CONFIG_KASAN. */
#include "kmem/kasan.h"

#include "base/errno.h"
#include "base/string.h"
#include "kmem/inspect.h"
#include "kmem/pages.h"
#include "phys/kasan_pages.h"
#include "phys/zone.h"

/* Of all of low memory's free pages, so much may lie in the quarantine. */
#define QUARANTINE_FRACTION 32

/* Traces that differ: a verb makes a handful. */
#define DEPOT_ROOM 2048u

__mm_state struct stack_depot kasan_depot;

/* ---- the start ----------------------------------------------------------------------------- */

void kasan_init(void)
{
	size_t spare = stack_depot_bytes(DEPOT_ROOM);
	void *mem = kasan_init_shadow(&spare);
	u32 room = DEPOT_ROOM;

	if (!mem)
		return;
	while (room && stack_depot_bytes(room) > spare)
		room /= 2;
	stack_depot_init(&kasan_depot, mem, room);
	kasan.report = kasan_print_bug;
}

void kasan_init_objects(void)
{
	unsigned long pages = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		if (!is_highmem(zone_of(type)))
			pages += zone_of(type)->managed_pages;
	quarantine_init((pages << PAGE_SHIFT) / QUARANTINE_FRACTION);
	kmem_gate |= KMEM_GATE_KASAN;
}

/* ---- shape --------------------------------------------------------------------------------- */

unsigned int kasan_redzone(unsigned int object_size)
{
	/* Small objects have many neighbours, large ones are indexed further astray. */
	static const struct {
		unsigned int most, redzone;
	} steps[] = {
		{64 - 16, 16},
		{128 - 32, 32},
		{512 - 64, 64},
		{4096 - 128, 128},
		{(1 << 14) - 256, 256},
		{(1 << 15) - 512, 512},
		{(1 << 16) - 1024, 1024},
	};

	_Static_assert(sizeof(struct kasan_meta) <= 16 - sizeof(u32), "a word stays in front");
	for (unsigned int i = 0; i < ARRAY_SIZE(steps); i++)
		if (object_size <= steps[i].most)
			return steps[i].redzone;
	return 2048;
}

void kasan_poison_slab(struct page *page, unsigned int order)
{
	kasan_poison(page_address(page), PAGE_SIZE << order, KASAN_SLAB_REDZONE);
}

void kasan_init_slab_obj(struct kmem_cache *s, void *object)
{
	*kasan_meta_of(s, object) = (struct kasan_meta){0};
}

void kasan_unpoison_object_data(struct kmem_cache *s, void *object)
{
	kasan_unpoison(object, s->object_size);
}

void kasan_poison_object_data(struct kmem_cache *s, void *object)
{
	kasan_poison(object, s->object_size, KASAN_SLAB_REDZONE);
}

/* ---- handed out ------------------------------------------------------------------------------ */

static depot_stack_handle_t note_caller(unsigned long caller)
{
	struct stack_trace trace;

	stack_trace_save(&trace, caller);
	return stack_depot_save(&kasan_depot, &trace);
}

void kasan_slab_alloc(struct kmem_cache *s, void *object, unsigned long caller)
{
	if (!object)
		return;
	kasan_unpoison(object, s->object_size);
	kasan_meta_of(s, object)->alloc = note_caller(caller);
}

/* The first size bytes of room may be touched, none of the others. */
static void *use_part(void *p, size_t size, size_t room, u8 why)
{
	size_t whole = ALIGN(size, KASAN_GRANULE);

	kasan_unpoison(p, size);
	if (whole < room)
		kasan_poison((char *)p + whole, room - whole, why);
	return p;
}

void *kasan_kmalloc(struct kmem_cache *s, void *object, size_t size)
{
	return object ? use_part(object, size, s->object_size, KASAN_SLAB_REDZONE) : NULL;
}

void *kasan_kmalloc_large(void *p, size_t size)
{
	size_t room = PAGE_SIZE << page_order_in_use(virt_to_page(p));

	return use_part(p, size, room, KASAN_PAGE_REDZONE);
}

void *kasan_krealloc(const void *p, size_t size)
{
	struct page *page = slab_page_of(p);

	return page ? kasan_kmalloc(page->slab_cache, (void *)p, size)
		    : kasan_kmalloc_large((void *)p, size);
}

/* ---- taken back ------------------------------------------------------------------------------ */

static bool is_poisoned(const void *p)
{
	return kasan_covers(p) && *kasan_shadow_of(p) >= KASAN_FIRST_POISON;
}

static bool is_slab_of(const struct kmem_cache *s, const void *object)
{
	const struct page *page = slab_page_of(object);

	return kasan.shadow && page && page->slab_cache == s;
}

/* Does it begin where an object of its slab does? */
static bool is_object_start(const void *p)
{
	struct slab_view slab;
	unsigned long offset;

	if (!slab_of_page(slab_head(virt_to_page(p)), &slab))
		return false;
	offset = (const char *)p - (const char *)slab.first;
	return (const char *)p >= (const char *)slab.first &&
	       offset / slab.cache->size < slab.objects && offset % slab.cache->size == 0;
}

static void report_free(enum kasan_kind kind, const void *p, unsigned long caller)
{
	kasan_report(&(struct kasan_bug){
		.kind = kind, .addr = (unsigned long)p, .bad = (unsigned long)p, .caller = caller});
}

bool kasan_refuses_free(struct kmem_cache *s, const void *object, unsigned long caller)
{
	if (!is_slab_of(s, object))
		return false;
	if (!is_object_start(object))
		report_free(KASAN_INVALID_FREE, object, caller);
	else if (is_poisoned(object))
		report_free(KASAN_DOUBLE_FREE, object, caller);
	else
		return false;
	return true;
}

bool kasan_slab_free(struct kmem_cache *s, void *object, unsigned long caller)
{
	if (!is_slab_of(s, object))
		return false;
	kasan_poison(object, s->object_size, KASAN_SLAB_FREE);
	kasan_meta_of(s, object)->free = note_caller(caller);
	if (!quarantine.limit)
		return false;
	quarantine_put(object);
	quarantine_reduce(quarantine.limit);
	return true;
}

void kasan_report_bad_kfree(const void *p, unsigned long caller)
{
	if (kasan_covers(p))
		report_free(*kasan_shadow_of(p) == KASAN_PAGE_FREE ? KASAN_DOUBLE_FREE
								   : KASAN_INVALID_FREE,
			    p, caller);
}

bool kasan_check_byte(const void *p, unsigned long caller)
{
	return kasan_check_range((unsigned long)p, 1, false, caller);
}
