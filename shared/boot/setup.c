#include "boot/setup.h"

#include "arch/layout.h"
#include "base/bug.h"
#include "base/printk.h"
#include "boot/bootmem.h"
#include "boot/e820.h"
#include "boot/resource.h"

/* What 32-bit entries reach: 4 GiB. */
#define MAX_NONPAE_PFN (1ul << 20)

#define PAGES_TO_MIB(pages) ((pages) >> (20 - PAGE_SHIFT))

__mm_state struct memory_limits memory;

void for_each_ram_range(unsigned long start_pfn, unsigned long end_pfn,
			void (*fn)(unsigned long start_pfn, unsigned long end_pfn))
{
	for (unsigned int i = 0; i < e820.nr_map; i++) {
		const struct e820_entry *entry = &e820.map[i];
		/* Not PFN_UP: these are u64, and adding first could wrap. */
		u64 first = (entry->addr >> PAGE_SHIFT) + !IS_ALIGNED(entry->addr, PAGE_SIZE);
		u64 end = (entry->addr + entry->size) >> PAGE_SHIFT;

		first = max(first, (u64)start_pfn);
		end = min(end, (u64)end_pfn);
		if (entry->type == E820_RAM && first < end)
			fn(first, end);
	}
}

static void note_max_pfn(unsigned long start_pfn __maybe_unused, unsigned long end_pfn)
{
	memory.max_pfn = max(memory.max_pfn, end_pfn);
}

static void find_max_pfn(void)
{
	memory.max_pfn = 0;
	for_each_ram_range(0, ~0ul, note_max_pfn);
	if (memory.max_pfn > MAX_NONPAE_PFN) {
		memory.max_pfn = MAX_NONPAE_PFN;
		printk("Warning: only 4 GiB of RAM are used; more takes PAE\n");
	}
}

static void find_max_low_pfn(void)
{
	memory.max_low_pfn = min(memory.max_pfn, MAXMEM_PFN);
	if (memory.max_pfn > MAXMEM_PFN)
		printk("%luMB HIGHMEM available.\n",
		       PAGES_TO_MIB(memory.max_pfn - memory.max_low_pfn));
	printk("%luMB LOWMEM available.\n", PAGES_TO_MIB(memory.max_low_pfn));
}

void setup_memory_map(void)
{
	setup_memory_region(boot_params_page);
	parse_mem_cmdline(boot_params_page->command_line, &memory.options);
	find_max_pfn();
	find_max_low_pfn();
	init_iomem();
	BUG_ON(PFN_PHYS(memory.max_low_pfn) <= IMAGE_END, "%lu KiB of low memory: too little",
	       memory.max_low_pfn << (PAGE_SHIFT - 10));
}

/* Where bootmem's bitmap goes: the first RAM behind the image that is mapped and has the room. */
static __mm_state unsigned long bitmap_pfn;

static void try_bitmap(unsigned long start_pfn, unsigned long end_pfn)
{
	if (!bitmap_pfn && end_pfn - start_pfn >= bootmem_bitmap_pages(memory.max_low_pfn))
		bitmap_pfn = start_pfn;
}

static void free_low_range(unsigned long start_pfn, unsigned long end_pfn)
{
	free_bootmem(PFN_PHYS(start_pfn), PFN_PHYS(end_pfn - start_pfn));
}

static void reserve_low_range(unsigned long start_pfn, unsigned long end_pfn)
{
	reserve_bootmem(PFN_PHYS(start_pfn), PFN_PHYS(end_pfn - start_pfn));
}

void setup_bootmem_allocator(void)
{
	bitmap_pfn = 0;
	for_each_ram_range(PFN_DOWN(IMAGE_END), PFN_DOWN(BOOT_MAPPED), try_bitmap);
	BUG_ON(!bitmap_pfn, "no RAM between %lx and %lx for bootmem's bitmap", IMAGE_END,
	       BOOT_MAPPED);

	unsigned long map_size = init_bootmem(bitmap_pfn, memory.max_low_pfn);

	for_each_ram_range(0, memory.max_low_pfn, free_low_range);
	for_each_ram_range(0, 1, reserve_low_range);
	for_each_ram_range(PFN_DOWN(IMAGE_START), PFN_DOWN(IMAGE_END), reserve_low_range);
	reserve_bootmem(PFN_PHYS(bitmap_pfn), map_size);
}
