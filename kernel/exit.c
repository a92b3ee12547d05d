#include "kernel/exit.h"

#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/segment.h"
#include "kernel/serial.h"

/* The exit device reads as 0; a port that nobody answers for reads as all ones. */
#define PORT_EMPTY 0xff

/* Reset control register of the PCI chipsets: bit 1 full reset, bit 2 does it. */
#define RESET_CONTROL 0xcf9
#define RESET_FULL 0x02
#define RESET_NOW 0x06
/* Keyboard controller: pulse output line 0, which is wired to the processor's reset. */
#define KEYBOARD_COMMAND 0x64
#define KEYBOARD_PULSE_RESET 0xfe

static void __noreturn stop(void)
{
	irq_off();
	for (;;)
		cpu_halt();
}

void machine_exit(u8 value)
{
	irq_off();
	serial_drain();
	if (inb(EXIT_PORT) == PORT_EMPTY)
		machine_halt();
	outb(EXIT_PORT, value);
	/* An emulator may take its time to act on it. */
	stop();
}

void machine_halt(void)
{
	console_say("# halted");
	serial_drain();
	stop();
}

void machine_reset(void)
{
	irq_off();
	outb(RESET_CONTROL, RESET_FULL);
	outb(RESET_CONTROL, RESET_NOW);
	outb(KEYBOARD_COMMAND, KEYBOARD_PULSE_RESET);
	/* Neither was there: a triple fault resets any PC. */
	segment_drop_idt();
	__asm__ volatile("int3");
	stop();
}
