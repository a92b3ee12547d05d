/*
 * Every combination of rights, A and D in both levels, times every kind of access: compared with an
 * oracle that is a formula over the bits and shares no code with any MMU, in the manner of
 * kvm-unit-tests' x86/access.c.
 *
 *	page table:	PDE {P RW US A D} x PTE {P RW US A D}	1024 combinations
 *	4 MiB page:	PDE {P RW US A D, reserved bit}		  64 combinations
 *	access:		user load, store, exec; kernel load, store
 *	at:		a user address, a kernel address
 *
 * Of each the outcome, the error code, CR2, the memory, and the bits of both entries afterwards are
 * compared. The combinations follow each other at one address. In turns, INVLPG, a full flush and a
 * CR3 load drop the translation of the one before: a flush that drops too little shows, too.
 *
 * Source: Intel SDM vol. 3A, 4.3 (entries), 4.6.1 (rights), 4.7 (error codes), 4.8 (A and D).
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"

/* The five bits of an entry that vary, spread from a number's low bits. */
#define VARIED_BITS 5
#define COMBINATIONS (1u << VARIED_BITS)

/* Reserved in 4 MiB entries whatever the width of physical addresses (SDM table 4-4). */
#define RESERVED_BIT 0x00200000u

/* A word that loads can recognize and that can be executed; what stores put there. */
#define BEFORE EXEC_WORD
#define AFTER 0x00C0FFEEu

struct trial {
	pgd_t *pgd;
	unsigned long va;
	enum ring ring;
	enum access_kind kind;
	u32 pde, pte; /* the flag bits under trial; pte is unused with PS in pde */
	u32 *word;    /* what va leads to, in the direct map */
	u32 table;    /* the physical address of the page table */
};

/* ---- the oracle ---------------------------------------------------------------------------- */

struct verdict {
	bool allowed;
	u32 code;
	/* Bits that the access must set, and bits that it may set, in either entry. */
	u32 pde_must, pde_may, pte_must, pte_may;
};

static struct verdict judge(const struct trial *t)
{
	bool write = t->kind == ACCESS_STORE, user = t->ring == RING_3;
	bool large = t->pde & 0x80;
	u32 base = (write ? 2 : 0) + (user ? 4 : 0);
	u32 both = large ? t->pde : t->pde & t->pte;
	u32 marks = write ? 0x60 : 0x20;

	if (!(t->pde & 1))
		return (struct verdict){.code = base};
	if (large && (t->pde & RESERVED_BIT))
		return (struct verdict){.code = base + 9, .pde_may = 0x20};
	if (!(both & 1))
		return (struct verdict){.code = base, .pde_may = 0x20};
	if ((write && !(both & 2)) || (user && !(both & 4)))
		return (struct verdict){.code = base + 1, .pde_may = 0x20, .pte_may = 0x20};
	if (large)
		return (struct verdict){.allowed = true, .pde_must = marks};
	return (struct verdict){.allowed = true, .pde_must = 0x20, .pte_must = marks};
}

/* ---- one trial ----------------------------------------------------------------------------- */

static void install(const struct trial *t)
{
	u32 address = t->pde & _PAGE_PSE ? PGDIR_SIZE : t->table;

	*t->word = BEFORE;
	directory_entry(t->pgd, t->va)->raw = address | t->pde;
	((u32 *)__va(t->table))[pte_index(t->va)] = __pa(t->word) | t->pte;
}

static void flush_in_turn(const struct trial *t, unsigned int turn)
{
	if (turn % 3 == 0)
		arch_flush_tlb_one(t->va);
	else if (turn % 3 == 1)
		arch_load_cr3(__pa(t->pgd));
	else
		arch_flush_tlb_all();
}

static const char *check_entry(const char *which, u32 before, u32 after, u32 must, u32 may)
{
	CHECK((after & ~may) == ((before | must) & ~may) && (after & before) == before,
	      "%s %08x became %08x, expected %08x", which, before, after, before | must);
	return NULL;
}

static const char *check_outcome(const struct trial *t, const struct verdict *v,
				 const struct access *a, int err)
{
	u32 expected = v->allowed && t->kind == ACCESS_STORE ? AFTER : BEFORE;

	if (v->allowed)
		CHECK(err == 0, "refused with %d, code %02x", err, a->fault.error_code);
	else
		CHECK(err == -EFAULT && a->fault.address == t->va &&
			      code_matches(a->fault.error_code, v->code),
		      "ended with %d, CR2 %08lx, code %02x, expected %08lx, code %02x", err,
		      a->fault.address, a->fault.error_code, t->va, v->code);
	if (v->allowed && t->kind == ACCESS_LOAD)
		CHECK(a->value == BEFORE, "loaded %08x", a->value);
	CHECK(READ_ONCE(*t->word) == expected, "memory holds %08x, expected %08x", *t->word,
	      expected);
	return NULL;
}

static const char *try_access(const struct trial *t, unsigned int turn)
{
	struct access a = {.kind = t->kind, .address = t->va, .size = 4, .value = AFTER};
	const struct verdict v = judge(t);

	install(t);
	flush_in_turn(t, turn);

	const pgd_t pde = *directory_entry(t->pgd, t->va);
	const u32 *pte = &((u32 *)__va(t->table))[pte_index(t->va)];
	const u32 pte_before = *pte;
	int err = perform(t->ring, &a);

	TRY(check_outcome(t, &v, &a, err));
	TRY(check_entry("PDE", pgd_val(pde), READ_ONCE(directory_entry(t->pgd, t->va)->raw),
			v.pde_must, v.pde_may));
	return check_entry("PTE", pte_before, READ_ONCE(*pte), v.pte_must, v.pte_may);
}

/* ---- all of them --------------------------------------------------------------------------- */

/* Spreads the low five bits of n over P, RW, US, A and D. */
static u32 entry_bits(unsigned int n)
{
	return (n & 7) | (n & 8 ? _PAGE_ACCESSED : 0) | (n & 16 ? _PAGE_DIRTY : 0);
}

static const char *run_trial(const struct trial *t, unsigned int turn)
{
	const char *why = try_access(t, turn);

	return why ? complain("PDE bits %06x PTE bits %03x: %s", t->pde, t->pte, why) : NULL;
}

static const char *run_matrix(enum ring ring, enum access_kind kind, unsigned long slot)
{
	bench_begin();

	struct trial t = {.ring = ring, .kind = kind, .word = __va(BENCH_OLD_PAGE)};
	unsigned int turn = 0;

	t.va = slot + BENCH_NEW_PAGE;
	t.table = __pa(new_page(0));
	t.pgd = enter_new_space();
	for (unsigned int pde = 0; pde < COMBINATIONS; pde++)
		for (unsigned int pte = 0; pte < COMBINATIONS; pte++) {
			t.pde = entry_bits(pde);
			t.pte = entry_bits(pte);
			TRY(run_trial(&t, turn++));
		}
	if (!cpu_has(ARCH_CPU_PSE))
		return NULL;
	for (unsigned int pde = 0; pde < 2 * COMBINATIONS; pde++) {
		t.pde = entry_bits(pde) | _PAGE_PSE | (pde & COMBINATIONS ? RESERVED_BIT : 0);
		t.pte = 0;
		TRY(run_trial(&t, turn++));
		/* Then the same address by a table: no part of the large page may be left. */
		t.pde = t.pte = BENCH_TABLE;
		TRY(run_trial(&t, turn));
	}
	return NULL;
}

#define MATRIX(name, ring, kind, slot)                                                             \
	const char *matrix_##name(void)                                                            \
	{                                                                                          \
		return run_matrix(ring, kind, slot);                                               \
	}

MATRIX(user_user_load, RING_3, ACCESS_LOAD, BENCH_USER)
MATRIX(user_user_store, RING_3, ACCESS_STORE, BENCH_USER)
MATRIX(user_user_exec, RING_3, ACCESS_EXEC, BENCH_USER)
MATRIX(user_kernel_load, RING_0, ACCESS_LOAD, BENCH_USER)
MATRIX(user_kernel_store, RING_0, ACCESS_STORE, BENCH_USER)
MATRIX(kernel_user_load, RING_3, ACCESS_LOAD, BENCH_KERNEL)
MATRIX(kernel_user_store, RING_3, ACCESS_STORE, BENCH_KERNEL)
MATRIX(kernel_user_exec, RING_3, ACCESS_EXEC, BENCH_KERNEL)
MATRIX(kernel_kernel_load, RING_0, ACCESS_LOAD, BENCH_KERNEL)
MATRIX(kernel_kernel_store, RING_0, ACCESS_STORE, BENCH_KERNEL)
