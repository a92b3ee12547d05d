/*
 * Page owners: for each block of pages in use who allocated it and how, and for each page who freed
 * it last. Corresponds to Linux mm/page_owner.c.
 *
 * page_owner=on on the command line starts it: a table from boot memory, an entry for each page,
 * 112 bytes. While it is off there is no table, and the fast paths know nothing of it. While it is
 * on they are closed (phys/pcp.h): every request comes to alloc_pages_rest(), which marks the block
 * PG_watched, and who frees such a block comes to free_pages_rest().
 *
 * Invariants, while it is on (mm_verify()):
 *   a block is in use   iff  its first page's entry says so, with its order
 *   all other entries say that the page is not the first of a block in use
 */
#pragma once

#include "base/stacktrace.h"
#include "phys/page.h"

struct page_owner {
	bool in_use; /* the first page of a block in use */
	bool freed;  /* was, once, and free_trace tells who freed it */
	u8 order;    /* of its block, the last that it was the first of */
	gfp_t gfp;
	struct stack_trace alloc_trace, free_trace;
};

/* By pfn; NULL while it is off. As struct page: the page's owner changes its entry. */
extern struct page_owner *page_owners;

/* Takes the table where the command line asked for it, or says that there is no memory for it. Boot
 * time only: stage zones. */
void page_owner_init(unsigned long nr_pages);

/* From now on every block has an owner. Boot time only, after init_watermarks(). */
void page_owner_start(void);

/*
 * What the allocator tells, with the fast path closed: a block was handed out, to the code at
 * caller, a return address; a watched block was freed; a watched block was split into pages.
 */
void watch_new_pages(struct page *page, unsigned int order, gfp_t gfp, unsigned long caller);
void watch_free_pages(struct page *page, unsigned int order, unsigned long caller);
void watch_split_pages(struct page *page, unsigned int order);

/*
 * Prints what is known of a page, as Linux's /proc/page_owner does: for the first of a block in use
 *
 *	Page allocated via order 0, mask 0xd0
 *	PFN 1280 type Unmovable Block 1 type Unmovable
 *	  function
 *	  ...
 *
 * The first type is the request's, the second the page block's. For one that was freed the same
 * with "Page last allocated", then "Page last freed" and that trace. -EINVAL: it is off; -ENOENT:
 * nothing is known, the page is a later one of a block or was never handed out.
 */
int print_page_owner(const struct page *page);

/* Prints the owners of all blocks in use, a blank line behind each. Returns how many. */
unsigned long print_page_owners(void);
