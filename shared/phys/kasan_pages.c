/* The shadow's memory. Only in builds with CONFIG_KASAN. */
#include "phys/kasan_pages.h"

#include "base/bitops.h"
#include "base/printk.h"
#include "boot/bootmem.h"
#include "boot/setup.h"

/* Where the highest run of so many free pages begins; 0 for none: page 0 is never free. */
static unsigned long highest_run(unsigned long pages)
{
	unsigned long run = 0, pfn = bootmem.low_pfn;

	while (pfn && run < pages)
		run = test_bit(--pfn, bootmem.bitmap) ? 0 : run + 1;
	return run < pages ? 0 : pfn;
}

/*
 * At the very top the shadow need not tell of itself. An eighth of low memory is taken in any case:
 * of 2^n bytes that leaves the other blocks whole.
 *
 *   0                          covered = start          low memory's end
 *   | ........................ | shadow: covered / 8 .. | spare |
 */
static unsigned long covered_below(unsigned long start_pfn, unsigned long pages)
{
	return (start_pfn + pages == bootmem.low_pfn ? start_pfn : bootmem.low_pfn) << PAGE_SHIFT;
}

void *kasan_init_shadow(size_t *spare)
{
	size_t size = bootmem.low_pfn << (PAGE_SHIFT - KASAN_GRANULE_SHIFT);
	unsigned long pfn = highest_run(PFN_UP(size)), covered;

	if (pfn && covered_below(pfn, PFN_UP(size)) == bootmem.low_pfn << PAGE_SHIFT) {
		size += *spare;
		pfn = highest_run(PFN_UP(size));
	}
	if (!pfn) {
		printk("kasan: off: no memory for a shadow of %zu KiB\n", size >> 10);
		return NULL;
	}
	covered = covered_below(pfn, PFN_UP(size));
	kasan.shadow = __alloc_bootmem(size, PAGE_SIZE, PFN_PHYS(pfn));
	kasan.covered = covered;
	*spare = size - (covered >> KASAN_GRANULE_SHIFT);
	return kasan.shadow + (covered >> KASAN_GRANULE_SHIFT);
}
