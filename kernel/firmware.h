/*
 * The firmware's memory map and the loader's words. See firmware.c.
 */
#pragma once

#include "arch/types.h"
#include "kernel/multiboot.h"

/* What QEMU's own multiboot loader calls itself in boot_params. */
#define QEMU_LOADER "qemu"

/*
 * Reads the boot information at `address` into *info and fills boot_params_page and the command
 * line from it. Panics on what it cannot take: a map of more than FIRMWARE_E820_MAX entries, a
 * malformed one, too long a command line.
 */
void firmware_init(u32 address, struct multiboot_info *info);

/* Is [start, end) RAM, all of it, and none of it claimed by an entry of another type? */
bool firmware_is_ram(u64 start, u64 end);

/*
 * The highest page-aligned address below 4 GiB where a run of `pages` pages of RAM ends that starts
 * at `lowest` or above; 0 if there is none.
 */
u64 firmware_top_of_ram(unsigned long pages, u64 lowest);

/* Takes [start, end), the top of some RAM, out of what boot_params_page offers. */
void firmware_reserve(u64 start, u64 end);
