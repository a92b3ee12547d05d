/*
 * GDT, TSS and IDT. See segment.c.
 */
#pragma once

#include "arch/types.h"
#include "kernel/asm_layout.h"

/* The 32-bit task-state segment (Intel SDM vol. 3A, 8.2.1). Selectors fill a word's low half. */
struct tss {
	u32 previous;
	u32 esp0, ss0;
	u32 esp1, ss1;
	u32 esp2, ss2;
	u32 cr3;
	u32 eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs;
	u32 ldt;
	u16 trap;
	u16 io_map; /* offset of the I/O permission map; past the limit: none */
};
_Static_assert(sizeof(struct tss) == 104, "the processor's own layout");

/* esp0 is where a trap out of ring 3 starts its stack; a double fault saves the registers here. */
extern struct tss kernel_tss;

/* Loads GDT, TSS and IDT. Exceptions are reported from here on. */
void segment_init(void);

/* Loads an IDT without entries: the next exception shuts the processor down (selftest=triple). */
void segment_drop_idt(void);
