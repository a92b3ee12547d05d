/*
 * Poison: in checked builds a page of low memory that was freed holds PAGE_POISON throughout (one
 * that has been free since boot holds what it held: filling all of RAM would be most of a boot), so
 * that a write after the free is found when the page is handed out again, or by mm_verify().
 * Corresponds to Linux mm/page_poison.c. Nothing in other builds.
 */
#pragma once

#include "phys/page.h"

#define WORDS_PER_PAGE (PAGE_SIZE / sizeof(u32))

#if CONFIG_CHECKED
/* Fills a block whose last use is gone; not one of high memory. */
void poison_pages(struct page *page, unsigned int order);

/* Checks a block that is about to be handed out, and takes the marks off. Panics on a write. */
void unpoison_pages(struct page *page, unsigned int order);
#else
#define poison_pages(page, order) ((void)0)
#define unpoison_pages(page, order) ((void)0)
#endif
