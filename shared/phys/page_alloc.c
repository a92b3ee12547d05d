#include "phys/page_alloc.h"

#include "base/bitops.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "phys/buddy.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))

/* ---- poison: a free page of low memory holds PAGE_POISON throughout, in checked builds ----- */

static bool page_has_address(const struct page *page)
{
	return page_zonenum(page) != ZONE_HIGHMEM;
}

static void poison_pages(struct page *page, unsigned int order)
{
	if (!CONFIG_CHECKED || !page_has_address(page))
		return;
	fill_words(page_address(page), PAGE_POISON, WORDS_PER_PAGE << order);
	for (unsigned long i = 0; i < 1ul << order; i++)
		set_page_flag(page + i, PG_poison);
}

static void unpoison_pages(struct page *page, unsigned int order)
{
	for (unsigned long i = 0; CONFIG_CHECKED && i < 1ul << order; i++) {
		const u32 *words;

		if (!page_flag(page + i, PG_poison))
			continue;
		words = page_address(page + i);
		for (unsigned int w = 0; w < WORDS_PER_PAGE; w++)
			BUG_ON(words[w] != PAGE_POISON,
			       "pfn %lx was written while free: word %u is %08x",
			       page_to_pfn(page + i), w, words[w]);
		clear_page_flag(page + i, PG_poison);
	}
}

/* ---- allocation ---------------------------------------------------------------------------- */

static enum zone_type gfp_zone(gfp_t gfp)
{
	if (gfp & __GFP_DMA)
		return ZONE_DMA;
	return gfp & __GFP_HIGHMEM ? ZONE_HIGHMEM : ZONE_NORMAL;
}

static struct page *alloc_from_zone(struct zone *zone, unsigned int order)
{
	unsigned long flags = spin_lock_irqsave(&zone->lock);
	struct page *page = buddy_alloc(zone, order);

	spin_unlock_irqrestore(&zone->lock, flags);
	return page;
}

static void prepare_new_pages(struct page *page, unsigned int order, gfp_t gfp)
{
	for (unsigned long i = 0; CONFIG_CHECKED && i < 1ul << order; i++)
		BUG_ON(page[i].flags & (PAGE_FLAGS_CHECK | PAGE_FLAGS_ORDER_MASK) || page[i]._count,
		       "pfn %lx handed out with flags %08x, count %u", page_to_pfn(page + i),
		       page[i].flags, page[i]._count);
	unpoison_pages(page, order);
	page->_count = 1;
	set_page_order_in_use(page, order);
	if (gfp & __GFP_ZERO)
		clear_words(page_address(page), WORDS_PER_PAGE << order);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	MM_ASSERT(!(gfp & ~GFP_KNOWN), "gfp %x", gfp);
	MM_ASSERT((gfp & (__GFP_ZERO | __GFP_HIGHMEM)) != (__GFP_ZERO | __GFP_HIGHMEM),
		  "gfp %x wants high memory zeroed", gfp);
	for (int type = gfp_zone(gfp); order < MAX_ORDER && type >= ZONE_DMA; type--) {
		struct page *page = alloc_from_zone(zone_of(type), order);

		if (page) {
			prepare_new_pages(page, order, gfp);
			return page;
		}
	}
	if (!(gfp & __GFP_NOWARN))
		printk("page allocation failure: order %u, gfp 0x%x\n", order, gfp);
	return NULL;
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	MM_ASSERT(!(gfp & __GFP_HIGHMEM), "gfp %x: high memory has no address", gfp);
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void get_page(struct page *page)
{
	MM_ASSERT(page->_count, "pfn %lx is not in use", page_to_pfn(page));
	__atomic_add_fetch(&page->_count, 1, __ATOMIC_RELAXED);
}

/* ---- freeing ------------------------------------------------------------------------------- */

/* NULL if a use of the block may be dropped, else what is wrong. Each mapping holds a use of its
 * own. */
static const char *why_not_free(const struct page *page, unsigned int order)
{
	if (order >= MAX_ORDER)
		return "freed at an order that does not exist";
	if (!IS_ALIGNED(page_to_pfn(page), 1ul << order))
		return "freed at an order that its pfn is no multiple of";
	if (!pfn_valid(page_to_pfn(page) + (1ul << order) - 1))
		return "freed at an order that goes beyond the last page";
	if (page_flag(page, PG_reserved))
		return "reserved page freed";
	if (page->_count == 0)
		return "page without users freed";
	if (page->flags & PAGE_FLAGS_CHECK)
		return "freed with a flag that it must not have";
	if (page_order_in_use(page) != order)
		return "freed at an order that it was not allocated with";
	if (page->_mapcount >= 0 && page->_mapcount + 1 >= (s32)page->_count)
		return "the use of a mapping dropped";
	if (page->_count == 1 && page->mapping)
		return "last use dropped while it belongs to a mapping";
	return NULL;
}

int __free_pages(struct page *page, unsigned int order)
{
	struct zone *zone = page_zone(page);
	const char *why = why_not_free(page, order);

	if (why) {
		bad_page(page, why);
		return -EINVAL;
	}
	if (__atomic_sub_fetch(&page->_count, 1, __ATOMIC_ACQ_REL))
		return 0;
	set_page_order_in_use(page, 0);
	poison_pages(page, order);

	unsigned long flags = spin_lock_irqsave(&zone->lock);

	buddy_free(zone, page, order);
	spin_unlock_irqrestore(&zone->lock, flags);
	return 0;
}

int free_pages(unsigned long addr, unsigned int order)
{
	if (!IS_ALIGNED(addr, PAGE_SIZE) || addr < PAGE_OFFSET ||
	    PFN_DOWN(__pa(addr)) >= memory.max_low_pfn) {
		printk("free_pages: %08lx is no page of the direct map\n", addr);
		return -EINVAL;
	}
	return __free_pages(virt_to_page((void *)addr), order);
}

unsigned long nr_free_pages(void)
{
	unsigned long sum = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		sum += zone_of(type)->free_pages;
	return sum;
}

/* ---- the end of boot ----------------------------------------------------------------------- */

static void release_pages(struct zone *zone, unsigned long pfn, unsigned int order)
{
	for (unsigned long i = 0; i < 1ul << order; i++)
		clear_page_flag(pfn_to_page(pfn + i), PG_reserved);
	zone->managed_pages += 1ul << order;

	unsigned long flags = spin_lock_irqsave(&zone->lock);

	buddy_free(zone, pfn_to_page(pfn), order);
	spin_unlock_irqrestore(&zone->lock, flags);
}

/*
 * Hands over a run of RAM in naturally aligned blocks, each as large as fits. The zones' bounds are
 * multiples of the largest block, so no block straddles them.
 */
static void release_range(unsigned long pfn, unsigned long end_pfn)
{
	while (pfn < end_pfn) {
		unsigned int order = min(lowest_bit(pfn), highest_bit(end_pfn - pfn));

		order = min(order, MAX_ORDER - 1u);
		release_pages(page_zone(pfn_to_page(pfn)), pfn, order);
		pfn += 1ul << order;
	}
}

unsigned long mem_init(void)
{
	unsigned long low = free_all_bootmem(release_range);

	for_each_ram_range(memory.max_low_pfn, memory.max_pfn, release_range);
	return low + zone_of(ZONE_HIGHMEM)->managed_pages;
}
