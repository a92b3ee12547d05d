/* What the parts of mm_verify() share. */
#pragma once

#include "arch/types.h"

/* Reports a violation and counts it; beyond a few they are only counted. */
void __printf(1, 2) violation(const char *fmt, ...);

/* Files' contents: page caches, and how many files have each. Returns the pages that they count for
 * in vm_committed_as. MM_AS and later. */
unsigned long verify_inodes(void);

/* What a space maps, entry by entry, and its rss. Then the rmap of every page that anybody maps. */
struct mm_struct;
void verify_mapped(const struct mm_struct *mm);
void verify_rmap(void);

/* Pages: free lists, per-CPU lists, each page's state, watermarks, counters. MM_ZONES and later. */
void verify_zones(void);
