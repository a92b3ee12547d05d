/*
 * The way into and out of the kernel. Every vector has an entry of 16 bytes that completes what the
 * processor pushed to a struct trap_frame (trap.h): an error code of 0 where there is none, then
 * the vector. Ring 3 runs with USER_DS, which is as flat as KERNEL_DS; it is replaced all the same,
 * so that a null selector left by ring 3 cannot fault in ring 0.
 */
#include "kernel/asm_layout.h"

	.text
	.balign	16
	.globl	trap_entries
	.type	trap_entries, @function
trap_entries:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	vector > 31
	pushl	$0
	.elseif	((TRAPS_WITH_ERROR_CODE >> vector) & 1) == 0
	pushl	$0
	.endif
	pushl	$vector
	jmp	trap_common
	.set	vector, vector + 1
	.endr
	.size	trap_entries, . - trap_entries

	.balign	16
	.type	trap_common, @function
trap_common:
	pushl	%ds
	pushl	%es
	pushal
	movl	$KERNEL_DS, %eax
	movl	%eax, %ds
	movl	%eax, %es
	cld
	pushl	%esp
	call	trap_dispatch
	addl	$4, %esp
	popal
	popl	%es
	popl	%ds
	addl	$8, %esp		/* vector, error code */
	iret
	.size	trap_common, . - trap_common

/*
 * int $0x80. What is pushed is a struct syscall_regs (arch/syscall.h), with the segment registers
 * above it. EBP is cleared, so that backtraces end here rather than follow a number of ring 3's.
 */
	.balign	16
	.globl	syscall_entry
	.type	syscall_entry, @function
syscall_entry:
	pushl	%ds
	pushl	%es
	pushl	%eax
	pushl	%ebp
	pushl	%edi
	pushl	%esi
	pushl	%edx
	pushl	%ecx
	pushl	%ebx
	movl	$KERNEL_DS, %edx
	movl	%edx, %ds
	movl	%edx, %es
	xorl	%ebp, %ebp
	cld
	sti
	pushl	%esp
	call	*syscall_handler
	addl	$4, %esp
	popl	%ebx
	popl	%ecx
	popl	%edx
	popl	%esi
	popl	%edi
	popl	%ebp
	addl	$4, %esp		/* the number; EAX is the result */
	popl	%es
	popl	%ds
	iret
	.size	syscall_entry, . - syscall_entry

/* The double-fault task starts here, on its own stack; the error code on it is always 0. */
	.globl	double_fault_entry
	.type	double_fault_entry, @function
double_fault_entry:
	cld
	xorl	%ebp, %ebp
	call	double_fault_report
	ud2
	.size	double_fault_entry, . - double_fault_entry

/*
 * void arch_panic(const char *message): makes a trap frame of the caller's registers, so that a
 * panic shows them as they were at the call. eip is the return address.
 */
	.globl	arch_panic
	.type	arch_panic, @function
arch_panic:
	pushfl
	cli
	cld
	pushl	%cs
	pushl	8(%esp)			/* the return address */
	pushl	$0
	pushl	$-1			/* TRAP_PANIC_CALL */
	pushl	%ds
	pushl	%es
	pushal
	movl	%esp, %eax
	pushl	%eax			/* frame */
	pushl	64(%eax)		/* message: above 15 words of frame and the return address */
	call	panic_with_frame
	ud2
	.size	arch_panic, . - arch_panic

/* void run_on_stack(unsigned long top, void (*function)(u32), u32 argument): does not return. */
	.globl	run_on_stack
	.type	run_on_stack, @function
run_on_stack:
	movl	4(%esp), %ecx
	movl	8(%esp), %edx
	movl	12(%esp), %eax
	movl	%ecx, %esp
	xorl	%ebp, %ebp		/* backtraces end here */
	pushl	%eax
	call	*%edx
	ud2
	.size	run_on_stack, . - run_on_stack
