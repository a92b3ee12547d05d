/*
 * Poison: a page of low memory that was freed holds PAGE_POISON throughout (one that has been free
 * since boot holds what it held: filling all of RAM would be most of a boot), so that a write after
 * the free is found when the page is handed out again, or by mm_verify(). Corresponds to Linux
 * mm/page_poison.c.
 *
 * page_poison=on|off on the command line says so; without it, checked builds do and others do not.
 * The fast paths of other builds know nothing of it: while it is on there, they are closed
 * (phys/pcp.h), and pages are freed the long way (PG_watched).
 */
#pragma once

#include "phys/page.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))

/* Set once at boot. */
extern bool page_poisoning;

/* Does what the command line said. Boot time only, after init_watermarks(). */
void page_poison_start(void);

void fill_poison(struct page *page, unsigned int order);
void check_poison(struct page *page, unsigned int order);

/* Fills a block whose last use is gone; not one of high memory. */
static __always_inline void poison_pages(struct page *page, unsigned int order)
{
	if (unlikely(page_poisoning))
		fill_poison(page, order);
}

/* Checks a block that is about to be handed out, and takes the marks off. Panics on a write. */
static __always_inline void unpoison_pages(struct page *page, unsigned int order)
{
	if (unlikely(page_poisoning))
		check_poison(page, order);
}
