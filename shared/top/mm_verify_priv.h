/* What the parts of mm_verify() share. */
#pragma once

#include "arch/types.h"

/* Reports a violation and counts it; beyond a few they are only counted. */
void __printf(1, 2) violation(const char *fmt, ...);

/* Pages: free lists, per-CPU lists, each page's state, watermarks, counters. MM_ZONES and later. */
void verify_zones(void);
