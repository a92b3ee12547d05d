/*
 * mm_verify(): recounts the whole state from scratch, sharing nothing with the code that made it
 * but the data structures. Checked are:
 *   - e820: no range wraps
 *   - free lists: links, flags, alignment, zone, counts; no two free buddies side by side
 *   - per-CPU lists: links, flags, order, zone, counts
 *   - every page is exactly one of reserved, in a free block, in a block on a per-CPU list, in a
 *     block in use; none is lost
 *   - managed = free + per-CPU + in use, zone by zone
 *   - all pages of a page block have its migrate type
 *   - watermarks and reserves rise, and the allocator's tables follow them
 *   - nr_page_table_pages
 *   - _mapcount of each page = the page-table entries that map it <= its _count; what is mapped is
 * in use
 *   - the direct map: every page of low memory at its address, writable, for the kernel only
 *   - the kernel half of every page directory = swapper_pg_dir's; the pages that
 *     carry PG_table are the page tables that can be reached
 *   - slabs: see kmem_cache_fault(); each page of one is marked as such, and they are counted
 *   - memory pools: what the reserve lacks is in use; its elements are distinct, objects in use of
 *     the pool's cache or pages in use
 *   - no lock is held
 *   - with deep: free pages that were in use once still hold their poison (checked builds)
 */
#pragma once

#include "arch/types.h"

/*
 * Returns the number of violations, each reported with printk; 0 for a sound state. Any stage.
 * Takes no locks: nothing else may run. Costs O(pages), with deep O(bytes of free memory).
 */
unsigned int mm_verify(bool deep);
