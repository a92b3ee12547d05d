/*
 * The two 8259A interrupt controllers and the 8254 timer of a PC.
 *
 * Nothing may act on its own while a vector runs, so all interrupt lines are masked. The
 * controllers are programmed nevertheless: after power-on their vectors are those of the
 * exceptions, and a line that goes away at the wrong moment makes them deliver a spurious
 * interrupt, masked or not.
 *
 * Source: Intel 8259A data sheet, "Initialization command words"; Intel 8254 data sheet.
 */
#include "kernel/platform.h"

#include "kernel/cpu.h"

#define PIC1_COMMAND 0x20
#define PIC1_DATA 0x21
#define PIC2_COMMAND 0xa0
#define PIC2_DATA 0xa1

#define ICW1_INIT_WITH_ICW4 0x11
#define ICW3_SLAVE_ON_LINE_2 0x04
#define ICW3_SLAVE_IDENTITY 0x02
#define ICW4_8086 0x01
#define OCW2_END_OF_INTERRUPT 0x20
#define OCW3_READ_IN_SERVICE 0x0b
#define MASK_ALL 0xff

#define PIC1_VECTOR 0x20
#define PIC2_VECTOR 0x28
#define SPURIOUS_LINE 7 /* of each controller */

#define PIT_CHANNEL_0 0x40
#define PIT_CONTROL 0x43
#define PIT_CHANNEL_0_RATE 0x34 /* channel 0, low then high byte, mode 2 */
#define PIT_HZ 1193182
#define TICK_HZ 100
#define PIT_DIVISOR ((PIT_HZ + TICK_HZ / 2) / TICK_HZ)

/* System control port B: NMI causes. */
#define SYSTEM_CONTROL_B 0x61
#define MEMORY_PARITY 0x80
#define IO_CHECK 0x40

static void pic_init(u16 command, u16 data, u8 vector, u8 icw3)
{
	outb(command, ICW1_INIT_WITH_ICW4);
	outb(data, vector);
	outb(data, icw3);
	outb(data, ICW4_8086);
	outb(data, MASK_ALL);
}

void platform_init(void)
{
	pic_init(PIC1_COMMAND, PIC1_DATA, PIC1_VECTOR, ICW3_SLAVE_ON_LINE_2);
	pic_init(PIC2_COMMAND, PIC2_DATA, PIC2_VECTOR, ICW3_SLAVE_IDENTITY);
	outb(PIT_CONTROL, PIT_CHANNEL_0_RATE);
	outb(PIT_CHANNEL_0, PIT_DIVISOR & 0xff);
	outb(PIT_CHANNEL_0, PIT_DIVISOR >> 8);
}

/* A real interrupt has its in-service bit set; a spurious one has not and must not be ended. */
static bool in_service(u16 command, unsigned int line)
{
	outb(command, OCW3_READ_IN_SERVICE);
	return inb(command) >> line & 1;
}

bool platform_spurious_interrupt(u32 vector)
{
	if (vector == PIC1_VECTOR + SPURIOUS_LINE)
		return !in_service(PIC1_COMMAND, SPURIOUS_LINE);
	if (vector != PIC2_VECTOR + SPURIOUS_LINE || in_service(PIC2_COMMAND, SPURIOUS_LINE))
		return false;
	/* The first controller took the second one's request for real. */
	outb(PIC1_COMMAND, OCW2_END_OF_INTERRUPT);
	return true;
}

bool platform_hardware_error(void)
{
	return inb(SYSTEM_CONTROL_B) & (MEMORY_PARITY | IO_CHECK);
}
