/* The rest of the processor: cpu.c. */
#pragma once

#include "arch/types.h"

/* Interrupts on, random numbers from the seed. */
void cpu_reset(void);

/* 32 random bits of the seeded generator. */
u32 machine_random(void);
