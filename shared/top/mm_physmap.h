/*
 * The map of physical memory: who holds each page. For `pagetwin show`, which draws it.
 */
#pragma once

/*
 * Prints a line for each run of pages of one holder, from pfn 0 to max_pfn without a gap:
 *   START - END ZONE HOLDER       frame numbers, END one past the last
 * HOLDER is one of
 *   hole           no RAM
 *   boot           RAM that the allocator never got: BIOS, boot-time allocations
 *   text, data     the kernel image: read-only, writable
 *   free TYPE      free blocks on the lists of a page block of that migrate type
 *   pcp            on a per-CPU list
 *   table          page directories and page tables
 *   used TYPE      in use, in a page block of that migrate type
 * From MM_ZONES on. Takes no locks.
 */
void show_physmap(void);
