/*
 * THE WAIST: all that the memory manager asks of the machine below it. To run pagetwin's memory
 * manager somewhere else, supply these functions; docs/porting.md walks through them, and
 * tests/conform checks an implementation.
 *
 * Rules for every hook, unless its contract says otherwise: it allocates nothing, never sleeps,
 * takes none of the memory manager's locks, may be called with any of them held and with interrupts
 * on or off, and decides nothing: no retry, no policy. Addresses are bytes.
 *
 * Hooks for blocking, waking and block devices join this file together with their first user.
 */
#pragma once

#include "arch/fault.h"
#include "arch/syscall.h"
#include "arch/types.h"

/* ---- MMU ----------------------------------------------------------------------------------- */

/*
 * Loads CR3.
 * - pgd: physical address of a page directory; page-aligned, within RAM.
 * - Drops every cached translation that is not global (Intel SDM vol. 3A, 4.10.4.1).
 * - The kernel half of the new directory must map the running code, stack and data.
 */
void arch_load_cr3(phys_addr_t pgd);

/* Returns the physical address that CR3 holds, flag bits cleared. */
phys_addr_t arch_read_cr3(void);

/*
 * INVLPG: drops the cached translation of the page that holds va, global or not, and nothing that
 * a caller may rely on besides. va: any byte of the page.
 */
void arch_flush_tlb_one(unsigned long va);

/* Drops every cached translation, global ones included. */
void arch_flush_tlb_all(void);

/*
 * Drops the cached translations of kernel addresses [start, end), global ones included.
 * - page-aligned, PAGE_OFFSET <= start <= end <= MACHINE_WINDOW.
 * - Costs O(end - start) or O(1), whichever is less: callers need not choose.
 */
void arch_flush_tlb_kernel_range(unsigned long start, unsigned long end);

#define ARCH_CPU_PSE 0x1u /* 4 MiB pages, CR4.PSE on */
#define ARCH_CPU_PGE 0x2u /* global pages, CR4.PGE on */
/* Which paging extensions are enabled: ARCH_CPU_* bits. CR0.WP is always on. */
unsigned int arch_cpu_features(void);

/*
 * The page-directory entries of the MACHINE_WINDOW.
 * - index: slot of the page directory, from MACHINE_WINDOW >> PGDIR_SHIFT on.
 * - Returns the raw entry, 0 for none. It is constant from boot on.
 */
u32 arch_window_pde(unsigned int index);

/* ---- faults -------------------------------------------------------------------------------- */

/*
 * A handler resolves a page fault: 0 means "the entry is valid now, run the access again", a
 * negative errno means "refused". A refused user access ends in a signal, a refused kernel access
 * in the fixup of a user copy or in a panic.
 */
typedef int (*arch_fault_handler_t)(const struct fault_record *fault);

/* Sets the handler for page faults of either mode; NULL (at start) refuses all of them. */
void arch_set_fault_handler(arch_fault_handler_t handler);

/* ---- system calls -------------------------------------------------------------------------- */

/*
 * A handler performs the system call that CPL 3 asked for by int $0x80, in the address space of the
 * task that asked, and returns what that is to find in EAX.
 * - regs: the caller's registers (arch/syscall.h); they last until the handler returns. What the
 *   handler changes there of EBX to EBP the caller finds changed.
 * - Runs on the kernel's stack with interrupts on. It may sleep, fault, copy from and to user
 *   addresses. Backtraces end at it, or name nothing of the kernel's above it.
 */
typedef long (*arch_syscall_handler_t)(struct syscall_regs *regs);

/* Sets the handler; NULL (at start) has every system call end in -ENOSYS. */
void arch_set_syscall_handler(arch_syscall_handler_t handler);

/* ---- user copies --------------------------------------------------------------------------- */

/*
 * Copy n bytes between kernel memory and user addresses of the address space that CR3 names, with
 * the rights of CPL 0 under CR0.WP (the caller has checked that the range lies below TASK_SIZE).
 * - Return the number of bytes NOT copied: 0 is success. Bytes before the refused page are copied
 *   exactly, none after it.
 * - May fault, so the fault handler may run: no spinlock held, interrupts on.
 */
size_t __must_check arch_copy_from_user(void *to, unsigned long from, size_t n);
size_t __must_check arch_copy_to_user(unsigned long to, const void *from, size_t n);
size_t __must_check arch_clear_user(unsigned long to, size_t n);

/* ---- interrupts, time, text ---------------------------------------------------------------- */

/* Disables interrupts on this CPU; returns the former state for arch_irq_restore(). They nest. */
unsigned long arch_irq_save(void);
void arch_irq_restore(unsigned long flags);

/* A monotonic count, for measuring only: the CPU's time-stamp counter. */
u64 arch_ticks(void);

/* Writes len bytes of text to the console. Never fails; "\n" ends a line. */
void arch_console_write(const char *text, size_t len);

/* ---- where we are -------------------------------------------------------------------------- */

/*
 * Notes the return addresses of the callers, by frame pointers: in pcs[0] where the caller of the
 * function that calls this one goes on, in pcs[1] where its caller does, and so on; max at most.
 * - Returns how many: fewer where the chain ends, leaves the stack or the kernel's text. 0 in
 *   builds without frame pointers.
 * - Reads nothing outside the present stack.
 */
unsigned int arch_backtrace(unsigned long *pcs, unsigned int max);

/*
 * The name of the kernel's function that holds pc, any byte of it; NULL for none. *global: other
 * source files can call it, it is not static.
 */
const char *arch_symbol_name(unsigned long pc, bool *global);

/*
 * The kernel cannot go on. Prints the message, registers and a backtrace; does not return. The
 * message is one line without a newline. Any state of locks, interrupts and stacks is fine.
 */
void __noreturn arch_panic(const char *message);
