/*
 * Each row performs one operation many times and prints ticks per operation, the best of a few
 * rounds: the rest is somebody else's noise. The loop around the operation, three or four
 * instructions a turn, is counted in. What Linux needs for the same stands beside it (measured on
 * Debian's 6.1 i386 kernel, lean configuration, same emulator), and the most that is aimed at here.
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
#define REPEATS (CONFIG_CHECKED ? 10u : 1000u)

/* Blocks held at a time by the rows that empty the per-CPU lists. */
#define NR_HELD 512u
static struct page *held[NR_HELD];

struct row {
	const char *name;
	u32 (*ticks)(unsigned int order); /* for all operations of a round; 0: it failed */
	unsigned int order;
	unsigned int operations;
	unsigned int goal, linux_ticks;
};

static u32 ticks_since(u64 start)
{
	return max((u32)(arch_ticks() - start), 1u);
}

static u32 hot_page_pair(unsigned int order __maybe_unused)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++) {
		struct page *page = alloc_page(GFP_KERNEL);

		if (!page)
			return 0;
		__free_page(page);
	}
	return ticks_since(start);
}

static u32 block_pair(unsigned int order)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++) {
		struct page *page = alloc_pages(GFP_KERNEL, order);

		if (!page)
			return 0;
		__free_pages(page, order);
	}
	return ticks_since(start);
}

static u32 hold_pages(unsigned int order __maybe_unused)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < NR_HELD; i++) {
		held[i] = alloc_page(GFP_KERNEL);
		if (!held[i])
			return 0;
	}
	return ticks_since(start);
}

static u32 drop_pages(unsigned int order __maybe_unused)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < NR_HELD; i++)
		__free_page(held[i]);
	return ticks_since(start);
}

static u32 hold_then_drop(unsigned int order)
{
	u32 ticks = hold_pages(order);

	drop_pages(order);
	return ticks;
}

static u32 drop_after_hold(unsigned int order)
{
	return hold_pages(order) ? drop_pages(order) : 0;
}

static const struct row rows[] = {
	{"alloc_page + free_page, hot", hot_page_pair, 0, REPEATS, 60, 655},
	{"order 1 pair", block_pair, 1, REPEATS, 200, 756},
	{"order 3 pair", block_pair, 3, REPEATS, 250, 874},
	{"order 9 pair", block_pair, 9, REPEATS, 400, 18453},
	{"512 page allocations, each", hold_then_drop, 0, NR_HELD, 100, 553},
	{"then 512 frees, each", drop_after_hold, 0, NR_HELD, 100, 615},
};

static u32 measure(const struct row *row)
{
	u32 best = ~0u;

	for (int i = 0; i < ROUNDS; i++) {
		u32 ticks = row->ticks(row->order);

		if (!ticks)
			return 0;
		best = min(best, ticks);
	}
	return best;
}

static void print_row(const char *name, u32 ticks, unsigned int goal, unsigned int linux_ticks)
{
	printk("%-32s %8u %8u %8u\n", name, ticks, goal, linux_ticks);
}

static void discard(const char *text __maybe_unused, size_t len __maybe_unused)
{
}

/* Without the console, which is the machine's, and slow: messages are formatted, and thrown away.
 */
static void boot_row(void)
{
	printk_sink_t former = printk_set_sink(discard);
	u64 start = arch_ticks();

	mm_boot_to(MM_KMEM);
	printk_set_sink(former);
	print_row("boot, per page of RAM", ticks_since(start) / (u32)memory.max_pfn, 20, 140);
}

bool bench_run(void)
{
	printk("%-32s %8s %8s %8s\n", "ticks per operation", "here", "goal", "Linux");
	boot_row();
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		u32 ticks = measure(&rows[i]);

		if (!ticks) {
			printk("%s: failed\n", rows[i].name);
			return false;
		}
		print_row(rows[i].name, DIV_ROUND_UP(ticks, rows[i].operations), rows[i].goal,
			  rows[i].linux_ticks);
	}
	return true;
}
