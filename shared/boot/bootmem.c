#include "boot/bootmem.h"

#include "arch/layout.h"
#include "base/bitops.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"

__mm_state struct bootmem_data bootmem;

static unsigned long bitmap_words(unsigned long low_pfn)
{
	return DIV_ROUND_UP(low_pfn, BITS_PER_WORD);
}

unsigned long bootmem_bitmap_pages(unsigned long low_pfn)
{
	return PFN_UP(bitmap_words(low_pfn) * sizeof(u32));
}

unsigned long init_bootmem(unsigned long map_pfn, unsigned long low_pfn)
{
	unsigned long words = bitmap_words(low_pfn);

	BUG_ON(map_pfn >= low_pfn, "bitmap at pfn %lx, memory ends at %lx", map_pfn, low_pfn);
	bootmem = (struct bootmem_data){.bitmap = __va(PFN_PHYS(map_pfn)), .low_pfn = low_pfn};
	fill_words(bootmem.bitmap, ~0u, words);
	return words * sizeof(u32);
}

static bool range_is_managed(phys_addr_t addr, unsigned long size)
{
	return size && PFN_UP((u64)addr + size) <= bootmem.low_pfn;
}

int free_bootmem(phys_addr_t addr, unsigned long size)
{
	int err = 0;

	if (!range_is_managed(addr, size))
		return -EINVAL;
	unsigned long start = PFN_UP(addr), end = PFN_DOWN((u64)addr + size);

	for (unsigned long pfn = start; pfn < end;) {
		u32 *word = &bootmem.bitmap[pfn / BITS_PER_WORD];

		if (pfn % BITS_PER_WORD == 0 && end - pfn >= BITS_PER_WORD && *word == ~0u) {
			*word = 0;
			pfn += BITS_PER_WORD;
			continue;
		}
		if (!test_bit(pfn, bootmem.bitmap)) {
			printk("bootmem: page %05lx freed twice\n", pfn);
			err = -EINVAL;
		}
		clear_bit(pfn++, bootmem.bitmap);
	}
	if (start <= bootmem.last_pos && bootmem.last_pos < end)
		bootmem.last_offset = 0; /* nothing may be packed into a page given up */
	return err;
}

int reserve_bootmem(phys_addr_t addr, unsigned long size)
{
	if (!range_is_managed(addr, size))
		return -EINVAL;
	unsigned long end = PFN_UP((u64)addr + size);

	for (unsigned long pfn = PFN_DOWN(addr); pfn < end;) {
		u32 *word = &bootmem.bitmap[pfn / BITS_PER_WORD];

		if (pfn % BITS_PER_WORD == 0 && end - pfn >= BITS_PER_WORD && *word == 0) {
			*word = ~0u;
			pfn += BITS_PER_WORD;
			continue;
		}
		if (test_bit(pfn, bootmem.bitmap))
			printk("bootmem: page %05lx reserved twice\n", pfn);
		set_bit(pfn++, bootmem.bitmap);
	}
	return 0;
}

/* The first page at or behind pfn that is taken (or free); low_pfn for none. A word at a time. */
static unsigned long find_next(unsigned long pfn, bool taken)
{
	u32 flip = taken ? 0 : ~0u;

	while (pfn < bootmem.low_pfn) {
		u32 word = (bootmem.bitmap[pfn / BITS_PER_WORD] ^ flip) >> (pfn % BITS_PER_WORD);

		if (word)
			return min(pfn + lowest_bit(word), bootmem.low_pfn);
		pfn = ALIGN(pfn + 1, (unsigned long)BITS_PER_WORD);
	}
	return bootmem.low_pfn;
}

/* First of count free pages in a row, at a multiple of step, in [from, low_pfn); low_pfn for none.
 */
static unsigned long find_free_run(unsigned long from, unsigned long count, unsigned long step)
{
	unsigned long start = ALIGN(from, step);

	while (start < bootmem.low_pfn && count <= bootmem.low_pfn - start) {
		unsigned long end = find_next(start, true);

		if (end - start >= count)
			return start;
		start = ALIGN(find_next(end, false), step);
	}
	return bootmem.low_pfn;
}

static void take_pages(unsigned long pfn, unsigned long count)
{
	for (unsigned long i = 0; i < count; i++)
		set_bit(pfn + i, bootmem.bitmap);
}

/* Goes on in the last allocation's page, and into free pages right after it. 0 when that fails. */
static phys_addr_t pack(unsigned long size, unsigned long align, phys_addr_t goal)
{
	unsigned long offset = ALIGN(bootmem.last_offset, align);
	phys_addr_t addr = PFN_PHYS(bootmem.last_pos) + offset;

	if (!bootmem.last_offset || align >= PAGE_SIZE || offset >= PAGE_SIZE || addr < goal)
		return 0;
	unsigned long next = bootmem.last_pos + 1, more = PFN_UP((u64)addr + size) - next;

	/* Behind the last page, low_pfn is both "the next" and find_free_run()'s "none". */
	if (more && (next == bootmem.low_pfn || find_free_run(next, more, 1) != next))
		return 0;
	take_pages(next, more);
	return addr;
}

static phys_addr_t take_new_pages(unsigned long size, unsigned long align, phys_addr_t goal)
{
	unsigned long count = PFN_UP(size), step = max(align >> PAGE_SHIFT, 1ul);
	unsigned long pfn = find_free_run(max(PFN_UP(goal), 1ul), count, step);

	if (pfn >= bootmem.low_pfn)
		pfn = find_free_run(1, count, step); /* page 0 is nobody's: NULL means failure */
	if (pfn >= bootmem.low_pfn)
		return 0;
	take_pages(pfn, count);
	return PFN_PHYS(pfn);
}

void *__alloc_bootmem_nopanic(unsigned long size, unsigned long align, phys_addr_t goal)
{
	BUG_ON(!size || !align || (align & (align - 1)), "size %lx, align %lx", size, align);
	BUG_ON(!bootmem.bitmap, "bootmem is over");
	if (size > PFN_PHYS(bootmem.low_pfn) || align > PFN_PHYS(bootmem.low_pfn))
		return NULL;

	phys_addr_t addr = pack(size, align, goal);

	if (!addr)
		addr = take_new_pages(size, align, goal);
	if (!addr)
		return NULL;
	bootmem.last_pos = PFN_DOWN((u64)addr + size - 1);
	bootmem.last_offset = (addr + size) & ~PAGE_MASK;
	memset(__va(addr), 0, size);
	return __va(addr);
}

void *__alloc_bootmem(unsigned long size, unsigned long align, phys_addr_t goal)
{
	void *mem = __alloc_bootmem_nopanic(size, align, goal);

	BUG_ON(!mem, "out of boot memory: %lu bytes wanted, %lu pages free", size,
	       bootmem_free_pages());
	return mem;
}

void *alloc_bootmem_below(unsigned long size, unsigned long align, phys_addr_t limit)
{
	unsigned long low_pfn = bootmem.low_pfn;
	void *mem;

	bootmem.low_pfn = min(low_pfn, PFN_DOWN(limit));
	mem = __alloc_bootmem_nopanic(size, align, 0);
	bootmem.low_pfn = low_pfn;
	return mem;
}

void *alloc_bootmem_pages(unsigned long size)
{
	return __alloc_bootmem(size, PAGE_SIZE, MAX_DMA_ADDRESS);
}

unsigned long bootmem_free_pages(void)
{
	unsigned long free = 0;

	for (unsigned long pfn = 0; pfn < bootmem.low_pfn; pfn++)
		free += !test_bit(pfn, bootmem.bitmap);
	return free;
}

unsigned long free_all_bootmem(void (*free_range)(unsigned long start_pfn, unsigned long end_pfn))
{
	unsigned long map_pfn = PFN_DOWN(__pa(bootmem.bitmap)), freed = 0;
	unsigned long map_pages = bootmem_bitmap_pages(bootmem.low_pfn);

	for (unsigned long end = 0, start; (start = find_next(end, false)) < bootmem.low_pfn;) {
		end = find_next(start, true);
		free_range(start, end);
		freed += end - start;
	}
	bootmem.bitmap = NULL;
	free_range(map_pfn, map_pfn + map_pages);
	return freed + map_pages;
}
