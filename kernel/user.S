/*
 * The way to ring 3 and back, and the code that runs there.
 *
 * user_enter() saves what C expects to survive, makes the place the stack of the next trap out of
 * ring 3 (esp0 in the TSS) and goes down with IRET. A trap stacks up below that place and either
 * returns to ring 3 or calls user_leave(), which drops all of it and returns from user_enter(). The
 * old esp0 is part of what is saved, so they nest.
 */
#include "kernel/asm_layout.h"

#define TSS_ESP0 (kernel_tss + 4)

	.text
	.globl	user_enter
	.type	user_enter, @function
user_enter:
	movl	4(%esp), %edx		/* struct user_start */
	pushl	%ebp
	pushl	%ebx
	pushl	%esi
	pushl	%edi
	pushfl
	pushl	TSS_ESP0
	movl	%esp, TSS_ESP0
	cli				/* iret turns them on: no trap may see half of this */
	movl	$USER_DS, %ecx
	movl	%ecx, %ds
	movl	%ecx, %es
	pushl	%ecx			/* ss, esp: the stub needs no stack */
	pushl	$0
	pushl	$FLAGS_IF + FLAGS_RESERVED_ONE
	pushl	$USER_CS
	pushl	(%edx)
	movl	4(%edx), %ebx
	movl	8(%edx), %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	iret
	.size	user_enter, . - user_enter

	.globl	user_leave
	.type	user_leave, @function
user_leave:
	movl	4(%esp), %eax
	movl	TSS_ESP0, %esp
	popl	TSS_ESP0
	popfl
	popl	%edi
	popl	%esi
	popl	%ebx
	popl	%ebp
	ret
	.size	user_leave, . - user_leave

/* A fetch at CPL 0. The trap that ends it finds the stack as it is at the jump. */
	.globl	kernel_jump, kernel_jump_done, kernel_jump_refused
	.type	kernel_jump, @function
kernel_jump:
	movl	4(%esp), %eax
	jmp	*%eax
kernel_jump_done:
	xorl	%eax, %eax
	ret
kernel_jump_refused:
	movl	$-1, %eax
	ret
	.size	kernel_jump, . - kernel_jump

/* Ring 3's code, position-independent: it runs at WINDOW_USER_STUB. EBX: the address. */
	.section .user_stub, "a", @progbits
	.balign	ASM_PAGE_SIZE
	.globl	user_stub_start
user_stub_start:

	.macro	stub name, instruction:vararg
	.globl	user_stub_\name
user_stub_\name:
	\instruction
	int	$USER_RETURN_VECTOR
	.endm

	stub	load1, movzbl (%ebx), %eax
	stub	load2, movzwl (%ebx), %eax
	stub	load4, movl (%ebx), %eax
	stub	store1, movb %al, (%ebx)
	stub	store2, movw %ax, (%ebx)
	stub	store4, movl %eax, (%ebx)
	stub	jump, jmp *%ebx
	.balign	ASM_PAGE_SIZE
