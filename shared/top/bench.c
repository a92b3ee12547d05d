/*
 * Each row runs one operation many times and prints ticks per operation, the best of a few rounds:
 * the rest is somebody else's noise. The empty loop's cost is taken off. What Linux needs for the
 * same stands beside it (measured on Debian's 6.1 i386 kernel, lean configuration, same emulator).
 */
#include "top/bench.h"

#include "arch/arch.h"
#include "base/printk.h"
#include "boot/setup.h"
#include "phys/page_alloc.h"
#include "top/mm_init.h"

#define ROUNDS 5
/* Checked builds fill and check every page: their figures are no figures, the row just has to run.
 */
#define REPEATS (CONFIG_CHECKED ? 10 : 1000)

struct row {
	const char *name;
	bool (*operation)(unsigned int order);
	unsigned int order;
	unsigned int linux_ticks; /* 0: not measured */
};

static bool nothing(unsigned int order)
{
	barrier();
	return order < MAX_ORDER;
}

static bool hot_page_pair(unsigned int order __maybe_unused)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (!page)
		return false;
	__free_page(page);
	return true;
}

static bool block_pair(unsigned int order)
{
	struct page *page = alloc_pages(GFP_KERNEL, order);

	if (!page)
		return false;
	__free_pages(page, order);
	return true;
}

static const struct row rows[] = {
	{"alloc_page + free_page, hot", hot_page_pair, 0, 655},
	{"order 1 pair", block_pair, 1, 756},
	{"order 3 pair", block_pair, 3, 874},
	{"order 9 pair", block_pair, 9, 18453},
};

/*
 * Ticks for REPEATS operations, or 0 on failure. The same code for every row: a copy with the empty
 * one inlined would take too little off the others.
 */
static __attribute__((noipa)) u32 measure_round(const struct row *row)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++)
		if (!row->operation(row->order))
			return 0;
	return max((u32)(arch_ticks() - start), 1u);
}

static u32 measure(const struct row *row)
{
	u32 best = ~0u;

	for (int i = 0; i < ROUNDS; i++) {
		u32 ticks = measure_round(row);

		if (!ticks)
			return 0;
		best = min(best, ticks);
	}
	return best;
}

static void boot_row(void)
{
	u64 start = arch_ticks();

	mm_boot_to(MM_UP);
	printk("%-32s %8u\n", "boot, per page of RAM",
	       (u32)(arch_ticks() - start) / (u32)memory.max_pfn);
}

bool bench_run(void)
{
	static const struct row empty = {"", nothing, 0, 0};
	u32 loop;

	printk("%-32s %8s %8s\n", "ticks per operation", "here", "Linux");
	boot_row();
	loop = measure(&empty);
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 ticks = measure(&rows[i]);

		if (!ticks) {
			printk("%s: failed\n", rows[i].name);
			return false;
		}
		ticks = ticks > loop ? ticks - loop : 0;
		printk("%-32s %8u %8u\n", rows[i].name, ticks / REPEATS, rows[i].linux_ticks);
	}
	return true;
}
