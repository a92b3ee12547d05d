/*
 * The words of the command line for kernel objects, under Linux's names; they count for slab as
 * well as for slub. Documentation/mm/slub.rst.
 *
 *   slub_debug                     F, Z, P and U for all caches
 *   slub_debug=LETTERS             F, Z, P, U, T (kmem/debug.h), A (failslab), in either case; "-":
 *                                  none; none given: F, Z, P and U
 *   slub_debug=LETTERS,NAME,...    for the caches named; a name may end in "*"
 *   slub_debug=...;...             several of these blocks: for a cache counts the first that names
 *                                  it, or else the last without names
 *
 * Letter O, in any block: caches whose slabs would have to be of a higher order do without Z, P, U.
 *
 *   slub_nomerge                   like caches are kept apart (slub)
 *   slub_min_order=N slub_max_order=N slub_min_objects=N
 */
#pragma once

#include "arch/types.h"

struct kmem_options {
	unsigned int min_order, max_order, min_objects; /* slub; 0 objects: as it sees fit */
	bool nomerge;
	bool keep_order; /* letter O */
};

extern struct kmem_options kmem_options;

/* Takes the words; one that does not parse is reported, and has no effect. Boot time only. */
void kmem_parse_options(const char *line);

/* The debug flags that slub_debug= has for a cache of that name. */
u32 kmem_debug_flags(const char *name);
