/*
 * Planted deaths: a gate that must never call a dead guest a success is itself tested with guests
 * that die in each of the known ways. selftest=
 *
 *   panic        arch_panic()
 *   triple       an exception without an IDT: the processor shuts down, the board resets
 *   reboot       a reset by software
 *   hang         an endless loop with interrupts off
 *   hang-end     the same where the exit should be
 *   cut          output stops within a line, the exit claims success
 *   doublefault  an exception without a stack
 *   stack        recursion into the guard page of the kernel stack
 *   divide       a divide error
 *   pagefault    a stray store
 *
 * A name that is not in the list panics: a test with a typing error must not pass.
 */
#include "kernel/selftest.h"

#include "arch/arch.h"
#include "base/string.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/segment.h"

#define NAME_SIZE 32
#define CUT_AFTER_LINES 10
/* Above the direct map and below the fixmap's top, where nothing is mapped at start-up. */
#define STRAY_ADDRESS 0xf0000bad

static enum selftest_end planted_end;

static void plant_panic(void)
{
	arch_panic("selftest=panic");
}

static void plant_triple(void)
{
	segment_drop_idt();
	__asm__ volatile("ud2");
}

static void plant_reboot(void)
{
	machine_reset();
}

void selftest_hang(void)
{
	irq_off();
	for (;;)
		cpu_pause();
}

static void plant_hang(void)
{
	selftest_hang();
}

static void plant_hang_end(void)
{
	planted_end = SELFTEST_END_HANG;
}

static void plant_cut(void)
{
	console_cut_after(CUT_AFTER_LINES);
	planted_end = SELFTEST_END_PASS;
}

static void plant_double_fault(void)
{
	__asm__ volatile("movl %0, %%esp\n\tint3" : : "i"(STRAY_ADDRESS & ~3u) : "memory");
}

/* The sum after the call keeps it from becoming a tail call, hence a loop. *depth is never 0. */
static noinline unsigned int descend(volatile unsigned int *depth)
{
	volatile unsigned int here = *depth + 1;

	return *depth ? descend(&here) + here : 0;
}

static void plant_stack_overflow(void)
{
	volatile unsigned int depth = 1;

	descend(&depth);
}

static void plant_divide(void)
{
	__asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc");
}

static void plant_page_fault(void)
{
	*(volatile u32 *)STRAY_ADDRESS = 1;
}

static const struct {
	const char *name;
	void (*plant)(void);
} selftests[] = {
	{"panic", plant_panic},
	{"triple", plant_triple},
	{"reboot", plant_reboot},
	{"hang", plant_hang},
	{"hang-end", plant_hang_end},
	{"cut", plant_cut},
	{"doublefault", plant_double_fault},
	{"stack", plant_stack_overflow},
	{"divide", plant_divide},
	{"pagefault", plant_page_fault},
};

void selftest_start(void)
{
	char name[NAME_SIZE];

	if (!cmdline_value("selftest=", name, sizeof(name)))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(selftests); i++)
		if (!strcmp(name, selftests[i].name)) {
			selftests[i].plant();
			return;
		}
	arch_panic("selftest=: there is no selftest of this name (kernel/selftest.c has the list)");
}

enum selftest_end selftest_end(void)
{
	return planted_end;
}
