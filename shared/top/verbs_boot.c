/* Verbs of boot: the memory map, bootmem, the stages. */
#include "top/vec.h"

#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/bootmem.h"
#include "boot/e820.h"

static void run_boot(struct stmt *stmt)
{
	mm_boot_to(MM_LAST);
	stmt_result(stmt, "ok");
}

static void run_boot_to(struct stmt *stmt)
{
	for (enum mm_stage stage = MM_MAP; stage < NR_MM_STAGES; stage++) {
		if (strcmp(stmt->args[0].word, mm_stage_names[stage]) != 0)
			continue;
		if (stage <= mm_stage()) {
			stmt_result(stmt, "-EINVAL already in stage %s",
				    mm_stage_names[mm_stage()]);
			return;
		}
		mm_boot_to(stage);
		stmt_result(stmt, "ok");
		return;
	}
	stmt_result(stmt, "-EINVAL no such stage");
}

static void run_sanitize(struct stmt *stmt)
{
	struct boot_params *params = boot_params_page;
	int err = sanitize_e820_map(params->e820, &params->nr_e820,
				    stmt->nr_args ? min(stmt->args[0].number, FIRMWARE_E820_MAX)
						  : FIRMWARE_E820_MAX);

	if (err) {
		stmt_result_err(stmt, err);
		return;
	}
	for (u32 i = 0; i < params->nr_e820; i++)
		printk("%016llx - %016llx type %u\n", params->e820[i].addr,
		       params->e820[i].addr + params->e820[i].size, params->e820[i].type);
	stmt_result(stmt, "%u entries", params->nr_e820);
}

static void run_add_region(struct stmt *stmt)
{
	stmt_result_err(stmt, add_memory_region(stmt->args[0].number, stmt->args[1].number,
						stmt->args[2].number));
}

static void run_print_map(struct stmt *stmt)
{
	print_memory_map("e820");
	stmt_result(stmt, "%u entries", e820.nr_map);
}

static bool is_power_of_two(u64 x)
{
	return x && !(x & (x - 1));
}

static void run_alloc_bootmem(struct stmt *stmt)
{
	u64 size = stmt->args[0].number, align = stmt->nr_args > 1 ? stmt->args[1].number : 4;
	u64 goal = stmt->nr_args > 2 ? stmt->args[2].number : 0;
	void *mem;

	if (!size || size >> 32 || align >> 32 || goal >> 32 || !is_power_of_two(align)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	mem = __alloc_bootmem_nopanic(size, align, goal);
	if (mem)
		stmt_result(stmt, "0x%08x", __pa(mem));
	else
		stmt_result_err(stmt, -ENOMEM);
}

/* A bootmem range of the statement, or -EINVAL where it does not fit 32 bits. */
static int bootmem_range(const struct stmt *stmt, int (*fn)(phys_addr_t addr, unsigned long size))
{
	if ((stmt->args[0].number | stmt->args[1].number) >> 32)
		return -EINVAL;
	return fn(stmt->args[0].number, stmt->args[1].number);
}

static void run_free_bootmem(struct stmt *stmt)
{
	stmt_result_err(stmt, bootmem_range(stmt, free_bootmem));
}

static void run_reserve_bootmem(struct stmt *stmt)
{
	stmt_result_err(stmt, bootmem_range(stmt, reserve_bootmem));
}

static void run_bootmem_free_pages(struct stmt *stmt)
{
	stmt_result(stmt, "%lu", bootmem_free_pages());
}

/* Bootmem reaches what the page tables map: below BOOT_MAPPED before MM_PAGING, all of it then. */
static const struct verb verbs[] = {
	{"boot", "", VAR_NONE, MM_RESET, MM_KMEM, run_boot, "boot the memory manager to the end"},
	{"boot_to", "stage:w", VAR_NONE, MM_RESET, MM_KMEM, run_boot_to,
	 "boot up to a stage: map, bootmem, paging, zones, up, kmem or as"},
	{"sanitize_e820_map", "max:n?", VAR_NONE, MM_RESET, MM_RESET, run_sanitize,
	 "sanitize the firmware's map, with room for max entries, and print it"},
	{"add_memory_region", "start:z size:z type:n", VAR_NONE, MM_RESET, MM_MAP, run_add_region,
	 "append a region to the kernel's map"},
	{"print_memory_map", "", VAR_NONE, MM_RESET, MM_LAST, run_print_map,
	 "print the kernel's map"},
	{"alloc_bootmem", "size:z align:z? goal:z?", VAR_NONE, MM_PAGING, MM_PAGING,
	 run_alloc_bootmem, "take boot memory; the result is its physical address"},
	{"free_bootmem", "addr:z size:z", VAR_NONE, MM_BOOTMEM, MM_PAGING, run_free_bootmem,
	 "give boot memory back"},
	{"reserve_bootmem", "addr:z size:z", VAR_NONE, MM_BOOTMEM, MM_PAGING, run_reserve_bootmem,
	 "take a range of boot memory"},
	{"bootmem_free_pages", "", VAR_NONE, MM_BOOTMEM, MM_ZONES, run_bootmem_free_pages,
	 "count the free pages of bootmem"},
};

const struct verb_table boot_verbs = {verbs, ARRAY_SIZE(verbs)};
