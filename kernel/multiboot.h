/*
 * What a multiboot-1 loader hands over.
 * Source: Multiboot Specification version 0.6.96, 3.3 "Boot information format".
 */
#pragma once

#include "arch/types.h"

#define MULTIBOOT_INFO_MEMORY 0x001u
#define MULTIBOOT_INFO_CMDLINE 0x004u
#define MULTIBOOT_INFO_MODULES 0x008u
#define MULTIBOOT_INFO_MMAP 0x040u
#define MULTIBOOT_INFO_LOADER 0x200u

struct multiboot_info {
	u32 flags; /* which of the following are valid */
	u32 mem_lower;
	u32 mem_upper; /* KiB from 1 MiB to the first hole */
	u32 boot_device;
	u32 cmdline; /* physical address of a string, as all addresses here are physical */
	u32 mods_count;
	u32 mods_addr;
	u32 syms[4];
	u32 mmap_length; /* bytes */
	u32 mmap_addr;
	u32 drives_length;
	u32 drives_addr;
	u32 config_table;
	u32 boot_loader_name;
} __packed;

struct multiboot_module {
	u32 start; /* page-aligned, since our header asks for it */
	u32 end;   /* one past the last byte */
	u32 string;
	u32 reserved;
} __packed;

struct multiboot_mmap_entry {
	u32 size; /* of what follows this field; at least 20 */
	u64 addr;
	u64 length;
	u32 type; /* numbered as E820 types are */
} __packed;
