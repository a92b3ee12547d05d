/*
 * How the machine stops.
 */
#pragma once

#include "arch/types.h"

/*
 * Values for QEMU's isa-debug-exit device (port EXIT_PORT); QEMU's own exit status becomes
 * 2 * value + 1. None of these statuses (99, 101, 103) is one that QEMU or a shell comes up with.
 */
#define EXIT_PORT 0xf4
#define EXIT_VALUE_PASS 0x31
#define EXIT_VALUE_FAIL 0x32
#define EXIT_VALUE_PANIC 0x33

/* Lets the last output out and ends the machine with `value`; without the device it halts. */
void __noreturn machine_exit(u8 value);

/* Says "halted" and does nothing ever after. */
void __noreturn machine_halt(void);

/* Resets the machine, as a PC is reset. */
void __noreturn machine_reset(void);
