/*
 * struct page: one per page frame from 0 to max_pfn, RAM or hole. Corresponds to Linux
 * include/linux/mm.h, mm_types.h and page-flags.h.
 *
 * States of a frame, and what holds in each (checked by mm_verify()):
 *
 *             memmap_release()           buddy_take()
 *   reserved ---------------> free block -----------> on a per-CPU list <---> in use
 *   PG_reserved               head: PG_buddy, <-----  order in flags          order in flags
 *   _count 0                    private = order       linked by lru           _count >= 1
 *                             tail: no flags          _count 0
 *                             _count 0     buddy_free()
 *
 * Blocks above the orders that per-CPU lists are kept for go straight from free to in use and back.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"
#include "base/list.h"

/*
 * Bits of page->flags. The top ones are numbers:
 *
 *   31:30  zone
 *   29:27  migrate type of the page block (phys/pageblock.h)
 *   26:23  in the first page of a block that is not free: its order, to tell wrong frees
 *
 * Of a page in use they change by atomic operations alone: the type may change at any time.
 */
enum pageflags {
	PG_reserved, /* never handed out: a hole, the image, boot-time allocations */
	PG_buddy,    /* head of a free block: private is its order, lru links the free list */
	PG_poison,   /* free, and filled with PAGE_POISON */
	PG_table,    /* a page directory or page table */
	PG_slab,     /* of a kernel-object allocator's slab, each page of it */
	PG_tail,     /* ... and not the first: first_page */
	PG_kmalloc,  /* head of a block that kmalloc() handed out whole */
	PG_watched,  /* head of a block in use whose free is of interest (page_is_watched()) */
	PG_seen,     /* within mm_verify() alone: on a per-CPU list */
	/* Of pages with contents that programs see: put_page() takes the last four away. */
	PG_locked,     /* somebody works on it: lock_page() */
	PG_uptodate,   /* what it holds is valid */
	PG_dirty,      /* ... and newer than what its file has */
	PG_referenced, /* used lately, as far as anybody has noticed */
	PG_swapbacked, /* no file stands behind it: anonymous, or shared memory */
	NR_PAGEFLAGS
};

#define PAGE_FLAGS_ZONE_SHIFT 30
#define PAGE_FLAGS_TYPE_SHIFT 27
#define PAGE_FLAGS_TYPE_MASK 7u
#define PAGE_FLAGS_ORDER_SHIFT 23
#define PAGE_FLAGS_ORDER_MASK (0xFu << PAGE_FLAGS_ORDER_SHIFT)
/* Flags that no page may have when it is freed; nor, with the order, when it is handed out. */
#define PAGE_FLAGS_CHECK                                                                           \
	(1u << PG_reserved | 1u << PG_buddy | 1u << PG_table | 1u << PG_slab | 1u << PG_tail |     \
	 1u << PG_kmalloc | 1u << PG_locked)

/* What is said of a page's contents; it goes with the last use. */
#define PAGE_FLAGS_CONTENTS                                                                        \
	(1u << PG_uptodate | 1u << PG_dirty | 1u << PG_referenced | 1u << PG_swapbacked)

/* ... and those that, with the order, tell a plain free from one that takes the long way. */
#define PAGE_FLAGS_NOT_PLAIN (PAGE_FLAGS_CHECK | PAGE_FLAGS_CONTENTS | 1u << PG_watched)

/* The word that fills a free page, as Linux's mm/page_poison.c has it. */
#define PAGE_POISON 0xAAAAAAAAu

/*
 * Locks: z is the zone's lock while the page is free, that of its per-CPU list while it is there,
 * the owner's business while it is in use; a is changed by atomic operations alone, under whatever
 * lock or none.
 */
struct page {
	struct list_head lru; /* z; on a free list or a per-CPU one, else the owner's. First: a page
			       * taken off a list needs no address arithmetic */
	u32 flags;	      /* a */
	u32 _count;	      /* a, but for the first use of a page that nobody has; users */
	s32 _mapcount;	      /* a; page-table entries that map it, less one */
	union {
		void *mapping;		       /* the owner's */
		struct kmem_cache *slab_cache; /* PG_slab */
	};
	union {
		unsigned long private;	 /* z; the order of a free block, else the owner's */
		u32 counters;		 /* PG_slab: the next three in one (kmem/slub.c) */
		struct page *first_page; /* PG_tail */
		struct {
			u16 inuse; /* objects handed out */
			u16 objects : 15, frozen : 1;
		};
		struct {
			u16 units;     /* slob: free ones */
			u16 slob_list; /* slob: the list that the page is on while it has some */
		};
	};
	union {
		unsigned long index; /* the owner's */
		/* PG_slab: the first free object (slub) or block (slob); the descriptor (slab). */
		void *freelist;
	};
};
_Static_assert(sizeof(struct page) == 32, "mem_map costs 32 bytes a page");
_Static_assert(offsetof(struct page, counters) % 8 == 0 &&
		       offsetof(struct page, freelist) == offsetof(struct page, counters) + 4,
	       "kmem/slub.c changes both at once");

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
	__atomic_fetch_or(&page->flags, 1u << flag, __ATOMIC_RELAXED);
}

static inline void clear_page_flag(struct page *page, enum pageflags flag)
{
	__atomic_fetch_and(&page->flags, ~(1u << flag), __ATOMIC_RELAXED);
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

/*
 * The ways of a block's first page between free and not free. Plain stores: they are under
 * zone->lock, as are changes of the type, and nobody else changes the flags of a page without
 * users.
 */
static inline void mark_page_buddy(struct page *page)
{
	page->flags |= 1u << PG_buddy;
}

static inline void unmark_page_buddy(struct page *page)
{
	page->flags &= ~(1u << PG_buddy);
}

static inline void set_page_order_in_use(struct page *page, unsigned int order)
{
	page->flags |= order << PAGE_FLAGS_ORDER_SHIFT;
}

static inline void clear_page_order_in_use(struct page *page)
{
	page->flags &= ~PAGE_FLAGS_ORDER_MASK;
}

/*
 * page->mapping of a page whose contents programs see: with this bit, the anon_vma of as/anon_vma.h
 * that finds who maps it; without, the address_space of the file that it is of.
 */
#define PAGE_MAPPING_ANON 1ul

static inline bool page_is_anon(const struct page *page)
{
	return (unsigned long)page->mapping & PAGE_MAPPING_ANON;
}

static inline bool page_mapped(const struct page *page)
{
	return page->_mapcount >= 0;
}

/* The first page of the slab that holds this one. */
static inline struct page *slab_head(struct page *page)
{
	return unlikely(page_flag(page, PG_tail)) ? page->first_page : page;
}

/* Is there a struct page for this frame? */
bool pfn_valid(unsigned long pfn);

/* Takes boot memory for mem_map: an entry for each page from 0 on. Boot time only. */
void alloc_mem_map(unsigned long nr_pages);

/* Initialises the entries [start_pfn, end_pfn) as reserved, with those bits besides. Boot time
 * only.
 */
void memmap_init(unsigned long start_pfn, unsigned long end_pfn, u32 flags);

/* The opposite: [start_pfn, end_pfn) is RAM for the allocator. Boot time only. */
void memmap_release(unsigned long start_pfn, unsigned long end_pfn);

/*
 * One line with the page's whole state: "page 00500 zone Normal flags buddy count 0 ..."; order,
 * type and mapping only where there is something to say.
 */
void print_page(const struct page *page, char *buf, size_t size);

/* Reports a page that is not in the state it must have, and why. The caller leaves the page alone.
 */
void bad_page(const struct page *page, const char *why);
