/*
 * Descriptor tables. Segmentation is set as flat as it goes; what remains of it is what only
 * descriptors can do: rings, the stack a trap out of ring 3 starts on, and a task switch for double
 * faults.
 *
 * A double fault is delivered through a task gate, because the usual cause is a kernel stack that
 * has no room for another frame. The task has its own stack and its own page directory
 * (double_fault_pg_dir), so that the report needs nothing of the interrupted address space but that
 * it maps these tables: an address space that has lost them shuts the processor down. The switch
 * saves the registers of the moment in kernel_tss.
 *
 * Source: Intel SDM vol. 3A, 3.4.5 (segment descriptors), 6.11 (IDT descriptors), 8.2 (tasks).
 */
#include "kernel/segment.h"

#include "arch/layout.h"
#include "kernel/cpu.h"
#include "kernel/trap.h"
#include "kernel/window.h"

/* Descriptor access bytes: P, DPL, S, type. */
#define SEGMENT_KERNEL_CODE 0x9a
#define SEGMENT_KERNEL_DATA 0x92
#define SEGMENT_USER_CODE 0xfa
#define SEGMENT_USER_DATA 0xf2
#define SEGMENT_TSS 0x89
#define GATE_INTERRUPT 0x8e
#define GATE_INTERRUPT_USER 0xee
#define GATE_TASK 0x85

/* Descriptor flags: limit counted in pages, 32-bit. */
#define SEGMENT_FLAT 0xc

#define IDT_ENTRIES 256
#define TSS_NO_IO_MAP sizeof(struct tss)

struct descriptor {
	u32 low, high;
};

struct table_register {
	u16 limit;
	u32 base;
} __packed;

enum {
	GDT_NULL,
	GDT_KERNEL_CODE,
	GDT_KERNEL_DATA,
	GDT_USER_CODE,
	GDT_USER_DATA,
	GDT_TSS,
	GDT_DOUBLE_FAULT_TSS,
	GDT_ENTRIES
};
_Static_assert(KERNEL_CS == GDT_KERNEL_CODE * 8 && KERNEL_DS == GDT_KERNEL_DATA * 8, "selectors");
_Static_assert(USER_CS == (GDT_USER_CODE * 8 | 3) && USER_DS == (GDT_USER_DATA * 8 | 3),
	       "selectors");
_Static_assert(TSS_SELECTOR == GDT_TSS * 8, "selectors");
_Static_assert(DOUBLE_FAULT_TSS_SELECTOR == GDT_DOUBLE_FAULT_TSS * 8, "selectors");

static struct descriptor gdt[GDT_ENTRIES] __aligned(8);
static struct descriptor idt[IDT_ENTRIES] __aligned(8);
static struct tss double_fault_tss;
struct tss kernel_tss;

static struct descriptor segment(u32 base, u32 limit, u32 access, u32 flags)
{
	return (struct descriptor){
		.low = (limit & 0xffff) | base << 16,
		.high = (base & 0xff000000) | flags << 20 | (limit & 0xf0000) | access << 8 |
			(base >> 16 & 0xff),
	};
}

static struct descriptor gate(u32 selector, u32 offset, u32 access)
{
	return (struct descriptor){
		.low = selector << 16 | (offset & 0xffff),
		.high = (offset & 0xffff0000) | access << 8,
	};
}

static void fill_gdt(void)
{
	gdt[GDT_KERNEL_CODE] = segment(0, 0xfffff, SEGMENT_KERNEL_CODE, SEGMENT_FLAT);
	gdt[GDT_KERNEL_DATA] = segment(0, 0xfffff, SEGMENT_KERNEL_DATA, SEGMENT_FLAT);
	gdt[GDT_USER_CODE] = segment(0, 0xfffff, SEGMENT_USER_CODE, SEGMENT_FLAT);
	gdt[GDT_USER_DATA] = segment(0, 0xfffff, SEGMENT_USER_DATA, SEGMENT_FLAT);
	gdt[GDT_TSS] = segment((u32)&kernel_tss, sizeof(kernel_tss) - 1, SEGMENT_TSS, 0);
	gdt[GDT_DOUBLE_FAULT_TSS] =
		segment((u32)&double_fault_tss, sizeof(double_fault_tss) - 1, SEGMENT_TSS, 0);
}

static void fill_tss(void)
{
	kernel_tss = (struct tss){
		.esp0 = KERNEL_STACK_TOP,
		.ss0 = KERNEL_DS,
		.cr3 = BOOT_SWAPPER_PG_DIR,
		.io_map = TSS_NO_IO_MAP,
	};
	double_fault_tss = (struct tss){
		.cr3 = __pa(double_fault_pg_dir),
		.eip = (u32)double_fault_entry,
		.eflags = FLAGS_RESERVED_ONE,
		.esp = DOUBLE_FAULT_STACK_TOP,
		.cs = KERNEL_CS,
		.ss = KERNEL_DS,
		.ds = KERNEL_DS,
		.es = KERNEL_DS,
		.fs = KERNEL_DS,
		.gs = KERNEL_DS,
		.io_map = TSS_NO_IO_MAP,
	};
}

static void fill_idt(void)
{
	for (unsigned int i = 0; i < IDT_ENTRIES; i++) {
		u32 entry = (u32)trap_entries + i * TRAP_ENTRY_SIZE;

		idt[i] = gate(KERNEL_CS, entry,
			      i == USER_RETURN_VECTOR ? GATE_INTERRUPT_USER : GATE_INTERRUPT);
	}
	idt[SYSCALL_VECTOR] = gate(KERNEL_CS, (u32)syscall_entry, GATE_INTERRUPT_USER);
	idt[TRAP_DOUBLE_FAULT] = gate(DOUBLE_FAULT_TSS_SELECTOR, 0, GATE_TASK);
}

static void load_idt(const struct descriptor *table, size_t size)
{
	struct table_register idtr = {.limit = size - 1, .base = (u32)table};

	__asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}

void segment_init(void)
{
	struct table_register gdtr = {.limit = sizeof(gdt) - 1, .base = (u32)gdt};

	fill_gdt();
	fill_tss();
	fill_idt();
	__asm__ volatile("lgdt %0\n\t"
			 "ljmp %1, $1f\n"
			 "1:\n\t"
			 "movl %2, %%ds\n\t"
			 "movl %2, %%es\n\t"
			 "movl %2, %%fs\n\t"
			 "movl %2, %%gs\n\t"
			 "movl %2, %%ss\n\t"
			 "lldt %w3\n\t"
			 "ltr %w4"
			 :
			 : "m"(gdtr), "i"(KERNEL_CS), "r"(KERNEL_DS), "r"(0), "r"(TSS_SELECTOR)
			 : "memory");
	load_idt(idt, sizeof(idt));
}

void segment_drop_idt(void)
{
	load_idt(idt, 1);
}
