/*
 * Serial output, polled, in bursts of a FIFO. A PC need not have the port, and a port need not be
 * ready ever, so every wait is bounded and the first one that is exceeded ends the use of the port.
 *
 * Source: National Semiconductor PC16550D data sheet, "Registers".
 */
#include "kernel/serial.h"

#include "kernel/cpu.h"

#define COM1 0x3f8
#define DATA (COM1 + 0)		    /* with DLAB: divisor, low byte */
#define INTERRUPT_ENABLE (COM1 + 1) /* with DLAB: divisor, high byte */
#define INTERRUPT_ID (COM1 + 2)	    /* read */
#define FIFO_CONTROL (COM1 + 2)	    /* write */
#define LINE_CONTROL (COM1 + 3)
#define MODEM_CONTROL (COM1 + 4)
#define LINE_STATUS (COM1 + 5)
#define SCRATCH (COM1 + 7)

#define LINE_DLAB 0x80
#define LINE_8N1 0x03
#define DIVISOR_115200 1
#define FIFO_ENABLE_AND_CLEAR 0x07
#define ID_FIFO_WORKS 0xc0
#define MODEM_DTR_RTS 0x03
#define STATUS_DATA_READY 0x01
#define STATUS_THR_EMPTY 0x20 /* with the FIFO on: all of it is empty */
#define STATUS_ALL_SENT 0x40

#define FIFO_SIZE 16

/* A second: a read of the port takes about 1 us on a PC. Sixteen bytes take 1.4 ms to go. */
#define WAIT_POLLS 1000000

static unsigned int burst; /* bytes that may be written at once; 0: no port */

static bool wait_status(u8 bit)
{
	for (unsigned int i = 0; i < WAIT_POLLS; i++) {
		if (inb(LINE_STATUS) & bit)
			return true;
		cpu_pause();
	}
	return false;
}

/* Nobody answers for an absent port; two patterns tell a register from a floating bus. */
static bool uart_present(void)
{
	outb(SCRATCH, 0x5a);
	if (inb(SCRATCH) != 0x5a)
		return false;
	outb(SCRATCH, 0xa5);
	return inb(SCRATCH) == 0xa5;
}

void serial_init(void)
{
	if (!uart_present())
		return;
	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, LINE_DLAB);
	outb(DATA, DIVISOR_115200);
	outb(INTERRUPT_ENABLE, 0);
	outb(LINE_CONTROL, LINE_8N1);
	outb(FIFO_CONTROL, FIFO_ENABLE_AND_CLEAR);
	outb(MODEM_CONTROL, MODEM_DTR_RTS);
	burst = (inb(INTERRUPT_ID) & ID_FIFO_WORKS) == ID_FIFO_WORKS ? FIFO_SIZE : 1;
}

void serial_write(const char *text, size_t len)
{
	while (len && burst) {
		size_t n = min(len, burst);

		if (!wait_status(STATUS_THR_EMPTY)) {
			burst = 0;
			return;
		}
		outsb(DATA, text, n);
		text += n;
		len -= n;
	}
}

int serial_read(void)
{
	if (!burst)
		return -1;
	while (!(inb(LINE_STATUS) & STATUS_DATA_READY))
		cpu_pause();
	return inb(DATA);
}

void serial_drain(void)
{
	if (burst)
		wait_status(STATUS_ALL_SENT);
}
