#include "conform/trial.h"

#include "arch/arch.h"
#include "base/errno.h"
#include "base/printk.h"
#include "conform/deviation.h"
#include "top/ktap.h"
#include "top/rig.h"

/* Words that loads can recognize and that can be executed. */
#define BEFORE EXEC_WORD
#define AFTER 0x00DE81CDu
#define AFTERWARDS 0x00AD81CDu

/* Bits of a 4 MiB entry that QEMU takes for bits 39:32 of the address. */
#define PSE36_BITS 0x001FE000ull

/* What QEMU's bus gives where there is no memory. */
#define NO_MEMORY 0u

static unsigned int trials;
static bool partial;	 /* is there a mode that could not be tried? */
static bool global_left; /* may a translation be left that a CR3 load spares? */

struct oracle_mode trial_oracle_mode(unsigned int mode)
{
	return (struct oracle_mode){
		.wp = mode & PAGING_WP,
		.pse = mode & PAGING_PSE,
		.pae = mode & PAGING_PAE,
		.nxe = mode & PAGING_NXE,
		.physical = machine_physical_bits(),
	};
}

/* ---- entries ------------------------------------------------------------------------------- */

static u64 read_entry(const struct trial *t, const void *slot)
{
	return t->mode & PAGING_PAE ? READ_ONCE(*(const u64 *)slot) : READ_ONCE(*(const u32 *)slot);
}

/* By halves, and never half of it with P set. */
static void write_entry(const struct trial *t, void *slot, u64 entry)
{
	u32 *half = slot;

	if (t->mode & PAGING_PAE) {
		WRITE_ONCE(half[0], 0);
		WRITE_ONCE(half[1], (u32)(entry >> 32));
	}
	WRITE_ONCE(half[0], (u32)entry);
}

static void install(const struct trial *t)
{
	/* Writing to a page that was executed costs an emulator a lot. */
	if (*t->word != BEFORE)
		*t->word = BEFORE;
	write_entry(t, t->pde_slot, t->pde);
	write_entry(t, t->pte_slot, t->pte);
	/* One that leads to the kernel as well is never absent, not for a moment: who reads it from
	 * memory (tcg-pdpte-from-memory) could not fetch the next instruction. */
	if (t->pdpte && read_entry(t, t->pdpte) != t->pdpte_value)
		write_entry(t, t->pdpte, t->pdpte_value);
}

/* Drops the translations of the trial before, each way in turn. */
static void flush_in_turn(const struct trial *t, unsigned int turn)
{
	if (turn % 3 == 2)
		arch_flush_tlb_all();
	else if (turn % 3 == 1)
		arch_load_cr3(arch_read_cr3());
	if (turn % 3 == 0 || global_left)
		arch_flush_tlb_one(t->va);
	global_left = t->mode & PAGING_PGE && (t->pde | t->pte) & _PAGE_GLOBAL;
}

/* ---- one access ---------------------------------------------------------------------------- */

/* What an access must do, by the oracle and by what is known of this machine. */
struct expected {
	struct oracle_verdict v;
	int err;
	u32 value;  /* what a load gives */
	u32 memory; /* what the word holds afterwards */
	bool elsewhere;
};

/* Does a 4 MiB entry have reserved bits among 20:13, and no other? */
static bool is_pse36(const struct oracle_mode *mode, const struct oracle_verdict *v, u64 pde)
{
	u64 set = pde & oracle_reserved_pde(mode, pde);

	return !mode->pae && v->reserved && set && !(set & ~PSE36_BITS);
}

static struct expected expect(const struct trial *t, const struct access *a, enum ring ring,
			      u64 pde, u64 pte)
{
	const struct oracle_mode mode = trial_oracle_mode(t->mode);
	const struct oracle_access access = {.user = ring == RING_3,
					     .write = a->kind == ACCESS_STORE,
					     .fetch = a->kind == ACCESS_EXEC};
	struct expected e = {.v = oracle_judge(&mode, &access, pde, pte), .memory = *t->word};

	if (is_pse36(&mode, &e.v, pde) && deviates(DEVIATION_PSE36)) {
		e.v = oracle_judge(&mode, &access, pde & ~PSE36_BITS, pte);
		e.elsewhere = true;
	}
	if (e.v.reserved && deviates(DEVIATION_RSVD_WITHOUT_P))
		e.v.code &= ~PF_PROT;
	e.value = e.elsewhere ? NO_MEMORY : e.memory;
	e.err = !e.v.allowed ? -EFAULT : e.elsewhere && access.fetch ? -EINVAL : 0;
	if (!e.err && access.write && !e.elsewhere)
		e.memory = a->value;
	return e;
}

static const char *check_outcome(const struct trial *t, const struct expected *e,
				 const struct access *a, int err)
{
	if (e->err == -EFAULT)
		CHECK(err == -EFAULT && a->fault.address == t->va &&
			      a->fault.error_code == e->v.code,
		      "ended with %d, CR2 %08lx, code %02x, expected %08lx, code %02x", err,
		      a->fault.address, a->fault.error_code, t->va, e->v.code);
	else
		CHECK(err == e->err, "ended with %d, code %02x, expected %d", err,
		      a->fault.error_code, e->err);
	if (!err && a->kind == ACCESS_LOAD)
		CHECK(a->value == e->value, "loaded %08x, expected %08x", a->value, e->value);
	CHECK(READ_ONCE(*t->word) == e->memory, "memory holds %08x, expected %08x", *t->word,
	      e->memory);
	return NULL;
}

static const char *check_entry(const char *which, u64 before, u64 after, u64 must, u64 may)
{
	CHECK((after & ~may) == ((before | must) & ~may) && (after & before) == before,
	      "%s %08llx became %08llx, expected %08llx", which, before, after, before | must);
	return NULL;
}

/* No access writes a page-directory-pointer entry: it has no A (SDM table 4-8). */
static const char *check_pdpte(const struct trial *t)
{
	u64 expected = t->pdpte_value;

	if (deviates(DEVIATION_PDPTE_ACCESSED))
		expected |= _PAGE_ACCESSED;
	CHECK(READ_ONCE(*t->pdpte) == expected, "PDPTE %016llx became %016llx", t->pdpte_value,
	      *t->pdpte);
	return NULL;
}

static const char *try_access(const struct trial *t, unsigned int access, u32 value)
{
	const enum ring ring = access < ACCESS_KINDS ? RING_3 : RING_0;
	const u64 pde = read_entry(t, t->pde_slot), pte = read_entry(t, t->pte_slot);
	struct access a = {
		.kind = access % ACCESS_KINDS, .address = t->va, .size = 4, .value = value};
	const struct expected e = expect(t, &a, ring, pde, pte);

	/* A load of the bytes beforehand would be an access of its own. */
	a.blind = !e.elsewhere;
	int err = perform(ring, &a);

	TRY(check_outcome(t, &e, &a, err));
	TRY(check_entry("PDE", pde, read_entry(t, t->pde_slot), e.v.pde_must, e.v.pde_may));
	TRY(check_entry("PTE", pte, read_entry(t, t->pte_slot), e.v.pte_must, e.v.pte_may));
	return t->pdpte ? check_pdpte(t) : NULL;
}

/* ---- two of them --------------------------------------------------------------------------- */

static const char *name_of(unsigned int access)
{
	static const char *const names[TRIAL_ACCESSES] = {"user load",	  "user store",
							  "user exec",	  "kernel load",
							  "kernel store", "kernel exec"};

	return names[access];
}

static const char *name_of_mode(unsigned int mode)
{
	static char texts[2][32];
	static unsigned int turn;
	char *text = texts[turn ^= 1];

	scnprintf(text, sizeof(texts[0]), "%s%s%s%s%s", mode & PAGING_WP ? " WP" : "",
		  mode & PAGING_PSE ? " PSE" : "", mode & PAGING_PGE ? " PGE" : "",
		  mode & PAGING_PAE ? " PAE" : "", mode & PAGING_NXE ? " NXE" : "");
	return text;
}

bool trial_has_mode(const char *test, unsigned int mode)
{
	unsigned int lacking = mode & ~machine_paging_features();

	if (lacking) {
		partial = true;
		ktap_say("# machine: %s: not run in mode%s: this processor lacks%s\n", test,
			 name_of_mode(mode), name_of_mode(lacking));
	}
	return !lacking;
}

const char *trial_enter_mode(struct trial *t, unsigned int mode)
{
	int err = machine_set_paging_mode(mode);

	CHECK(!err && machine_paging_mode() == mode, "mode %x: error %d, is in mode %x", mode, err,
	      machine_paging_mode());
	t->mode = mode;
	return NULL;
}

const char *trial_run(const struct trial *t, unsigned int turn)
{
	const unsigned int second = turn / 3 % TRIAL_ACCESSES;
	const char *why;

	trials++;
	install(t);
	flush_in_turn(t, turn);
	why = try_access(t, t->access, AFTER);
	if (why)
		return complain("mode%s, PDE %08llx PTE %08llx, %s: %s", name_of_mode(t->mode),
				t->pde, t->pte, name_of(t->access), why);
	why = try_access(t, second, AFTERWARDS);
	if (why)
		return complain("mode%s, PDE %08llx PTE %08llx, %s after %s: %s",
				name_of_mode(t->mode), t->pde, t->pte, name_of(second),
				name_of(t->access), why);
	return NULL;
}

void trial_begin(void)
{
	trials = 0;
	partial = false;
	global_left = true;
	deviations_begin();
}

void trial_count(void)
{
	trials++;
}

const char *trial_end(const char *test, const char *why)
{
	ktap_say("# %s: %u cases\n", test, trials);
	deviations_report(test);
	return why || !partial ? why : rig_not_run;
}
