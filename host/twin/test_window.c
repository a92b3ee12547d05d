/*
 * Kernel addresses as mappings of the host: filled by the walk, dropped by flushes only.
 */
#include <errno.h>

#include "twin/test.h"

/* In the hole that vmalloc would have with GUEST_MEMORY, far below 896 MiB; and near the top. */
#define LOW_VA (PAGE_OFFSET + GUEST_MEMORY + VMALLOC_OFFSET)
#define HIGH_VA (FIXADDR_TOP - 7 * PAGE_SIZE)
#define KERNEL_TABLE 0x00604000u
#define A 0xAAAAAAAAu
#define B 0xBBBBBBBBu

static unsigned long window_va;

static void set_kernel_pte(unsigned int page, u32 value)
{
	*PTE_SLOT(KERNEL_TABLE, pte_index(window_va) + page) = value;
}

static void start(const struct twin_options *o, u32 kernel_flags, unsigned long va)
{
	guest_boot(o, kernel_flags);
	window_va = va;
	*phys_word(FRAME_A) = A;
	*phys_word(FRAME_B) = B;
	*PGD_SLOT(pgd_index(va)) = KERNEL_TABLE | _PAGE_KERNEL;
	set_kernel_pte(0, FRAME_A | _PAGE_KERNEL);
}

/* A plain load by kernel code. */
static u32 native(unsigned long va)
{
	return *(volatile u32 *)va;
}

static void check_window_flushes(unsigned long va, u32 global)
{
	struct twin_options o = quiet_options();

	start(&o, global, va);
	set_kernel_pte(0, FRAME_A | _PAGE_KERNEL | global);
	CHECK(native(va) == A, "fill");
	set_kernel_pte(0, FRAME_B | _PAGE_KERNEL | global);
	CHECK(native(va) == A, "dropped by nothing");
	arch_flush_tlb_one(va + PAGE_SIZE);
	arch_flush_tlb_kernel_range(va + PAGE_SIZE, va + 2 * PAGE_SIZE);
	CHECK(native(va) == A, "dropped by the neighbour's flush");
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	CHECK(native(va) == (global ? A : B), "CR3 load, global %x", (unsigned int)global);
	arch_flush_tlb_one(va + 1);
	CHECK(native(va) == B, "kept across its INVLPG");
	set_kernel_pte(0, FRAME_A | _PAGE_KERNEL | global);
	arch_flush_tlb_kernel_range(va, va + PAGE_SIZE);
	CHECK(native(va) == A, "kept across its range");
	set_kernel_pte(0, FRAME_B | _PAGE_KERNEL | global);
	arch_flush_tlb_all();
	CHECK(native(va) == B, "kept across a full flush");
	*(volatile u32 *)va = 77;
	CHECK(*phys_word(FRAME_B) == 77, "an alias does not see the store");
}

/* Pages of which some are global, mapped in one go and dropped in parts. */
static void check_mixed(void)
{
	struct twin_options o = quiet_options();
	unsigned int i;

	start(&o, 0, LOW_VA);
	for (i = 0; i < 16; i++) {
		set_kernel_pte(i, FRAME_A | _PAGE_KERNEL | (i % 3 ? 0 : _PAGE_GLOBAL));
		CHECK(i == 5 || native(LOW_VA + i * PAGE_SIZE) == A, "page %u", i);
		set_kernel_pte(i, FRAME_B | _PAGE_KERNEL);
	}
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	for (i = 0; i < 16; i++)
		CHECK(native(LOW_VA + i * PAGE_SIZE) == (i % 3 ? B : A), "page %u", i);
	arch_flush_tlb_kernel_range(LOW_VA + 2 * PAGE_SIZE, LOW_VA + 9 * PAGE_SIZE);
	for (i = 0; i < 16; i++)
		CHECK(native(LOW_VA + i * PAGE_SIZE) == (i % 3 || (i > 1 && i < 9) ? B : A),
		      "page %u", i);
}

static void check_dirty_and_ro(void)
{
	struct twin_options o = quiet_options();
	volatile u32 *pte; /* the walk writes it, unseen by the compiler */

	start(&o, 0, HIGH_VA);
	pte = PTE_SLOT(KERNEL_TABLE, pte_index(HIGH_VA));
	*pte = FRAME_A | _PAGE_PRESENT | _PAGE_RW;
	CHECK(native(HIGH_VA) == A && (*pte & 0x60) == _PAGE_ACCESSED, "%08x", (unsigned int)*pte);
	*(volatile u32 *)HIGH_VA = B;
	CHECK(*phys_word(FRAME_A) == B && (*pte & _PAGE_DIRTY), "%08x", (unsigned int)*pte);
	*pte = FRAME_A | _PAGE_PRESENT;
	arch_flush_tlb_one(HIGH_VA);
	CHECK(kernel_store(HIGH_VA, 4, 1) == -EFAULT &&
		      last.fault.error_code == (PF_WRITE | PF_PROT) &&
		      last.fault.address == HIGH_VA,
	      "%x", last.fault.error_code);
	CHECK(kernel_load(HIGH_VA, 2) == 0 && last.value == (B & 0xFFFF), "read-only page");
	*pte = 0;
	arch_flush_tlb_one(HIGH_VA);
	CHECK(kernel_load(HIGH_VA, 1) == -EFAULT && last.fault.error_code == 0 &&
		      last.fault.ip == 0,
	      "%x", last.fault.error_code);
	/* Straddling into a hole: CR2 is the hole's first byte, nothing is written. */
	*pte = FRAME_A | _PAGE_KERNEL;
	*phys_word(FRAME_A + FRAME_SIZE - 4) = 0x12345678;
	CHECK(kernel_store(HIGH_VA + PAGE_SIZE - 2, 4, 0) == -EFAULT &&
		      last.fault.address == HIGH_VA + PAGE_SIZE &&
		      *phys_word(FRAME_A + FRAME_SIZE - 4) == 0x12345678,
	      "%08lx", last.fault.address);
	CHECK(kernel_store(HIGH_VA + 1, 4, 0x01020304) == 0 && kernel_load(HIGH_VA + 1, 4) == 0 &&
		      last.value == 0x01020304,
	      "%08x", (unsigned int)last.value);
}

/* A 4 MiB entry away from the direct map: filled page by page, dropped as a whole. */
static void check_large_mapping(void)
{
	struct twin_options o = quiet_options();
	unsigned int slot = pgd_index(LOW_VA);

	start(&o, 0, LOW_VA);
	*phys_word(0x00400000) = A;
	*phys_word(0x00407000) = A;
	*PGD_SLOT(slot) = 0x00400000 | _PAGE_KERNEL | _PAGE_PSE;
	CHECK(native(LOW_VA) == A && native(LOW_VA + 0x7000) == A, "fill");
	*PGD_SLOT(slot) = KERNEL_TABLE | _PAGE_KERNEL;
	set_kernel_pte(0, FRAME_B | _PAGE_KERNEL);
	set_kernel_pte(7, FRAME_B | _PAGE_KERNEL);
	CHECK(native(LOW_VA) == A && native(LOW_VA + 0x7000) == A, "kept");
	arch_flush_tlb_one(LOW_VA);
	CHECK(native(LOW_VA) == B && native(LOW_VA + 0x7000) == B, "one INVLPG drops all of it");
	*PGD_SLOT(slot) = 0x00400000 | _PAGE_KERNEL | _PAGE_PSE;
	arch_flush_tlb_all();
	CHECK(native(LOW_VA) == A, "fill");
	*PGD_SLOT(slot) = KERNEL_TABLE | _PAGE_KERNEL;
	arch_flush_tlb_one(LOW_VA + 0x9000);
	CHECK(native(LOW_VA) == B, "an INVLPG where nothing was filled drops all of it");
}

/* Direct map by 4 MiB entries of which one comes to name other memory. */
static void check_direct_map_moves(u32 global)
{
	struct twin_options o = quiet_options();
	const unsigned int slot = pgd_index((unsigned long)__va(0x00800000));

	start(&o, global, LOW_VA);
	*phys_word(0x00800000) = A;
	*phys_word(0x00C00000) = B;
	*PGD_SLOT(slot) = 0x00C00000 | _PAGE_KERNEL | _PAGE_PSE | global;
	CHECK(*phys_word(0x00800000) == A, "dropped by nothing");
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	CHECK(*phys_word(0x00800000) == (global ? A : B), "CR3 load, global %x",
	      (unsigned int)global);
	arch_flush_tlb_one((unsigned long)__va(0x00BFFFFF));
	CHECK(*phys_word(0x00800000) == B, "kept across its INVLPG");
	*PGD_SLOT(slot) = 0x00800000 | _PAGE_KERNEL | _PAGE_PSE | global;
	arch_flush_tlb_all();
	CHECK(*phys_word(0x00800000) == A, "direct map again");
	*PGD_SLOT(slot) = 0;
	arch_flush_tlb_kernel_range((unsigned long)__va(0x00801000),
				    (unsigned long)__va(0x00802000));
	CHECK(kernel_load((unsigned long)__va(0x00800000), 4) == -EFAULT, "kept across a range");
}

/* Entries that continue each other are cached in advance, if A and D are set already. */
static void check_runs(void)
{
	struct twin_options o = quiet_options();
	u64 fills;

	start(&o, 0, LOW_VA);
	for (unsigned int i = 0; i < 8; i++) {
		set_kernel_pte(i, (FRAME_A + i * FRAME_SIZE) | _PAGE_KERNEL);
		*phys_word(FRAME_A + i * FRAME_SIZE) = i;
	}
	set_kernel_pte(6, (FRAME_A + 6 * FRAME_SIZE) | (_PAGE_KERNEL & ~_PAGE_ACCESSED));
	fills = twin_statistics()->page_fills;
	for (unsigned int i = 2; i < 10; i++)
		CHECK(native(LOW_VA + (i % 8) * PAGE_SIZE) == i % 8, "page %u", i % 8);
	CHECK(twin_statistics()->page_fills == fills + 2, "%u fills",
	      (unsigned int)(twin_statistics()->page_fills - fills));
	set_kernel_pte(4, FRAME_B | _PAGE_KERNEL);
	CHECK(native(LOW_VA + 4 * PAGE_SIZE) == 4, "dropped by nothing");
	arch_flush_tlb_one(LOW_VA + 4 * PAGE_SIZE);
	CHECK(native(LOW_VA + 4 * PAGE_SIZE) == 1, "kept across its INVLPG");
	CHECK(native(LOW_VA + 3 * PAGE_SIZE) == 3 && native(LOW_VA + 5 * PAGE_SIZE) == 5,
	      "neighbours");
	arch_flush_tlb_kernel_range(LOW_VA, LOW_VA + 8 * PAGE_SIZE);
	set_kernel_pte(0, 0);
	CHECK(kernel_load(LOW_VA, 4) == -EFAULT, "kept across its range");
}

/* With little RAM nothing beyond it is direct map, paging on or off. */
static void check_little_ram(void)
{
	struct twin_options o = quiet_options();

	o.ram_size = GUEST_MEMORY + 2 * PAGE_SIZE;
	start(&o, 0, LOW_VA);
	CHECK(native(LOW_VA) == A, "fill");
	CHECK(kernel_load((unsigned long)__va(GUEST_MEMORY), 4) == -EFAULT, "paging on");
	twin_reset(false);
	CHECK(kernel_store((unsigned long)__va(o.ram_size) - 4, 4, B) == 0, "paging off");
	CHECK(kernel_load((unsigned long)__va(o.ram_size), 4) == -EFAULT, "paging off");
	CHECK(machine_ram_usable(0, o.ram_size) && !machine_ram_usable(0, o.ram_size + 1), "size");
}

/* The direct map as the page tables have it, in 4 MiB or 4 KiB entries. */
static void check_direct_map(unsigned int features)
{
	struct twin_options o = quiet_options();
	const unsigned long hole = (unsigned long)__va(0x00900000);
	u64 fills;

	o.cpu_features = features;
	start(&o, 0, LOW_VA);
	fills = twin_statistics()->slot_fills + twin_statistics()->page_fills;
	for (unsigned long pa = 0; pa < GUEST_MEMORY; pa += PAGE_SIZE)
		*phys_word(pa + 8) = pa;
	for (unsigned long pa = 0; pa < GUEST_MEMORY; pa += PAGE_SIZE)
		CHECK(*phys_word(pa + 8) == pa, "%08lx", pa);
	fills = twin_statistics()->slot_fills + twin_statistics()->page_fills - fills;
	CHECK(fills <= 4, "%u fills", (unsigned int)fills);
	CHECK(kernel_load((unsigned long)__va(GUEST_MEMORY), 4) == -EFAULT, "past the direct map");
	if (features & ARCH_CPU_PSE)
		return;
	/* A hole in it, as debugging code makes when it frees a page. */
	u32 *pte = PTE_SLOT(GUEST_MEMORY - 0x10000 + 2 * PAGE_SIZE, 0x100);

	CHECK(*pte == (0x00900000 | _PAGE_KERNEL), "%08x", (unsigned int)*pte);
	*pte = 0;
	CHECK(native(hole + 8) == 0x00900000, "stale until flushed");
	arch_flush_tlb_one(hole);
	CHECK(kernel_load(hole, 4) == -EFAULT && last.fault.error_code == 0, "the hole is open");
	CHECK(native(hole + PAGE_SIZE + 8) == 0x00901000, "its neighbour");
	*pte = 0x00900000 | _PAGE_KERNEL;
	CHECK(native(hole + 8) == 0x00900000, "filled again");
	*pte = FRAME_B | _PAGE_KERNEL;
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	CHECK(native(hole) == *phys_word(FRAME_B), "moved");
}

/* More pages than the host has mappings for: the window drops what it has and goes on. */
static void check_overflow(void)
{
	struct twin_options o = quiet_options();
	const unsigned int tables = 40;
	u64 overflows;

	start(&o, 0, LOW_VA);
	overflows = twin_statistics()->overflows;
	for (unsigned int t = 0; t < tables; t++) {
		u32 table = 0x00A00000 + t * FRAME_SIZE;

		*PGD_SLOT(pgd_index(0xD0000000) + t) = table | _PAGE_KERNEL;
		/* Every other page, no two frames in a row: the worst for the host. */
		for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
			*PTE_SLOT(table, i) = (i % 2 ? FRAME_A : FRAME_B) | _PAGE_KERNEL;
	}
	for (unsigned int i = 0; i < tables * PTRS_PER_PTE; i++)
		CHECK(native(0xD0000000 + i * PAGE_SIZE) == (i % 2 ? A : B), "page %u", i);
	CHECK(twin_statistics()->overflows > overflows, "no overflow");
}

static void stale_kernel_access(void)
{
	kernel_load(LOW_VA, 4);
}

static void stale_first_page(void)
{
	kernel_load(LOW_VA + PAGE_SIZE - 2, 4);
}

static void load_bad_cr3(void)
{
	arch_load_cr3(FRAME_C);
}

static void restore_irqs(void)
{
	arch_irq_restore(0x200);
}

static void check_contracts(void)
{
	struct twin_options o = TWIN_OPTIONS_INIT;

	start(&o, 0, LOW_VA);
	CHECK(native(LOW_VA) == A, "fill");
	set_kernel_pte(0, FRAME_B | _PAGE_KERNEL);
	CHECK(panics(stale_kernel_access) && panic_kind == TWIN_PANIC_STALE, "%s", panic_message);
	start(&o, 0, LOW_VA);
	set_kernel_pte(1, FRAME_B | _PAGE_KERNEL);
	CHECK(native(LOW_VA) == A && native(LOW_VA + PAGE_SIZE) == B, "fill");
	set_kernel_pte(0, FRAME_C | _PAGE_KERNEL);
	CHECK(panics(stale_first_page) && panic_kind == TWIN_PANIC_STALE, "%s", panic_message);
	start(&o, 0, LOW_VA);
	CHECK(panics(load_bad_cr3) && strstr(panic_message, "triple fault"), "%s", panic_message);
	CHECK(panics(restore_irqs) && panic_kind == TWIN_PANIC_WAIST, "%s", panic_message);
	unsigned long outer = arch_irq_save(), inner = arch_irq_save();

	CHECK(outer && !inner && !twin_irqs_enabled(), "%lx %lx", outer, inner);
	arch_irq_restore(inner);
	CHECK(!twin_irqs_enabled(), "the inner restore enabled interrupts");
	arch_irq_restore(outer);
	CHECK(twin_irqs_enabled(), "the outer restore did not");
}

/* Physical memory from one end to the other, by user mappings. */
static void check_all_of_ram(void)
{
	struct twin_options o = quiet_options();

	start(&o, 0, LOW_VA);
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	for (unsigned int pass = 0; pass < 2; pass++)
		for (unsigned int i = 0; i < PTRS_PER_PTE; i++) {
			const unsigned long va = USER_VA + i * PAGE_SIZE;

			*PTE_SLOT(USER_TABLE, i) = (i << PGDIR_SHIFT | 0x3FF000) | USER_FLAGS;
			if (pass == 0)
				CHECK(user_store(va + 16, 4, i) == 0, "chunk %u", i);
			else
				CHECK(user_load(va + 16, 4) == 0 && last.value == i, "chunk %u", i);
		}
	twin_reset(true);
	CHECK(*phys_word(FRAME_A) == 0, "RAM was not cleared");
}

/*
 * A user copy whose kernel buffer is mapped during the copy, by a page table in a chunk of RAM that
 * the machine does not see yet, while the user's page is in the chunk that it has seen the longest.
 */
static void check_copy_far_apart(unsigned int chunks_between)
{
	const u32 table = 0x90000000, frame = 0x10000000;
	struct twin_options o = quiet_options();

	start(&o, 0, LOW_VA);
	*PGD_SLOT(pgd_index(LOW_VA)) = table | _PAGE_KERNEL;
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	for (unsigned int i = 0; i <= chunks_between; i++)
		*PTE_SLOT(USER_TABLE, i) = (frame + i * PGDIR_SIZE) | USER_FLAGS;
	/* The table is filled in by a user mapping of it, then pushed out of sight. */
	*PTE_SLOT(USER_TABLE, 1000) = table | USER_FLAGS;
	CHECK(user_store(USER_VA + 1000 * PAGE_SIZE + pte_index(LOW_VA) * 4, 4,
			 FRAME_A | _PAGE_KERNEL) == 0,
	      "table");
	for (unsigned int i = 0; i < 300; i++) {
		*PTE_SLOT(USER_TABLE, 999) = (0xA0000000 + i * PGDIR_SIZE) | USER_FLAGS;
		arch_flush_tlb_one(USER_VA + 999 * PAGE_SIZE);
		user_load(USER_VA + 999 * PAGE_SIZE, 4);
	}
	CHECK(user_store(USER_VA + PAGE_SIZE - 4, 4, 0x600D) == 0, "store");
	for (unsigned int i = 1; i <= chunks_between; i++)
		user_load(USER_VA + i * PAGE_SIZE, 4);
	CHECK(arch_copy_from_user((void *)LOW_VA, USER_VA, PAGE_SIZE) == 0 &&
		      native(LOW_VA + PAGE_SIZE - 4) == 0x600D,
	      "%u chunks between", chunks_between);
}

void test_window(void)
{
	check_window_flushes(LOW_VA, 0);
	check_window_flushes(HIGH_VA, 0);
	check_window_flushes(LOW_VA, _PAGE_GLOBAL);
	check_mixed();
	check_dirty_and_ro();
	check_large_mapping();
	for (unsigned int features = 0; features < 4; features++)
		check_direct_map(features);
	check_direct_map_moves(0);
	check_direct_map_moves(_PAGE_GLOBAL);
	check_runs();
	check_little_ram();
	check_overflow();
	check_contracts();
	check_all_of_ram();
	for (unsigned int chunks = 0; chunks < 140; chunks += chunks < 120 ? 40 : 1)
		check_copy_far_apart(chunks);
}
