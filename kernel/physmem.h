/*
 * Physical memory below 4 GiB by its address, for start-up: what the loader left lies anywhere.
 */
#pragma once

#include "arch/types.h"

void phys_read(void *to, u32 phys, size_t n);

/* Reads a string into to[size]; false if it is longer: to then holds its beginning. */
bool phys_read_string(char *to, size_t size, u32 phys);

/* Copies one page frame onto another. */
void phys_copy_frame(unsigned long to, unsigned long from);
