/*
 * Ring 3, one access at a time, and jumps of the kernel's own. user.S has the code on both sides of
 * the ring, access.c uses it.
 */
#pragma once

#include "arch/machine.h"
#include "arch/types.h"
#include "kernel/trap.h"

/* What ring 3 starts with: user.S knows the offsets. An access has its address in EBX and the value
 * to store in EAX, a probe the stub page's own address in EBX. */
struct user_start {
	u32 eip;
	struct syscall_regs regs;
};

/* Page of ring-3 code; one routine for each access, offsets from user_stub_start. */
extern const u8 user_stub_start[];
extern const u8 user_stub_load1[], user_stub_load2[], user_stub_load4[];
extern const u8 user_stub_store1[], user_stub_store2[], user_stub_store4[];
extern const u8 user_stub_jump[];
extern const u8 user_stub_syscall[], user_stub_syscalls[];
/* One for each vector, USER_STUB_INT_SIZE bytes apart. */
extern const u8 user_stub_int[];
#define USER_STUB_INT_SIZE 4
#define USER_PROBE(name) extern const u8 user_probe_##name[];
PRIVILEGED_KINDS(USER_PROBE)
#undef USER_PROBE

/*
 * Enters ring 3 and returns when user_leave() is called: with its argument. They nest, for a fault
 * handler may do an access of its own.
 */
int user_enter(const struct user_start *start);

/* From a trap out of ring 3: abandons that trap and makes user_enter() return result. */
void __noreturn user_leave(int result);

/* The innermost stay in ring 3 under way; each stands on the stack of the one that runs it. */
struct user_run {
	struct user_run *outer;
	bool probe;		  /* any exception ends it */
	struct syscall_regs regs; /* ring 3's, when it came back */
	u32 eip;
	struct fault_record fault;	 /* of an access that was refused */
	struct user_exception exception; /* of a probe */
};

/*
 * Runs one stub routine with these registers. 0 with run->regs and eip; -EFAULT with run->fault, or
 * for a probe with run->exception.
 */
int user_run_stub(const u8 *stub, const struct syscall_regs *regs, bool probe,
		  struct user_run *run);

/* Called by trap.c: an access's ring-3 code came back through USER_RETURN_VECTOR. */
void __noreturn user_access_done(const struct trap_frame *frame);

/* Called by trap.c: the handler refused this page fault of ring 3. */
void __noreturn user_access_refused(const struct fault_record *fault);

/* Called by trap.c: the instruction of a probe raised this. */
void __noreturn user_probe_ended(const struct trap_frame *frame);

/* Is a user access under way? Its instruction pointer is then the machine's own business. And is it
 * a probe? */
extern struct user_run *user_run; /* the innermost, or NULL */
static inline bool user_access_running(void)
{
	return user_run;
}

static inline bool user_access_is_probe(void)
{
	return user_run->probe;
}

/*
 * Jumps to an address at CPL 0, with interrupts as they are. 0 when the int $0x81 there came back;
 * -1 when the fetch was refused: trap.c sends either trap on to the place of that name.
 */
int kernel_jump(unsigned long address);
void kernel_jump_done(void);
void kernel_jump_refused(void);

/*
 * Called by trap.c for traps of ring 0: are they the end of a kernel_jump()? Then the frame goes on
 * at one of these places.
 */
bool kernel_jump_trapped(struct trap_frame *frame);
