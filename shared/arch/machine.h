/*
 * What the RIG asks of the machine, over and above the waist: accesses on behalf of a vector, the
 * console's input, and the end. An embedder of the memory manager needs none of it.
 */
#pragma once

#include "arch/fault.h"
#include "arch/privileged.h"
#include "arch/syscall.h"
#include "arch/types.h"

enum access_kind {
	ACCESS_LOAD,
	ACCESS_STORE,
	ACCESS_EXEC, /* jump to two bytes CD 81 (int $0x81), which come straight back */
};
#define ACCESS_KINDS 3

struct access {
	enum access_kind kind;
	unsigned long address;
	unsigned int size;	   /* bytes: 1, 2 or 4; may straddle pages */
	u32 value;		   /* what to store, or what was loaded */
	bool blind;		   /* ACCESS_EXEC: the bytes are right, nothing loads them first */
	struct fault_record fault; /* valid when the access was refused */
};

/*
 * Performs one access at CPL 3 in the address space that CR3 names, through the fault handler.
 * Returns 0, or -EFAULT with a->fault filled (ip is 0), or -EINVAL for an ACCESS_EXEC of other
 * bytes, and for an access that wraps around the end of the address space: what that does is left
 * to the processor (Intel SDM vol. 3A, 5.3). A machine that really jumps loads the bytes first, with
 * the same rights, unless the access is blind.
 */
int machine_user_access(struct access *a);

/* The same at CPL 0: the value really is loaded, stored or executed by the kernel. */
int machine_kernel_access(struct access *a);

/* ---- paging modes -------------------------------------------------------------------------- */

/*
 * What of the processor's paging can be switched. The memory manager runs with WP, and with PSE and
 * PGE where there are such: that is the mode that a machine starts in. The others are for trials of
 * the machine itself, which bring page tables of their own.
 */
#define PAGING_WP 0x01u	 /* CR0.WP */
#define PAGING_PSE 0x02u /* CR4.PSE */
#define PAGING_PGE 0x04u /* CR4.PGE */
#define PAGING_PAE 0x08u /* CR4.PAE */
#define PAGING_NXE 0x10u /* IA32_EFER.NXE; with PAGING_PAE only */

/* Which of them the processor has. */
unsigned int machine_paging_features(void);
/* Which of them are on. */
unsigned int machine_paging_mode(void);

/*
 * Switches them, and drops every cached translation, global ones included.
 * - Returns 0, or -EOPNOTSUPP with nothing changed where the processor lacks one.
 * - A change of PAE gives CR3 another meaning while paging is on: it has to name a page that is a
 *   page directory and begins with the four entries of a page-directory-pointer table, which map
 *   the running code, stack and data either way.
 * - With PAE on, the machine's mappings at MACHINE_WINDOW have to be in the tables as well: those
 *   that the entries of arch_window_pde() lead to.
 */
int machine_set_paging_mode(unsigned int mode);

/*
 * Loads CR3 as arch_load_cr3() does. With PAE on it loads the four page-directory-pointer entries,
 * too (Intel SDM vol. 3A, 4.4.1).
 * - Returns 0, or -EFAULT where the processor refuses one of these: CR3 and all four stay as they
 *   are.
 */
int machine_load_cr3(phys_addr_t table);

/* MAXPHYADDR: how many bits a physical address has. */
unsigned int machine_physical_bits(void);

/*
 * The name of the emulator that stands in for the processor, where there is one whose ways differ
 * from the architecture's in known points: "tcg" for QEMU's. NULL for a processor.
 */
const char *machine_emulator(void);

/*
 * Performs int $0x80 at CPL 3 with these registers, and gives them back as they come out of it.
 * Returns 0, or -EFAULT where ring 3 may not use the gate.
 */
int machine_user_syscall(struct syscall_regs *regs);

/*
 * Performs the system call nr, without arguments, count times (at least once) at CPL 3, in a loop
 * of three instructions and the int $0x80: for measuring. As above.
 */
int machine_user_syscalls(u32 nr, u32 count);

/* An exception that ended a probe; error_code is 0 where the exception has none. */
struct user_exception {
	u32 vector;
	u32 error_code;
};

#define PRIVILEGED_ENUM(name) PRIVILEGED_##name,
enum privileged_kind { PRIVILEGED_KINDS(PRIVILEGED_ENUM) NR_PRIVILEGED_KINDS };
#undef PRIVILEGED_ENUM

/*
 * A probe: executes one instruction at CPL 3 and says what came of it. 0: it was executed; -EFAULT:
 * it ended in *exception. The memory manager is not asked: its fault handler does not run.
 */
int machine_user_privileged(enum privileged_kind kind, struct user_exception *exception);

/* The same for int $vector, EAX being no system call's number. */
int machine_user_interrupt(u8 vector, struct user_exception *exception);

/*
 * Is [start, end) RAM that the memory manager may be given? False where the machine has no RAM
 * there or keeps its own things in it.
 */
bool machine_ram_usable(u64 start, u64 end);

/*
 * Reads a line of console input into buf (size bytes, NUL-terminated, the newline dropped).
 * Returns the length, or -EIO at the end of input.
 */
int machine_read_line(char *buf, size_t size);

/* "twin" or "image". */
extern const char machine_name[];
