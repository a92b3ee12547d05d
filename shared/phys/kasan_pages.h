/*
 * Pages under shadow memory (base/kasan.h): a free page must not be touched, one that was handed
 * out may be. Corresponds to Linux mm/kasan/common.c, kasan_alloc_pages() and kasan_free_pages(),
 * and arch/x86/mm/kasan_init_32.c, as far as there would be one.
 *
 *   bootmem's, the image's, holes    00 ... from the shadow's start: nobody looks
 *   free, on a list of whatever kind ff
 *   in use                           00, until a user of its own says otherwise
 */
#pragma once

#include "base/kasan.h"
#include "phys/page.h"

/*
 * Takes boot memory for the shadow of all of low memory, at the top of it: pages below are handed
 * out as in other builds. Without room there is no shadow, and a message. Returns memory that it
 * has to spare, zeroed, word-aligned; *spare: how much would be welcome, and how much there is.
 * NULL: there is no shadow. Boot time only: stage zones.
 */
void *kasan_init_shadow(size_t *spare);

/* A block was handed out; a block whose last use is gone goes to a free list. Those of high memory
 * have no shadow. */
static __always_inline void kasan_alloc_pages(struct page *page, unsigned int order)
{
	if (CONFIG_KASAN)
		kasan_unpoison(page_address(page), PAGE_SIZE << order);
}

static __always_inline void kasan_free_pages(struct page *page, unsigned int order)
{
	if (CONFIG_KASAN)
		kasan_poison(page_address(page), PAGE_SIZE << order, KASAN_PAGE_FREE);
}
