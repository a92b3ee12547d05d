#include "top/mm_kasan.h"

#include "base/bitops.h"
#include "base/printk.h"
#include "base/string.h"
#include "kmem/debug.h"
#include "kmem/inspect.h"
#include "kmem/kasan.h"
#include "kmem/pages.h"
#include "top/mm_init.h"
#include "top/mm_verify_priv.h"

#define PAGE_GRANULES (PAGE_SIZE >> KASAN_GRANULE_SHIFT)

/* Pages that have a shadow; none where there is none. */
static unsigned long covered_pages(void)
{
	return kasan.covered >> PAGE_SHIFT;
}

static u8 *page_shadow(unsigned long pfn)
{
	return kasan.shadow + pfn * PAGE_GRANULES;
}

/* ---- what the digest covers ----------------------------------------------------------------- */

/* Calls fn for each run of pages whose shadow is more than their state says: [start, end) of it. */
static void for_each_object_shadow(void (*fn)(const u8 *start, const u8 *end, void *arg), void *arg)
{
	unsigned long pages;

	for (unsigned long pfn = 0; pfn < covered_pages(); pfn += pages) {
		const struct page *page = pfn_to_page(pfn);
		bool kmalloc = page_flag(page, PG_kmalloc);

		pages = kmalloc ? 1ul << page_order_in_use(page) : 1;
		if (kmalloc || page_flag(page, PG_slab))
			fn(page_shadow(pfn), page_shadow(pfn + pages), arg);
	}
}

static void digest_shadow(const u8 *start, const u8 *end, void *d)
{
	for (const u32 *at = (const u32 *)start; at < (const u32 *)end; at++)
		digest_word(d, *at);
}

static void digest_quarantined(const void *object, void *d)
{
	digest_word(d, (u32)object);
}

void digest_kasan(struct digest *d)
{
	digest_word(d, kasan.reports);
	digest_word(d, quarantine.count);
	digest_word(d, quarantine.bytes);
	digest_word(d, quarantine.limit);
	quarantine_for_each(digest_quarantined, d);
	for_each_object_shadow(digest_shadow, d);
}

struct count {
	const struct kmem_cache *cache;
	unsigned int objects;
};

static void count_of_cache(const void *object, void *arg)
{
	struct count *count = arg;

	count->objects += slab_page_of(object)->slab_cache == count->cache;
}

unsigned int quarantined_objects(const struct kmem_cache *s)
{
	struct count count = {.cache = s};

	quarantine_for_each(count_of_cache, &count);
	return count.objects;
}

static void show_shadow(const u8 *start, const u8 *end, void *arg __maybe_unused)
{
	for (const u8 *at = start, *next; at < end; at = next) {
		next = at;
		while (next < end && *next == *at)
			next++;
		printk("shadow %08lx - %08lx %02x\n",
		       PAGE_OFFSET + ((unsigned long)(at - kasan.shadow) << KASAN_GRANULE_SHIFT),
		       PAGE_OFFSET + ((unsigned long)(next - kasan.shadow) << KASAN_GRANULE_SHIFT),
		       *at);
	}
}

static void show_quarantined(const void *object, void *arg __maybe_unused)
{
	printk(" quarantined %08lx\n", (unsigned long)object);
}

void show_kasan(void)
{
	printk("kasan reports %u quarantine objects %u bytes %lu limit %lu\n", kasan.reports,
	       quarantine.count, quarantine.bytes, quarantine.limit);
	quarantine_for_each(show_quarantined, NULL);
	for_each_object_shadow(show_shadow, NULL);
}

/* ---- what must hold: bytes ------------------------------------------------------------------- */

static bool all_are(const u8 *from, const u8 *to, u8 value)
{
	while (from < to && *from == value)
		from++;
	return from == to;
}

/* Without a look at each word whether it is time to leave: all of RAM passes here. */
static bool page_is(unsigned long pfn, u8 value, bool deep)
{
	const u32 *words = (const u32 *)page_shadow(pfn), nr = PAGE_GRANULES / sizeof(u32);
	u32 expected = value * 0x01010101u;
	u32 wrong = (words[0] ^ expected) | (words[nr - 1] ^ expected);

	if (deep) {
#pragma GCC unroll 8
		for (unsigned int i = 0; i < nr; i++)
			wrong |= words[i] ^ expected;
	}
	return !wrong;
}

static void verify_pages(unsigned long pfn, unsigned long pages, u8 value, bool deep)
{
	for (unsigned long end = pfn + pages; pfn < end; pfn++)
		if (!page_is(pfn, value, deep))
			violation("shadow of pfn %lx is not %02x throughout", pfn, value);
}

/* Some bytes from p on may be touched, up to room, and no others. */
static bool is_in_use(const void *p, size_t room, u8 behind)
{
	size_t usable = kasan_accessible(p, room);
	const u8 *from = kasan_shadow_of(p) + DIV_ROUND_UP(usable, KASAN_GRANULE);

	return usable &&
	       all_are(from, kasan_shadow_of(p) + DIV_ROUND_UP(room, KASAN_GRANULE), behind);
}

/* ---- slabs --------------------------------------------------------------------------------- */

/* A slab's free objects. The rig's own. */
#define MAX_OBJECTS 32768u
static u32 is_free[MAX_OBJECTS / BITS_PER_WORD];

/* Objects whose shadow says that they are in the quarantine, and what their places come to. */
static u32 found_count;
static unsigned long found_bytes;

static bool note_free(void *object, void *arg)
{
	const struct slab_view *slab = arg;
	unsigned long index = ((char *)object - (char *)slab->first) / slab->cache->size;

	if ((char *)object >= (char *)slab->first && index < slab->objects)
		set_bit(index, is_free);
	return true;
}

/* NULL, or what is wrong with an object's shadow. */
static const char *object_fault(const struct kmem_cache *s, const void *object, bool free)
{
	const u8 *shadow = kasan_shadow_of(object);
	const u8 *end = shadow + DIV_ROUND_UP(s->object_size, KASAN_GRANULE);
	bool unused =
		all_are(shadow, end, KASAN_SLAB_FREE) || all_are(shadow, end, KASAN_SLAB_REDZONE);

	if (free)
		return unused ? NULL : "of a free object may be touched";
	if (*shadow == KASAN_SLAB_FREETRACK) {
		found_count++;
		found_bytes += s->size;
		return all_are(shadow + 1, end, KASAN_SLAB_FREE)
			       ? NULL
			       : "of an object in the quarantine may be touched";
	}
	/* What a debugged cache found damaged is kept back. */
	if (unused && kmem_debugged(s))
		return NULL;
	return is_in_use(object, s->object_size, KASAN_SLAB_REDZONE)
		       ? NULL
		       : "of an object in use is not what its user has";
}

static void verify_slab(struct slab_view *slab)
{
	const struct kmem_cache *s = slab->cache;
	const u8 *at = page_shadow(page_to_pfn(slab->page));
	const u8 *end = at + (PAGE_GRANULES << slab->order);

	memset(is_free, 0, DIV_ROUND_UP(slab->objects, BITS_PER_WORD) * sizeof(u32));
	for_each_free_object(slab, note_free, slab);
	for_each_stocked_object(slab->cache, note_free, slab);
	for (unsigned int i = 0; i < slab->objects; i++) {
		const char *object = (char *)slab->first + i * s->size;
		const char *why = object_fault(s, object, test_bit(i, is_free));

		if (why)
			violation("cache %s: shadow %s: %08lx", s->name, why,
				  (unsigned long)object);
		if (!all_are(at, kasan_shadow_of(object), KASAN_SLAB_REDZONE))
			violation("cache %s: shadow of the red zone before %08lx", s->name,
				  (unsigned long)object);
		at = kasan_shadow_of(object) + DIV_ROUND_UP(s->object_size, KASAN_GRANULE);
	}
	if (!all_are(at, end, KASAN_SLAB_REDZONE))
		violation("cache %s: shadow of the end of the slab at pfn %lx", s->name,
			  page_to_pfn(slab->page));
}

/* ---- all pages ----------------------------------------------------------------------------- */

/* Judges the page or block at pfn, and returns how many pages it is. */
static unsigned long verify_block(unsigned long pfn, bool deep)
{
	struct page *page = pfn_to_page(pfn);
	bool buddy = page_flag(page, PG_buddy), reserved = page_flag(page, PG_reserved);
	unsigned int order = buddy ? page->private : page_order_in_use(page);
	unsigned long pages = reserved ? 1 : 1ul << min(order, MAX_ORDER - 1u);
	struct slab_view slab;

	if (pages > covered_pages() - pfn)
		return 1; /* verify_zones() has said so */
	if (page_flag(page, PG_slab)) {
		if (slab_of_page(page, &slab))
			verify_slab(&slab);
	} else if (page_flag(page, PG_kmalloc)) {
		if (!is_in_use(page_address(page), pages << PAGE_SHIFT, KASAN_PAGE_REDZONE))
			violation("shadow of kmalloc()'s block at pfn %lx", pfn);
	} else {
		bool free = buddy || (!reserved && !page->_count);

		verify_pages(pfn, pages, free ? KASAN_PAGE_FREE : 0, deep);
	}
	return pages;
}

static void count_queued(const void *object __maybe_unused, void *arg)
{
	++*(u32 *)arg;
}

void verify_kasan(bool deep)
{
	u32 queued = 0;

	if (!covered_pages() || mm_stage() < MM_UP)
		return;
	found_count = 0;
	found_bytes = 0;
	for (unsigned long pfn = 0; pfn < covered_pages();)
		pfn += verify_block(pfn, deep);
	quarantine_for_each(count_queued, &queued);
	if (queued != quarantine.count || found_count != queued || found_bytes != quarantine.bytes)
		violation("quarantine: %u objects, %lu bytes; %u queued; the shadow has %u, %lu",
			  quarantine.count, quarantine.bytes, queued, found_count, found_bytes);
}
