/*
 * The memory map: what the firmware says about physical addresses, made safe to believe.
 * Corresponds to Linux arch/i386/kernel/setup.c (2.4, 2.6) and arch/x86/kernel/e820.c.
 * Boot time only: one CPU, no locks, nothing sleeps.
 */
#pragma once

#include "boot/boot_params.h"

/* The kernel's own table, as large as the classic one. */
#define E820MAX 32

struct e820map {
	unsigned int nr_map;
	struct e820_entry map[E820MAX];
};

/* Sorted and free of overlaps once setup_memory_region() ran on a sound map. */
extern struct e820map e820;

/*
 * Sorts a firmware map in place and resolves overlaps: where entries overlap, the highest type wins
 * (a reservation beats RAM, and is never handed out by mistake). Zero-length entries and type 0 go;
 * neighbours of one type become one entry.
 * - map holds *nr entries and has room for max.
 * - Returns 0; -EINVAL for a map of fewer than two entries or with a range that wraps past 2^64;
 *   -ENOSPC when the result needs more than max entries. On error the map is as it was.
 */
int sanitize_e820_map(struct e820_entry *map, u32 *nr, u32 max);

/*
 * Copies a sanitized map into e820, leaving out RAM between 640 KiB and 1 MiB, where VGA and option
 * ROMs are whatever some firmware says.
 * - Returns 0; -EINVAL for a map of fewer than two entries (nothing is copied); or -ENOSPC with as
 *   much copied as fits.
 */
int copy_e820_map(const struct e820_entry *map, u32 nr);

/* Appends a region. -ENOSPC, with a message, when all E820MAX entries are taken; -EINVAL on a wrap.
 */
int add_memory_region(u64 start, u64 size, u32 type);

/* Cuts RAM off above limit bytes of address. */
void limit_regions(u64 limit);

/* Prints e820, each line headed by who. */
void print_memory_map(const char *who);

/* "usable", "reserved", ...; NULL for a type without a name. */
const char *e820_type_name(u32 type);

/*
 * Fills e820 from the boot parameters: sanitize, copy, or, when the firmware gave no usable map,
 * fake one from mem_upper_kib. Prints it. Returns who said it: "BIOS-e820" or "BIOS-88".
 */
const char *setup_memory_region(struct boot_params *params);
