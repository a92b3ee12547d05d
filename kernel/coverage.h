/*
 * Counters out of a coverage build. See coverage.c; the stream's format is in coverage_stream.h.
 */
#pragma once

#include "arch/types.h"

#if CONFIG_COVERAGE
/* Writes all counters to the debug console, once: later calls do nothing. */
void coverage_dump(void);
#else
static inline void coverage_dump(void)
{
}
#endif
