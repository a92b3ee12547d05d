/*
 * The one boot order, and going back to before it. Corresponds to Linux init/main.c,
 * start_kernel(), as far as memory goes.
 */
#pragma once

#include "arch/types.h"

/* How far boot has come; each stage follows the one before. */
enum mm_stage {
	MM_RESET,   /* pristine: provisional page tables, nothing known */
	MM_MAP,	    /* e820 and memory.max_pfn are known */
	MM_BOOTMEM, /* bootmem hands out memory */
	MM_PAGING,  /* the direct map is complete */
	MM_ZONES,   /* mem_map and the zones exist, all reserved */
	MM_UP,	    /* the page allocator works; bootmem is over */
	MM_KMEM,    /* kernel objects: kmem_cache_alloc(), kmalloc() */
	MM_AS,	    /* address spaces and tasks */
	NR_MM_STAGES
};

#define MM_LAST MM_AS

extern const char *const mm_stage_names[NR_MM_STAGES];

/*
 * Saves the memory manager's globals as they were linked. Once, before anything else here.
 */
void mm_state_save(void);

/*
 * Back to MM_RESET from any state: restores the globals and the provisional page tables. RAM keeps
 * its contents. boot_params_page is the caller's to fill afterwards.
 */
void mm_reset(void);

enum mm_stage mm_stage(void);

/* Performs the next stage. Panics where booting cannot go on; a BUG after the last. */
void mm_boot_next(void);

/* Performs all stages up to and including one. */
void mm_boot_to(enum mm_stage stage);
