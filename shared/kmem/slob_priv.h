/*
 * What the parts of slob share: how a page of it is laid out, and the lists. kmem/slob.c has the
 * theory.
 *
 * A page is SLOB_PAGE_UNITS units. Its free blocks form a list in the order of addresses that is
 * written into the blocks themselves, as offsets from the page's first unit:
 *
 *   block of n > 1 units     | n | offset of the next block | ...
 *   block of one unit        | -offset of the next block    |
 *
 * The offset SLOB_PAGE_UNITS ends the list. So no offset is 0, and the sign tells the two apart.
 */
#pragma once

#include "base/lock.h"
#include "kmem/cache.h"

typedef int16_t slobidx_t;

#define SLOB_UNIT sizeof(slobidx_t)
#define SLOB_UNITS(bytes) DIV_ROUND_UP(bytes, SLOB_UNIT)
#define SLOB_PAGE_UNITS ((unsigned int)(PAGE_SIZE / SLOB_UNIT))

/* Sizes from which on a block is of the next class. A page serves blocks of one class. */
#define SLOB_BREAK1 256u
#define SLOB_BREAK2 1024u

enum slob_class { SLOB_SMALL, SLOB_MEDIUM, SLOB_LARGE, NR_SLOB_CLASSES };

/* page->slob_list: the class, plus NR_SLOB_CLASSES for pages that were got by __GFP_DMA. */
#define NR_SLOB_LISTS (2 * NR_SLOB_CLASSES)

struct slob_state {
	spinlock_t lock;
	struct list_head lists[NR_SLOB_LISTS]; /* pages with free units, by lru */
	unsigned long nr_pages;		       /* those without are among them */
	unsigned long kmalloc_units;	       /* that kmalloc() has handed out of them */
};
extern struct slob_state slob;

static inline slobidx_t *slob_base(const struct page *page)
{
	return page_address(page);
}

static inline unsigned int block_units(const slobidx_t *base, unsigned int at)
{
	return base[at] > 0 ? base[at] : 1;
}

static inline unsigned int block_next(const slobidx_t *base, unsigned int at)
{
	return base[at] > 0 ? base[at + 1] : -base[at];
}

static inline unsigned int first_block(const struct page *page)
{
	return page->freelist ? (slobidx_t *)page->freelist - slob_base(page) : SLOB_PAGE_UNITS;
}

/* Is each object of the cache a block of pages of its own? Other objects share pages. */
static inline bool has_own_pages(const struct kmem_cache *s)
{
	return s->object_size >= PAGE_SIZE;
}
