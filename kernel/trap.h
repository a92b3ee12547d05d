/*
 * Exceptions: the frame that trap.S builds, and what reads it.
 */
#pragma once

#include "arch/arch.h"
#include "arch/fault.h"
#include "arch/types.h"

/* Exception vectors (Intel SDM vol. 3A, table 6-1) that are told apart. */
enum trap_vector {
	TRAP_NMI = 2,
	TRAP_DOUBLE_FAULT = 8,
	TRAP_GENERAL_PROTECTION = 13,
	TRAP_PAGE_FAULT = 14,
	TRAP_EXCEPTIONS = 32, /* how many the architecture reserves */
};

/* Not a vector: the frame of a call to arch_panic(). */
#define TRAP_PANIC_CALL 0xffffffffu

/* As trap.S builds it, in ascending addresses: the processor's own part comes last. */
struct trap_frame {
	u32 edi, esi, ebp, unused_esp, ebx, edx, ecx, eax;
	u32 es, ds;
	u32 vector;
	u32 error_code; /* 0 where the exception has none */
	u32 eip, cs, eflags;
	u32 user_esp, user_ss; /* only there when the trap came out of ring 3 */
};

static inline bool from_user(const struct trap_frame *frame)
{
	return frame->cs & 3;
}

/* One entry of TRAP_ENTRY_SIZE bytes for each of the 256 vectors. */
#define TRAP_ENTRY_SIZE 16
extern const u8 trap_entries[];

void syscall_entry(void);
void double_fault_entry(void);

/* Called by trap.S. */
extern arch_syscall_handler_t syscall_handler; /* never NULL */
void trap_dispatch(struct trap_frame *frame);
void __noreturn double_fault_report(void);

/*
 * An instruction that may fault: when its page fault has been refused, or the processor refuses the
 * instruction itself (#GP), execution goes on at `fixup`. With user_only, faults on kernel
 * addresses are not forgiven: there they are bugs.
 */
struct exception_entry {
	u32 instruction, fixup, user_only;
};

/* The page fault that the last fixup took: read it right after the access, before another one. */
extern struct fault_record trap_refused_fault;

/* Forget the run of identical faults that trap.c counts: a new access begins. */
void trap_begin_access(void);
