/*
 * The end without a verdict.
 */
#pragma once

#include "kernel/trap.h"

/*
 * arch_panic() with the registers of `frame`. Prints, lets the counters of a coverage build out,
 * and ends the machine as exit.c says. Fit for any state; a panic within it cuts the report short.
 */
void __noreturn panic_with_frame(const char *message, const struct trap_frame *frame);
