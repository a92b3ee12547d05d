/* Kernel addresses as host mappings. Theory in window.c. */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"

/*
 * Reserves [PAGE_OFFSET, MACHINE_WINDOW) over what is mapped there now. Returns 0 or a negative
 * errno.
 */
int window_reserve(void);

/*
 * Resolves a kernel access of code that runs on the host: 0, the mapping is there now; or the PF_*
 * error code with PF_REFUSED.
 * - va in [PAGE_OFFSET, MACHINE_WINDOW); access: PF_WRITE or 0.
 */
#define PF_REFUSED 0x80000000u
unsigned int window_fill(unsigned long va, unsigned int access);

/* What is cached for a page, in the format of walk.h; 0: nothing. */
u32 window_cached(unsigned long va);

/* CR3 was loaded: drops what is not global. */
void window_load_cr3(void);
/* Drops [start, end), page-aligned, global or not; a 4 MiB translation as a whole. */
void window_flush(unsigned long start, unsigned long end);
void window_flush_all(void);
/* Mode TWIN_TLB_NONE: a mapping lives until the next hook. */
void window_forget_if_uncached(void);
/* Drops some mapping; r: random. */
void window_evict_one(u32 r);
