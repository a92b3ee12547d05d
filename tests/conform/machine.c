/* The waist but for its MMU: what the machine says about itself. */
#include "conform/bench.h"
#include "conform/cases.h"

/* Reads of the counter between which it must have moved. */
#define MANY_TICKS 100000

const char *machine_memory(void)
{
	const u32 pages = (BOOT_MAPPED - IMAGE_END) / PAGE_SIZE;

	bench_begin();
	CHECK(machine_ram_usable(IMAGE_END, BOOT_MAPPED), "the bench is not RAM");
	for (u32 i = 0; i < pages; i++)
		WRITE_ONCE(*(u32 *)__va(IMAGE_END + i * PAGE_SIZE), i);
	for (u32 i = 0; i < pages; i++) {
		u32 word = READ_ONCE(*(u32 *)__va(IMAGE_END + i * PAGE_SIZE));

		CHECK(word == i, "page %u of the bench holds %08x: two addresses, one page?", i,
		      word);
	}
	return NULL;
}

const char *machine_cr3(void)
{
	bench_begin();
	CHECK(arch_read_cr3() == BOOT_SWAPPER_PG_DIR, "CR3 is %08x after mm_reset()",
	      arch_read_cr3());
	for (unsigned int i = 0; i < 3; i++) {
		pgd_t *pgd = enter_new_space();

		CHECK(arch_read_cr3() == __pa(pgd), "CR3 is %08x, loaded was %08x", arch_read_cr3(),
		      __pa(pgd));
	}
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	CHECK(arch_read_cr3() == BOOT_SWAPPER_PG_DIR, "CR3 is %08x", arch_read_cr3());
	return NULL;
}

const char *machine_features(void)
{
	unsigned int features = arch_cpu_features();

	bench_begin();
	CHECK(!(features & ~(ARCH_CPU_PSE | ARCH_CPU_PGE)), "unknown features %x", features);
	/* A full flush may switch CR4.PGE off and on. */
	arch_flush_tlb_all();
	CHECK(arch_cpu_features() == features, "features %x, then %x", features,
	      arch_cpu_features());
	return NULL;
}

const char *machine_window(void)
{
	const u32 marks = _PAGE_ACCESSED | _PAGE_DIRTY;

	bench_begin();
	for (unsigned int i = MACHINE_WINDOW >> PGDIR_SHIFT; i < PTRS_PER_PGD; i++) {
		u32 entry = arch_window_pde(i);

		CHECK(!((pgd_val(swapper()[i]) ^ entry) & ~marks),
		      "slot %u: %08x, swapper has %08x", i, entry, pgd_val(swapper()[i]));
		CHECK(arch_window_pde(i) == entry, "slot %u changed from %08x", i, entry);
		CHECK(!entry || entry & _PAGE_PRESENT, "slot %u: %08x is not present", i, entry);
	}
	return NULL;
}

/* Stores through the direct map and through a second mapping of the same frame see each other. */
const char *machine_direct_map(void)
{
	bench_begin();

	pgd_t *pgd = enter_new_space();
	u32 *page = new_page(0x11111111);

	set_mapping(pgd, BENCH_USER, page, USER_RW);
	TRY(expect_load(RING_0, (unsigned long)page, 4, 0x11111111));
	TRY(expect_store(RING_0, (unsigned long)page, 4, 0x22222222));
	TRY(expect_load(RING_3, BENCH_USER, 4, 0x22222222));
	TRY(expect_store(RING_3, BENCH_USER + 4, 4, 0x33333333));
	CHECK(page[1] == 0x33333333, "the direct map shows %08x", page[1]);
	page[1] = 0x44444444;
	return expect_load(RING_3, BENCH_USER + 4, 4, 0x44444444);
}

/* Interrupts are on when a case runs, so that the outermost flags differ from all inner ones. */
const char *machine_irq(void)
{
	bench_begin();

	unsigned long outer = arch_irq_save();
	unsigned long inner = arch_irq_save();
	unsigned long innermost = arch_irq_save();

	arch_irq_restore(innermost);

	unsigned long again = arch_irq_save();

	arch_irq_restore(again);
	arch_irq_restore(inner);
	arch_irq_restore(outer);

	unsigned long after = arch_irq_save();

	arch_irq_restore(after);
	CHECK(outer == after, "interrupts came back as %lx, were %lx", after, outer);
	CHECK(inner == innermost && inner == again, "flags with interrupts off: %lx, %lx, %lx",
	      inner, innermost, again);
	CHECK(outer != inner, "the outermost flags are %lx like the inner ones", outer);
	return NULL;
}

const char *machine_ticks(void)
{
	bench_begin();

	u64 first = arch_ticks(), last = first;

	for (unsigned int i = 0; i < MANY_TICKS; i++) {
		u64 now = arch_ticks();

		CHECK(now >= last, "ticks went back from %llu to %llu", last, now);
		last = now;
	}
	CHECK(last > first, "ticks stand still at %llu", first);
	return NULL;
}
