/*
 * Numbers that assembly, the linker script and C must agree on. Assembly cannot read arch/layout.h
 * (its constants carry C suffixes), so they stand here once more and window.c proves them equal.
 */
#pragma once

#define ASM_PAGE_OFFSET 0xC0000000
#define ASM_PAGE_SIZE 0x1000
#define ASM_IMAGE_START 0x00100000
#define ASM_IMAGE_END 0x00500000
#define ASM_IMAGE_TEXT_START 0x00105000
#define ASM_IMAGE_TEXT_END 0x00280000
#define ASM_BOOT_PTES 2048 /* pg0 and pg1 stand side by side */

/* Present, writable, accessed, dirty: _PAGE_KERNEL and _KERNPG_TABLE of arch/pte.h. */
#define ASM_KERNEL_ENTRY 0x063

/* Selectors of the GDT in segment.c. */
#define KERNEL_CS 0x08
#define KERNEL_DS 0x10
#define USER_CS 0x1b /* index 3, RPL 3 */
#define USER_DS 0x23 /* index 4, RPL 3 */
#define TSS_SELECTOR 0x28
#define DOUBLE_FAULT_TSS_SELECTOR 0x30

/*
 * The two gates that are open to CPL 3: system calls, and the way back of the ring-3 stub. The
 * latter could be a system call, but then all registers could not come back as a system call left
 * them, the gate would ask each caller whether it is the rig, and ACCESS_EXEC (arch/machine.h)
 * would need more than two bytes.
 */
#define SYSCALL_VECTOR 0x80
#define USER_RETURN_VECTOR 0x81

/* Exceptions with an error code: 8, 10 to 14, 17, 21, 29, 30 (Intel SDM vol. 3A, table 6-1). */
#define TRAPS_WITH_ERROR_CODE 0x60227d00

/* EFLAGS */
#define FLAGS_RESERVED_ONE 0x002
#define FLAGS_IF 0x200
