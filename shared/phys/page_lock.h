/*
 * The lock of a page's contents and of what it belongs to: PG_locked. Corresponds to Linux
 * include/linux/pagemap.h, lock_page().
 *
 * Who waits for it sleeps. There is one task at a time so far: nobody can be waited for, and a page
 * that is locked already is a deadlock, which is a BUG. It comes after the sleeping locks of
 * base/mutex.h, and before all spinlocks.
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

static inline void lock_page(struct page *page)
{
	BUG_ON(!trylock_page(page), "pfn %lx is locked, and there is nobody to wait for",
	       page_to_pfn(page));
}

static inline void unlock_page(struct page *page)
{
	u32 old = __atomic_fetch_and(&page->flags, ~(1u << PG_locked), __ATOMIC_RELEASE);

	BUG_ON(!(old & 1u << PG_locked), "pfn %lx is not locked", page_to_pfn(page));
}
