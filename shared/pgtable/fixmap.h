/*
 * The fixmap: kernel addresses fixed at compile time, whose frames are set at run time. Corresponds
 * to Linux include/asm-i386/fixmap.h.
 */
#pragma once

#include "arch/pte.h"

/* NR_FIX_BTMAPS pages for short-lived looks at any physical address, as boot-time ioremap wants
 * them. */
#define NR_FIX_BTMAPS 16

enum fixed_addresses {
	FIX_HOLE, /* never mapped: the address above it ends the area */
	FIX_BTMAP_END,
	FIX_BTMAP_BEGIN = FIX_BTMAP_END + NR_FIX_BTMAPS - 1,
	__end_of_fixed_addresses
};

#define FIXADDR_START (FIXADDR_TOP - ((__end_of_fixed_addresses - 1) << PAGE_SHIFT))

/* Below the slots that are for set_fixmap(): kmap_atomic()'s (pgtable/highmem.h). */
#define NR_KMAP_ATOMIC 16
#define KMAP_ATOMIC_START (FIXADDR_START - (NR_KMAP_ATOMIC << PAGE_SHIFT))

static inline unsigned long fix_to_virt(unsigned int index)
{
	return FIXADDR_TOP - ((unsigned long)index << PAGE_SHIFT);
}

/* Takes boot memory for the page table of the area. Boot time only. */
void fixmap_init(void);

/*
 * Maps the page at phys (page-aligned) at slot index, replacing what was there, and flushes.
 * Takes the fixmap lock; never sleeps. -EINVAL for FIX_HOLE or an index beyond the end.
 */
int set_fixmap(unsigned int index, phys_addr_t phys, pgprot_t prot);

/* Unmaps slot index and flushes. -EINVAL as above, -ENOENT when nothing was mapped. */
int clear_fixmap(unsigned int index);
