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
	movl	8(%edx), %ecx
	movl	16(%edx), %esi
	movl	20(%edx), %edi
	movl	24(%edx), %ebp
	movl	28(%edx), %eax
	movl	12(%edx), %edx
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

/*
 * Ring 3's code, position-independent: it runs at WINDOW_USER_STUB. It has no stack and no memory
 * of its own: registers go in by user_enter() and come out by the gate that each routine ends with.
 */
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

/* Accesses. EBX: the address. */
	stub	load1, movzbl (%ebx), %eax
	stub	load2, movzwl (%ebx), %eax
	stub	load4, movl (%ebx), %eax
	stub	store1, movb %al, (%ebx)
	stub	store2, movw %ax, (%ebx)
	stub	store4, movl %eax, (%ebx)
	stub	jump, jmp *%ebx

/* One system call with all registers; and ECX of them, number EBX. */
	stub	syscall, int $SYSCALL_VECTOR
	.balign	16
	.globl	user_stub_syscalls
user_stub_syscalls:
	movl	%ebx, %eax
	int	$SYSCALL_VECTOR
	decl	%ecx
	jnz	user_stub_syscalls
	int	$USER_RETURN_VECTOR

/* int $n for each n, the form of two bytes: int $3 has a shorter one. */
	.balign	4
	.globl	user_stub_int
user_stub_int:
	.set	vector, 0
	.rept	256
	.byte	0xcd, vector
	int	$USER_RETURN_VECTOR
	.set	vector, vector + 1
	.endr

/* Probes (arch/privileged.h). EBX: WINDOW_USER_STUB. */
	.macro	probe name, instruction:vararg
	.globl	user_probe_\name
user_probe_\name:
	\instruction
	int	$USER_RETURN_VECTOR
	.endm

	probe	nop, nop
	probe	hlt, hlt
	probe	cli, cli
	probe	sti, sti
	probe	in, inb $0x80, %al
	probe	out, outb %al, $0x80
	probe	read_cr0, movl %cr0, %eax
	probe	read_cr2, movl %cr2, %eax
	probe	read_cr3, movl %cr3, %eax
	probe	read_cr4, movl %cr4, %eax
	probe	write_cr0, movl %eax, %cr0
	probe	write_cr2, movl %eax, %cr2
	probe	write_cr3, movl %eax, %cr3
	probe	write_cr4, movl %eax, %cr4
	probe	read_dr7, movl %db7, %eax
	probe	write_dr7, movl %eax, %db7
	probe	lgdt, lgdt (%ebx)
	probe	lidt, lidt (%ebx)
	probe	lldt, lldt %ax
	probe	ltr, ltr %ax
	probe	lmsw, lmsw %ax
	probe	clts, clts
	probe	invlpg, invlpg (%ebx)
	probe	invd, invd
	probe	wbinvd, wbinvd
	probe	rdmsr, rdmsr
	probe	wrmsr, wrmsr
	probe	call_kernel, lcall $KERNEL_CS, $0
	probe	jmp_kernel, ljmp $KERNEL_CS, $0
	probe	jmp_tss, ljmp $TSS_SELECTOR, $0
	probe	write_code, movl %eax, (%ebx)

	.macro	probe_load name, selector, register
	.globl	user_probe_\name
user_probe_\name:
	movl	$\selector, %eax
	movl	%eax, \register
	int	$USER_RETURN_VECTOR
	.endm

	probe_load load_ds_kernel, KERNEL_DS, %ds
	probe_load load_ds_kernel3, KERNEL_DS + 3, %ds
	probe_load load_ss_kernel, KERNEL_DS, %ss
	probe_load load_ss_null, 0, %ss

/* The stack that it returns from is this page, which it may read. */
	.globl	user_probe_iret_kernel
user_probe_iret_kernel:
	leal	kernel_frame - user_stub_start(%ebx), %esp
	iret
	.balign	4
kernel_frame:
	.long	ASM_PAGE_OFFSET + ASM_IMAGE_START, KERNEL_CS, FLAGS_RESERVED_ONE

	.balign	ASM_PAGE_SIZE
