/*
 * The patterns with kmalloc() and kfree() in the twin: its own machine, the memory manager booted
 * as for the benchmark on a PC of 256 MiB.
 *
 * kmalloc() is inline and kfree() takes its argument in a register, so each has a function around
 * it here, whose instructions count as pagetwin's.
 */
#include <stdio.h>
#include <string.h>

#include "base/printk.h"
#include "bench/pairs.h"
#include "boot/boot_params.h"
#include "kmem/slab.h"
#include "top/mm_init.h"
#include "twin/twin.h"

#define RAM (256u << 20)

/* As most callers do: the size is constant, so the cache is known when the call is compiled. */
static void *take_constant(size_t size __maybe_unused)
{
	return kmalloc(PAIRS_SIZE, GFP_KERNEL);
}

/* As malloc() has it: the size is an argument. */
static void *take_any(size_t size)
{
	return kmalloc(size, GFP_KERNEL);
}

static void give(void *p)
{
	kfree(p);
}

static const struct pairs_allocator constant = {take_constant, give};
static const struct pairs_allocator any = {take_any, give};

static void discard(const char *text __maybe_unused, size_t len __maybe_unused)
{
}

static void boot(void)
{
	struct boot_params *params = boot_params_page;

	printk_set_sink(discard);
	mm_state_save();
	mm_reset();
	memset(params, 0, sizeof(*params));
	params->nr_e820 = 2;
	params->e820[0] = (struct e820_entry){0, 0xA0000, E820_RAM};
	params->e820[1] = (struct e820_entry){IMAGE_START, RAM - IMAGE_START, E820_RAM};
	mm_boot_to(MM_KMEM);
}

/* Host mappings made on demand are the twin's TLB: none may be counted as the allocator's. */
static u64 window_fills(void)
{
	return twin_statistics()->page_fills + twin_statistics()->slot_fills;
}

int main(int argc, char **argv)
{
	struct twin_options options = TWIN_OPTIONS_INIT;
	const struct pairs_allocator *allocator;
	unsigned int rounds;

	if (pairs_usage(argc, argv, "constant any nothing", &rounds))
		return 2;
	allocator = strcmp(argv[1], "constant") == 0 ? &constant
		    : strcmp(argv[1], "any") == 0    ? &any
						     : &pairs_nothing;
	if (twin_start(argc, argv, &options))
		return TWIN_EXIT_HOST;
	boot();
	if (pairs_run(argv[2], 2, allocator))
		return 2;

	u64 fills = window_fills();

	pairs_run(argv[2], rounds, allocator);
	if (window_fills() != fills) {
		fprintf(stderr, "%s: traps in between: the figure would be the twin's\n", argv[0]);
		return 1;
	}
	return 0;
}
