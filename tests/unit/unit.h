/* Tests of plain functions: what no vector can reach, or not in every corner. */
#pragma once

#include "top/rig.h"

#define UNIT_CASES 15
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
