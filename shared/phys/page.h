/*
 * struct page: one per page frame from 0 to max_pfn, RAM or hole. Corresponds to Linux
 * include/linux/mm.h, mm_types.h and page-flags.h.
 *
 * States of a frame, and what holds in each (checked by mm_verify()):
 *
 *             free_all_bootmem()             alloc_pages()
 *   reserved ------------------> free block -------------> in use
 *   PG_reserved                  head: PG_buddy,           _count >= 1
 *   _count 0                       private = order         no PG_buddy
 *                                tail: no flags    <-------------
 *                                _count 0           free_pages()
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"
#include "base/list.h"

/*
 * Bits of page->flags. The top two bits name the zone; the four below them hold, in the first page
 * of a block in use, the order it was allocated with, so that a free of another order is told
 * apart.
 */
enum pageflags {
	PG_reserved, /* never handed out: a hole, the image, boot-time allocations */
	PG_buddy,    /* head of a free block: private is its order, lru links the free list */
	PG_poison,   /* free, and filled with PAGE_POISON (checked builds only) */
	PG_table,    /* a page directory or page table */
	NR_PAGEFLAGS
};

#define PAGE_FLAGS_ZONE_SHIFT 30
#define PAGE_FLAGS_ORDER_SHIFT 26
#define PAGE_FLAGS_ORDER_MASK (0xFu << PAGE_FLAGS_ORDER_SHIFT)
/* Flags that no page may have when it is freed; nor, with the order, when it is handed out. */
#define PAGE_FLAGS_CHECK (1u << PG_reserved | 1u << PG_buddy | 1u << PG_table)

/* The word that fills a free page, as Linux's mm/page_poison.c has it. */
#define PAGE_POISON 0xAAAAAAAAu

/*
 * Locks: z is the zone's lock while the page is free, the owner's business while it is in use; a is
 * changed by atomic operations alone, under whatever lock or none.
 */
struct page {
	u32 flags;	       /* z */
	u32 _count;	       /* a; users: 0 when free or reserved */
	s32 _mapcount;	       /* a; page-table entries that map it, less one */
	unsigned long private; /* z; the order of a free block, else the owner's */
	void *mapping;	       /* the owner's */
	unsigned long index;   /* the owner's */
	struct list_head lru;  /* z; on a free list, else the owner's */
};
_Static_assert(sizeof(struct page) == 32, "mem_map costs 32 bytes a page");

extern struct page *mem_map;

static inline unsigned long page_to_pfn(const struct page *page)
{
	return page - mem_map;
}

static inline struct page *pfn_to_page(unsigned long pfn)
{
	return mem_map + pfn;
}

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return PFN_PHYS(page_to_pfn(page));
}

/* The direct-map address; only for pages of low memory. */
static inline void *page_address(const struct page *page)
{
	return __va(page_to_phys(page));
}

static inline struct page *virt_to_page(const void *va)
{
	return pfn_to_page(PFN_DOWN(__pa(va)));
}

static inline bool page_flag(const struct page *page, enum pageflags flag)
{
	return page->flags >> flag & 1;
}

static inline void set_page_flag(struct page *page, enum pageflags flag)
{
	page->flags |= 1u << flag;
}

static inline void clear_page_flag(struct page *page, enum pageflags flag)
{
	page->flags &= ~(1u << flag);
}

static inline unsigned int page_zonenum(const struct page *page)
{
	return page->flags >> PAGE_FLAGS_ZONE_SHIFT;
}

/* The order that a block in use was allocated with; page is its first. */
static inline unsigned int page_order_in_use(const struct page *page)
{
	return (page->flags & PAGE_FLAGS_ORDER_MASK) >> PAGE_FLAGS_ORDER_SHIFT;
}

static inline void set_page_order_in_use(struct page *page, unsigned int order)
{
	page->flags = (page->flags & ~PAGE_FLAGS_ORDER_MASK) | order << PAGE_FLAGS_ORDER_SHIFT;
}

/* Is there a struct page for this frame? */
bool pfn_valid(unsigned long pfn);

/*
 * Takes boot memory for mem_map and initialises the entries [start_pfn, end_pfn) as reserved pages
 * of a zone. Boot time only.
 */
void alloc_mem_map(unsigned long nr_pages);
void memmap_init_zone(unsigned long start_pfn, unsigned long end_pfn, unsigned int zone);

/* One line with the page's whole state: "page 00500 zone Normal flags buddy count 0 ...". */
void print_page(const struct page *page, char *buf, size_t size);

/* Reports a page that is not in the state it must have, and why. The caller leaves the page alone.
 */
void bad_page(const struct page *page, const char *why);
