/* Measuring: how many ticks of arch_ticks() an operation takes. */
#pragma once

#include "arch/types.h"

/*
 * Boots the memory manager on the machine's own map and prints one line an operation. Under QEMU's
 * -icount shift=0 a tick is a guest instruction. Returns false when an operation fails.
 */
bool bench_run(void);
