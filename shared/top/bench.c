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
#include "top/bench_priv.h"
#include "top/mm_init.h"

#define ROUNDS 5
/* Blocks held at a time by the rows that empty the per-CPU lists. */
#define NR_HELD 512u
static struct page *held[NR_HELD];

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

static const struct bench_row page_rows[] = {
	{"alloc_page + free_page, hot", hot_page_pair, 0, REPEATS, 60, 655},
	{"order 1 pair", block_pair, 1, REPEATS, 200, 756},
	{"order 3 pair", block_pair, 3, REPEATS, 250, 874},
	{"order 9 pair", block_pair, 9, REPEATS, 400, 18453},
	{"512 page allocations, each", hold_then_drop, 0, NR_HELD, 100, 553},
	{"then 512 frees, each", drop_after_hold, 0, NR_HELD, 100, 615},
	{NULL, NULL, 0, 0, 0, 0},
};

static u32 measure(const struct bench_row *row)
{
	u32 best = ~0u;

	for (int i = 0; i < ROUNDS; i++) {
		u32 ticks = row->ticks(row->arg);

		if (!ticks)
			return 0;
		best = min(best, ticks);
	}
	return best;
}

/* Without a goal or a figure of Linux's: "-". */
static void print_figure(unsigned int figure)
{
	if (figure)
		printk(" %8u", figure);
	else
		printk(" %8s", "-");
}

static void print_row(const char *name, u32 ticks, unsigned int goal, unsigned int linux_ticks)
{
	printk("%-32s", name);
	print_figure(ticks);
	print_figure(goal);
	print_figure(linux_ticks);
	printk("\n");
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

	mm_boot_to(MM_LAST);
	printk_set_sink(former);
	print_row("boot, per page of RAM", ticks_since(start) / (u32)memory.max_pfn, 20, 140);
}

static bool run_rows(const struct bench_row *rows)
{
	for (const struct bench_row *row = rows; row->name; row++) {
		u32 ticks = measure(row);

		if (!ticks) {
			printk("%s: failed\n", row->name);
			return false;
		}
		print_row(row->name, DIV_ROUND_UP(ticks, row->operations), row->goal,
			  row->linux_ticks);
	}
	return true;
}

bool bench_run(void)
{
	printk("%-32s %8s %8s %8s\n", "ticks per operation", "here", "goal", "Linux");
	boot_row();
	return run_rows(page_rows) && run_rows(kmem_rows) && run_rows(rbtree_rows) &&
	       bench_task_begin() && run_rows(as_rows) && run_rows(fault_rows) &&
	       run_rows(syscall_rows);
}
