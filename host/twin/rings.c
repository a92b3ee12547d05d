/*
 * System calls and probes out of ring 3 (arch/machine.h). A system call is the call of its handler.
 * What a probe raises is read from a table: the twin has no instructions of user code, so here
 * stands what the architecture says, and the image's processor is held against it.
 *
 * Source: Intel SDM vol. 2, "Protected Mode Exceptions" of each instruction; vol. 3A 6.12.1.2 for
 * software interrupts.
 */
#include <errno.h>

#include "twin/machine_priv.h"

#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT 14

/* The selectors that a flat i386 kernel has. A selector's RPL is not part of an error code. */
#define KERNEL_CS 0x08u
#define KERNEL_DS 0x10u
#define TSS_SELECTOR 0x28u

/* The gates that ring 3 may use. */
#define SYSCALL_VECTOR 0x80
#define USER_RETURN_VECTOR 0x81
/* An error code about the IDT has bit 1 set; the index is in bits 3 and up (vol. 3A, 6.13). */
#define ERROR_IDT 2u
#define ERROR_INDEX_SHIFT 3

void arch_set_syscall_handler(arch_syscall_handler_t handler)
{
	machine.syscall_handler = handler;
}

static u32 call_handler(struct syscall_regs *regs)
{
	if (!twin_irqs_enabled())
		twin_panicf(TWIN_PANIC_WAIST, "system call %u with interrupts off", regs->eax);
	return machine.syscall_handler ? (u32)machine.syscall_handler(regs) : (u32)-ENOSYS;
}

int machine_user_syscall(struct syscall_regs *regs)
{
	regs->eax = call_handler(regs);
	return 0;
}

int machine_user_syscalls(u32 nr, u32 count)
{
	for (u32 i = 0; i < count; i++) {
		struct syscall_regs regs = {.ebx = nr, .ecx = count - i, .eax = nr};

		call_handler(&regs);
	}
	return 0;
}

/* Those that are not here: #GP(0), the privilege level is not 0. */
static const u32 general_protection[NR_PRIVILEGED_KINDS] = {
	[PRIVILEGED_iret_kernel] = KERNEL_CS,	 /* RPL below CPL */
	[PRIVILEGED_call_kernel] = KERNEL_CS,	 /* non-conforming, DPL is not CPL */
	[PRIVILEGED_jmp_kernel] = KERNEL_CS,	 /* the same */
	[PRIVILEGED_jmp_tss] = TSS_SELECTOR,	 /* DPL below CPL */
	[PRIVILEGED_load_ds_kernel] = KERNEL_DS, /* DPL below CPL */
	[PRIVILEGED_load_ds_kernel3] = KERNEL_DS,
	[PRIVILEGED_load_ss_kernel] = KERNEL_DS, /* RPL is not CPL */
};

int machine_user_privileged(enum privileged_kind kind, struct user_exception *exception)
{
	if (kind == PRIVILEGED_nop)
		return 0;
	if (kind == PRIVILEGED_write_code)
		*exception = (struct user_exception){TRAP_PAGE_FAULT, PF_PROT | PF_WRITE | PF_USER};
	else
		*exception =
			(struct user_exception){TRAP_GENERAL_PROTECTION, general_protection[kind]};
	return -EFAULT;
}

/* DPL below CPL; a gate that ring 3 may use leads back. */
int machine_user_interrupt(u8 vector, struct user_exception *exception)
{
	if (vector == SYSCALL_VECTOR || vector == USER_RETURN_VECTOR)
		return 0;
	*exception = (struct user_exception){TRAP_GENERAL_PROTECTION,
					     (u32)vector << ERROR_INDEX_SHIFT | ERROR_IDT};
	return -EFAULT;
}
