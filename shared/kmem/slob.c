/*
 * slob: a simple list of blocks. Corresponds to Linux mm/slob.c; the textbook is Knuth vol. 1, 2.5,
 * first fit.
 *
 * Objects of all caches and what kmalloc() hands out lie side by side in the same pages, cut to
 * size in units of two bytes. There is nothing but the pages, and three lists of those that have
 * room, by the size of what they serve, so that small blocks do not take the large ones' room to
 * pieces:
 *
 *   small   < 256    --> page <--> page <--> page
 *   medium  < 1024   --> page <--> page
 *   large   < 4096   --> page
 *                         |
 *                         v   page->freelist
 *   | used | free 7 |--> used | free 1 |--> used | free 200 |      kmem/slob_priv.h has the code
 *
 * Allocation takes the first block that fits in the first page in which one does. The list then
 * turns, so that the next search begins there: pages at the head would else collect splinters, and
 * each search would pass over them. Where no page has room a new one comes to the head.
 *
 * Free finds the block's place among the free ones of its page, in the order of addresses, and
 * merges it with its neighbours. The way there shows whether it is free already. A page that is
 * free as a whole goes back at once.
 *
 * Twice three lists: who asks for DMA memory is served from pages of DMA memory, and nobody else
 * is, however these came to have room. A page keeps its list for as long as it is slob's: all that
 * is in it was of that class when it was taken, so no size is needed to find the list again.
 *
 *   who                          where                      how its size is known
 *   kmalloc, up to 4087 bytes    a block                    in a header in front
 *   kmalloc, larger              pages of its own           kmalloc_large()
 *   objects below a page         a block                    the cache's
 *   objects from a page on       pages of its own, which    the cache's
 *                                know the cache
 *
 * Blocks do not know their cache. So a cache has but a count of its objects; constructors run at
 * each allocation, since what frees an object may join it to anything; and pages are neither
 * reclaimable nor movable, whoever is in them. Debug flags are taken, and mean nothing here.
 *
 * slob.lock guards the lists, the counts, free blocks and the struct pages' words. Pages are got
 * and given back without it.
 *
 * Invariants (kmem_cache_fault()): free blocks of a page ascend, and two of them never touch; a
 * page's units are the sum of them, and it is on its list iff that is not 0, which is never a whole
 * page; the units in use are those of kmalloc() and those of all caches' objects.
 */
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "kmem/inspect.h"
#include "kmem/pages.h"
#include "kmem/slob_priv.h"
#include "phys/page_alloc.h"
#include "phys/vmstat.h"

__mm_state struct slob_state slob;

/*
 * In front of what kmalloc() gives. check tells it from what else may be there when kfree() gets an
 * address that is none of kmalloc's.
 */
struct slob_header {
	u32 size; /* bytes, without the header */
	u32 check;
};
#define SLOB_HEADER_CHECK 0x51AB0B1Eu
_Static_assert(sizeof(struct slob_header) == ARCH_SLAB_MINALIGN, "what follows is aligned, too");

/* The least size for which kmalloc() takes whole pages. */
#define SLOB_KMALLOC_LARGE (PAGE_SIZE - sizeof(struct slob_header))

/* ---- free blocks of a page: slob.lock is held ---------------------------------------------- */

static void set_block(slobidx_t *base, unsigned int at, unsigned int units, unsigned int next)
{
	if (units > 1) {
		base[at] = (slobidx_t)units;
		base[at + 1] = (slobidx_t)next;
	} else {
		base[at] = (slobidx_t)-next;
	}
}

/* Makes `next` follow the block at prev, SLOB_PAGE_UNITS for none: then it is the first. */
static void link_block(struct page *page, unsigned int prev, unsigned int next)
{
	slobidx_t *base = slob_base(page);

	if (prev != SLOB_PAGE_UNITS)
		set_block(base, prev, block_units(base, prev), next);
	else
		page->freelist = next != SLOB_PAGE_UNITS ? base + next : NULL;
}

/* Cuts [start, start + units) out of the free block at `at`; what is left on both sides stays. */
static void cut_block(struct page *page, unsigned int prev, unsigned int at, unsigned int start,
		      unsigned int units)
{
	slobidx_t *base = slob_base(page);
	unsigned int end = at + block_units(base, at), rest = start + units;
	unsigned int next = block_next(base, at);

	if (rest < end) {
		set_block(base, rest, end - rest, next);
		next = rest;
	}
	if (at < start)
		set_block(base, at, start - at, next);
	else
		link_block(page, prev, next);
	page->units -= units;
}

/* First fit: so many units, the first at a multiple of align of them; NULL for no room. */
static void *take_block(struct page *page, unsigned int units, unsigned int align)
{
	slobidx_t *base = slob_base(page);
	unsigned int prev = SLOB_PAGE_UNITS;

	for (unsigned int at = first_block(page); at != SLOB_PAGE_UNITS;) {
		unsigned int start = ALIGN(at, align);

		if (start + units <= at + block_units(base, at)) {
			cut_block(page, prev, at, start, units);
			if (!page->units)
				list_del(&page->lru);
			return base + start;
		}
		prev = at;
		at = block_next(base, at);
	}
	return NULL;
}

/* Puts [at, at + units) among the free blocks; false if some of it is free already. */
static bool put_block(struct page *page, unsigned int at, unsigned int units)
{
	slobidx_t *base = slob_base(page);
	unsigned int prev = SLOB_PAGE_UNITS, next = first_block(page), end = at + units;

	while (next < at) {
		prev = next;
		next = block_next(base, next);
	}
	if (next < end || (prev != SLOB_PAGE_UNITS && prev + block_units(base, prev) > at))
		return false;
	page->units += units;
	if (next == end && next != SLOB_PAGE_UNITS) {
		end += block_units(base, next);
		next = block_next(base, next);
	}
	if (prev != SLOB_PAGE_UNITS && prev + block_units(base, prev) == at) {
		set_block(base, prev, end - prev, next);
	} else {
		set_block(base, at, end - at, next);
		link_block(page, prev, at);
	}
	return true;
}

/* ---- pages --------------------------------------------------------------------------------- */

static unsigned int slob_list_of(size_t size, bool dma)
{
	enum slob_class class = size < SLOB_BREAK1   ? SLOB_SMALL
				: size < SLOB_BREAK2 ? SLOB_MEDIUM
						     : SLOB_LARGE;

	return class + (dma ? NR_SLOB_CLASSES : 0);
}

/* A page that is one free block, on no list; NULL when memory is short. May sleep, as gfp says. */
static struct page *new_slob_page(unsigned int list, gfp_t gfp)
{
	struct page *page = alloc_page(gfp & ~(GFP_MOBILITY_MASK | __GFP_ZERO));

	if (!page)
		return NULL;
	set_page_flag(page, PG_slab);
	page->slab_cache = NULL;
	page->units = SLOB_PAGE_UNITS;
	page->slob_list = list;
	page->freelist = page_address(page);
	set_block(page->freelist, 0, SLOB_PAGE_UNITS, SLOB_PAGE_UNITS);
	mod_vm_counter(NR_SLAB_UNRECLAIMABLE, 1);
	return page;
}

/* It is free as a whole, and on no list. */
static void free_slob_page(struct page *page)
{
	mod_vm_counter(NR_SLAB_UNRECLAIMABLE, -1);
	clear_page_flag(page, PG_slab);
	page->counters = 0;
	page->freelist = NULL;
	__free_page(page);
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* A block of s, or of kmalloc() for NULL, is taken or given back. */
static void account(struct kmem_cache *s, unsigned int units, bool taken)
{
	lock_assert_held(&slob.lock);
	if (s)
		s->impl.live += taken ? 1 : -1;
	else
		slob.kmalloc_units += taken ? units : -units;
}

/* Turns the list so that it begins with the page at `first`, or as it does if that is the head. */
static void turn_list(struct list_head *list, struct list_head *first)
{
	if (first == list || first == list->next)
		return;
	list_del(list);
	list_add_tail(list, first);
}

/* slob.lock is held. */
static void *search_list(struct list_head *list, unsigned int units, unsigned int align)
{
	list_for_each (at, list) {
		struct page *page = list_entry(at, struct page, lru);
		struct list_head *prev = at->prev;
		void *block;

		if (page->units < units)
			continue;
		block = take_block(page, units, align);
		if (block) {
			turn_list(list, prev->next); /* a page that is full now has left */
			return block;
		}
	}
	return NULL;
}

/* A block below a page, for s or for kmalloc(); align in bytes, SLOB_UNIT at least. */
static void *alloc_block(struct kmem_cache *s, size_t size, unsigned int align, gfp_t gfp)
{
	unsigned int list = slob_list_of(size, gfp & __GFP_DMA), units = SLOB_UNITS(size);
	unsigned long flags = spin_lock_irqsave(&slob.lock);
	void *block = search_list(&slob.lists[list], units, align / SLOB_UNIT);

	if (!block) {
		spin_unlock_irqrestore(&slob.lock, flags);
		struct page *page = new_slob_page(list, gfp);

		if (!page)
			return NULL;
		flags = spin_lock_irqsave(&slob.lock);
		slob.nr_pages++;
		list_add(&page->lru, &slob.lists[list]);
		block = take_block(page, units, align / SLOB_UNIT);
		BUG_ON(!block, "%u units do not fit into a new page", units);
	}
	account(s, units, true);
	spin_unlock_irqrestore(&slob.lock, flags);
	return block;
}

/*
 * The block at `object` of a shared page comes back. -EINVAL, with a report, and nothing changed,
 * if some of it is free already, or it goes beyond the page, or the page serves other sizes.
 */
static int free_block(struct kmem_cache *s, struct page *page, void *object, size_t size, bool dma)
{
	unsigned int units = SLOB_UNITS(size), before;
	unsigned int at = ((unsigned long)object & ~PAGE_MASK) / SLOB_UNIT;
	unsigned long flags;
	bool done, whole;

	if (at + units > SLOB_PAGE_UNITS)
		return kmem_report(s, object, "free beyond the page");
	if (page->slob_list != slob_list_of(size, dma))
		return kmem_report(s, object, "free into a page of other sizes");
	flags = spin_lock_irqsave(&slob.lock);
	before = page->units;
	done = put_block(page, at, units);
	whole = done && page->units == SLOB_PAGE_UNITS;
	if (done)
		account(s, units, false);
	if (whole) {
		slob.nr_pages--;
		if (before)
			list_del(&page->lru);
	} else if (done && !before) {
		list_add(&page->lru, &slob.lists[page->slob_list]);
	}
	spin_unlock_irqrestore(&slob.lock, flags);
	if (!done)
		return kmem_report(s, object, "free of what is free already");
	if (whole)
		free_slob_page(page);
	return 0;
}

static bool within_free_block(struct page *page, const void *p)
{
	unsigned long flags = spin_lock_irqsave(&slob.lock);
	bool is_free = kmem_object_is_free(NULL, page, p);

	spin_unlock_irqrestore(&slob.lock, flags);
	return is_free;
}

/* What holds for requests of all kinds. */
static void check_request(gfp_t gfp)
{
	MM_ASSERT(!(gfp & __GFP_HIGHMEM), "gfp %x: high memory has no address", gfp);
	MM_ASSERT(!(gfp & __GFP_WAIT) || !locks_held(), "gfp %x with a lock held", gfp);
}

/* ---- kmalloc ------------------------------------------------------------------------------- */

void *kmalloc_object(size_t size, gfp_t gfp, unsigned long caller __maybe_unused)
{
	struct slob_header *header;

	check_request(gfp);
	if (!size)
		return ZERO_SIZE_PTR;
	if (size >= SLOB_KMALLOC_LARGE)
		return kmalloc_large(size, gfp);
	header = alloc_block(NULL, sizeof(*header) + size, ARCH_SLAB_MINALIGN, gfp);
	if (!header)
		return NULL;
	header->size = size;
	header->check = size ^ SLOB_HEADER_CHECK;
	if (gfp & __GFP_ZERO)
		memset(header + 1, 0, size);
	return header + 1;
}

/* The header in front of p, which is in a shared page; NULL if there is none. */
static struct slob_header *header_of(const void *p)
{
	struct slob_header *header = (struct slob_header *)p - 1;

	if (!IS_ALIGNED((unsigned long)p, ARCH_SLAB_MINALIGN) ||
	    IS_ALIGNED((unsigned long)p, PAGE_SIZE))
		return NULL;
	if (header->size >= SLOB_KMALLOC_LARGE ||
	    header->check != (header->size ^ SLOB_HEADER_CHECK))
		return NULL;
	return header;
}

/* Of a page got by __GFP_DMA? */
static bool is_dma_page(const struct page *page)
{
	return page->slob_list >= NR_SLOB_CLASSES;
}

int kfree_object(const void *p, unsigned long caller __maybe_unused)
{
	struct slob_header *header;
	struct page *page;

	if (ZERO_OR_NULL_PTR(p))
		return 0;
	page = slab_page_of(p);
	if (!page)
		return kfree_large(p);
	if (page->slab_cache)
		return kmem_report(page->slab_cache, p, "kfree of a cache's object");
	header = header_of(p);
	if (!header)
		return kmem_report(NULL, p,
				   within_free_block(page, p)
					   ? "free of what is free already"
					   : "free of what kmalloc did not give");
	header->check = 0; /* whatever comes to lie behind it is none of kmalloc's */
	return free_block(NULL, page, header, sizeof(*header) + header->size, is_dma_page(page));
}

void *__regparm __kmalloc(size_t size, gfp_t gfp)
{
	if (unlikely(kmem_gate))
		return kmalloc_watched(size, gfp, RETURN_ADDRESS);
	return kmalloc_object(size, gfp, RETURN_ADDRESS);
}

int __regparm kfree(const void *p)
{
	if (unlikely(kmem_gate))
		return kfree_watched(p, RETURN_ADDRESS);
	return kfree_object(p, RETURN_ADDRESS);
}

size_t ksize(const void *p)
{
	struct page *page = ZERO_OR_NULL_PTR(p) ? NULL : slab_page_of(p);
	struct slob_header *header;

	if (!page)
		return ksize_large(p);
	header = page->slab_cache ? NULL : header_of(p);
	return header ? ALIGN(header->size, SLOB_UNIT) : 0;
}

/* ---- objects of caches --------------------------------------------------------------------- */

static void *alloc_own_pages(struct kmem_cache *s, gfp_t gfp)
{
	struct page *page = slab_alloc_pages(s, gfp, get_order(s->object_size));
	unsigned long flags;

	if (!page)
		return NULL;
	flags = spin_lock_irqsave(&slob.lock);
	list_add_tail(&page->lru, &s->impl.blocks);
	s->impl.live++;
	spin_unlock_irqrestore(&slob.lock, flags);
	return page_address(page);
}

static void free_own_pages(struct kmem_cache *s, struct page *page)
{
	unsigned long flags = spin_lock_irqsave(&slob.lock);

	list_del(&page->lru);
	s->impl.live--;
	spin_unlock_irqrestore(&slob.lock, flags);
	slab_free_pages(s, page, page_order_in_use(page));
}

void *kmem_alloc_object(struct kmem_cache *s, gfp_t gfp, unsigned long caller __maybe_unused)
{
	/* Zones and mobility are the cache's business. */
	gfp_t allowed = (gfp & ~(GFP_ZONEMASK | GFP_MOBILITY_MASK)) | s->allocflags;
	void *object;

	check_request(gfp);
	MM_ASSERT(!(gfp & __GFP_ZERO) || !s->ctor, "cache %s: zeroed or constructed?", s->name);
	object = has_own_pages(s) ? alloc_own_pages(s, allowed)
				  : alloc_block(s, s->size, s->align, allowed);
	if (!object)
		return NULL;
	if (gfp & __GFP_ZERO)
		memset(object, 0, s->object_size);
	if (s->ctor)
		s->ctor(object);
	return object;
}

int kmem_free_object(struct kmem_cache *s, void *object, unsigned long caller __maybe_unused)
{
	struct page *page = slab_page_of(object);

	if (!page)
		return kmem_report(s, object, "free of what is in no slab");
	if (page->slab_cache != (has_own_pages(s) ? s : NULL))
		return kmem_report(s, object, "free of another cache's object");
	if (!IS_ALIGNED((unsigned long)object, s->align))
		return kmem_report(s, object, "free of what is no object");
	if (!s->impl.live)
		return kmem_report(s, object, "free into a cache without objects");
	if (!has_own_pages(s))
		return free_block(s, page, object, s->size, s->allocflags & __GFP_DMA);
	if (object != page_address(page))
		return kmem_report(s, object, "free of what is no object");
	free_own_pages(s, page);
	return 0;
}

void *__regparm kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	if (unlikely(kmem_gate))
		return kmem_alloc_watched(s, gfp, RETURN_ADDRESS);
	return kmem_alloc_object(s, gfp, RETURN_ADDRESS);
}

int __regparm kmem_cache_free(struct kmem_cache *s, void *object)
{
	if (unlikely(kmem_gate))
		return kmem_free_watched(s, object, RETURN_ADDRESS);
	return kmem_free_object(s, object, RETURN_ADDRESS);
}
