/* Blocks of other sizes than powers of two: a block split into its pages. */
#include "base/bitops.h"
#include "base/errno.h"
#include "phys/page_alloc.h"
#include "phys/page_owner.h"

/* NULL if the block can be split, else what is wrong. */
static const char *why_not_split(const struct page *page, unsigned int order)
{
	if (page->_count == 0)
		return "page without users split";
	if (page->_count != 1)
		return "block with more than one use split";
	if (page->flags & PAGE_FLAGS_CHECK)
		return "split with a flag that it must not have";
	if (page_order_in_use(page) != order)
		return "split at an order that it was not allocated with";
	if (page->mapping)
		return "split while it belongs to a mapping";
	return NULL;
}

int split_page(struct page *page, unsigned int order)
{
	const char *why = why_not_split(page, order);

	if (why) {
		bad_page(page, why);
		return -EINVAL;
	}
	__atomic_fetch_and(&page->flags, ~PAGE_FLAGS_ORDER_MASK, __ATOMIC_RELAXED);
	for (unsigned long i = 1; i < 1ul << order; i++)
		page[i]._count = 1;
	if (page_flag(page, PG_watched))
		watch_split_pages(page, order);
	return 0;
}

unsigned int get_order(unsigned long size)
{
	unsigned long last = (size - 1) >> PAGE_SHIFT;

	return last ? highest_bit(last) + 1 : 0;
}

unsigned long alloc_pages_exact(unsigned long size, gfp_t gfp)
{
	unsigned long addr, used = PFN_UP(size);
	unsigned int order;

	if (!size)
		return 0;
	order = get_order(size);
	addr = __get_free_pages(gfp, order);
	if (!addr)
		return 0;
	struct page *page = virt_to_page((void *)addr);

	split_page(page, order);
	for (unsigned long i = used; i < 1ul << order; i++)
		__free_page(page + i);
	return addr;
}

int free_pages_exact(unsigned long addr, unsigned long size)
{
	unsigned long pages = PFN_UP(size);
	int err = size ? 0 : -EINVAL;

	for (unsigned long i = 0; i < pages && !err; i++)
		err = free_pages(addr + (i << PAGE_SHIFT), 0);
	return err;
}
