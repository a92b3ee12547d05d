/*
 * Kernel mappings outside the direct map, as vmalloc, kmap and the fixmap make them: page tables by
 * hand in swapper_pg_dir, used by the rig's accesses and by the kernel's own code, which is this
 * one.
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"

/* The range that such mappings may take, when the direct map has all of its 896 MiB. */
#define DYNAMIC_START 0xF8800000UL
#define DYNAMIC_END 0xFDC00000UL

/* The kernel's own load and store; the compiler keeps volatile accesses in order. */
static u32 peek(unsigned long va)
{
	return READ_ONCE(*(u32 *)va);
}

static void poke(unsigned long va, u32 value)
{
	WRITE_ONCE(*(u32 *)va, value);
}

/* Both ways to read and both ways to write va must lead to page. */
static const char *expect_alias(unsigned long va, u32 *page)
{
	WRITE_ONCE(page[0], 0x40000001);
	TRY(expect_load(RING_0, va, 4, 0x40000001));
	WRITE_ONCE(page[0], 0x40000002);
	CHECK(peek(va) == 0x40000002, "%08lx shows %08x", va, peek(va));
	TRY(expect_store(RING_0, va, 4, 0x40000003));
	CHECK(READ_ONCE(page[0]) == 0x40000003, "the frame of %08lx holds %08x", va, page[0]);
	poke(va, 0x40000004);
	CHECK(READ_ONCE(page[0]) == 0x40000004, "the frame of %08lx holds %08x", va, page[0]);
	return NULL;
}

const char *kernel_alias(void)
{
	bench_begin();

	u32 *page = new_page(0);

	set_mapping(swapper(), BENCH_KERNEL, page, SUPERVISOR_RW);
	TRY(expect_alias(BENCH_KERNEL, page));
	for (unsigned int size = 1; size <= 4; size *= 2) {
		page[8] = 0;
		TRY(expect_store(RING_0, BENCH_KERNEL + 33, size, 0x44332211));
		TRY(expect_load(RING_0, BENCH_KERNEL + 33, size,
				size == 4 ? 0x44332211 : 0x44332211 & ((1u << 8 * size) - 1)));
	}
	/* The user has no part in it. */
	TRY(expect_fault(RING_3, ACCESS_LOAD, BENCH_KERNEL, PF_PROT));
	return expect_fault(RING_3, ACCESS_STORE, BENCH_KERNEL, PF_PROT);
}

const char *kernel_read_only(void)
{
	bench_begin();

	u32 *page = new_page(0x51515151);

	set_mapping(swapper(), BENCH_KERNEL, page, SUPERVISOR_RO);
	set_mapping(swapper(), BENCH_KERNEL + PAGE_SIZE, page, SUPERVISOR_RW);
	for (unsigned int size = 1; size <= 4; size *= 2)
		TRY(expect_refused(RING_0, ACCESS_STORE, BENCH_KERNEL + 4, size, BENCH_KERNEL + 4,
				   PF_PROT));
	CHECK(peek(BENCH_KERNEL + 4) == 0x51515151, "a refused store wrote %08x", page[1]);
	/* The frame is not read-only, the mapping is. */
	poke(BENCH_KERNEL + PAGE_SIZE + 4, 0x52525252);
	CHECK(peek(BENCH_KERNEL + 4) == 0x52525252, "the read-only alias shows %08x",
	      peek(BENCH_KERNEL + 4));
	return expect_fault(RING_0, ACCESS_STORE, BENCH_KERNEL + 4, PF_PROT);
}

const char *kernel_unmapped(void)
{
	bench_begin();

	u32 *page = new_page(0);

	TRY(expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL, 0));
	TRY(expect_fault(RING_0, ACCESS_STORE, BENCH_KERNEL, 0));
	TRY(expect_fault(RING_3, ACCESS_LOAD, BENCH_KERNEL, 0));
	set_mapping(swapper(), BENCH_KERNEL, page, SUPERVISOR_RW);
	set_mapping(swapper(), BENCH_KERNEL + 2 * PAGE_SIZE, page, SUPERVISOR_RW);
	TRY(expect_alias(BENCH_KERNEL, page));
	TRY(expect_alias(BENCH_KERNEL + 2 * PAGE_SIZE, page));
	TRY(expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL + PAGE_SIZE, 0));
	TRY(expect_fault(RING_0, ACCESS_STORE, BENCH_KERNEL + 2 * PAGE_SIZE - 4, 0));
	/* Where the provisional direct map ends. */
	TRY(expect_fault(RING_0, ACCESS_LOAD, PAGE_OFFSET + BOOT_MAPPED, 0));
	return expect_load(RING_0, PAGE_OFFSET + BOOT_MAPPED - 4, 4, *(u32 *)__va(BOOT_MAPPED - 4));
}

/* Mapped, used, replaced, flushed in each of the ways; the kernel's own code sees the new frame. */
const char *kernel_replace(void)
{
	bench_begin();

	u32 *pages[2] = {new_page(0x61616161), new_page(0x62626262)};

	for (unsigned int i = 0; i < 12; i++) {
		set_mapping(swapper(), BENCH_KERNEL, pages[i % 2], SUPERVISOR_RW);
		if (i % 3 == 0)
			arch_flush_tlb_one(BENCH_KERNEL);
		else if (i % 3 == 1)
			arch_flush_tlb_kernel_range(BENCH_KERNEL, BENCH_KERNEL + PAGE_SIZE);
		else
			arch_flush_tlb_all();
		TRY(expect_alias(BENCH_KERNEL, pages[i % 2]));
	}
	set_mapping(swapper(), BENCH_KERNEL, pages[0], 0);
	arch_flush_tlb_one(BENCH_KERNEL);
	return expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL, 0);
}

/* The kernel's own unaligned code, across two mappings whose frames are no neighbours. */
const char *kernel_straddle(void)
{
	struct unaligned {
		u32 word;
	} __packed;

	bench_begin();

	u32 *second = new_page(0), *first;

	new_page(0);
	first = new_page(0);
	set_mapping(swapper(), BENCH_KERNEL, first, SUPERVISOR_RW);
	set_mapping(swapper(), BENCH_KERNEL + PAGE_SIZE, second, SUPERVISOR_RW);

	volatile struct unaligned *across =
		(volatile struct unaligned *)(BENCH_KERNEL + PAGE_SIZE - 1);

	across->word = 0xA4A3A2A1;
	CHECK(READ_ONCE(first[1023]) == 0xA1000000 && READ_ONCE(second[0]) == 0x00A4A3A2,
	      "stored: %08x, %08x", first[1023], second[0]);
	CHECK(across->word == 0xA4A3A2A1, "loaded: %08x", across->word);
	return NULL;
}

const char *kernel_ends(void)
{
	static const unsigned long ends[] = {
		DYNAMIC_START,		 DYNAMIC_START + PGDIR_SIZE - PAGE_SIZE,
		DYNAMIC_END - PAGE_SIZE, DYNAMIC_END,
		FIXADDR_TOP - PAGE_SIZE, FIXADDR_TOP};

	bench_begin();
	for (unsigned int i = 0; i < ARRAY_SIZE(ends); i++) {
		u32 *page = new_page(0);

		set_mapping(swapper(), ends[i], page, SUPERVISOR_RW);
		TRY(expect_alias(ends[i], page));
		set_mapping(swapper(), ends[i], page, 0);
		arch_flush_tlb_one(ends[i]);
		TRY(expect_fault(RING_0, ACCESS_LOAD, ends[i], 0));
	}
	return NULL;
}

const char *kernel_two_aliases(void)
{
	bench_begin();

	u32 *page = new_page(0);
	const unsigned long one = BENCH_KERNEL, other = BENCH_KERNEL + PGDIR_SIZE + 7 * PAGE_SIZE;

	set_mapping(swapper(), one, page, SUPERVISOR_RW);
	set_mapping(swapper(), other, page, SUPERVISOR_RW);
	for (u32 i = 1; i < 4; i++) {
		poke(one + 8, i);
		CHECK(peek(other + 8) == i && READ_ONCE(page[2]) == i,
		      "the alias shows %08x, the frame %08x", peek(other + 8), page[2]);
		poke(other + 12, i);
		CHECK(peek(one + 12) == i && READ_ONCE(page[3]) == i,
		      "the alias shows %08x, the frame %08x", peek(one + 12), page[3]);
	}
	return NULL;
}

const char *kernel_large(void)
{
	bench_begin();
	if (!cpu_has(ARCH_CPU_PSE))
		return NULL;

	u32 *page = new_page(0);
	unsigned long offset = __pa(page) - PGDIR_SIZE;

	set_large_mapping(swapper(), BENCH_KERNEL, PGDIR_SIZE, SUPERVISOR_RW);
	set_large_mapping(swapper(), BENCH_KERNEL + PGDIR_SIZE, PGDIR_SIZE, SUPERVISOR_RO);
	TRY(expect_alias(BENCH_KERNEL + offset, page));
	WRITE_ONCE(page[0], 0x71717171);
	CHECK(peek(BENCH_KERNEL + PGDIR_SIZE + offset) == 0x71717171,
	      "the read-only alias shows %08x", peek(BENCH_KERNEL + PGDIR_SIZE + offset));
	TRY(expect_fault(RING_0, ACCESS_STORE, BENCH_KERNEL + PGDIR_SIZE + offset, PF_PROT));
	set_large_mapping(swapper(), BENCH_KERNEL, PGDIR_SIZE, 0);
	arch_flush_tlb_one(BENCH_KERNEL);
	return expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL + offset, 0);
}

/* Directories share the kernel's page tables: an entry added later is there at once. */
const char *kernel_every_space(void)
{
	bench_begin();

	u32 *page = new_page(0), *later = new_page(0);

	set_mapping(swapper(), BENCH_KERNEL, page, SUPERVISOR_RW);

	pgd_t *spaces[3] = {new_space(), new_space(), swapper()};

	for (unsigned int i = 0; i < 3; i++) {
		arch_load_cr3(__pa(spaces[i]));
		TRY(expect_alias(BENCH_KERNEL, page));
		TRY(expect_fault(RING_0, ACCESS_LOAD, BENCH_KERNEL + PAGE_SIZE, 0));
	}
	set_mapping(swapper(), BENCH_KERNEL + PAGE_SIZE, later, SUPERVISOR_RW);
	for (unsigned int i = 0; i < 3; i++) {
		arch_load_cr3(__pa(spaces[i]));
		TRY(expect_alias(BENCH_KERNEL + PAGE_SIZE, later));
	}
	return NULL;
}

/*
 * A global entry may outlive any number of CR3 loads, which nobody can rely on; INVLPG and the full
 * flush end it all the same.
 */
const char *kernel_global(void)
{
	bench_begin();

	u32 *pages[2] = {new_page(0), new_page(0)};
	pgd_t *space;

	set_mapping(swapper(), BENCH_KERNEL, pages[0], SUPERVISOR_RW | _PAGE_GLOBAL);
	space = new_space();
	for (unsigned int i = 0; i < 6; i++) {
		TRY(expect_alias(BENCH_KERNEL, pages[i % 2]));
		arch_load_cr3(i % 3 ? __pa(space) : BOOT_SWAPPER_PG_DIR);
		TRY(expect_alias(BENCH_KERNEL, pages[i % 2]));
		set_mapping(swapper(), BENCH_KERNEL, pages[(i + 1) % 2],
			    SUPERVISOR_RW | _PAGE_GLOBAL);
		arch_load_cr3(i % 2 ? __pa(space) : BOOT_SWAPPER_PG_DIR);
		if (i % 2)
			arch_flush_tlb_one(BENCH_KERNEL);
		else
			arch_flush_tlb_all();
	}
	return expect_alias(BENCH_KERNEL, pages[0]);
}

/* A whole page table of mappings, more than any TLB holds; then the same, shifted. */
#define MANY_FRAMES 128u

const char *kernel_many(void)
{
	u32 *frames[MANY_FRAMES];

	bench_begin();
	for (unsigned int i = 0; i < MANY_FRAMES; i++)
		frames[i] = new_page(i);
	for (unsigned int shift = 0; shift < 3; shift++) {
		for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
			set_mapping(swapper(), BENCH_KERNEL + i * PAGE_SIZE,
				    frames[(i + shift) % MANY_FRAMES], SUPERVISOR_RW);
		if (shift == 1)
			arch_flush_tlb_all();
		else
			arch_flush_tlb_kernel_range(BENCH_KERNEL, BENCH_KERNEL + PGDIR_SIZE);
		for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
			CHECK(peek(BENCH_KERNEL + i * PAGE_SIZE) == (i + shift) % MANY_FRAMES,
			      "shift %u: page %u shows frame %u", shift, i,
			      peek(BENCH_KERNEL + i * PAGE_SIZE));
	}
	return NULL;
}

/* One page of the direct map itself loses its rights, and gets them back. */
const char *kernel_direct_map_ro(void)
{
	bench_begin();

	u32 *page = new_page(0x81818181), *next = new_page(0x82828282);
	unsigned long va = (unsigned long)page;
	pte_t *entry = table_entry(swapper(), va), whole = *entry;

	set_pte(entry, pte_wrprotect(whole));
	arch_flush_tlb_one(va);
	TRY(expect_fault(RING_0, ACCESS_STORE, va, PF_PROT));
	TRY(expect_load(RING_0, va, 4, 0x81818181));
	TRY(expect_store(RING_0, (unsigned long)next, 4, 0x83838383));
	set_pte(entry, (pte_t){0});
	arch_flush_tlb_one(va);
	TRY(expect_fault(RING_0, ACCESS_LOAD, va, 0));
	CHECK(READ_ONCE(*next) == 0x83838383, "the next page shows %08x", *next);
	/* Another frame under the page's own direct-map address. */
	set_pte(entry, pfn_pte(PFN_DOWN(__pa(next)), __pgprot(_PAGE_KERNEL)));
	arch_flush_tlb_one(va);
	TRY(expect_load(RING_0, va, 4, 0x83838383));
	set_pte(entry, whole);
	arch_flush_tlb_all();
	TRY(expect_load(RING_0, va, 4, 0x81818181));
	return expect_store(RING_0, va, 4, 0);
}
