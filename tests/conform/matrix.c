/*
 * The access matrix, 32-bit paging: every combination of the bits that matter in both entries, in
 * every mode of WP, PSE and PGE, by every kind of access, in the manner of kvm-unit-tests'
 * x86/access.c. Each case is a trial (trial.h), judged by an oracle that shares no code with any
 *MMU.
 *
 *	modes:		CR0.WP x CR4.PSE x CR4.PGE
 *	page table:	PDE {P RW US A D G, and PS where PSE is off} x PTE {P RW US A D G}
 *	4 MiB page:	PDE {P RW US A D G} x {no reserved bit, bit 21, one of the others}
 *	first access:	load, store, exec; at CPL 3, at CPL 0: a test each
 *	second access:	any of these, in turns
 *	at:		a user address, a kernel address
 *
 * The combinations follow each other at one address. In turns, INVLPG, a CR3 load and a full flush
 * drop the translations of the one before: a flush that drops too little shows, too. So does a CR3
 * load that spares global pages while PGE is off; while it is on, such pages are flushed otherwise.
 * Bits 11:9 vary along.
 */
#include "conform/bench.h"
#include "conform/cases.h"
#include "conform/trial.h"

#include "base/errno.h"

/* P, RW, US, A, D, G, spread from a number's low bits. */
#define VARIED_BITS 6
#define COMBINATIONS (1u << VARIED_BITS)

static u64 entry_bits(unsigned int n)
{
	return (n & 7) | (n & 0x18) << 2 | move_bit(n, 5, 8);
}

struct cursor {
	struct trial trial;
	unsigned int turn;
	u32 table; /* the physical address of the page table */
};

/*
 * A page table below the directory entry; all pairs of entries, in an order in which both change at
 * every step. ps: PS of the directory entry, where it means nothing.
 */
static const char *try_tables(struct cursor *c, u32 ps)
{
	const unsigned int pairs = COMBINATIONS * COMBINATIONS;

	for (unsigned int i = 0; i < pairs; i++, c->turn++) {
		const unsigned int pair = i * TRIAL_STRIDE % pairs;

		c->trial.pde =
			c->table | entry_bits(pair / COMBINATIONS) | ps | ignored_bits(c->turn);
		c->trial.pte = __pa(c->trial.word) | entry_bits(pair % COMBINATIONS) |
			       ignored_bits(c->turn / 2);
		TRY(trial_run(&c->trial, c->turn));
	}
	return NULL;
}

/* One reserved bit among the lowest..20, by turns; 21 where there are no such. */
static u32 some_reserved_bit(unsigned int turn)
{
	unsigned int lowest = min(machine_physical_bits(), 40u) - 19;

	return 1u << (lowest + (lowest < 21 ? turn % (21 - lowest) : 0));
}

static const char *try_large(struct cursor *c)
{
	for (unsigned int n = 0; n < 3 * COMBINATIONS; n++, c->turn++) {
		const u32 reserved[] = {0, 1u << 21, some_reserved_bit(c->turn)};

		c->trial.pde = PGDIR_SIZE | reserved[n / COMBINATIONS] | entry_bits(n) | _PAGE_PSE |
			       ignored_bits(c->turn);
		c->trial.pte = 0;
		TRY(trial_run(&c->trial, c->turn));
		/* Then the same address by a table: no part of the large page may be left. */
		c->trial.pde = c->table | BENCH_TABLE;
		c->trial.pte = __pa(c->trial.word) | BENCH_TABLE;
		TRY(trial_run(&c->trial, c->turn));
	}
	return NULL;
}

static const char *try_mode(struct cursor *c)
{
	TRY(try_tables(c, 0));
	return c->trial.mode & PAGING_PSE ? try_large(c) : try_tables(c, _PAGE_PSE);
}

static const char *try_modes(struct cursor *c, const char *test)
{
	const unsigned int all = PAGING_WP | PAGING_PSE | PAGING_PGE;

	for (unsigned int mode = 0; mode <= all; mode++) {
		if (!trial_has_mode(test, mode))
			continue;
		TRY(trial_enter_mode(&c->trial, mode));
		TRY(try_mode(c));
	}
	return NULL;
}

static const char *run_matrix(const char *test, unsigned int access, unsigned long slot)
{
	const unsigned int normal = machine_paging_mode();
	struct cursor c = {.trial = {.access = access, .word = __va(BENCH_OLD_PAGE)}};
	const char *why;

	bench_begin();
	trial_begin();
	c.table = __pa(new_page(0));
	c.trial.va = slot + BENCH_NEW_PAGE;

	pgd_t *pgd = enter_new_space();

	c.trial.pde_slot = directory_entry(pgd, c.trial.va);
	c.trial.pte_slot = (u32 *)__va(c.table) + pte_index(c.trial.va);
	why = try_modes(&c, test);
	machine_set_paging_mode(normal);
	return trial_end(test, why);
}

#define MATRIX(place, ring, kind, slot, access)                                                    \
	const char *matrix_##place##_##ring##_##kind(void)                                         \
	{                                                                                          \
		return run_matrix("matrix/" #place "-page-" #ring "-" #kind, access, slot);        \
	}
#define MATRIX_AT(place, slot)                                                                     \
	MATRIX(place, user, load, slot, ACCESS_LOAD)                                               \
	MATRIX(place, user, store, slot, ACCESS_STORE)                                             \
	MATRIX(place, user, exec, slot, ACCESS_EXEC)                                               \
	MATRIX(place, kernel, load, slot, ACCESS_KINDS + ACCESS_LOAD)                              \
	MATRIX(place, kernel, store, slot, ACCESS_KINDS + ACCESS_STORE)                            \
	MATRIX(place, kernel, exec, slot, ACCESS_KINDS + ACCESS_EXEC)

MATRIX_AT(user, BENCH_USER)
MATRIX_AT(kernel, BENCH_KERNEL)

/* A translation from before a change of the mode must not be used after it. */
static const char *check_mode_flushes(pgd_t *pgd, unsigned int mode, u32 bits)
{
	const unsigned int normal = machine_paging_mode();
	const char *why;

	set_mapping(pgd, BENCH_USER, __va(BENCH_OLD_PAGE), USER_RW | bits);
	arch_flush_tlb_one(BENCH_USER);
	TRY(expect_load(RING_3, BENCH_USER, 4, 0x01D01D01));
	set_mapping(pgd, BENCH_USER, __va(BENCH_NEW_PAGE), USER_RW | bits);
	machine_set_paging_mode(mode);
	why = expect_load(RING_3, BENCH_USER, 4, 0x4E4E4E4E);
	machine_set_paging_mode(normal);
	return why ? complain("from mode %x to %x: %s", normal, mode, why) : NULL;
}

/* What a machine says of its modes, and that it goes into each and comes back. */
const char *matrix_modes(void)
{
	const unsigned int normal = machine_paging_mode(), has = machine_paging_features();
	const unsigned int both = PAGING_PSE | PAGING_PGE;

	bench_begin();

	pgd_t *pgd = enter_new_space();

	*(u32 *)__va(BENCH_OLD_PAGE) = 0x01D01D01;
	*(u32 *)__va(BENCH_NEW_PAGE) = 0x4E4E4E4E;
	CHECK(normal == (PAGING_WP | (has & both)), "mode %x, of features %x", normal, has);
	CHECK(machine_set_paging_mode(~has) == -EOPNOTSUPP && machine_paging_mode() == normal,
	      "a mode that the processor lacks: now in mode %x", machine_paging_mode());
	for (unsigned int mode = 0; mode <= (PAGING_WP | both); mode++) {
		if (mode & ~has)
			continue;
		machine_set_paging_mode(normal);
		TRY(check_mode_flushes(pgd, mode, 0));
		TRY(check_mode_flushes(pgd, mode, _PAGE_GLOBAL));
		CHECK(machine_set_paging_mode(mode) == 0 && machine_paging_mode() == mode,
		      "mode %x, wanted %x", machine_paging_mode(), mode);
		CHECK(arch_cpu_features() == ((mode & PAGING_PSE ? ARCH_CPU_PSE : 0) |
					      (mode & PAGING_PGE ? ARCH_CPU_PGE : 0)),
		      "mode %x has features %x", mode, arch_cpu_features());
	}
	machine_set_paging_mode(normal);
	return NULL;
}
