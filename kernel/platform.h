/*
 * The PC's interrupt controllers and timer. See platform.c.
 */
#pragma once

#include "arch/types.h"

/* Moves the controllers' vectors away from the exceptions', masks all lines, starts the timer. */
void platform_init(void);

/* Is this vector an interrupt that the controllers made up? It is then dealt with. */
bool platform_spurious_interrupt(u32 vector);

/* After an NMI: does the chipset report a parity or I/O check error? */
bool platform_hardware_error(void);
