/*
 * How much memory there is, and bootmem over the low part of it. Corresponds to Linux
 * arch/i386/kernel/setup.c, setup_arch() and setup_memory().
 */
#pragma once

#include "boot/cmdline.h"

struct memory_limits {
	unsigned long max_pfn;	   /* one past the last page of RAM that can be used */
	unsigned long max_low_pfn; /* one past the last page of the direct map */
	struct mem_options options;
};

extern struct memory_limits memory;

/* e820 from boot_params_page, the command line applied; fills memory. Panics when there is no RAM.
 */
void setup_memory_map(void);

/*
 * Starts bootmem with all low RAM free but page 0, the image [IMAGE_START, IMAGE_END) and the
 * bitmap itself, which stands in the first RAM behind the image. Panics when the map has none for
 * it below BOOT_MAPPED, the only memory that is mapped by then. After setup_memory_map().
 */
void setup_bootmem_allocator(void);

/*
 * Calls fn for each run of whole RAM pages of e820 within [start_pfn, end_pfn).
 */
void for_each_ram_range(unsigned long start_pfn, unsigned long end_pfn,
			void (*fn)(unsigned long start_pfn, unsigned long end_pfn));
