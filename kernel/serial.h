/*
 * COM1, a 16550 or what is compatible with it, polled. See serial.c.
 */
#pragma once

#include "arch/types.h"

void serial_init(void);

/* Writes len bytes; drops them where there is no UART, or once it has stopped taking any. */
void serial_write(const char *text, size_t len);

/* Waits for one byte and returns it; -1 where there is no UART to wait for. */
int serial_read(void);

/* Waits, a bounded time, until the last byte has left the shift register. */
void serial_drain(void);
