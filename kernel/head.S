/*
 * The first instructions. A multiboot loader enters startup_32 in flat 32-bit protected mode
 * without paging, at the physical address of an image that is linked PAGE_OFFSET higher (Multiboot
 * 0.6.96, 3.2 "Machine state": EAX magic, EBX information, everything else to be set up by us).
 *
 * The way up to the linked addresses:
 *   1. pg0 and pg1 are filled with the first 8 MiB of physical memory,
 *   2. swapper_pg_dir names both twice: at 0, where EIP still is, and at PAGE_OFFSET,
 *   3. paging goes on, a jump leaves the identity half, and the identity half is taken away.
 *
 * Until the jump every symbol has to be lowered by PAGE_OFFSET: PHYS().
 */
#include "kernel/asm_layout.h"

#define PHYS(symbol) ((symbol) - ASM_PAGE_OFFSET)

#define MULTIBOOT_HEADER_MAGIC 0x1BADB002
#define MULTIBOOT_LOADER_MAGIC 0x2BADB002
/* Bit 0: page-align the boot modules; bit 1: give us the memory map. */
#define MULTIBOOT_HEADER_FLAGS 0x3

#define CPUID_EDX_PSE 0x0008
#define CPUID_EDX_PGE 0x2000
#define CPUID_EDX_CMOV 0x8000
#define CR4_PSE 0x10
#define CR4_PGE 0x80
#define CR0_PG_WP 0x80010000
#define FLAGS_ID 0x200000

	.section .head.text, "ax", @progbits
	.code32
	.balign 4
	.long	MULTIBOOT_HEADER_MAGIC
	.long	MULTIBOOT_HEADER_FLAGS
	.long	-(MULTIBOOT_HEADER_MAGIC + MULTIBOOT_HEADER_FLAGS)

	.globl	startup_32
	.type	startup_32, @function
startup_32:
	cli
	cld
	cmpl	$MULTIBOOT_LOADER_MAGIC, %eax
	movl	$PHYS(bad_loader_message), %esi
	jne	boot_failure
	movl	%ebx, %ebp		/* the boot information: CPUID wants EBX */

	movl	$PHYS(__bss_start), %edi
	movl	$__bss_size, %ecx	/* a multiple of 4: the linker script aligns it */
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	$PHYS(boot_stack_top), %esp

	/* CPUID exists where software can flip EFLAGS.ID (Intel SDM vol. 1, 20.1.2). */
	pushfl
	popl	%eax
	movl	%eax, %ecx
	xorl	$FLAGS_ID, %eax
	pushl	%eax
	popfl
	pushfl
	popl	%eax
	cmpl	%ecx, %eax
	movl	$PHYS(bad_cpu_message), %esi
	je	boot_failure
	movl	$1, %eax
	cpuid
	testl	$CPUID_EDX_CMOV, %edx	/* the compiler was told -march=i686 */
	jz	boot_failure

	/* CR4 bits for what the processor has; mmu.c reads CR4 to learn what it was. */
	movl	%cr4, %eax
	testl	$CPUID_EDX_PSE, %edx
	jz	1f
	orl	$CR4_PSE, %eax
1:	movl	%eax, %cr4
	movl	%edx, %esi

	movl	$PHYS(pg0), %edi
	movl	$ASM_KERNEL_ENTRY, %eax
	movl	$ASM_BOOT_PTES, %ecx
1:	stosl
	addl	$ASM_PAGE_SIZE, %eax
	loop	1b
	movl	$PHYS(pg0) + ASM_KERNEL_ENTRY, %eax
	movl	$PHYS(pg1) + ASM_KERNEL_ENTRY, %edx
	movl	%eax, PHYS(swapper_pg_dir)
	movl	%edx, PHYS(swapper_pg_dir) + 4
	movl	%eax, PHYS(swapper_pg_dir) + (ASM_PAGE_OFFSET >> 22) * 4
	movl	%edx, PHYS(swapper_pg_dir) + (ASM_PAGE_OFFSET >> 22) * 4 + 4
	movl	$PHYS(swapper_pg_dir), %eax
	movl	%eax, %cr3
	movl	%cr0, %eax
	orl	$CR0_PG_WP, %eax
	movl	%eax, %cr0
	jmp	1f			/* flush what was fetched before paging */
1:	movl	$higher_half, %eax
	jmp	*%eax
higher_half:
	addl	$ASM_PAGE_OFFSET, %esp
	xorl	%eax, %eax
	movl	%eax, swapper_pg_dir
	movl	%eax, swapper_pg_dir + 4
	movl	%cr3, %eax
	movl	%eax, %cr3
	/* CR4.PGE only after CR0.PG (Intel SDM vol. 3A, 2.5, "PGE"). */
	testl	$CPUID_EDX_PGE, %esi
	jz	1f
	movl	%cr4, %eax
	orl	$CR4_PGE, %eax
	movl	%eax, %cr4
1:	pushl	%ebp			/* kernel_start(boot information) */
	xorl	%ebp, %ebp		/* the end of every backtrace */
	call	kernel_start
	ud2
	.size	startup_32, . - startup_32

/*
 * The machine cannot even be set up: the text at ESI (physical) goes to COM1 and to the screen as
 * the firmware left them, and that is all. No stack may be needed: there may be none.
 */
	.type	boot_failure, @function
boot_failure:
	movl	$0xb8000, %edi
	movb	$0x4f, %ah		/* white on red */
1:	lodsb
	testb	%al, %al
	jz	4f
	cmpb	$'\n', %al
	je	2f
	stosw
2:	movb	%al, %bl
	movl	$100000, %ecx		/* a port that is never ready must not hang us */
	movw	$0x3fd, %dx
3:	inb	%dx, %al
	testb	$0x20, %al
	loopz	3b
	movw	$0x3f8, %dx
	movb	%bl, %al
	outb	%al, %dx
	jmp	1b
4:	movb	$0x33, %al		/* exit.h, EXIT_VALUE_PANIC: QEMU's exit device, if any */
	outb	%al, $0xf4
5:	hlt
	jmp	5b
	.size	boot_failure, . - boot_failure

bad_loader_message:
	.asciz	"pagetwin: not started by a multiboot loader (wrong magic in EAX). Halted.\n"
bad_cpu_message:
	.asciz	"pagetwin: this processor is no i686 (CPUID with CMOV is needed). Halted.\n"

	.bss
	.balign	16
boot_stack:
	.skip	ASM_PAGE_SIZE
	.globl	boot_stack_top
boot_stack_top:
