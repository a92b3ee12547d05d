/*
 * Sanitizing works on boundaries. Every start and every end of an entry is a boundary; between two
 * neighbouring boundaries nothing changes, so the type there is the highest of the entries that
 * cover the stretch. Firmware maps are short: the plain O(n^2) form needs no auxiliary order.
 */
#include "boot/e820.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"

/* The legacy hole: VGA memory, option ROMs, BIOS. */
#define LOWMEM_TOP 0xA0000ULL
#define HIGH_MEMORY 0x100000ULL
/* Without a map nobody says where the extended BIOS data area begins: its usual 4 KiB stay out. */
#define FAKE_LOWMEM_TOP 0x9F000ULL

__mm_state struct e820map e820;

static __mm_state struct {
	u64 boundary[2 * FIRMWARE_E820_MAX];
	struct e820_entry out[FIRMWARE_E820_MAX];
} scratch;

static bool entry_wraps(const struct e820_entry *entry)
{
	return entry->addr + entry->size < entry->addr;
}

static unsigned int sort_boundaries(const struct e820_entry *map, u32 nr)
{
	unsigned int count = 0;

	for (u32 i = 0; i < 2 * nr; i++) {
		const struct e820_entry *entry = &map[i / 2];
		u64 value = i % 2 ? entry->addr + entry->size : entry->addr;
		unsigned int at = count++;

		for (; at > 0 && scratch.boundary[at - 1] > value; at--)
			scratch.boundary[at] = scratch.boundary[at - 1];
		scratch.boundary[at] = value;
	}
	return count;
}

static u32 type_between(const struct e820_entry *map, u32 nr, u64 start, u64 end)
{
	u32 type = 0;

	for (u32 i = 0; i < nr; i++)
		if (map[i].addr <= start && end <= map[i].addr + map[i].size)
			type = max(type, map[i].type);
	return type;
}

int sanitize_e820_map(struct e820_entry *map, u32 *nr, u32 max)
{
	u32 n = 0;

	BUG_ON(*nr > FIRMWARE_E820_MAX || max > FIRMWARE_E820_MAX, "map of %u, room for %u", *nr,
	       max);
	if (*nr < 2)
		return -EINVAL;
	for (u32 i = 0; i < *nr; i++)
		if (entry_wraps(&map[i]))
			return -EINVAL;

	unsigned int count = sort_boundaries(map, *nr);

	for (unsigned int i = 0; i + 1 < count; i++) {
		u64 start = scratch.boundary[i], end = scratch.boundary[i + 1];
		u32 type = start < end ? type_between(map, *nr, start, end) : 0;
		struct e820_entry *last = n ? &scratch.out[n - 1] : NULL;

		if (!type)
			continue;
		if (last && last->type == type && last->addr + last->size == start) {
			last->size += end - start;
			continue;
		}
		if (n == max)
			return -ENOSPC;
		scratch.out[n++] = (struct e820_entry){start, end - start, type};
	}
	memcpy(map, scratch.out, n * sizeof(*map));
	*nr = n;
	return 0;
}

int add_memory_region(u64 start, u64 size, u32 type)
{
	if (start + size < start) {
		printk("e820: region %016llx + %016llx wraps, ignored\n", start, size);
		return -EINVAL;
	}
	if (e820.nr_map == E820MAX) {
		printk("e820: no room for %016llx - %016llx: the table holds %u entries\n", start,
		       start + size, E820MAX);
		return -ENOSPC;
	}
	e820.map[e820.nr_map++] = (struct e820_entry){start, size, type};
	return 0;
}

static int copy_entry(const struct e820_entry *entry)
{
	u64 start = entry->addr, end = start + entry->size;

	if (entry->type == E820_RAM && start < HIGH_MEMORY && end > LOWMEM_TOP) {
		if (start < LOWMEM_TOP) {
			int err = add_memory_region(start, LOWMEM_TOP - start, E820_RAM);

			if (err)
				return err;
		}
		if (end <= HIGH_MEMORY)
			return 0;
		start = HIGH_MEMORY;
	}
	return add_memory_region(start, end - start, entry->type);
}

int copy_e820_map(const struct e820_entry *map, u32 nr)
{
	if (nr < 2)
		return -EINVAL;
	for (u32 i = 0; i < nr; i++) {
		int err = copy_entry(&map[i]);

		if (err)
			return err;
	}
	return 0;
}

void limit_regions(u64 limit)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < e820.nr_map; i++) {
		struct e820_entry entry = e820.map[i];

		if (entry.type == E820_RAM) {
			if (entry.addr >= limit)
				continue;
			entry.size = min(entry.size, limit - entry.addr);
		}
		e820.map[n++] = entry;
	}
	e820.nr_map = n;
}

const char *e820_type_name(u32 type)
{
	static const char *const names[] = {
		[E820_RAM] = "usable",	 [E820_RESERVED] = "reserved", [E820_ACPI] = "ACPI data",
		[E820_NVS] = "ACPI NVS", [E820_UNUSABLE] = "unusable",
	};

	return type < ARRAY_SIZE(names) ? names[type] : NULL;
}

void print_memory_map(const char *who)
{
	for (unsigned int i = 0; i < e820.nr_map; i++) {
		const struct e820_entry *entry = &e820.map[i];
		const char *name = e820_type_name(entry->type);
		u64 end = entry->addr + entry->size;

		if (name)
			printk(" %s: %016llx - %016llx (%s)\n", who, entry->addr, end, name);
		else
			printk(" %s: %016llx - %016llx type %u\n", who, entry->addr, end,
			       entry->type);
	}
}

/*
 * A map that cannot be sorted is not believed at all: with its overlaps unresolved, a reservation
 * could be handed out. One that is sorted but too long is safe to cut: what is left out is not RAM
 * then.
 */
static bool take_firmware_map(struct boot_params *params)
{
	if (sanitize_e820_map(params->e820, &params->nr_e820, FIRMWARE_E820_MAX)) {
		printk("e820: the firmware's map of %u entries cannot be sorted\n",
		       params->nr_e820);
		return false;
	}
	return copy_e820_map(params->e820, params->nr_e820) != -EINVAL;
}

const char *setup_memory_region(struct boot_params *params)
{
	const char *who = "BIOS-e820";

	e820.nr_map = 0;
	if (!take_firmware_map(params)) {
		who = "BIOS-88";
		add_memory_region(0, FAKE_LOWMEM_TOP, E820_RAM);
		add_memory_region(HIGH_MEMORY, (u64)params->mem_upper_kib << 10, E820_RAM);
	}
	printk("BIOS-provided physical RAM map:\n");
	print_memory_map(who);
	return who;
}
