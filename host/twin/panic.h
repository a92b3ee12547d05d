/* The end of a run. Theory in panic.c. */
#pragma once

#include <ucontext.h>

#include "twin/twin.h"

/* Ends the run: the whole panic path of arch_panic(), with the kind told to the callback. */
void __noreturn twin_panic(enum twin_panic_kind kind, const char *message);
void __noreturn __printf(2, 3) twin_panicf(enum twin_panic_kind kind, const char *fmt, ...);

/* The same for a trap: prints regs as they were, and the backtrace starts where it hit. */
void __noreturn __printf(3, 4)
	twin_panic_trap(enum twin_panic_kind kind, const ucontext_t *regs, const char *fmt, ...);

/* Is a panic under way? Then a trap can only cut short what the panic is printing. */
bool panic_interrupted(void);
void __noreturn panic_cut_short(void);

/* Loads what backtraces need, while the process is healthy. */
void panic_prepare(void);
/* Makes the next panic a first one again. */
void panic_reset(void);

/* "page not present, supervisor write" and the like, for messages. Static storage. */
const char *error_code_words(unsigned int error_code);

/* Writes the name of a code address, "function+0x12", into buf; the bare address where unknown. */
void symbol_name(unsigned long address, char *buf, size_t size);
/* Loads the symbols of this program. */
void symbol_load(void);

/* Notes where the stacks are, for arch_backtrace(). After trap_init(). */
void backtrace_prepare(void);
