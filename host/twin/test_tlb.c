/*
 * What is cached, what drops it, and that nothing else does. Each test changes the page tables
 * behind the TLB's back and looks which frame an access reaches: FRAME_A before the change,
 * FRAME_B after.
 */
#include <errno.h>

#include "twin/test.h"

#define A 0xAAAAAAAAu
#define B 0xBBBBBBBBu

static void start(const struct twin_options *o, u32 kernel_flags)
{
	guest_boot(o, kernel_flags);
	*phys_word(FRAME_A) = A;
	*phys_word(FRAME_B) = B;
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | USER_FLAGS;
	/* A second directory with the same entries, to load and come back. */
	memcpy(phys_word(OTHER_PGD), phys_word(BOOT_SWAPPER_PG_DIR), PAGE_SIZE);
}

static u32 seen(unsigned long va)
{
	int err = user_load(va, 4);

	CHECK(err == 0, "va %08lx: fault code %x", va, last.fault.error_code);
	return err ? 0 : last.value;
}

/* Caches USER_VA -> FRAME_A with extra flags and turns the entry to FRAME_B. */
static void cache_then_change(u32 flags)
{
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | USER_FLAGS | flags;
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == A, "fresh");
	*PTE_SLOT(USER_TABLE, 0) = FRAME_B | USER_FLAGS | flags;
	CHECK(seen(USER_VA) == A, "dropped by nothing at all");
}

static void load_cr3(void)
{
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
}

static void check_flushes(void)
{
	cache_then_change(0);
	arch_flush_tlb_one(USER_VA + PAGE_SIZE);
	CHECK(seen(USER_VA) == A, "dropped by the INVLPG of another page");
	arch_flush_tlb_kernel_range(PAGE_OFFSET, MACHINE_WINDOW);
	CHECK(seen(USER_VA) == A, "dropped by a kernel range");
	arch_flush_tlb_one(USER_VA + 4095);
	CHECK(seen(USER_VA) == B, "kept across its INVLPG");
	cache_then_change(0);
	load_cr3();
	CHECK(seen(USER_VA) == B, "kept across a CR3 load");
	cache_then_change(0);
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == B, "kept across a full flush");
}

static void check_global(bool pge)
{
	struct twin_options o = quiet_options();

	if (!pge)
		o.cpu_features &= ~ARCH_CPU_PGE;
	start(&o, 0);
	cache_then_change(_PAGE_GLOBAL);
	load_cr3();
	CHECK(seen(USER_VA) == (pge ? A : B), "global, CR3 load, PGE %d", pge);
	arch_flush_tlb_one(USER_VA);
	CHECK(seen(USER_VA) == B, "global entry kept across its INVLPG");
	cache_then_change(_PAGE_GLOBAL);
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == B, "global entry kept across a full flush");
	/* G in the directory entry of a table means nothing. */
	*PGD_SLOT(USER_SLOT) |= _PAGE_GLOBAL;
	cache_then_change(0);
	load_cr3();
	CHECK(seen(USER_VA) == B, "G of the directory entry was taken for the page's");
}

/* A 4 MiB translation: one entry, dropped by an INVLPG of any of its bytes. */
static void check_large(void)
{
	const u32 large = 0x00400000u;

	*phys_word(large) = A;
	*phys_word(large + 0x5000) = A;
	*PGD_SLOT(USER_SLOT) = large | USER_FLAGS | _PAGE_PSE;
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == A, "4 MiB page");
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		*PTE_SLOT(USER_TABLE, i) = FRAME_B | USER_FLAGS;
	CHECK(seen(USER_VA + 0x5000) == A, "the rest of the 4 MiB page was not cached");
	arch_flush_tlb_one(USER_VA + PGDIR_SIZE - 1);
	CHECK(seen(USER_VA) == B && seen(USER_VA + 0x5000) == B, "INVLPG at its end");
	/* And with G it survives CR3. */
	*PGD_SLOT(USER_SLOT) = large | USER_FLAGS | _PAGE_PSE | _PAGE_GLOBAL;
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == A, "4 MiB page");
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	load_cr3();
	CHECK(seen(USER_VA) == A, "global 4 MiB page dropped by a CR3 load");
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == B, "full flush");
}

/* Makes USER_TABLE cached as the slot's table, then has the directory name USER_TABLE2. */
static void cache_table_then_change(void)
{
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 1) = FRAME_A | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 2) = FRAME_A | USER_FLAGS;
	*PTE_SLOT(USER_TABLE2, 1) = FRAME_B | USER_FLAGS;
	*PTE_SLOT(USER_TABLE2, 2) = FRAME_B | USER_FLAGS;
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == A, "fresh");
	*PGD_SLOT(USER_SLOT) = USER_TABLE2 | USER_FLAGS;
}

static void check_pde_cache(void)
{
	cache_table_then_change();
	CHECK(seen(USER_VA + PAGE_SIZE) == A, "the directory entry was not cached");
	arch_flush_tlb_one(0x80000000); /* INVLPG of any address drops it: SDM 4.10.4.1 */
	CHECK(seen(USER_VA + 2 * PAGE_SIZE) == B, "PDE cache kept across an INVLPG");
	CHECK(seen(USER_VA + PAGE_SIZE) == A, "TLB entry dropped by another page's INVLPG");
	cache_table_then_change();
	load_cr3();
	CHECK(seen(USER_VA + PAGE_SIZE) == B, "PDE cache kept across a CR3 load");
	cache_table_then_change();
	arch_flush_tlb_all();
	CHECK(seen(USER_VA + PAGE_SIZE) == B, "PDE cache kept across a full flush");
	cache_table_then_change();
	arch_flush_tlb_kernel_range(PAGE_OFFSET, PAGE_OFFSET);
	CHECK(seen(USER_VA + PAGE_SIZE) == A, "an empty range drops nothing");
	arch_flush_tlb_kernel_range(PAGE_OFFSET, PAGE_OFFSET + PAGE_SIZE);
	CHECK(seen(USER_VA + 2 * PAGE_SIZE) == B, "a range is INVLPGs");
}

/* Rights added need no flush; a cached directory entry that refuses is no refusal either. */
static void check_upgrades(void)
{
	struct twin_options o = quiet_options();

	start(&o, 0);
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | (USER_FLAGS & ~_PAGE_RW);
	CHECK(seen(USER_VA) == A && user_store(USER_VA, 4, 1) == -EFAULT, "read-only");
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | USER_FLAGS;
	CHECK(user_store(USER_VA, 4, 1) == 0, "RO to RW needed a flush");
	*PTE_SLOT(USER_TABLE, 1) = 0;
	CHECK(user_load(USER_VA + PAGE_SIZE, 4) == -EFAULT, "not present");
	*PTE_SLOT(USER_TABLE, 1) = FRAME_B | USER_FLAGS;
	CHECK(seen(USER_VA + PAGE_SIZE) == B, "a not-present entry was cached");
	/* The directory entry was read-only when cached. */
	*PGD_SLOT(USER_SLOT) = USER_TABLE | (USER_FLAGS & ~_PAGE_RW);
	arch_flush_tlb_all();
	CHECK(seen(USER_VA + PAGE_SIZE) == B && user_store(USER_VA, 4, 1) == -EFAULT,
	      "read-only PDE");
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	CHECK(user_store(USER_VA, 4, 1) == 0, "PDE from RO to RW needed a flush");
	/* A supervisor entry cached by the kernel, then opened to the user. */
	*PTE_SLOT(USER_TABLE, 1) = FRAME_B | (USER_FLAGS & ~_PAGE_USER);
	arch_flush_tlb_all();
	CHECK(kernel_load(USER_VA + PAGE_SIZE, 4) == 0 && last.value == B, "supervisor");
	CHECK(user_load(USER_VA + PAGE_SIZE, 4) == -EFAULT,
	      "the user got in by the kernel's entry");
	*PTE_SLOT(USER_TABLE, 1) = FRAME_B | USER_FLAGS;
	CHECK(seen(USER_VA + PAGE_SIZE) == B, "supervisor to user needed a flush");
}

/* A fault drops what is cached for its page: the write's fault forgets the read's entry. */
static void check_fault_drops(void)
{
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | (USER_FLAGS & ~_PAGE_RW);
	*phys_word(FRAME_A) = A;
	arch_flush_tlb_all();
	CHECK(seen(USER_VA) == A && user_store(USER_VA, 4, 1) == -EFAULT, "read-only");
	*PTE_SLOT(USER_TABLE, 0) = FRAME_B | (USER_FLAGS & ~_PAGE_RW);
	CHECK(seen(USER_VA) == B, "kept across its page fault");
}

/* And the directory entry: the fault by a table forgets that table. */
static void check_fault_drops_table(void)
{
	cache_table_then_change();
	*PTE_SLOT(USER_TABLE, 3) = 0;
	*PTE_SLOT(USER_TABLE2, 3) = 0;
	CHECK(user_load(USER_VA + 3 * PAGE_SIZE, 4) == -EFAULT, "not present");
	*PTE_SLOT(USER_TABLE, 3) = FRAME_A | USER_FLAGS;
	*PTE_SLOT(USER_TABLE2, 3) = FRAME_B | USER_FLAGS;
	CHECK(seen(USER_VA + 3 * PAGE_SIZE) == B, "PDE cache kept across its page fault");
}

static void check_accessed_dirty(void)
{
	u32 *pte = PTE_SLOT(USER_TABLE, 0);

	*pte = FRAME_A | USER_FLAGS;
	arch_flush_tlb_all();
	seen(USER_VA);
	CHECK((*pte & (_PAGE_ACCESSED | _PAGE_DIRTY)) == _PAGE_ACCESSED, "%08x",
	      (unsigned int)*pte);
	*pte &= ~_PAGE_ACCESSED;
	seen(USER_VA);
	CHECK(!(*pte & _PAGE_ACCESSED), "a TLB hit set A");
	CHECK(user_store(USER_VA, 4, A) == 0 && (*pte & _PAGE_DIRTY),
	      "write by a clean entry: no D");
	*pte &= ~_PAGE_DIRTY;
	CHECK(user_store(USER_VA, 4, A) == 0 && !(*pte & _PAGE_DIRTY), "a TLB hit set D");
	arch_flush_tlb_one(USER_VA);
	CHECK(user_store(USER_VA, 4, A) == 0 && (*pte & _PAGE_DIRTY), "no D after the flush");
}

static void check_no_cache(void)
{
	struct twin_options o = quiet_options();

	o.tlb = TWIN_TLB_NONE;
	start(&o, 0);
	CHECK(seen(USER_VA) == A, "fresh");
	*PTE_SLOT(USER_TABLE, 0) = FRAME_B | USER_FLAGS;
	CHECK(seen(USER_VA) == B, "cached in mode none");
	*PTE_SLOT(USER_TABLE2, 1) = FRAME_A | USER_FLAGS;
	*PGD_SLOT(USER_SLOT) = USER_TABLE2 | USER_FLAGS;
	CHECK(seen(USER_VA + PAGE_SIZE) == A, "PDE cached in mode none");
}

/* How many reads until a changed entry is seen, for a seed. */
static unsigned int reads_until_evicted(u64 seed)
{
	struct twin_options o = quiet_options();
	unsigned int n = 0;

	o.tlb = TWIN_TLB_RANDOM;
	o.seed = seed;
	start(&o, 0);
	seen(USER_VA);
	*PTE_SLOT(USER_TABLE, 0) = FRAME_B | USER_FLAGS;
	while (n < 1000 && seen(USER_VA) == A)
		n++;
	return n;
}

static void check_random(void)
{
	unsigned int longest = 0, total = 0;

	for (u64 seed = 0; seed < 50; seed++) {
		unsigned int n = reads_until_evicted(seed);

		CHECK(n == reads_until_evicted(seed), "seed %u does not repeat",
		      (unsigned int)seed);
		longest = max(longest, n);
		total += n;
	}
	CHECK(longest < 1000, "never evicted");
	CHECK(total > 0, "never cached");
}

void test_tlb(void)
{
	struct twin_options o = quiet_options();

	start(&o, 0);
	check_flushes();
	check_global(true);
	check_global(false);
	start(&o, 0);
	check_large();
	start(&o, 0);
	check_pde_cache();
	check_upgrades();
	check_fault_drops();
	check_fault_drops_table();
	start(&o, 0);
	check_accessed_dirty();
	check_no_cache();
	check_random();
}

/* ---- stale uses are reported --------------------------------------------------------------- */

static void load_user(void)
{
	user_load(USER_VA, 4);
}

static void store_user(void)
{
	user_store(USER_VA, 4, 0);
}

static void load_next(void)
{
	user_load(USER_VA + PAGE_SIZE, 4);
}

/* Caches a writable, dirty entry, then sets the entry to what. */
static void cache_then_set(u32 what)
{
	struct twin_options o = TWIN_OPTIONS_INIT;

	start(&o, 0);
	CHECK(user_store(USER_VA, 4, A) == 0, "fresh");
	*PTE_SLOT(USER_TABLE, 0) = what;
}

static bool reported(void (*fn)(void), const char *words)
{
	return panics(fn) && panic_kind == TWIN_PANIC_STALE && strstr(panic_message, words);
}

void test_stale_reports(void)
{
	cache_then_set(FRAME_B | USER_FLAGS);
	CHECK(reported(load_user, "page tables now say: pfn 00701 rw user"), "%s", panic_message);
	cache_then_set(0);
	CHECK(reported(load_user, "stale TLB: va 01400000 user read"), "%s", panic_message);
	cache_then_set(0);
	CHECK(reported(store_user, "page not present"), "%s", panic_message);
	cache_then_set(FRAME_A | (USER_FLAGS & ~_PAGE_RW));
	CHECK(reported(store_user, "protection violation"), "%s", panic_message);
	cache_then_set(FRAME_A | (USER_FLAGS & ~_PAGE_RW));
	CHECK(!panics(load_user), "a read does not need RW: %s", panic_message);
	cache_then_set(FRAME_A | (USER_FLAGS & ~_PAGE_USER));
	CHECK(reported(load_user, "rw user; page tables"), "%s", panic_message);
	cache_then_set(FRAME_A | USER_FLAGS);
	CHECK(!panics(load_user), "A and D cleared is not stale: %s", panic_message);
	cache_then_set(FRAME_B | USER_FLAGS);
	arch_flush_tlb_one(USER_VA);
	CHECK(!panics(load_user), "flushed: %s", panic_message);
	/* The moments: filled at 2 (after the CR3 load), used at 3. */
	cache_then_set(FRAME_B | USER_FLAGS);
	CHECK(reported(load_user, "at 3: cached at 2") &&
		      strstr(panic_message, "last dropped at 1 by a CR3 load"),
	      "%s", panic_message);
	/* A page table that was freed, the directory entry cleared, no flush. */
	cache_then_set(FRAME_A | USER_FLAGS);
	*PTE_SLOT(USER_TABLE, 1) = FRAME_B | USER_FLAGS;
	*PGD_SLOT(USER_SLOT) = 0;
	CHECK(reported(load_next, "stale PDE cache"), "%s", panic_message);
	CHECK(strstr(panic_output, "# forgotten flush: stale PDE cache") &&
		      strstr(panic_output, "#   load_next+0x"),
	      "%s", panic_output);
}
