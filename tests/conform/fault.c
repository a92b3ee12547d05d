/*
 * The fault handler's contract (arch/arch.h): what it is told, and what its answer does.
 * Source of the error codes: Intel SDM vol. 3A, 4.7.
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"

/* What a handler works on; it is told of the fault only. */
static struct {
	pgd_t *pgd;
	u32 *page;
	int answer;
} scene;

static void set_scene(pgd_t *pgd, u32 *page)
{
	scene.pgd = pgd;
	scene.page = page;
}

/* ---- what it is told ----------------------------------------------------------------------- */

/* A refused access calls the handler once, with the record that the access ends with. */
static const char *expect_record(enum ring ring, enum access_kind kind, unsigned long va,
				 u32 reason)
{
	watch_faults(NULL);
	TRY(expect_fault(ring, kind, va, reason));
	CHECK(watch.count == 1, "one %s, %u faults", access_name(kind), watch.count);
	TRY(expect_seen(0, va, access_code(ring, kind) | reason));
	CHECK((watch.seen[0].ip == 0) == (ring == RING_3), "ip %08lx of a fault at CPL %d",
	      watch.seen[0].ip, ring);
	return NULL;
}

static const char *check_records(pgd_t *pgd, enum ring ring, unsigned long va)
{
	enum access_kind last = ring == RING_3 ? ACCESS_EXEC : ACCESS_STORE;
	const unsigned long supervisor = va + PAGE_SIZE, read_only = supervisor + PAGE_SIZE;
	const unsigned long absent = read_only + PAGE_SIZE, no_table = va + PGDIR_SIZE;

	set_mapping(pgd, supervisor, new_page(0), SUPERVISOR_RW);
	set_mapping(pgd, read_only, new_page(0), USER_RO);
	for (enum access_kind kind = ACCESS_LOAD; kind <= last; kind++) {
		TRY(expect_record(ring, kind, absent + 0x123, 0));
		TRY(expect_record(ring, kind, no_table + 0xFFC, 0));
		if (ring == RING_3)
			TRY(expect_record(ring, kind, supervisor, PF_PROT));
	}
	return expect_record(ring, ACCESS_STORE, read_only + 0x7F, PF_PROT);
}

const char *fault_records(void)
{
	return at_every_place(check_records);
}

/* ---- refusing ------------------------------------------------------------------------------ */

static int answer(const struct fault_record *fault __maybe_unused)
{
	return scene.answer;
}

static const char *check_any_errno(pgd_t *pgd, enum ring ring, unsigned long va)
{
	static const int answers[] = {-EFAULT, -ENOMEM, -EINVAL, -EIO, -EPERM, -4095};
	u32 *page = new_page(0x7A7A7A7A);

	set_mapping(pgd, va, page, USER_RO);
	for (unsigned int i = 0; i < ARRAY_SIZE(answers); i++) {
		scene.answer = answers[i];
		watch_faults(answer);
		TRY(expect_fault(ring, ACCESS_STORE, va, PF_PROT));
		TRY(expect_fault(ring, ACCESS_LOAD, va + PAGE_SIZE, 0));
		CHECK(watch.count == 2, "two accesses, %u faults", watch.count);
	}
	CHECK(*page == 0x7A7A7A7A, "a refused store wrote %08x", *page);
	return NULL;
}

const char *fault_any_errno(void)
{
	return at_every_place(check_any_errno);
}

static const char *check_no_handler(pgd_t *pgd __maybe_unused, enum ring ring, unsigned long va)
{
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	watch_faults(NULL);
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	arch_set_fault_handler(NULL);
	TRY(expect_fault(ring, ACCESS_LOAD, va, 0));
	CHECK(watch.count == 1, "%u faults reached a handler that was there for one", watch.count);
	return NULL;
}

const char *fault_no_handler(void)
{
	return at_every_place(check_no_handler);
}

/* ---- resolving ----------------------------------------------------------------------------- */

static int map_faulting_page(const struct fault_record *fault)
{
	set_mapping(scene.pgd, fault->address, scene.page, USER_RW);
	return 0;
}

static const char *check_maps_page(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_scene(pgd, new_page(EXEC_WORD));
	watch_faults(map_faulting_page);
	TRY(expect_load(ring, va, 4, EXEC_WORD));
	TRY(expect_store(ring, va + PAGE_SIZE + 4, 4, 0x12345678));
	TRY(expect_seen(0, va, access_code(ring, ACCESS_LOAD)));
	TRY(expect_seen(1, va + PAGE_SIZE + 4, access_code(ring, ACCESS_STORE)));
	CHECK(scene.page[1] == 0x12345678, "the store left %08x", scene.page[1]);
	if (ring == RING_3)
		TRY(expect_exec(va + 2 * PAGE_SIZE));
	/* All of it is mapped now. */
	TRY(expect_load(ring, va + PAGE_SIZE, 4, EXEC_WORD));
	CHECK(watch.count == (ring == RING_3 ? 3 : 2), "%u faults", watch.count);
	return NULL;
}

const char *fault_maps_page(void)
{
	return at_every_place(check_maps_page);
}

static int map_one_level(const struct fault_record *fault)
{
	pgd_t *slot = directory_entry(scene.pgd, fault->address);

	if (!pgd_present(*slot)) {
		set_pgd(slot, make_pgd(__pa(new_page(0)), BENCH_TABLE));
		return 0;
	}
	return map_faulting_page(fault);
}

static const char *check_maps_in_steps(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_scene(pgd, new_page(0x13131313));
	watch_faults(map_one_level);
	TRY(expect_load(ring, va + 8, 4, 0x13131313));
	CHECK(watch.count == 2, "%u faults for two levels", watch.count);
	TRY(expect_seen(0, va + 8, access_code(ring, ACCESS_LOAD)));
	return expect_seen(1, va + 8, access_code(ring, ACCESS_LOAD));
}

const char *fault_maps_in_steps(void)
{
	return at_every_place(check_maps_in_steps);
}

/* No flush: the fault has dropped what was cached for the address (SDM 4.10.4.1). */
static const char *check_gives_rights(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_scene(pgd, new_page(0x14141414));
	set_mapping(pgd, va, scene.page, USER_RO);
	TRY(expect_load(ring, va, 4, 0x14141414));
	watch_faults(map_faulting_page);
	TRY(expect_store(ring, va, 4, 0x15151515));
	TRY(expect_store(ring, va + 4, 4, 0x16161616));
	CHECK(watch.count == 1, "%u faults for one page's rights", watch.count);
	CHECK(scene.page[0] == 0x15151515 && scene.page[1] == 0x16161616, "stored: %08x %08x",
	      scene.page[0], scene.page[1]);
	return expect_seen(0, va, access_code(ring, ACCESS_STORE) | PF_PROT);
}

const char *fault_gives_rights(void)
{
	return at_every_place(check_gives_rights);
}

/* Copy on write in small: another frame, writable, at the fault. */
static int copy_on_write(const struct fault_record *fault)
{
	u32 *copy = new_page(*scene.page);

	set_mapping(scene.pgd, fault->address, copy, USER_RW);
	arch_flush_tlb_one(fault->address);
	scene.page = copy;
	return 0;
}

static const char *check_replaces_frame(pgd_t *pgd, enum ring ring, unsigned long va)
{
	u32 *original = new_page(0x17171717);

	set_scene(pgd, original);
	set_mapping(pgd, va, original, USER_RO);
	TRY(expect_load(ring, va, 4, 0x17171717));
	watch_faults(copy_on_write);
	TRY(expect_store(ring, va, 4, 0x18181818));
	TRY(expect_load(ring, va, 4, 0x18181818));
	TRY(expect_load(ring, va + 4, 4, 0x17171717));
	CHECK(watch.count == 1, "%u faults", watch.count);
	CHECK(original[0] == 0x17171717 && scene.page[0] == 0x18181818, "original %08x, copy %08x",
	      original[0], scene.page[0]);
	return NULL;
}

const char *fault_replaces_frame(void)
{
	return at_every_place(check_replaces_frame);
}

/* Each of the two pages faults once, in whichever order; then the access is done as a whole. */
static const char *check_straddle(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_scene(pgd, new_page(0));
	watch_faults(map_faulting_page);
	TRY(expect_store(ring, va + PAGE_SIZE - 1, 4, 0xA4A3A2A1));
	CHECK(watch.count == 2, "%u faults for two pages", watch.count);
	CHECK((watch.seen[0].address ^ watch.seen[1].address) & PAGE_SIZE,
	      "faults at %08lx and %08lx", watch.seen[0].address, watch.seen[1].address);
	/* The same frame on both sides: its last byte and its first three. */
	CHECK(scene.page[1023] == 0xA1000000 && scene.page[0] == 0x00A4A3A2, "stored: %08x, %08x",
	      scene.page[1023], scene.page[0]);
	return NULL;
}

const char *fault_straddle(void)
{
	return at_every_place(check_straddle);
}

/* ---- kernel mappings ----------------------------------------------------------------------- */

/* Copies on demand a kernel entry that swapper_pg_dir has and this directory lacks. */
static int copy_kernel_entry(const struct fault_record *fault)
{
	pgd_t entry = *directory_entry(swapper(), fault->address);

	if (!pgd_present(entry))
		return -EFAULT;
	set_pgd(directory_entry(scene.pgd, fault->address), entry);
	return 0;
}

const char *fault_kernel_mapping(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();
	u32 *page = new_page(0x19191919);

	set_scene(pgd, NULL);
	set_mapping(swapper(), BENCH_KERNEL, page, SUPERVISOR_RW);
	set_mapping(swapper(), BENCH_KERNEL + PGDIR_SIZE, page, SUPERVISOR_RW);
	watch_faults(copy_kernel_entry);
	TRY(expect_load(RING_0, BENCH_KERNEL, 4, 0x19191919));
	TRY(expect_seen(0, BENCH_KERNEL, 0));
	/* Not the rig's access, but the kernel's own code. */
	WRITE_ONCE(*(u32 *)(BENCH_KERNEL + PGDIR_SIZE + 4), 0x20202020);
	CHECK(READ_ONCE(page[1]) == 0x20202020, "the kernel's store left %08x", page[1]);
	TRY(expect_seen(1, BENCH_KERNEL + PGDIR_SIZE + 4, PF_WRITE));
	CHECK(watch.count == 2, "%u faults", watch.count);
	/* The table was shared, not its one page spread. */
	arch_set_fault_handler(NULL);
	return expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL + PAGE_SIZE, 0);
}

/* The handler itself uses a kernel mapping that comes on demand. */
static int nesting_handler(const struct fault_record *fault)
{
	if (fault->address >= PAGE_OFFSET)
		return copy_kernel_entry(fault);
	scene.page[0] = READ_ONCE(*(u32 *)BENCH_KERNEL);
	return map_faulting_page(fault);
}

const char *fault_nested(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();

	set_mapping(swapper(), BENCH_KERNEL, new_page(0x21212121), SUPERVISOR_RW);
	for (unsigned int ring = RING_0; ring <= RING_3; ring += RING_3 - RING_0) {
		unsigned long va = BENCH_USER + ring * PAGE_SIZE;

		set_scene(pgd, new_page(0));
		set_pgd(directory_entry(pgd, BENCH_KERNEL), (pgd_t){0});
		arch_flush_tlb_all();
		watch_faults(nesting_handler);
		TRY(expect_load(ring, va, 4, 0x21212121));
		CHECK(watch.count == 2, "%u faults at CPL %u", watch.count, ring);
		TRY(expect_seen(0, va, access_code(ring, ACCESS_LOAD)));
		TRY(expect_seen(1, BENCH_KERNEL, 0));
	}
	arch_set_fault_handler(NULL);
	return NULL;
}
