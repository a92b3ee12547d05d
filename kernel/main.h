/*
 * Where the assembly of head.S and trap.S meets C.
 */
#pragma once

#include "arch/types.h"

/* Called by head.S on the boot stack, with the physical address of the boot information. */
void __noreturn kernel_start(u32 boot_information);

/* trap.S: leaves this stack for good and calls function(argument) on the one that ends at top. */
void __noreturn run_on_stack(unsigned long top, void (*function)(u32), u32 argument);
