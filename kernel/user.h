/*
 * Ring 3, one access at a time, and jumps of the kernel's own. user.S has the code on both sides of
 * the ring, access.c uses it.
 */
#pragma once

#include "arch/types.h"
#include "kernel/trap.h"

/* What ring 3 starts with: user.S knows the offsets. */
struct user_start {
	u32 eip;
	u32 ebx; /* the address to access */
	u32 eax; /* the value to store */
};

/* Page of ring-3 code; one routine for each access, offsets from user_stub_start. */
extern const u8 user_stub_start[];
extern const u8 user_stub_load1[], user_stub_load2[], user_stub_load4[];
extern const u8 user_stub_store1[], user_stub_store2[], user_stub_store4[];
extern const u8 user_stub_jump[];

/*
 * Enters ring 3 and returns when user_leave() is called: with its argument. They nest, for a fault
 * handler may do an access of its own.
 */
int user_enter(const struct user_start *start);

/* From a trap out of ring 3: abandons that trap and makes user_enter() return result. */
void __noreturn user_leave(int result);

/* Called by trap.c: an access's ring-3 code came back through USER_RETURN_VECTOR. */
void __noreturn user_access_done(const struct trap_frame *frame);

/* Called by trap.c: the handler refused this page fault of ring 3. */
void __noreturn user_access_refused(const struct fault_record *fault);

/* Is a user access under way? Its instruction pointer is then the machine's own business. */
bool user_access_running(void);

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
