/*
 * Addresses for pages, those of high memory too. Corresponds to Linux include/linux/highmem.h.
 */
#pragma once

#include "base/string.h"
#include "phys/page.h"

/* An address for the page's contents, until kunmap_atomic(); no sleeping between the two. */
static inline void *kmap_atomic(struct page *page)
{
	return page_address(page);
}

static inline void kunmap_atomic(void *address __maybe_unused)
{
}

static inline void clear_highpage(struct page *page)
{
	void *address = kmap_atomic(page);

	clear_words(address, PAGE_SIZE / sizeof(u32));
	kunmap_atomic(address);
}
