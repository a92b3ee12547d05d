/*
 * The lock of a page with contents: PG_locked. Corresponds to Linux include/linux/pagemap.h.
 *
 * Who brings contents in, takes them away or puts the page somewhere else holds it. It is a
 * sleeping lock; there is one task at a time, so nobody can be waited for, and a page that is
 * locked already is a deadlock, which is a BUG.
 */
#pragma once

#include "base/bug.h"
#include "phys/page.h"

/* True: it is the caller's now. */
static inline bool trylock_page(struct page *page)
{
	return !(__atomic_fetch_or(&page->flags, 1u << PG_locked, __ATOMIC_ACQUIRE) &
		 1u << PG_locked);
}

/* May sleep. */
static inline void lock_page(struct page *page)
{
	bool locked = trylock_page(page);

	BUG_ON(!locked, "pfn %lx is locked already, and nobody is there to unlock it",
	       page_to_pfn(page));
}

static inline void unlock_page(struct page *page)
{
	u32 flags = __atomic_fetch_and(&page->flags, ~(1u << PG_locked), __ATOMIC_RELEASE);

	BUG_ON(!(flags & 1u << PG_locked), "pfn %lx is not locked", page_to_pfn(page));
}
