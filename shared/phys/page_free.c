/* Freeing: what may be freed, and the way back. */
#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "boot/setup.h"
#include "phys/kasan_pages.h"
#include "phys/page_alloc.h"
#include "phys/page_owner.h"
#include "phys/pcp.h"
#include "phys/poison.h"
#include "phys/rmqueue.h"

/* ---- what may be freed --------------------------------------------------------------------- */

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

/* Is this the last use of a block of that order, and nothing wrong with it: no mapping, of neither
 * kind? */
static __always_inline bool plain_last_use(const struct page *page, unsigned int order)
{
	u32 flags = page->flags & (PAGE_FLAGS_NOT_PLAIN | PAGE_FLAGS_ORDER_MASK);

	return flags == order << PAGE_FLAGS_ORDER_SHIFT && page->_count == 1 &&
	       !(~page->_mapcount | (s32)page->mapping);
}

/* ---- the way back -------------------------------------------------------------------------- */

/* Whose code frees: in an entry of this file. */
#define FREER ((unsigned long)__builtin_return_address(0))

/* All but the last use of a sound block that nobody watches. */
static __always_inline int free_pages_long(struct page *page, unsigned int order, bool cold,
					   unsigned long caller)
{
	const char *why = why_not_free(page, order);
	bool watched;

	if (why) {
		bad_page(page, why);
		return -EINVAL;
	}
	if (__atomic_sub_fetch(&page->_count, 1, __ATOMIC_ACQ_REL))
		return 0;
	/* Nobody has it: a plain store. */
	page->flags &= ~PAGE_FLAGS_CONTENTS;
	watched = page_flag(page, PG_watched);
	if (unlikely(watched))
		watch_free_pages(page, order, caller);
	if (CONFIG_CHECKED || unlikely(watched))
		poison_pages(page, order);
	kasan_free_pages(page, order);
	if (order > PAGE_ALLOC_COSTLY_ORDER || !pcp_put(page, order, cold))
		free_one_page(page, order);
	return 0;
}

/* Three arguments: the fast path gets here by a jump, and keeps no register for it. */
static noinline __regparm int free_pages_rest(struct page *page, unsigned int order,
					      unsigned long caller)
{
	return free_pages_long(page, order, false, caller);
}

static __always_inline int free_pages_fast(struct page *page, unsigned int order)
{
	if (unlikely(order >= MAX_ORDER) || unlikely(!plain_last_use(page, order)))
		return free_pages_rest(page, order, FREER);
	if (unlikely(__atomic_sub_fetch(&page->_count, 1, __ATOMIC_ACQ_REL)))
		return 0;
	if (CONFIG_CHECKED)
		poison_pages(page, order);
	kasan_free_pages(page, order);
	if (unlikely(order > PAGE_ALLOC_COSTLY_ORDER) || unlikely(!pcp_put(page, order, false)))
		free_one_page(page, order);
	return 0;
}

int __regparm __free_page(struct page *page)
{
	return free_pages_fast(page, 0);
}

int __regparm __free_pages(struct page *page, unsigned int order)
{
	return free_pages_fast(page, order);
}

int free_cold_page(struct page *page)
{
	return free_pages_long(page, 0, true, FREER);
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

void __regparm free_last_use(struct page *page)
{
	/* Nobody else has it: plain stores. */
	if (page_is_anon(page))
		page->mapping = NULL;
	page->flags &= ~PAGE_FLAGS_CONTENTS;
	page->_count = 1;
	__free_page(page);
}

void get_page(struct page *page)
{
	MM_ASSERT(page->_count, "pfn %lx is not in use", page_to_pfn(page));
	__atomic_add_fetch(&page->_count, 1, __ATOMIC_RELAXED);
}
