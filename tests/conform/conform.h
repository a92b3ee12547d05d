/*
 * The waist's own suite: what shared/arch/arch.h and shared/arch/machine.h promise, tried on the
 * machine that is running. Whoever ports pagetwin to another machine runs it first; the twin and
 * the image run the same cases ("conform" on the command line).
 *
 * Each case starts right after mm_reset(): provisional page tables, nothing booted. bench.h tells
 * what a case may use, cases.h lists them all.
 */
#pragma once

#include "top/rig.h"

extern const struct rig_case conform_cases[];
extern const unsigned int nr_conform_cases;
