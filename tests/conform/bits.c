/*
 * A and D. Source: Intel SDM vol. 3A, 4.8: A is set in every entry that a translation uses, D in
 * the entry that maps the page when it is written; software clears them and flushes.
 *
 * An entry whose bits are looked at stands in memory that only the case and the processor write.
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"

/* So far from the page that is accessed that no prefetcher of any processor goes there. */
#define FAR_PAGES 512u

/* One page as the cases see it, mapped by a table or by a 4 MiB entry. */
struct target {
	unsigned long va;
	u32 *pde, *leaf; /* the same for a 4 MiB page */
	u32 *word;	 /* the first word of the page */
	u32 clean_pde, clean_leaf;
};

static struct target make_target(pgd_t *pgd, unsigned long va, bool large, u32 bits)
{
	struct target t = {.pde = &directory_entry(pgd, va)->raw, .word = __va(BENCH_OLD_PAGE)};

	if (large) {
		set_large_mapping(pgd, va, PGDIR_SIZE, bits);
		t.leaf = t.pde;
	} else {
		set_mapping(pgd, va + BENCH_NEW_PAGE, t.word, bits);
		t.leaf = &table_entry(pgd, va + BENCH_NEW_PAGE)->raw;
	}
	*t.word = EXEC_WORD;
	t.va = va + BENCH_NEW_PAGE;
	t.clean_pde = *t.pde;
	t.clean_leaf = *t.leaf;
	return t;
}

/* The leaf must have exactly `marks` of A and D added; a directory entry above it A alone. */
static const char *expect_marks(const struct target *t, u32 marks)
{
	u32 leaf = READ_ONCE(*t->leaf), pde = READ_ONCE(*t->pde);
	u32 pde_marks = t->leaf == t->pde ? marks : marks & _PAGE_ACCESSED;

	CHECK(leaf == (t->clean_leaf | marks), "leaf entry %08x, expected %08x", leaf,
	      t->clean_leaf | marks);
	CHECK(pde == (t->clean_pde | pde_marks), "directory entry %08x, expected %08x", pde,
	      t->clean_pde | pde_marks);
	return NULL;
}

/* After a refused access: A is open, nothing else may have changed. */
static const char *expect_no_dirty(const struct target *t)
{
	u32 leaf = READ_ONCE(*t->leaf), pde = READ_ONCE(*t->pde);

	CHECK((leaf & ~_PAGE_ACCESSED) == t->clean_leaf, "leaf entry %08x, was %08x", leaf,
	      t->clean_leaf);
	CHECK((pde & ~_PAGE_ACCESSED) == t->clean_pde, "directory entry %08x, was %08x", pde,
	      t->clean_pde);
	return NULL;
}

/* Runs a check on a 4 KiB page and, where the processor has them, on a 4 MiB page. */
static const char *with_both_sizes(pgd_t *pgd, enum ring ring, unsigned long va, u32 bits,
				   const char *(*check)(const struct target *t, enum ring ring))
{
	struct target small = make_target(pgd, va, false, bits);

	TRY(check(&small, ring));
	if (!cpu_has(ARCH_CPU_PSE))
		return NULL;
	struct target large = make_target(pgd, va + PGDIR_SIZE, true, bits);

	return check(&large, ring);
}

/* ---- what sets them ------------------------------------------------------------------------ */

static const char *read_target(const struct target *t, enum ring ring)
{
	TRY(expect_load(ring, t->va, 4, EXEC_WORD));
	return expect_marks(t, _PAGE_ACCESSED);
}

static const char *check_read(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return with_both_sizes(pgd, ring, va, USER_RW, read_target);
}

const char *bits_read(void)
{
	return at_every_place(check_read);
}

static const char *write_target(const struct target *t, enum ring ring)
{
	TRY(expect_store(ring, t->va, 4, 0x12345678));
	return expect_marks(t, _PAGE_ACCESSED | _PAGE_DIRTY);
}

static const char *check_write(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return with_both_sizes(pgd, ring, va, USER_RW, write_target);
}

const char *bits_write(void)
{
	return at_every_place(check_write);
}

static const char *exec_target(const struct target *t, enum ring ring __maybe_unused)
{
	TRY(expect_exec(t->va));
	return expect_marks(t, _PAGE_ACCESSED);
}

static const char *check_exec(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return with_both_sizes(pgd, ring, va, USER_RW, exec_target);
}

const char *bits_exec(void)
{
	return at_every_place(check_exec);
}

/* A cached translation of a clean page does not spare the processor the D bit. */
static const char *write_after_read(const struct target *t, enum ring ring)
{
	TRY(expect_load(ring, t->va, 4, EXEC_WORD));
	TRY(expect_store(ring, t->va, 4, 0x12345678));
	return expect_marks(t, _PAGE_ACCESSED | _PAGE_DIRTY);
}

static const char *check_write_after_read(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return with_both_sizes(pgd, ring, va, USER_RW, write_after_read);
}

const char *bits_write_after_read(void)
{
	return at_every_place(check_write_after_read);
}

/* ---- what does not ------------------------------------------------------------------------- */

static const char *refused_write(const struct target *t, enum ring ring)
{
	TRY(expect_fault(ring, ACCESS_STORE, t->va, PF_PROT));
	TRY(expect_no_dirty(t));
	TRY(expect_load(ring, t->va, 4, EXEC_WORD));
	TRY(expect_fault(ring, ACCESS_STORE, t->va, PF_PROT));
	return expect_marks(t, _PAGE_ACCESSED);
}

static const char *refused_user(const struct target *t, enum ring ring __maybe_unused)
{
	TRY(expect_fault(RING_3, ACCESS_STORE, t->va, PF_PROT));
	TRY(expect_fault(RING_3, ACCESS_LOAD, t->va, PF_PROT));
	return expect_no_dirty(t);
}

static const char *check_refused_write(pgd_t *pgd, enum ring ring, unsigned long va)
{
	TRY(with_both_sizes(pgd, ring, va, USER_RO, refused_write));
	return with_both_sizes(pgd, ring, va + 2 * PGDIR_SIZE, SUPERVISOR_RW, refused_user);
}

const char *bits_refused_write(void)
{
	return at_every_place(check_refused_write);
}

/* The processor neither reads nor writes anything but P of an entry that is not present. */
static const char *check_not_present(pgd_t *pgd, enum ring ring, unsigned long va)
{
	const u32 junk = 0xFFFFFFFEu & ~(_PAGE_ACCESSED | _PAGE_DIRTY);

	set_mapping(pgd, va, new_page(0), 0);
	table_entry(pgd, va)->raw = junk;
	directory_entry(pgd, va + PGDIR_SIZE)->raw = junk;
	for (enum access_kind kind = ACCESS_LOAD; kind <= ACCESS_STORE; kind++) {
		TRY(expect_fault(ring, kind, va, 0));
		TRY(expect_fault(ring, kind, va + PGDIR_SIZE, 0));
	}
	CHECK(table_entry(pgd, va)->raw == junk, "table entry became %08x",
	      table_entry(pgd, va)->raw);
	CHECK(directory_entry(pgd, va + PGDIR_SIZE)->raw == junk, "directory entry became %08x",
	      directory_entry(pgd, va + PGDIR_SIZE)->raw);
	return NULL;
}

const char *bits_not_present(void)
{
	return at_every_place(check_not_present);
}

static const char *check_neighbours(pgd_t *pgd, enum ring ring, unsigned long va)
{
	struct target t = make_target(pgd, va, false, USER_RW);
	unsigned long far = t.va + FAR_PAGES * PAGE_SIZE, other_slot = va + 2 * PGDIR_SIZE;
	u32 *page = new_page(0);

	set_mapping(pgd, t.va + PAGE_SIZE, page, USER_RW);
	set_mapping(pgd, far, page, USER_RW);
	set_mapping(pgd, other_slot, page, USER_RW);
	TRY(expect_load(ring, t.va, 4, EXEC_WORD));
	TRY(expect_store(ring, t.va, 4, 0));
	CHECK(!pte_dirty(*table_entry(pgd, t.va + PAGE_SIZE)), "the next page became dirty");
	CHECK((table_entry(pgd, far)->raw & ~PAGE_MASK) == USER_RW, "a page far off has entry %08x",
	      table_entry(pgd, far)->raw);
	CHECK((directory_entry(pgd, other_slot)->raw & ~PAGE_MASK) == BENCH_TABLE,
	      "a directory entry far off is %08x", directory_entry(pgd, other_slot)->raw);
	return expect_marks(&t, _PAGE_ACCESSED | _PAGE_DIRTY);
}

const char *bits_neighbours(void)
{
	return at_every_place(check_neighbours);
}

/* ---- clearing ------------------------------------------------------------------------------ */

/* Cleared and flushed, a bit is set by the next access that calls for it, and by no other. */
static const char *clear_and_use(const struct target *t, enum ring ring)
{
	TRY(expect_store(ring, t->va, 4, EXEC_WORD));
	TRY(expect_marks(t, _PAGE_ACCESSED | _PAGE_DIRTY));
	WRITE_ONCE(*t->leaf, t->clean_leaf);
	arch_flush_tlb_one(t->va);
	TRY(expect_load(ring, t->va, 4, EXEC_WORD));
	CHECK(READ_ONCE(*t->leaf) == (t->clean_leaf | _PAGE_ACCESSED),
	      "after a clear and a load the leaf entry is %08x", *t->leaf);
	TRY(expect_store(ring, t->va, 4, 0));
	TRY(expect_marks(t, _PAGE_ACCESSED | _PAGE_DIRTY));

	/* D alone, A left set. */
	WRITE_ONCE(*t->leaf, t->clean_leaf | _PAGE_ACCESSED);
	arch_flush_tlb_one(t->va);
	TRY(expect_load(ring, t->va, 4, 0));
	TRY(expect_marks(t, _PAGE_ACCESSED));
	TRY(expect_store(ring, t->va, 4, 1));
	TRY(expect_marks(t, _PAGE_ACCESSED | _PAGE_DIRTY));

	/* Both levels, by a full flush. */
	WRITE_ONCE(*t->pde, t->clean_pde);
	WRITE_ONCE(*t->leaf, t->clean_leaf);
	arch_flush_tlb_all();
	TRY(expect_load(ring, t->va, 4, 1));
	return expect_marks(t, _PAGE_ACCESSED);
}

static const char *check_cleared(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return with_both_sizes(pgd, ring, va, USER_RW, clear_and_use);
}

const char *bits_cleared(void)
{
	return at_every_place(check_cleared);
}

/* ---- more than one page -------------------------------------------------------------------- */

static const char *check_straddle(pgd_t *pgd, enum ring ring, unsigned long va)
{
	const u32 both = _PAGE_ACCESSED | _PAGE_DIRTY;

	set_mapping(pgd, va, new_page(0), USER_RW);
	set_mapping(pgd, va + PAGE_SIZE, new_page(0), USER_RW);

	u32 *first = &table_entry(pgd, va)->raw, *second = &table_entry(pgd, va + PAGE_SIZE)->raw;

	TRY(expect_load(ring, va + PAGE_SIZE - 2, 4, 0));
	CHECK((*first & both) == _PAGE_ACCESSED && (*second & both) == _PAGE_ACCESSED,
	      "after a load: %08x, %08x", *first, *second);
	TRY(expect_store(ring, va + PAGE_SIZE - 2, 4, 0));
	CHECK((*first & both) == both && (*second & both) == both, "after a store: %08x, %08x",
	      *first, *second);
	return NULL;
}

const char *bits_straddle(void)
{
	return at_every_place(check_straddle);
}

/* A page of its own for each kind of copy. */
const char *bits_copies(void)
{
	static char buffer[64];
	const unsigned long from = BENCH_USER, to = from + PAGE_SIZE, clear = to + PAGE_SIZE;

	bench_begin();

	pgd_t *pgd = enter_new_space();

	for (unsigned int i = 0; i < 3; i++)
		set_mapping(pgd, BENCH_USER + i * PAGE_SIZE, new_page(0), USER_RW);
	CHECK(!arch_copy_from_user(buffer, from, sizeof(buffer)), "copy from user failed");
	CHECK(!arch_copy_to_user(to, buffer, sizeof(buffer)), "copy to user failed");
	CHECK(!arch_clear_user(clear, sizeof(buffer)), "clear user failed");
	CHECK((table_entry(pgd, from)->raw & ~PAGE_MASK) == (USER_RW | _PAGE_ACCESSED),
	      "copied from: %08x", table_entry(pgd, from)->raw);
	CHECK((table_entry(pgd, to)->raw & ~PAGE_MASK) == (USER_RW | _PAGE_ACCESSED | _PAGE_DIRTY),
	      "copied to: %08x", table_entry(pgd, to)->raw);
	CHECK((table_entry(pgd, clear)->raw & ~PAGE_MASK) ==
		      (USER_RW | _PAGE_ACCESSED | _PAGE_DIRTY),
	      "cleared: %08x", table_entry(pgd, clear)->raw);
	return NULL;
}
