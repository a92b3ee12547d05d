/*
 * What the machine says about a trap: registers, error code in words, backtrace.
 */
#pragma once

#include "kernel/trap.h"

/* The exception's name in the Intel SDM, for vectors below TRAP_EXCEPTIONS. */
const char *dump_trap_name(u32 vector);

/* Prints the frame as lines that start with "# ". Reads only memory that is known to be mapped. */
void dump_frame(const struct trap_frame *frame);
