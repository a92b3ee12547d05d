/* Tests of plain functions: what no vector can reach, or not in every corner. */
#pragma once

#include "top/rig.h"

#define UNIT_CASES 20
extern const struct rig_case unit_cases[UNIT_CASES];

/* unit/resource.c */
const char *resources(void);

/* unit/gfp.c */
const char *gfp_soundness(void);

/* unit/rbtree.c */
const char *rbtree_plain(void);
const char *rbtree_augmented(void);
const char *rbtree_replace(void);
const char *rbtree_faults(void);

/* unit/interval.c */
const char *interval_random(void);
const char *interval_faults(void);

/* unit/radix.c */
const char *radix_random(void);
const char *radix_most_nodes(void);
const char *radix_faults(void);
