/*
 * What drops a cached translation. Source: Intel SDM vol. 3A, 4.10.4 "Invalidation of TLBs and
 * Paging-Structure Caches", 4.10.4.2 and 4.10.4.3 for what may be left out.
 *
 * Every case is of one form: use an entry, so that it may be cached, change it, flush, and see that
 * the access goes by the new entry. sweep() does that for
 *
 *	{4 KiB, 4 MiB} x {not global, global} x each change that takes something away
 *
 * at either ring and in both halves of the address space.
 */
#include "conform/bench.h"
#include "conform/cases.h"

#define OLD_VALUE 0x01D01D01u
#define NEW_VALUE 0x2E2E2E2Eu

static u32 *old_word(void)
{
	return __va(BENCH_OLD_PAGE);
}

static u32 *new_word(void)
{
	return __va(BENCH_NEW_PAGE);
}

/* ---- the sweep ----------------------------------------------------------------------------- */

enum change { CHANGE_FRAME, UNMAP, TAKE_WRITE, TAKE_USER, NR_CHANGES };

static const char *const change_names[NR_CHANGES] = {"frame changed", "unmapped", "made read-only",
						     "made supervisor"};

/* One way of dropping what is cached for va. */
struct method {
	void (*flush)(pgd_t *pgd, unsigned long va);
	bool kernel_only; /* takes kernel addresses only */
	bool spares_global;
};

/* What the sweep under way tries; a check of at_every_place() has no argument to pass it by. */
static const struct method *method;

/* An entry for va, which lies BENCH_NEW_PAGE into its slot. */
static void write_entry(pgd_t *pgd, unsigned long va, bool large, bool old, u32 bits)
{
	if (large)
		set_large_mapping(pgd, va, old ? PGDIR_SIZE : 0, bits);
	else
		set_mapping(pgd, va, old ? old_word() : new_word(), bits);
}

static void change_entry(pgd_t *pgd, unsigned long va, bool large, u32 bits, enum change change)
{
	switch (change) {
	case CHANGE_FRAME:
		write_entry(pgd, va, large, false, bits);
		break;
	case UNMAP:
		write_entry(pgd, va, large, true, 0);
		break;
	case TAKE_WRITE:
		write_entry(pgd, va, large, true, bits & ~_PAGE_RW);
		break;
	default:
		write_entry(pgd, va, large, true, bits & ~_PAGE_USER);
		break;
	}
}

/* By a new frame, loads and stores; the old one is out of reach. */
static const char *expect_new_frame(enum ring ring, unsigned long va)
{
	TRY(expect_load(ring, va, 4, NEW_VALUE));
	TRY(expect_store(ring, va, 4, NEW_VALUE + 1));
	CHECK(*new_word() == NEW_VALUE + 1 && *old_word() == OLD_VALUE,
	      "a store went astray: new page %08x, old page %08x", *new_word(), *old_word());
	return NULL;
}

static const char *expect_changed(enum ring ring, unsigned long va, enum change change)
{
	if (change == CHANGE_FRAME)
		return expect_new_frame(ring, va);
	if (change == UNMAP) {
		TRY(expect_fault(ring, ACCESS_STORE, va, 0));
		return expect_fault(ring, ACCESS_LOAD, va, 0);
	}
	if (change == TAKE_USER && ring == RING_3) {
		TRY(expect_fault(ring, ACCESS_STORE, va, PF_PROT));
		return expect_fault(ring, ACCESS_LOAD, va, PF_PROT);
	}
	if (change == TAKE_USER)
		return expect_store(ring, va, 4, OLD_VALUE);
	TRY(expect_fault(ring, ACCESS_STORE, va, PF_PROT));
	return expect_load(ring, va, 4, OLD_VALUE);
}

static const char *check_change(pgd_t *pgd, enum ring ring, unsigned long va, bool large, u32 bits,
				enum change change)
{
	*old_word() = 0;
	*new_word() = NEW_VALUE;
	write_entry(pgd, va, large, true, bits);
	arch_flush_tlb_all();
	TRY(expect_load(ring, va, 4, 0));
	TRY(expect_store(ring, va, 4, OLD_VALUE));
	TRY(expect_load(ring, va, 4, OLD_VALUE));
	change_entry(pgd, va, large, bits, change);
	method->flush(pgd, va);

	const char *why = expect_changed(ring, va, change);

	return why ? complain("%s%s page %s: %s", bits & _PAGE_GLOBAL ? "global " : "",
			      large ? "4 MiB" : "4 KiB", change_names[change], why)
		   : NULL;
}

static const char *check_sweep(pgd_t *pgd, enum ring ring, unsigned long va)
{
	bool pge = cpu_has(ARCH_CPU_PGE);

	if (method->kernel_only && va < PAGE_OFFSET)
		return NULL;
	for (unsigned int large = 0; large <= cpu_has(ARCH_CPU_PSE); large++)
		for (unsigned int global = 0; global < 2; global++) {
			/* Each size has a slot of its own. */
			unsigned long at = va + BENCH_NEW_PAGE + large * PGDIR_SIZE;

			if (global && pge && method->spares_global)
				continue;
			for (enum change change = 0; change < NR_CHANGES; change++)
				TRY(check_change(pgd, ring, at, large,
						 USER_RW | (global ? _PAGE_GLOBAL : 0), change));
		}
	return NULL;
}

static const char *sweep(const struct method *m)
{
	method = m;
	return at_every_place(check_sweep);
}

static void by_one(pgd_t *pgd __maybe_unused, unsigned long va)
{
	arch_flush_tlb_one(va);
}

const char *flush_one(void)
{
	return sweep(&(const struct method){.flush = by_one});
}

static void by_last_byte(pgd_t *pgd __maybe_unused, unsigned long va)
{
	arch_flush_tlb_one(va | ~PAGE_MASK);
}

const char *flush_one_any_byte(void)
{
	return sweep(&(const struct method){.flush = by_last_byte});
}

static void by_all(pgd_t *pgd __maybe_unused, unsigned long va __maybe_unused)
{
	arch_flush_tlb_all();
}

const char *flush_all(void)
{
	return sweep(&(const struct method){.flush = by_all});
}

static void by_load_cr3(pgd_t *pgd, unsigned long va __maybe_unused)
{
	arch_load_cr3(__pa(pgd));
}

const char *flush_load_cr3(void)
{
	return sweep(&(const struct method){.flush = by_load_cr3, .spares_global = true});
}

static void by_switch_and_back(pgd_t *pgd, unsigned long va __maybe_unused)
{
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	arch_load_cr3(__pa(pgd));
}

const char *flush_switch_and_back(void)
{
	return sweep(&(const struct method){.flush = by_switch_and_back, .spares_global = true});
}

static void by_kernel_range(pgd_t *pgd __maybe_unused, unsigned long va)
{
	arch_flush_tlb_kernel_range(va & PAGE_MASK, (va & PAGE_MASK) + PAGE_SIZE);
}

const char *flush_kernel_range(void)
{
	return sweep(&(const struct method){.flush = by_kernel_range, .kernel_only = true});
}

/* ---- ranges -------------------------------------------------------------------------------- */

/* Either side of any limit above which an implementation drops everything. */
#define MAX_RANGE 130u

static const char *check_range(pgd_t *pgd, u32 *const pages[2], unsigned int count, u32 bits)
{
	const unsigned long start = BENCH_KERNEL + PAGE_SIZE;

	for (unsigned int i = 0; i < count + 2; i++)
		set_mapping(pgd, BENCH_KERNEL + i * PAGE_SIZE, pages[0], bits);
	arch_flush_tlb_all();
	for (unsigned int i = 0; i < count + 2; i++)
		TRY(expect_load(RING_0, BENCH_KERNEL + i * PAGE_SIZE, 4, OLD_VALUE));
	for (unsigned int i = 0; i < count; i++)
		set_mapping(pgd, start + i * PAGE_SIZE, pages[1], bits);
	arch_flush_tlb_kernel_range(start, start + count * PAGE_SIZE);
	for (unsigned int i = 0; i < count; i++)
		TRY(expect_load(RING_0, start + i * PAGE_SIZE, 4, NEW_VALUE));
	TRY(expect_load(RING_0, BENCH_KERNEL, 4, OLD_VALUE));
	return expect_load(RING_0, start + count * PAGE_SIZE, 4, OLD_VALUE);
}

const char *flush_kernel_range_sizes(void)
{
	bench_begin();

	u32 *const pages[2] = {new_page(OLD_VALUE), new_page(NEW_VALUE)};
	pgd_t *pgd = enter_new_space();

	for (unsigned int count = 0; count < MAX_RANGE; count += count < 4 ? 1 : count / 4) {
		TRY(check_range(pgd, pages, count, SUPERVISOR_RW));
		TRY(check_range(pgd, pages, count, SUPERVISOR_RW | _PAGE_GLOBAL));
	}
	return NULL;
}

/* The largest range there is, the direct map and the running code within it. */
const char *flush_kernel_range_whole(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();

	set_mapping(pgd, BENCH_KERNEL, new_page(OLD_VALUE), SUPERVISOR_RW | _PAGE_GLOBAL);
	TRY(expect_load(RING_0, BENCH_KERNEL, 4, OLD_VALUE));
	set_mapping(pgd, BENCH_KERNEL, new_page(NEW_VALUE), SUPERVISOR_RW | _PAGE_GLOBAL);
	arch_flush_tlb_kernel_range(PAGE_OFFSET, MACHINE_WINDOW);
	TRY(expect_load(RING_0, BENCH_KERNEL, 4, NEW_VALUE));
	/* Empty ranges, at either end. */
	arch_flush_tlb_kernel_range(PAGE_OFFSET, PAGE_OFFSET);
	arch_flush_tlb_kernel_range(MACHINE_WINDOW, MACHINE_WINDOW);
	return expect_load(RING_0, BENCH_KERNEL, 4, NEW_VALUE);
}

/* ---- 4 MiB pages --------------------------------------------------------------------------- */

/* INVLPG anywhere in a 4 MiB page drops all of it (SDM 4.10.4.1). */
static const char *check_large_any_byte(pgd_t *pgd, enum ring ring, unsigned long va)
{
	static const unsigned long offsets[] = {0, BENCH_NEW_PAGE + 5, PGDIR_SIZE - 1};

	for (unsigned int i = 0; i < ARRAY_SIZE(offsets); i++) {
		*old_word() = OLD_VALUE;
		*new_word() = NEW_VALUE;
		set_large_mapping(pgd, va, PGDIR_SIZE, USER_RW);
		arch_flush_tlb_all();
		TRY(expect_load(ring, va + BENCH_NEW_PAGE, 4, OLD_VALUE));
		set_large_mapping(pgd, va, 0, USER_RW);
		arch_flush_tlb_one(va + offsets[i]);
		TRY(expect_new_frame(ring, va + BENCH_NEW_PAGE));
	}
	return NULL;
}

const char *flush_large_any_byte(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_large_any_byte) : NULL;
}

static const char *check_large_to_table(pgd_t *pgd, enum ring ring, unsigned long va)
{
	unsigned long at = va + BENCH_NEW_PAGE;

	*old_word() = OLD_VALUE;
	*new_word() = NEW_VALUE;
	set_large_mapping(pgd, va, PGDIR_SIZE, USER_RW);
	TRY(expect_load(ring, at, 4, OLD_VALUE));
	TRY(expect_store(ring, at, 4, OLD_VALUE));
	set_pgd(directory_entry(pgd, va), (pgd_t){0});
	set_mapping(pgd, at, new_word(), USER_RW);
	arch_flush_tlb_one(at);
	TRY(expect_new_frame(ring, at));
	/* The other 1023 pages are unmapped now. */
	arch_flush_tlb_all();
	return expect_fault(ring, ACCESS_LOAD, at + PAGE_SIZE, 0);
}

const char *flush_large_to_table(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_large_to_table) : NULL;
}

static const char *check_table_to_large(pgd_t *pgd, enum ring ring, unsigned long va)
{
	unsigned long at = va + BENCH_NEW_PAGE;

	*old_word() = OLD_VALUE;
	*new_word() = NEW_VALUE;
	set_mapping(pgd, at, old_word(), USER_RW);
	TRY(expect_load(ring, at, 4, OLD_VALUE));
	TRY(expect_store(ring, at, 4, OLD_VALUE));
	set_large_mapping(pgd, va, 0, USER_RW);
	arch_flush_tlb_one(at);
	return expect_new_frame(ring, at);
}

const char *flush_table_to_large(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_table_to_large) : NULL;
}

/* ---- page tables --------------------------------------------------------------------------- */

/*
 * Another page table in a directory entry that the processor may hold in its paging-structure
 * caches: INVLPG of any address drops it. The page looked at was not present before, so that no
 * translation of it can be cached.
 */
static const char *check_directory_entry(pgd_t *pgd, enum ring ring, unsigned long va)
{
	const unsigned long fresh = va + 64 * PAGE_SIZE, elsewhere = BENCH_USER + 8 * PGDIR_SIZE;
	pte_t *other_table = (pte_t *)new_page(0);

	set_mapping(pgd, va, new_page(OLD_VALUE), USER_RW);
	set_pte(&other_table[pte_index(fresh)],
		pfn_pte(PFN_DOWN(__pa(new_page(NEW_VALUE))), __pgprot(USER_RW)));
	TRY(expect_load(ring, va, 4, OLD_VALUE));
	TRY(expect_fault(ring, ACCESS_LOAD, fresh, 0));
	TRY(expect_load(ring, va, 4, OLD_VALUE));
	set_pgd(directory_entry(pgd, va), make_pgd(__pa(other_table), BENCH_TABLE));
	arch_flush_tlb_one(elsewhere);
	TRY(expect_load(ring, fresh, 4, NEW_VALUE));
	arch_flush_tlb_one(va);
	return expect_fault(ring, ACCESS_LOAD, va, 0);
}

const char *flush_directory_entry(void)
{
	return at_every_place(check_directory_entry);
}

/* A page table goes, its memory becomes something else, and another one comes. */
static const char *check_table_refilled(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_mapping(pgd, va, new_page(OLD_VALUE), USER_RW);

	u32 *old_table = __va(pgd_table(*directory_entry(pgd, va)));

	TRY(expect_load(ring, va, 4, OLD_VALUE));
	set_pgd(directory_entry(pgd, va), (pgd_t){0});
	arch_flush_tlb_one(va);
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		old_table[i] = BENCH_OLD_PAGE | USER_RW;
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	TRY(expect_fault(ring, ACCESS_LOAD, va + PAGE_SIZE, 0));
	set_mapping(pgd, va + PAGE_SIZE, new_page(NEW_VALUE), USER_RW);
	TRY(expect_load(ring, va + PAGE_SIZE, 4, NEW_VALUE));
	return expect_fault(ring, ACCESS_LOAD, va, 0);
}

const char *flush_table_refilled(void)
{
	return at_every_place(check_table_refilled);
}

const char *flush_two_spaces(void)
{
	bench_begin();

	pgd_t *spaces[2] = {new_space(), new_space()};

	for (u32 i = 0; i < 2; i++)
		set_mapping(spaces[i], BENCH_USER, new_page(i), USER_RW);
	set_mapping(spaces[1], BENCH_USER + PAGE_SIZE, new_page(7), USER_RW);
	for (u32 round = 0; round < 4; round++)
		for (u32 i = 0; i < 2; i++) {
			arch_load_cr3(__pa(spaces[i]));
			TRY(expect_load(RING_3, BENCH_USER, 4, i + 16 * round));
			TRY(expect_store(RING_3, BENCH_USER, 4, i + 16 * (round + 1)));
			if (i == 0)
				TRY(expect_fault(RING_3, ACCESS_LOAD, BENCH_USER + PAGE_SIZE, 0));
			else
				TRY(expect_load(RING_3, BENCH_USER + PAGE_SIZE, 4, 7));
		}
	return NULL;
}

/* ---- no flush needed ----------------------------------------------------------------------- */

/* Nothing is cached of an entry that is not present (SDM 4.10.2.3, 4.10.4.3). */
static const char *check_not_for_new(pgd_t *pgd, enum ring ring, unsigned long va)
{
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	set_mapping(pgd, va, new_page(OLD_VALUE), USER_RW);
	TRY(expect_load(ring, va, 4, OLD_VALUE));
	TRY(expect_fault(ring, ACCESS_STORE, va + PAGE_SIZE, 0));
	set_mapping(pgd, va + PAGE_SIZE, new_page(OLD_VALUE), USER_RW);
	TRY(expect_store(ring, va + PAGE_SIZE, 4, NEW_VALUE));
	TRY(expect_load(ring, va + PAGE_SIZE, 4, NEW_VALUE));
	set_mapping(pgd, va, old_word(), 0);
	arch_flush_tlb_one(va);
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	set_mapping(pgd, va, new_page(NEW_VALUE), USER_RW);
	return expect_load(ring, va, 4, NEW_VALUE);
}

const char *flush_not_for_new(void)
{
	return at_every_place(check_not_for_new);
}

static int run_again(const struct fault_record *fault __maybe_unused)
{
	return 0;
}

/*
 * Rights were added and nothing was flushed: the processor may fault once by the entry that it
 * cached, and the fault itself drops that (SDM 4.10.4.1, 4.10.4.3).
 */
static const char *check_more_rights(pgd_t *pgd, enum ring ring, unsigned long va)
{
	u32 *page = new_page(OLD_VALUE);

	set_mapping(pgd, va, page, SUPERVISOR_RO);
	TRY(expect_load(RING_0, va, 4, OLD_VALUE));
	TRY(expect_fault(RING_0, ACCESS_STORE, va, PF_PROT));
	set_mapping(pgd, va, page, USER_RW);
	watch_faults(run_again);
	TRY(expect_store(ring, va, 4, NEW_VALUE));
	CHECK(watch.count <= 1, "%u faults after rights were added", watch.count);
	TRY(expect_load(ring, va, 4, NEW_VALUE));
	CHECK(watch.count <= 1, "%u faults after rights were added", watch.count);
	arch_set_fault_handler(NULL);
	return NULL;
}

const char *flush_not_for_more_rights(void)
{
	return at_every_place(check_more_rights);
}
