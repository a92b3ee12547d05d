/*
 * The words of the command line that shape memory. Corresponds to Linux arch/i386/kernel/setup.c,
 * parse_mem_cmdline(), and Documentation/kernel-parameters.txt.
 *
 *   mem=nopentium         no 4 MiB pages in the direct map
 *   mem=exactmap          forget the firmware's map; mem=SIZE@START words follow
 *   mem=SIZE              no RAM above SIZE bytes of address
 *   mem=SIZE@START        RAM there; the first one forgets the firmware's map
 *   memmap=exactmap, memmap=SIZE
 *                         as with mem=
 *   memmap=SIZE@START     more RAM there, in addition to the map
 *   memmap=SIZE#START     ACPI data there
 *   memmap=SIZE$START     reserved there
 *
 *   kernelcore=SIZE       so much memory for all purposes; the rest is ZONE_MOVABLE
 *   movablecore=SIZE      so much memory for ZONE_MOVABLE; with both words the smaller zone counts,
 *                         and all of memory is none of it; in whole pages
 *
 *   page_owner=on|off     note who allocated each page (phys/page_owner.h); off unless said
 *   page_poison=on|off    fill free pages, and check them before they are handed out
 *                         (phys/poison.h); on in checked builds, off in others, unless said
 *   kmemleak=on|off       look for objects that nobody points to (kmem/kmemleak.h); off unless said
 *   fail_page_alloc=I,P,S,T
 *   failslab=I,P,S,T      page and object allocations that fail on purpose, from when the allocator
 *                         is up: interval, probability, space and times of base/fault.h
 *
 * Numbers are decimal, 0x hexadecimal or 0 octal, with K, M or G behind SIZE and START.
 */
#pragma once

#include "base/fault.h"

struct mem_options {
	bool nopentium;
	bool user_map;		     /* e820 is (partly) the user's doing */
	bool exact_map;		     /* ... wholly: the firmware's map is forgotten */
	u64 kernelcore, movablecore; /* bytes; 0: nothing was said */
	bool page_owner, page_poison, kmemleak;
	struct fault_attr fail_page_alloc, failslab;
};

/*
 * Applies the words to e820 in order, and notes the others in options. A word that does not parse,
 * or that does not fit the table, is reported with printk and has no effect.
 */
void parse_mem_cmdline(const char *line, struct mem_options *options);
