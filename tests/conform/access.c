/*
 * Single accesses: sizes, straddling, execution, rights, 4 MiB pages.
 * Source: Intel SDM vol. 3A, 4.3 (formats), 4.6 (access rights), 4.7 (error codes).
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"
#include "base/string.h"

/* Where in its page a test word stands, off any boundary of interest. */
#define OFFSET 0x120u

static u8 *bytes_of(u32 *page)
{
	return (u8 *)page;
}

/* ---- sizes --------------------------------------------------------------------------------- */

static u32 low_bytes(u32 value, unsigned int size)
{
	return size == 4 ? value : value & ((1u << 8 * size) - 1);
}

/* Loads and stores of one size at one offset, and the bytes beside it. */
static const char *check_size(enum ring ring, unsigned long va, u32 *page, unsigned int size)
{
	u8 *bytes = bytes_of(page) + OFFSET;

	for (unsigned int i = 0; i < 16; i++)
		bytes[i] = 0x10 + i;
	for (unsigned int i = 0; i < 8; i++) {
		u32 there = 0;

		memcpy(&there, bytes + i, size);
		TRY(expect_load(ring, va + OFFSET + i, size, there));
	}
	TRY(expect_store(ring, va + OFFSET + 5, size, 0xA4A3A2A1));
	for (unsigned int i = 0; i < 16; i++) {
		bool stored = i >= 5 && i < 5 + size;
		u8 expected = stored ? 0xA1 + (i - 5) : 0x10 + i;

		CHECK(bytes[i] == expected,
		      "store of %u bytes at +5: byte %u is %02x, expected %02x", size, i, bytes[i],
		      expected);
	}
	return expect_load(ring, va + OFFSET + 5, size, low_bytes(0xA4A3A2A1, size));
}

static const char *check_sizes(pgd_t *pgd, enum ring ring, unsigned long va)
{
	u32 *page = new_page(0);

	set_mapping(pgd, va, page, USER_RW);
	for (unsigned int size = 1; size <= 4; size *= 2)
		TRY(check_size(ring, va, page, size));
	return NULL;
}

const char *access_sizes(void)
{
	return at_every_place(check_sizes);
}

/* ---- straddling ---------------------------------------------------------------------------- */

/* The two pages on either side of a boundary, in frames that are no neighbours. */
struct boundary {
	unsigned long va; /* the first byte of the second page */
	u32 *first, *second;
};

#define FIRST_FILL 0x11111111u
#define SECOND_FILL 0x22222222u

static struct boundary make_boundary(pgd_t *pgd, unsigned long va)
{
	struct boundary b = {.va = va + PAGE_SIZE, .second = new_page(SECOND_FILL)};

	new_page(0);
	b.first = new_page(FIRST_FILL);
	set_mapping(pgd, va, b.first, USER_RW);
	set_mapping(pgd, b.va, b.second, USER_RW);
	return b;
}

/* The i-th byte from the boundary on, negative ones before it. */
static u8 *boundary_byte(const struct boundary *b, int i)
{
	return i < 0 ? bytes_of(b->first) + PAGE_SIZE + i : bytes_of(b->second) + i;
}

static const char *check_straddling_store(const struct boundary *b, enum ring ring,
					  unsigned int size, unsigned int before)
{
	for (int i = -8; i < 8; i++)
		*boundary_byte(b, i) = 0x40 + i;
	TRY(expect_load(ring, b->va - before, size,
			low_bytes(0x03020100 + 0x01010101 * (0x40 - before), size)));
	TRY(expect_store(ring, b->va - before, size, 0xA4A3A2A1));
	for (int i = -8; i < 8; i++) {
		int at = i + (int)before;
		u8 expected = at >= 0 && at < (int)size ? 0xA1 + at : 0x40 + i;

		CHECK(*boundary_byte(b, i) == expected,
		      "size %u, %u before: byte %d is %02x not %02x", size, before, i,
		      *boundary_byte(b, i), expected);
	}
	return NULL;
}

static const char *check_straddle(pgd_t *pgd, enum ring ring, unsigned long va)
{
	struct boundary b = make_boundary(pgd, va);

	for (unsigned int size = 2; size <= 4; size *= 2)
		for (unsigned int before = 1; before < size; before++)
			TRY(check_straddling_store(&b, ring, size, before));
	return NULL;
}

const char *access_straddle(void)
{
	return at_every_place(check_straddle);
}

static const char *check_untouched(const struct boundary *b)
{
	for (int i = -8; i < 8; i++) {
		u8 expected = (u8)(i < 0 ? FIRST_FILL : SECOND_FILL);

		CHECK(*boundary_byte(b, i) == expected, "a refused store wrote byte %d: %02x", i,
		      *boundary_byte(b, i));
	}
	return NULL;
}

/*
 * With one page changed to `bits`, every straddling access that these refuse faults at the first
 * byte in the refused page and writes nothing to the other.
 */
static const char *check_straddle_refused(pgd_t *pgd, const struct boundary *b, enum ring ring,
					  bool second, u32 bits)
{
	unsigned long page_va = second ? b->va : b->va - PAGE_SIZE;
	bool loads_too = !(bits & _PAGE_PRESENT) || (ring == RING_3 && !(bits & _PAGE_USER));

	set_mapping(pgd, page_va, second ? b->second : b->first, bits);
	arch_flush_tlb_one(page_va);
	for (unsigned int size = 2; size <= 4; size *= 2)
		for (unsigned int before = 1; before < size; before++) {
			unsigned long va = b->va - before;
			unsigned long cr2 = second ? b->va : va;

			if (loads_too)
				TRY(expect_refused(ring, ACCESS_LOAD, va, size, cr2,
						   bits & _PAGE_PRESENT));
			TRY(expect_refused(ring, ACCESS_STORE, va, size, cr2,
					   bits & _PAGE_PRESENT));
			TRY(check_untouched(b));
		}
	set_mapping(pgd, page_va, second ? b->second : b->first, USER_RW);
	arch_flush_tlb_one(page_va);
	return NULL;
}

_Static_assert(_PAGE_PRESENT == PF_PROT, "P of the entry is P of the error code");

static const char *check_straddle_sides(pgd_t *pgd, enum ring ring, unsigned long va, bool second)
{
	struct boundary b = make_boundary(pgd, va);

	TRY(check_straddle_refused(pgd, &b, ring, second, 0));
	TRY(check_straddle_refused(pgd, &b, ring, second, USER_RO));
	if (ring == RING_3)
		TRY(check_straddle_refused(pgd, &b, ring, second, SUPERVISOR_RW));
	return NULL;
}

static const char *check_straddle_second(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return check_straddle_sides(pgd, ring, va, true);
}

const char *access_straddle_second(void)
{
	return at_every_place(check_straddle_second);
}

static const char *check_straddle_first(pgd_t *pgd, enum ring ring, unsigned long va)
{
	return check_straddle_sides(pgd, ring, va, false);
}

const char *access_straddle_first(void)
{
	return at_every_place(check_straddle_first);
}

/* Which of the two pages faults first is the processor's choice. */
static const char *check_straddle_both(pgd_t *pgd, enum ring ring, unsigned long va)
{
	struct boundary b = make_boundary(pgd, va);
	struct access a = {.kind = ACCESS_STORE, .address = b.va - 2, .size = 4, .value = 0};

	set_mapping(pgd, va, b.first, USER_RO);
	set_mapping(pgd, b.va, b.second, USER_RO);
	CHECK(perform(ring, &a) == -EFAULT, "a store to two read-only pages was done");
	CHECK(a.fault.address == b.va - 2 || a.fault.address == b.va, "CR2 is %08lx",
	      a.fault.address);
	CHECK(a.fault.error_code == (access_code(ring, ACCESS_STORE) | PF_PROT), "error code %02x",
	      a.fault.error_code);
	return check_untouched(&b);
}

const char *access_straddle_both(void)
{
	return at_every_place(check_straddle_both);
}

/* ---- execution ----------------------------------------------------------------------------- */

const char *access_exec(void)
{
	struct access a = {.kind = ACCESS_EXEC, .address = BENCH_USER + OFFSET};

	bench_begin();

	pgd_t *pgd = enter_new_space();
	u32 *page = new_page(0);

	set_mapping(pgd, BENCH_USER, page, USER_RO);
	CHECK(machine_user_access(&a) == -EINVAL, "bytes other than int $0x81 were accepted");
	for (unsigned int i = 0; i < 4; i++) {
		memset(page, 0, PAGE_SIZE);
		bytes_of(page)[OFFSET + i] = EXEC_WORD & 0xFF;
		bytes_of(page)[OFFSET + i + 1] = EXEC_WORD >> 8 & 0xFF;
		TRY(expect_exec(BENCH_USER + OFFSET + i));
	}
	/* Code that user code has just written. */
	set_mapping(pgd, BENCH_USER + PAGE_SIZE, new_page(0), USER_RW);
	TRY(expect_store(RING_3, BENCH_USER + PAGE_SIZE, 4, EXEC_WORD));
	return expect_exec(BENCH_USER + PAGE_SIZE);
}

const char *access_exec_straddles(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();
	struct boundary b = make_boundary(pgd, BENCH_USER);

	*boundary_byte(&b, -1) = EXEC_WORD & 0xFF;
	*boundary_byte(&b, 0) = EXEC_WORD >> 8 & 0xFF;
	TRY(expect_exec(b.va - 1));
	set_mapping(pgd, b.va, b.second, 0);
	arch_flush_tlb_one(b.va);
	return expect_refused(RING_3, ACCESS_EXEC, b.va - 1, 2, b.va, 0);
}

const char *access_exec_refused(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();
	u32 *page = new_page(EXEC_WORD);

	set_mapping(pgd, BENCH_USER, page, SUPERVISOR_RW);
	TRY(expect_fault(RING_3, ACCESS_EXEC, BENCH_USER, PF_PROT));
	TRY(expect_fault(RING_3, ACCESS_EXEC, BENCH_USER + PAGE_SIZE, 0));
	TRY(expect_fault(RING_3, ACCESS_EXEC, BENCH_USER + PGDIR_SIZE, 0));
	TRY(expect_fault(RING_3, ACCESS_EXEC, (unsigned long)page, PF_PROT));
	set_mapping(pgd, BENCH_KERNEL, page, USER_RO);
	return expect_exec(BENCH_KERNEL);
}

/* ---- rights -------------------------------------------------------------------------------- */

/* CR0.WP: the kernel writes to no read-only page, the user's or its own; it reads all. */
static const char *check_write_protect(pgd_t *pgd, enum ring ring __maybe_unused, unsigned long va)
{
	static const u32 kinds[] = {USER_RO, SUPERVISOR_RO};

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		unsigned long at = va + i * PAGE_SIZE;

		set_mapping(pgd, at, new_page(0x77777777), kinds[i]);
		TRY(expect_load(RING_0, at, 4, 0x77777777));
		TRY(expect_fault(RING_0, ACCESS_STORE, at, PF_PROT));
		TRY(expect_load(RING_0, at, 4, 0x77777777));
	}
	/* The directory's RW counts as much. */
	set_mapping(pgd, va + PGDIR_SIZE, new_page(0x77777777), USER_RW);
	directory_entry(pgd, va + PGDIR_SIZE)->raw &= ~_PAGE_RW;
	TRY(expect_load(RING_0, va + PGDIR_SIZE, 4, 0x77777777));
	return expect_fault(RING_0, ACCESS_STORE, va + PGDIR_SIZE, PF_PROT);
}

const char *access_write_protect(void)
{
	return at_every_place(check_write_protect);
}

const char *access_kernel_half(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();
	u32 *page = new_page(0x77777777);

	for (enum access_kind kind = ACCESS_LOAD; kind <= ACCESS_EXEC; kind++) {
		TRY(expect_fault(RING_3, kind, (unsigned long)page, PF_PROT));
		TRY(expect_fault(RING_3, kind, BENCH_KERNEL, 0));
		TRY(expect_fault(RING_3, kind, PAGE_OFFSET + IMAGE_START, PF_PROT));
	}
	CHECK(*page == 0x77777777, "a refused store wrote %08x", *page);
	/* A page table that lets the user in, below a directory entry that does not. */
	set_mapping(pgd, BENCH_USER, page, USER_RW);
	directory_entry(pgd, BENCH_USER)->raw &= ~_PAGE_USER;
	for (enum access_kind kind = ACCESS_LOAD; kind <= ACCESS_EXEC; kind++)
		TRY(expect_fault(RING_3, kind, BENCH_USER, PF_PROT));
	return expect_load(RING_0, BENCH_USER, 4, 0x77777777);
}

static const char *check_refused_store(pgd_t *pgd, enum ring ring, unsigned long va)
{
	u32 *page = new_page(0x66666666);

	set_mapping(pgd, va, page, USER_RO);
	for (unsigned int size = 1; size <= 4; size *= 2)
		for (unsigned int i = 0; i < 8; i++)
			TRY(expect_refused(ring, ACCESS_STORE, va + OFFSET + i, size,
					   va + OFFSET + i, PF_PROT));
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u32); i++)
		CHECK(page[i] == 0x66666666, "word %u is %08x", i, page[i]);
	return NULL;
}

const char *access_refused_store(void)
{
	return at_every_place(check_refused_store);
}

/* ---- 4 MiB pages --------------------------------------------------------------------------- */

/* What a 4 MiB entry of frame 4 MiB, or of frame 0, leads to at offset BENCH_NEW_PAGE. */
static u32 *old_word(void)
{
	return __va(BENCH_OLD_PAGE);
}

static u32 *new_word(void)
{
	return __va(BENCH_NEW_PAGE);
}

static const char *check_large(pgd_t *pgd, enum ring ring, unsigned long va)
{
	*old_word() = EXEC_WORD;
	set_large_mapping(pgd, va, PGDIR_SIZE, USER_RW);
	va += BENCH_NEW_PAGE;
	TRY(expect_load(ring, va, 4, EXEC_WORD));
	if (ring == RING_3)
		TRY(expect_exec(va));
	TRY(expect_store(ring, va, 4, 0x12345678));
	CHECK(*old_word() == 0x12345678, "the direct map shows %08x", *old_word());
	/* Across what would be a boundary between 4 KiB pages. */
	*(u32 *)((u8 *)old_word() - 4) = 0x44332211;
	TRY(expect_load(ring, va - 2, 4, 0x56784433));
	/* The frame field's other value. */
	*new_word() = 0x0F0F0F0F;
	set_large_mapping(pgd, va + PGDIR_SIZE, 0, USER_RO);
	TRY(expect_load(ring, va + PGDIR_SIZE, 4, 0x0F0F0F0F));
	return expect_fault(ring, ACCESS_STORE, va + PGDIR_SIZE, PF_PROT);
}

const char *access_large(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_large) : NULL;
}

/* Supervisor and user 4 MiB pages side by side: their entries differ in U/S only. */
static const char *check_large_rights(pgd_t *pgd, enum ring ring, unsigned long va)
{
	bool user = ring == RING_3;

	*old_word() = 0x33333333;
	set_large_mapping(pgd, va, PGDIR_SIZE, USER_RW);
	set_large_mapping(pgd, va + PGDIR_SIZE, PGDIR_SIZE, SUPERVISOR_RW);
	set_large_mapping(pgd, va + 2 * PGDIR_SIZE, PGDIR_SIZE, SUPERVISOR_RO);
	va += BENCH_NEW_PAGE;
	TRY(expect_load(ring, va, 4, 0x33333333));
	for (unsigned int i = 1; i <= 2; i++) {
		unsigned long at = va + i * PGDIR_SIZE;

		if (user)
			TRY(expect_fault(ring, ACCESS_LOAD, at, PF_PROT));
		else
			TRY(expect_load(ring, at, 4, 0x33333333));
	}
	if (user)
		TRY(expect_fault(ring, ACCESS_STORE, va + PGDIR_SIZE, PF_PROT));
	else
		TRY(expect_store(ring, va + PGDIR_SIZE, 4, 0x33333334));
	TRY(expect_fault(ring, ACCESS_STORE, va + 2 * PGDIR_SIZE, PF_PROT));
	CHECK(*old_word() == (user ? 0x33333333u : 0x33333334u), "memory holds %08x", *old_word());
	return NULL;
}

const char *access_large_rights(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_large_rights) : NULL;
}

/* Bit 21 is reserved with any physical-address width (SDM table 4-4: bits 21:M-19, M <= 40). */
#define ALWAYS_RESERVED 0x00200000u

static const char *check_large_reserved(pgd_t *pgd, enum ring ring, unsigned long va)
{
	*old_word() = EXEC_WORD;
	set_large_mapping(pgd, va, PGDIR_SIZE, USER_RW | ALWAYS_RESERVED);
	va += BENCH_NEW_PAGE;
	TRY(expect_fault(ring, ACCESS_LOAD, va, PF_PROT | PF_RSVD));
	TRY(expect_fault(ring, ACCESS_STORE, va, PF_PROT | PF_RSVD));
	if (ring == RING_3)
		TRY(expect_fault(ring, ACCESS_EXEC, va, PF_PROT | PF_RSVD));
	CHECK(*old_word() == EXEC_WORD, "a refused store wrote %08x", *old_word());
	/* In an entry that is not present nothing is reserved. */
	set_large_mapping(pgd, va, PGDIR_SIZE, (USER_RW | ALWAYS_RESERVED) & ~_PAGE_PRESENT);
	arch_flush_tlb_one(va);
	return expect_fault(ring, ACCESS_LOAD, va, 0);
}

const char *access_large_reserved(void)
{
	return cpu_has(ARCH_CPU_PSE) ? at_every_place(check_large_reserved) : NULL;
}

/* With CR4.PSE clear, bit 7 of a directory entry means nothing (SDM 4.3). */
static const char *check_ps_ignored(pgd_t *pgd, enum ring ring, unsigned long va)
{
	set_mapping(pgd, va, new_page(0x21212121), USER_RW);
	directory_entry(pgd, va)->raw |= _PAGE_PSE;
	return expect_load(ring, va, 4, 0x21212121);
}

const char *access_ps_ignored(void)
{
	return cpu_has(ARCH_CPU_PSE) ? NULL : at_every_place(check_ps_ignored);
}
