/*
 * The state digest: one number for the whole memory manager, the same on both sides exactly when
 * their states are. It covers e820, bootmem's bitmap, zones with their watermarks, free lists and
 * per-CPU lists in order, the counters, the fault knobs, every struct page, and every page table.
 *
 * Left out, by name:
 *   PG_poison, PG_watched  builds differ in when they have them
 *   A and D of the kernel's own entries: preset, never read
 *   entries of the machine window: the machine's
 *   contents of pages
 *   the tree of resources, the zonelists and the allocator's tables: made from what is covered
 *   the rig's pressure hook
 *   mapping as an address: pointers differ, so only whether there is one counts
 *   private, index and mapping behind the head of a free block: leftovers that nobody reads
 */
#pragma once

#include "arch/types.h"

/* Any stage; takes no locks: nothing else may run. O(pages not free + free blocks). */
u64 mm_digest(void);

/*
 * The same of what is held: what an operation that fails half-way would leave behind. Left out
 * besides the above is what allocators keep to themselves, so that a request that they refused, or
 * a stock that they filled for it, makes no difference:
 *   free lists and per-CPU lists, free pages, the types of page blocks
 *   pages of slabs: the caches count instead
 *   counters of events, fault knobs
 */
u64 mm_digest_held(void);
