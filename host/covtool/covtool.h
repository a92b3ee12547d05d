/*
 * The two ways the image's counters arrive. Each reads and checks everything there is before it
 * appends to the list, and dies on the first thing that is wrong: half of a boot's counters are
 * worse than none.
 */
#pragma once

#include "host/covtool/gcda.h"

/* stream.c: what coverage.c of the image wrote to the debug console. */
void stream_read(struct gcda_list *list, const char *path);

/* memory.c: [IMAGE_START, IMAGE_END) of a guest that could not write any more. */
void memory_read(struct gcda_list *list, const char *elf, const char *dump);
