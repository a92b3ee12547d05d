/*
 * The boot-parameter page: what the loader said, left by the machine at empty_zero_page for the
 * memory manager to read once. Corresponds to Linux include/asm-i386/setup.h and e820.h.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"

#define E820_RAM 1u
#define E820_RESERVED 2u
#define E820_ACPI 3u
#define E820_NVS 4u
#define E820_UNUSABLE 5u

/* One entry as INT 15h AX=E820h and the multiboot map give it (ACPI spec., "INT 15H, E820H"). */
struct e820_entry {
	u64 addr;
	u64 size;
	u32 type;
} __packed;

/* More than the kernel's own table holds: firmware maps arrive unsanitized. */
#define FIRMWARE_E820_MAX 128
#define COMMAND_LINE_SIZE 1024

struct boot_params {
	u32 nr_e820;	   /* entries of e820[]; 0: the firmware gave no map */
	u32 mem_upper_kib; /* contiguous KiB above 1 MiB (INT 15h AX=E801h / 88h), for want of a map
			    */
	char loader[64];   /* the boot loader's name */
	char command_line[COMMAND_LINE_SIZE];
	struct e820_entry e820[FIRMWARE_E820_MAX];
};
_Static_assert(sizeof(struct boot_params) <= PAGE_SIZE, "the boot parameters are one page");

#define boot_params_page ((struct boot_params *)__va(BOOT_EMPTY_ZERO_PAGE))
