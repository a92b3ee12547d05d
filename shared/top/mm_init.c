#include "top/mm_init.h"

#include "arch/arch.h"
#include "as/anon_vma.h"
#include "as/file.h"
#include "as/mm.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/bug.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/setup.h"
#include "exec/syscall.h"
#include "kmem/kasan.h"
#include "kmem/kmemleak.h"
#include "kmem/failslab.h"
#include "kmem/slab.h"
#include "paging/page_fault.h"
#include "phys/page_alloc.h"
#include "store/filemap.h"
#include "pgtable/init.h"

/* The linker's names for the bounds of section mm_state. */
extern char __start_mm_state[], __stop_mm_state[];

/* 64 KiB: three times what the globals take; the assertion in mm_state_save() says when to grow. */
#define PRISTINE_SIZE (64u << 10)
static char pristine[PRISTINE_SIZE];

static __mm_state enum mm_stage stage;

const char *const mm_stage_names[NR_MM_STAGES] = {
	[MM_RESET] = "reset", [MM_MAP] = "map", [MM_BOOTMEM] = "bootmem", [MM_PAGING] = "paging",
	[MM_ZONES] = "zones", [MM_UP] = "up",	[MM_KMEM] = "kmem",	  [MM_AS] = "as",
};

static size_t state_size(void)
{
	return __stop_mm_state - __start_mm_state;
}

void mm_state_save(void)
{
	BUG_ON(state_size() > sizeof(pristine), "%zu bytes of state", state_size());
	memcpy(pristine, __start_mm_state, state_size());
}

void mm_reset(void)
{
	memcpy(__start_mm_state, pristine, state_size());
	boot_page_tables_init();
}

enum mm_stage mm_stage(void)
{
	return stage;
}

static void boot_zones(void)
{
	zone_sizes_init();
	if (CONFIG_KASAN)
		kasan_init();
}

static void boot_mem(void)
{
	unsigned long pages = mem_init();

	printk("Memory: %luk available\n", pages << (PAGE_SHIFT - 10));
}

/* The memory manager's globals are where a search for lost objects begins. */
static void boot_kmem(void)
{
	if (CONFIG_KASAN)
		kasan_init_objects();
	kmemleak_early_start();
	kmem_cache_init();
	failslab_init();
	kmemleak_init();
	kmemleak_add_root("globals", __start_mm_state, __stop_mm_state);
}

/*
 * What the loader left on the page that is to be the zero page has been read by now: programs see
 * it from here on.
 */
static void boot_spaces(void)
{
	memset(__va(BOOT_EMPTY_ZERO_PAGE), 0, PAGE_SIZE);
	file_init();
	anon_vma_init();
	page_cache_init();
	vma_init_cache();
	mm_init_spaces();
	task_init();
	arch_set_fault_handler(do_page_fault);
	syscall_init();
}

/* Boot has no way but a panic where memory is short: it is spared. */
void mm_boot_next(void)
{
	static void (*const steps[NR_MM_STAGES])(void) = {
		[MM_MAP] = setup_memory_map, [MM_BOOTMEM] = setup_bootmem_allocator,
		[MM_PAGING] = paging_init,   [MM_ZONES] = boot_zones,
		[MM_UP] = boot_mem,	     [MM_KMEM] = boot_kmem,
		[MM_AS] = boot_spaces,
	};

	BUG_ON(stage == NR_MM_STAGES - 1, "boot is over");
	fault_pause();
	steps[++stage]();
	fault_resume();
}

void mm_boot_to(enum mm_stage last)
{
	while (stage < last)
		mm_boot_next();
}
