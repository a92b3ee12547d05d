/*
 * The lock of a page's contents and of what it belongs to: PG_locked. Corresponds to Linux
 * include/linux/pagemap.h, lock_page().
 *
 * Who waits for it sleeps. There is one task at a time so far: a page that is locked already is a
 * deadlock, which is a BUG, unless page_lock_wait says who can be waited for. It comes after the
 * sleeping locks of base/mutex.h, and before all spinlocks.
 */
#pragma once

#include "base/bug.h"
#include "phys/page.h"

/* Locks the page if nobody has. */
static inline bool trylock_page(struct page *page)
{
	return !(__atomic_fetch_or(&page->flags, 1u << PG_locked, __ATOMIC_ACQUIRE) &
		 1u << PG_locked);
}

/* Lets others run, who may unlock the page: somebody waits for it. For tests; NULL at start. */
extern void (*page_lock_wait)(struct page *page);
void lock_page_slow(struct page *page);

static inline void lock_page(struct page *page)
{
	if (unlikely(!trylock_page(page)))
		lock_page_slow(page);
}

static inline void unlock_page(struct page *page)
{
	u32 old = __atomic_fetch_and(&page->flags, ~(1u << PG_locked), __ATOMIC_RELEASE);

	BUG_ON(!(old & 1u << PG_locked), "pfn %lx is not locked", page_to_pfn(page));
}
