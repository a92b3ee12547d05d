/*
 * The exception table, for inline and other assembly. See struct exception_entry in trap.h.
 */
#pragma once

/* Strings: labels of the instruction and of its fixup, and "1" for user addresses only. */
#define EXCEPTION_ENTRY(instruction, fixup, user_only)                                             \
	".pushsection .ex_table, \"a\"\n\t"                                                        \
	".long " instruction ", " fixup ", " user_only "\n\t"                                      \
	".popsection\n\t"
