/* The waist but for its MMU: what the machine says about itself. */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/string.h"

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

#define NO_PC 0x5A5A5A5Aul

static unsigned long pcs[8];
static unsigned int nr_pcs;

void machine_backtrace_inner(unsigned int max);
void machine_backtrace_outer(unsigned int max);

/* Global, so that both machines give it one name; with a frame, whatever the compiler would like.
 */
void __noipa machine_backtrace_inner(unsigned int max)
{
	nr_pcs = arch_backtrace(pcs, max);
	barrier();
}

void __noipa machine_backtrace_outer(unsigned int max)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(pcs); i++)
		pcs[i] = NO_PC;
	machine_backtrace_inner(max);
	barrier();
}

static const char *name_of_caller(unsigned int i)
{
	bool global;

	return arch_symbol_name(pcs[i] - 1, &global) ?: "nothing";
}

/* Builds without frame pointers may return 0; what is returned has to be true. */
const char *machine_backtrace(void)
{
	bench_begin();
	machine_backtrace_outer(2);
	CHECK(nr_pcs == 2 || (!CONFIG_CHECKED && nr_pcs == 0), "%u callers, expected 2", nr_pcs);
	CHECK(pcs[2] == NO_PC, "more was written than asked for");
	if (nr_pcs) {
		CHECK(strcmp(name_of_caller(0), "machine_backtrace_outer") == 0,
		      "the first caller is %s", name_of_caller(0));
		CHECK(strcmp(name_of_caller(1), "machine_backtrace") == 0,
		      "the second caller is %s", name_of_caller(1));
	}
	machine_backtrace_outer(0);
	CHECK(nr_pcs == 0 && pcs[0] == NO_PC, "something was written, nothing asked for");
	machine_backtrace_outer(ARRAY_SIZE(pcs));
	for (unsigned int i = 0; i < nr_pcs; i++)
		CHECK(pcs[i] != NO_PC, "%u callers, the %u-th is missing", nr_pcs, i);
	return NULL;
}

const char *machine_symbols(void)
{
	unsigned long outer = (unsigned long)machine_backtrace_outer;
	unsigned long local = (unsigned long)name_of_caller;
	bool global = false;
	const char *name;

	bench_begin();
	name = arch_symbol_name(outer, &global);
	CHECK(name && strcmp(name, "machine_backtrace_outer") == 0 && global,
	      "machine_backtrace_outer is %s, %s", name, global ? "global" : "static");
	name = arch_symbol_name(outer + 1, &global);
	CHECK(name && strcmp(name, "machine_backtrace_outer") == 0, "one byte behind is %s", name);
	name = arch_symbol_name(local, &global);
	CHECK(name && strncmp(name, "name_of_caller", 14) == 0 && !global,
	      "name_of_caller is %s, %s", name, global ? "global" : "static");
	CHECK(!arch_symbol_name(0, &global) && !arch_symbol_name((unsigned long)pcs, &global) &&
		      !arch_symbol_name((unsigned long)__va(IMAGE_END), &global),
	      "data have the name of a function");
	return NULL;
}
