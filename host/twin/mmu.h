/* The MMU's caches. Theory in mmu.c. */
#pragma once

#include "arch/types.h"
#include "twin/walk.h"

/*
 * Translates va for an access of PF_WRITE and PF_USER, through the TLB. Returns true with the
 * physical address; or false with the error code: the access is refused, and nothing is cached for
 * the page.
 */
bool mmu_translate(unsigned long va, unsigned int access, phys_addr_t *pa, unsigned int *error);

/*
 * The walk after a TLB miss, by way of the PDE cache. A refusal is always the verdict of the page
 * tables in memory, never that of a cached entry.
 */
bool mmu_walk(unsigned long va, unsigned int access, struct walk *w);

/* Ends the run if the translation cached for a kernel page is stale for this access. */
void mmu_check_cached(unsigned long va, unsigned int access, u32 cached);

/* Forgets everything cached, without counting it as the kernel's doing. */
void mmu_reset(void);
