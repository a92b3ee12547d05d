/*
 * What the loader and the firmware say, read once. The memory manager gets it at boot_params_page
 * and makes that page its zero page afterwards; the machine keeps a map of its own, for it has to
 * answer machine_ram_usable() for ever.
 */
#include "kernel/firmware.h"

#include "arch/arch.h"
#include "arch/layout.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "kernel/cmdline.h"
#include "kernel/physmem.h"

#define KIB 1024ull
#define UPPER_MEMORY 0x100000ull /* where mem_upper counts from */
#define FOUR_GIB (1ull << 32)

/* An entry's own size field does not count itself. */
#define MMAP_ENTRY_MIN (sizeof(struct multiboot_mmap_entry) - sizeof(u32))

static struct e820_entry map[FIRMWARE_E820_MAX];
static unsigned int nr_map;

static void add(u64 addr, u64 size, u32 type)
{
	if (nr_map == FIRMWARE_E820_MAX)
		arch_panic("the firmware's memory map has more than 128 entries");
	map[nr_map++] = (struct e820_entry){.addr = addr, .size = size, .type = type};
}
_Static_assert(FIRMWARE_E820_MAX == 128, "the message names it");

static void read_map(u32 address, u32 length)
{
	struct multiboot_mmap_entry entry;
	u32 left = length;

	while (left) {
		if (left < sizeof(entry))
			arch_panic("the loader's memory map ends within an entry");
		phys_read(&entry, address, sizeof(entry));
		if (entry.size < MMAP_ENTRY_MIN || entry.size > left - sizeof(u32))
			arch_panic("the loader's memory map has an entry of an impossible size");
		add(entry.addr, entry.length, entry.type);
		address += sizeof(u32) + entry.size;
		left -= sizeof(u32) + entry.size;
	}
}

/* QEMU's own loader puts the file name before the words; GRUB does not. */
static const char *without_file_name(const char *line, const char *loader)
{
	if (strcmp(loader, QEMU_LOADER) != 0)
		return line;
	line = strchr(line, ' ') ?: "";
	while (*line == ' ')
		line++;
	return line;
}

static void read_command_line(struct boot_params *params, u32 address)
{
	static char line[COMMAND_LINE_SIZE + 256]; /* room for a file name that is dropped */
	const char *words;
	bool whole = phys_read_string(line, sizeof(line), address);

	words = without_file_name(line, params->loader);
	if (!whole || strlen(words) >= COMMAND_LINE_SIZE)
		arch_panic("the command line is longer than 1023 bytes");
	memcpy(params->command_line, words, strlen(words) + 1);
}
_Static_assert(COMMAND_LINE_SIZE == 1024, "the message names it");

void firmware_init(u32 address, struct multiboot_info *info)
{
	struct boot_params *params = boot_params_page;

	phys_read(info, address, sizeof(*info));
	memset(params, 0, sizeof(*params));
	if (info->flags & MULTIBOOT_INFO_LOADER)
		(void)phys_read_string(params->loader, sizeof(params->loader),
				       info->boot_loader_name);
	if (info->flags & MULTIBOOT_INFO_CMDLINE)
		read_command_line(params, info->cmdline);
	cmdline_init(params->command_line);

	if (info->flags & MULTIBOOT_INFO_MEMORY)
		params->mem_upper_kib = info->mem_upper;
	if (info->flags & MULTIBOOT_INFO_MMAP) {
		read_map(info->mmap_addr, info->mmap_length);
		params->nr_e820 = nr_map;
		memcpy(params->e820, map, nr_map * sizeof(map[0]));
	} else if (info->flags & MULTIBOOT_INFO_MEMORY) {
		add(0, info->mem_lower * KIB, E820_RAM);
		add(UPPER_MEMORY, info->mem_upper * KIB, E820_RAM);
	}
	if (!nr_map)
		arch_panic("the loader says nothing about memory");
}

/* Up to where RAM entries reach without a gap from `at`; `at` itself if no entry holds it. */
static u64 ram_reaches(u64 at)
{
	bool moved;

	do {
		moved = false;
		for (unsigned int i = 0; i < nr_map; i++) {
			const struct e820_entry *e = &map[i];

			if (e->type == E820_RAM && e->addr <= at && at - e->addr < e->size) {
				at = e->addr + e->size;
				moved = true;
			}
		}
	} while (moved);
	return at;
}

bool firmware_is_ram(u64 start, u64 end)
{
	if (start >= end || ram_reaches(start) < end)
		return false;
	for (unsigned int i = 0; i < nr_map; i++)
		if (map[i].type != E820_RAM && map[i].addr < end &&
		    map[i].addr + map[i].size > start)
			return false;
	return true;
}

/* If a run that ends below `end` is RAM, its end; 0 otherwise. */
static u64 run_end(u64 end, u64 size, u64 lowest)
{
	end = min(end, FOUR_GIB) & ~(u64)(PAGE_SIZE - 1);
	return end >= lowest + size && firmware_is_ram(end - size, end) ? end : 0;
}

u64 firmware_top_of_ram(unsigned long pages, u64 lowest)
{
	u64 top = 0, size = (u64)pages << PAGE_SHIFT;

	/* A highest run ends where RAM ends or where something else begins. */
	for (unsigned int i = 0; i < nr_map; i++) {
		u64 edge = map[i].addr + (map[i].type == E820_RAM ? map[i].size : 0);

		top = max(top, run_end(edge, size, lowest));
	}
	return top;
}

void firmware_reserve(u64 start, u64 end)
{
	struct boot_params *params = boot_params_page;

	if (!params->nr_e820) {
		/* Without a map there is one run of RAM, and its top is what is reserved. */
		params->mem_upper_kib = (start - UPPER_MEMORY) / KIB;
		return;
	}
	if (params->nr_e820 == FIRMWARE_E820_MAX)
		arch_panic("the firmware's memory map has no room for the boot modules' entry");
	params->e820[params->nr_e820++] = (struct e820_entry){
		.addr = start,
		.size = end - start,
		.type = E820_RESERVED,
	};
}
