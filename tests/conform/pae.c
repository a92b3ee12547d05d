#include "conform/pae.h"

#include "conform/bench.h"

#define ENTRIES 512u
#define POINTER_SHIFT 30
#define DIRECTORY_SHIFT 21

/* Present, writable, accessed, dirty: as the provisional tables have the kernel. */
#define KERNEL_ENTRY 0x063ull

u64 *pae_directory_entry(const struct pae_space *space, unsigned long va)
{
	return &space->directories[va >> POINTER_SHIFT][va >> DIRECTORY_SHIFT & (ENTRIES - 1)];
}

u64 *pae_table_entry(u64 *table, unsigned long va)
{
	return &table[va >> PAGE_SHIFT & (ENTRIES - 1)];
}

static u64 *new_table(void)
{
	return (u64 *)new_page(0);
}

/* A page table for the 2 MiB at va; entries of the table's own, flags of the directory's entry. */
static u64 *add_table(struct pae_space *space, unsigned long va, u64 flags)
{
	u64 *table = new_table();

	*pae_directory_entry(space, va) = __pa(table) | flags;
	return table;
}

static void map_kernel(struct pae_space *space)
{
	for (u32 pa = 0; pa < BOOT_MAPPED; pa += PAE_LARGE_SIZE) {
		u64 *table = add_table(space, PAGE_OFFSET + pa, KERNEL_ENTRY);

		for (unsigned int i = 0; i < ENTRIES; i++)
			table[i] = (pa + i * PAGE_SIZE) | KERNEL_ENTRY;
	}
}

/*
 * The window's page tables, entry by entry: flags have the same places. Each has 1024 entries, what
 * two tables of this kind hold.
 */
static void map_window(struct pae_space *space)
{
	for (unsigned int slot = MACHINE_WINDOW >> PGDIR_SHIFT; slot < PTRS_PER_PGD; slot++) {
		const u32 entry = arch_window_pde(slot);

		if (!(entry & _PAGE_PRESENT))
			continue;
		for (unsigned int half = 0; half < 2; half++) {
			const u32 *from =
				(const u32 *)__va(entry & (u32)PAGE_MASK) + half * ENTRIES;
			u64 *table = add_table(space, (slot << PGDIR_SHIFT) + half * PAE_LARGE_SIZE,
					       entry & ~(u32)PAGE_MASK);

			for (unsigned int i = 0; i < ENTRIES; i++)
				table[i] = from[i];
		}
	}
}

void pae_enter_space(struct pae_space *space)
{
	pgd_t *top = new_space();

	space->pointers = (u64 *)top;
	for (unsigned int i = 0; i < PAE_POINTERS; i++) {
		space->directories[i] = new_table();
		space->pointers[i] = __pa(space->directories[i]) | PAE_PRESENT;
	}
	map_kernel(space);
	map_window(space);
	arch_load_cr3(__pa(top));
}
