/*
 * Short looks into pages of high memory, which have no kernel address. Corresponds to Linux
 * include/linux/highmem.h and arch/i386/mm/highmem.c.
 *
 * Each CPU has a few slots beside the fixmap, used as a stack: what was mapped last is unmapped
 * first. Between the two nobody sleeps. A page of low memory has its address anyhow, and takes no
 * slot.
 */
#pragma once

#include "base/string.h"
#include "pgtable/fixmap.h"
#include "phys/page.h"

/* The first page of high memory; before kmap_init(), beyond all. */
extern unsigned long highstart_pfn;

static inline bool page_is_high(const struct page *page)
{
	return page_to_pfn(page) >= highstart_pfn;
}

/* Sets the slots up. Boot time only, after fixmap_init(). */
void kmap_init(void);

/* The ways for high memory. */
void *kmap_atomic_high(struct page *page);
void kunmap_atomic_high(void *address);

/* The page's address until kunmap_atomic(). Never fails; panics where all slots are taken. */
static inline void *kmap_atomic(struct page *page)
{
	return likely(!page_is_high(page)) ? page_address(page) : kmap_atomic_high(page);
}

/* Does the address end with kunmap_atomic(), or is it the page's for good? */
static inline bool is_kmap_atomic(const void *address)
{
	return (unsigned long)address >= KMAP_ATOMIC_START;
}

/* address: any byte of the page. */
static inline void kunmap_atomic(void *address)
{
	if (unlikely(is_kmap_atomic(address)))
		kunmap_atomic_high(address);
}

static inline void clear_highpage(struct page *page)
{
	void *at = kmap_atomic(page);

	clear_words(at, PAGE_SIZE / sizeof(u32));
	kunmap_atomic(at);
}

static inline void copy_highpage(struct page *to, struct page *from)
{
	void *source = kmap_atomic(from), *at = kmap_atomic(to);

	copy_words(at, source, PAGE_SIZE / sizeof(u32));
	kunmap_atomic(at);
	kunmap_atomic(source);
}
