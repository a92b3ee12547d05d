/*
 * The direct map is built in place, in the swapper_pg_dir that is live. Slot by slot, the
 * provisional pg0 and pg1 entries give way to ones that map the same addresses to the same frames,
 * so the running code never notices; everything is flushed once at the end.
 *
 * The first 4 MiB hold the kernel's text, which is mapped read-only: their rights differ page by
 * page, so pg0 serves on. Without 4 MiB pages every other 4 MiB of RAM cost a page table. These
 * come from bootmem where it is mapped by then: below BOOT_MAPPED and the slots that are done.
 */
#include "pgtable/init.h"

#include "arch/arch.h"
#include "base/bug.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "pgtable/fixmap.h"
#include "pgtable/highmem.h"
#include "pgtable/pgtable.h"

#define KERNEL_PGD_START pgd_index(PAGE_OFFSET)

/* Low memory ends behind the image (setup_memory_map()), so every provisional entry gets replaced.
 */
_Static_assert(ALIGN(IMAGE_END, PGDIR_SIZE) >= BOOT_MAPPED, "a provisional entry would stay");

pgprot_t kernel_prot(pgprot_t prot)
{
	if (arch_cpu_features() & ARCH_CPU_PGE)
		prot.bits |= _PAGE_GLOBAL;
	return prot;
}

static void init_boot_table(phys_addr_t table_phys, unsigned long first_pfn)
{
	pte_t *table = __va(table_phys);

	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		set_pte(&table[i], pfn_pte(first_pfn + i, PAGE_KERNEL));
}

void boot_page_tables_init(void)
{
	init_boot_table(BOOT_PG0, 0);
	init_boot_table(BOOT_PG1, PTRS_PER_PTE);
	for (unsigned int i = 0; i < PTRS_PER_PGD; i++) {
		pgd_t entry = {0};

		if (i == KERNEL_PGD_START)
			entry = make_pgd(BOOT_PG0, _KERNPG_TABLE);
		else if (i == KERNEL_PGD_START + 1)
			entry = make_pgd(BOOT_PG1, _KERNPG_TABLE);
		else if (i >= MACHINE_WINDOW >> PGDIR_SHIFT)
			entry = (pgd_t){arch_window_pde(i)};
		set_pgd(&swapper_pg_dir[i], entry);
	}
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	arch_flush_tlb_all();
}

/* Maps the frames [pfn, end_pfn) where they belong in the table of their 4 MiB. */
static void map_frames(pte_t *table, unsigned long pfn, unsigned long end_pfn, pgprot_t prot)
{
	prot = kernel_prot(prot);
	for (; pfn < end_pfn; pfn++)
		set_pte(&table[pfn % PTRS_PER_PTE], pfn_pte(pfn, prot));
}

static pgd_t direct_map_table(unsigned long first_pfn)
{
	phys_addr_t mapped = max(PFN_PHYS(first_pfn), (u64)BOOT_MAPPED);
	pte_t *table = alloc_bootmem_below(PAGE_SIZE, PAGE_SIZE, mapped);

	BUG_ON(!table, "no memory below %x, where it is mapped by now, for the table of %08llx",
	       mapped, PFN_PHYS(first_pfn));
	map_frames(table, first_pfn, min(first_pfn + PTRS_PER_PTE, memory.max_low_pfn),
		   PAGE_KERNEL);
	return make_pgd(__pa(table), _KERNPG_TABLE);
}

_Static_assert(IMAGE_TEXT_END <= PGDIR_SIZE, "pg0 reaches all of the text");

/* Slot 0: rewritten in place. Each entry keeps its frame. */
static void map_first_slot(void)
{
	pte_t *pg0 = __va(BOOT_PG0);

	map_frames(pg0, 0, PFN_DOWN(IMAGE_TEXT_START), PAGE_KERNEL);
	map_frames(pg0, PFN_DOWN(IMAGE_TEXT_START), PFN_DOWN(IMAGE_TEXT_END), PAGE_KERNEL_RO);
	map_frames(pg0, PFN_DOWN(IMAGE_TEXT_END), PTRS_PER_PTE, PAGE_KERNEL);
	set_pgd(&swapper_pg_dir[KERNEL_PGD_START], make_pgd(BOOT_PG0, _KERNPG_TABLE));
}

static void map_low_memory(void)
{
	bool pse = (arch_cpu_features() & ARCH_CPU_PSE) && !memory.options.nopentium;
	u32 large = kernel_prot(PAGE_KERNEL).bits | _PAGE_PSE;

	map_first_slot();
	for (unsigned long pfn = PTRS_PER_PTE; pfn < memory.max_low_pfn; pfn += PTRS_PER_PTE) {
		pgd_t *slot = &swapper_pg_dir[KERNEL_PGD_START + pfn / PTRS_PER_PTE];

		if (pse && pfn + PTRS_PER_PTE <= memory.max_low_pfn)
			set_pgd(slot, make_pgd(PFN_PHYS(pfn), large));
		else
			set_pgd(slot, direct_map_table(pfn));
	}
}

void paging_init(void)
{
	map_low_memory();
	arch_flush_tlb_all();
	fixmap_init();
	kmap_init();
	pgtable_init();
}
