/*
 * The access matrix, PAE paging. As matrix.c, with 64-bit entries, 2 MiB pages, NX, and reserved
 *bits in entries of every kind:
 *
 *	modes:		CR0.WP x IA32_EFER.NXE x CR4.PGE; CR4.PSE, which means nothing, varies along
 *	page table:	PDE {P RW US A XD, a reserved bit} x PTE {P RW US A D G XD, a reserved bit}
 *	2 MiB page:	PDE {P RW US A D G XD} x {no reserved bit, a high one, a low one}
 *
 * The reserved bit is each of 62:MAXPHYADDR in turn, and each of 20:13 for low ones. XD is one as
 * well where NXE is off. D and G of a directory entry that names a table, which mean nothing there,
 * vary along; so does all of a table's entry below a directory entry that is refused.
 *
 * The page-directory-pointer entries have tests of their own: which of them the processor refuses
 * to load, and that it uses them as they were when CR3 was loaded.
 *
 * Source: Intel SDM vol. 3A, 4.4.
 */
#include "conform/bench.h"
#include "conform/cases.h"
#include "conform/deviation.h"
#include "conform/pae.h"
#include "conform/trial.h"
#include "top/rig.h"

#include "base/errno.h"

/*
 * Bit 21 of its address is set, that of the addresses that lead to it is not: who takes a large
 * page for one of 4 MiB ends up elsewhere. The pool's pages, of which a test takes few, end before
 * it.
 */
#define PAGE_ON_TRIAL (BENCH_OLD_PAGE + PAE_LARGE_SIZE)

#define XD_SHIFT 63

/* P RW US A D G XD, a reserved bit. */
#define TABLE_ENTRIES 256u

/* Table entries tried below a directory entry that is refused. */
#define BELOW_REFUSED 4

struct cursor {
	struct trial trial;
	struct oracle_mode mode;
	struct pae_space space;
	u64 *table;
	unsigned int turn;
};

/* P, RW, US, A, D, G, XD, spread from a number's low seven bits. */
static u64 entry_bits(unsigned int n)
{
	return (n & 7) | (n & 0x18) << 2 | move_bit(n, 5, 8) | move_bit(n, 6, XD_SHIFT);
}

static u64 high_reserved_bit(unsigned int turn)
{
	unsigned int lowest = machine_physical_bits();

	return 1ull << (lowest + turn % (XD_SHIFT - lowest));
}

static u64 low_reserved_bit(unsigned int turn)
{
	return 1ull << (13 + turn % 8);
}

/* Directory entry number n: P RW US XD, a reserved bit, A; the rest by turns. */
#define DIRECTORY_ENTRIES 64u

static u64 directory_bits(unsigned int n, unsigned int turn)
{
	return (n & 7) | move_bit(n, 3, XD_SHIFT) | (n & 16 ? high_reserved_bit(turn) : 0) |
	       move_bit(n, 5, 5) | move_bit(turn, 1, 6) | move_bit(turn, 2, 8) | ignored_bits(turn);
}

static bool is_refused(const struct cursor *c, u64 pde)
{
	return !(pde & PAE_PRESENT) || pde & oracle_reserved_pde(&c->mode, pde);
}

static const char *try_tables(struct cursor *c)
{
	const unsigned int pairs = DIRECTORY_ENTRIES * TABLE_ENTRIES;

	for (unsigned int i = 0; i < pairs; i++) {
		const unsigned int pair = i * TRIAL_STRIDE % pairs;
		unsigned int pte = pair % TABLE_ENTRIES;

		c->trial.pde = __pa(c->table) | directory_bits(pair / TABLE_ENTRIES, c->turn);
		if (is_refused(c, c->trial.pde)) {
			if (pte >= BELOW_REFUSED)
				continue;
			pte = c->turn * 37 % TABLE_ENTRIES;
		}
		c->trial.pte = __pa(c->trial.word) | entry_bits(pte & 127) |
			       ignored_bits(c->turn / 2) |
			       (pte & 128 ? high_reserved_bit(c->turn) : 0);
		TRY(trial_run(&c->trial, c->turn++));
	}
	return NULL;
}

static const char *try_large(struct cursor *c)
{
	for (unsigned int n = 0; n < 3 * 128; n++, c->turn++) {
		const u64 reserved[] = {0, high_reserved_bit(c->turn), low_reserved_bit(c->turn)};

		c->trial.pde = (__pa(c->trial.word) & ~(PAE_LARGE_SIZE - 1)) | reserved[n / 128] |
			       entry_bits(n & 127) | _PAGE_PSE | ignored_bits(c->turn);
		c->trial.pte = 0;
		TRY(trial_run(&c->trial, c->turn));
		/* Then the same address by a table: no part of the large page may be left. */
		c->trial.pde = __pa(c->table) | PAE_ALL;
		c->trial.pte = __pa(c->trial.word) | PAE_ALL;
		TRY(trial_run(&c->trial, c->turn));
	}
	return NULL;
}

/* ---- the modes ----------------------------------------------------------------------------- */

/* Eight of them; in four, each with either value of the other three, PSE is on. */
static unsigned int mode_number(unsigned int n)
{
	bool wp = n & 1, nxe = n & 2, pge = n & 4;

	return PAGING_PAE | (wp ? PAGING_WP : 0) | (nxe ? PAGING_NXE : 0) | (pge ? PAGING_PGE : 0) |
	       (wp ^ nxe ^ pge ? PAGING_PSE : 0);
}

static const char *for_modes(struct cursor *c, const char *test,
			     const char *(*try)(struct cursor *c))
{
	for (unsigned int n = 0; n < 8; n++) {
		if (!trial_has_mode(test, mode_number(n)))
			continue;
		TRY(trial_enter_mode(&c->trial, mode_number(n)));
		c->mode = trial_oracle_mode(mode_number(n));
		TRY(try(c));
	}
	return NULL;
}

static const char *run(const char *test, unsigned int access, unsigned long slot,
		       const char *(*try)(struct cursor *c))
{
	const unsigned int normal = machine_paging_mode();
	struct cursor c = {.trial = {.access = access, .word = __va(PAGE_ON_TRIAL)}};
	const char *why;

	bench_begin();
	trial_begin();
	if (!(machine_paging_features() & PAGING_PAE))
		return rig_not_run;
	pae_enter_space(&c.space);
	c.table = (u64 *)new_page(0);
	c.trial.va = slot + BENCH_NEW_PAGE;
	c.trial.pde_slot = pae_directory_entry(&c.space, c.trial.va);
	c.trial.pte_slot = pae_table_entry(c.table, c.trial.va);
	c.trial.pdpte = &c.space.pointers[c.trial.va >> 30];
	c.trial.pdpte_value = *c.trial.pdpte;
	why = for_modes(&c, test, try);
	machine_set_paging_mode(normal);
	return trial_end(test, why);
}

static const char *try_mode(struct cursor *c)
{
	TRY(try_tables(c));
	return try_large(c);
}

#define MATRIX(place, ring, kind, slot, access)                                                    \
	const char *matrix_pae_##place##_##ring##_##kind(void)                                     \
	{                                                                                          \
		return run("matrix/pae-" #place "-page-" #ring "-" #kind, access, slot, try_mode); \
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

/* ---- the page-directory-pointer entries ---------------------------------------------------- */

/* The second of the four: of user addresses only. */
static const char *load_pointer(struct cursor *c, u64 entry, bool accepted)
{
	const phys_addr_t cr3 = arch_read_cr3();

	c->trial.pdpte_value = entry;
	*c->trial.pdpte = entry;

	int err = machine_load_cr3(cr3);

	CHECK(err == (accepted ? 0 : -EFAULT), "CR3 with PDPTE %016llx: %d, expected %s", entry,
	      err, accepted ? "it to be loaded" : "it to be refused");
	CHECK(arch_read_cr3() == cr3, "CR3 is %08x", arch_read_cr3());
	return NULL;
}

/* What one access must do: by rights all are allowed. code: -1 for allowed. */
static const char *try_pointer(struct cursor *c, unsigned int access, int code)
{
	const enum ring ring = access < ACCESS_KINDS ? RING_3 : RING_0;
	struct access a = {.kind = access % ACCESS_KINDS,
			   .address = c->trial.va,
			   .size = 4,
			   .value = EXEC_WORD,
			   .blind = true};
	int err;

	arch_flush_tlb_one(c->trial.va);
	err = perform(ring, &a);
	if (code < 0) {
		CHECK(err == 0, "refused with %d, code %02x", err, a.fault.error_code);
		return NULL;
	}
	CHECK(err == -EFAULT && a.fault.address == c->trial.va && a.fault.error_code == (u32)code,
	      "ended with %d, CR2 %08lx, code %02x, expected code %02x", err, a.fault.address,
	      a.fault.error_code, code);
	return NULL;
}

static u32 code_of(const struct cursor *c, unsigned int access, u32 reason)
{
	const enum access_kind kind = access % ACCESS_KINDS;

	return access_code(access < ACCESS_KINDS ? RING_3 : RING_0, kind) | reason |
	       (kind == ACCESS_EXEC && c->mode.nxe ? PF_INSTR : 0);
}

/* Does a walk of QEMU's, which reads the entry from memory, refuse it? Not for bits 8:5 and 2:1. */
static bool walk_refuses(u64 entry, unsigned int physical)
{
	return entry >> physical;
}

static const char *try_pointer_entry(struct cursor *c, u64 entry)
{
	const u64 good = __pa(c->space.directories[1]) | PAE_PRESENT;
	const bool present = entry & PAE_PRESENT;
	const u64 reserved = entry & oracle_reserved_pdpte(&c->mode);
	bool accepted = !present || !reserved, from_memory = false;

	trial_count();
	TRY(load_pointer(c, good, true));
	if (!accepted) {
		accepted = deviates(DEVIATION_PDPTE_UNCHECKED);
		from_memory = walk_refuses(entry, c->mode.physical) &&
			      deviates(DEVIATION_PDPTE_FROM_MEMORY);
	}
	TRY(load_pointer(c, entry, accepted));
	for (unsigned int access = 0; access < TRIAL_ACCESSES; access++) {
		int code = -1;

		/* A refused one leaves the good one in force. */
		if (!present)
			code = code_of(c, access, 0);
		else if (from_memory)
			code = code_of(c, access, PF_RSVD);
		TRY(try_pointer(c, access, code));
	}
	return NULL;
}

/* Each bit of the entry, alone and with P, but for those of the directory's address. */
static const char *try_pointers(struct cursor *c)
{
	const u64 directory = __pa(c->space.directories[1]);

	*(u64 *)c->trial.pde_slot = __pa(c->table) | PAE_ALL;
	*(u64 *)c->trial.pte_slot = __pa(c->trial.word) | PAE_ALL;
	*c->trial.word = EXEC_WORD;
	for (unsigned int bit = 1; bit < 64; bit++) {
		if (bit >= PAGE_SHIFT && bit < machine_physical_bits())
			continue;
		for (unsigned int present = 0; present < 2; present++) {
			const u64 entry = directory | 1ull << bit | present;
			const char *why = try_pointer_entry(c, entry);

			if (why)
				return complain("PDPTE %016llx: %s", entry, why);
		}
	}
	return load_pointer(c, directory | PAE_PRESENT, true);
}

const char *matrix_pae_pointers(void)
{
	return run("matrix/pae-pointer-entries", 0, BENCH_USER, try_pointers);
}

/* Memory changes, CR3 is not loaded: the processor goes on with what it loaded. */
static const char *try_registers(struct cursor *c)
{
	const u64 good = __pa(c->space.directories[1]) | PAE_PRESENT;

	*(u64 *)c->trial.pde_slot = __pa(c->table) | PAE_ALL;
	*(u64 *)c->trial.pte_slot = __pa(c->trial.word) | PAE_ALL;
	*c->trial.word = EXEC_WORD;
	for (unsigned int access = 0; access < TRIAL_ACCESSES; access++) {
		trial_count();
		TRY(load_pointer(c, good, true));
		*c->trial.pdpte = 0;
		TRY(try_pointer(c, access,
				deviates(DEVIATION_PDPTE_FROM_MEMORY) ? (int)code_of(c, access, 0)
								      : -1));
		TRY(load_pointer(c, 0, true));
		TRY(try_pointer(c, access, code_of(c, access, 0)));
		*c->trial.pdpte = good;
		TRY(try_pointer(
			c, access,
			deviates(DEVIATION_PDPTE_FROM_MEMORY) ? -1 : (int)code_of(c, access, 0)));
	}
	return load_pointer(c, good, true);
}

const char *matrix_pae_registers(void)
{
	return run("matrix/pae-pointer-registers", 0, BENCH_USER, try_registers);
}
