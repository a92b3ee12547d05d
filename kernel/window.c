/*
 * The machine window: what the image has to reach under whatever page directory is loaded.
 *
 *   fe000000  guard page, kernel stack         a push below the stack hits the guard page: the
 *                                              #PF cannot be delivered on that stack, and a
 *   fe009000  guard page, double-fault stack   double fault with a stack of its own reports it
 *   fe010000  user stub                        ring 3's code, the one page with U/S set (user.S)
 *   fe012000  two scratch pages                any page frame, to read what the loader left
 *   fe018000  VGA text memory                  0xB8000..0xBFFFF
 *   fe400000  arena, 16 MiB                    the boot modules (modules.c)
 *
 * The page tables stand in the image's bss. Their directory entries never change after
 * window_init(): the memory manager copies them from arch_window_pde() into each directory that it
 * makes, so one table serves all address spaces. Entries are global: no CR3 load can change them.
 */
#include "kernel/window.h"

#include "arch/arch.h"
#include "arch/pte.h"
#include "base/string.h"
#include "kernel/cpu.h"
#include "kernel/segment.h"
#include "kernel/user.h"

#define WINDOW_TABLES (1 + WINDOW_ARENA_PAGES / PTRS_PER_PTE)
#define WINDOW_FIRST_SLOT (MACHINE_WINDOW >> PGDIR_SHIFT)
#define DEVICE_PAGE (_PAGE_KERNEL | _PAGE_PCD | _PAGE_PWT)

_Static_assert(ASM_PAGE_OFFSET == PAGE_OFFSET, "asm_layout.h and arch/layout.h disagree");
_Static_assert(ASM_PAGE_SIZE == PAGE_SIZE, "asm_layout.h and arch/layout.h disagree");
_Static_assert(ASM_IMAGE_TEXT_START == IMAGE_TEXT_START && ASM_IMAGE_TEXT_END == IMAGE_TEXT_END,
	       "kernel/asm_layout.h and arch/layout.h differ");
_Static_assert(ASM_IMAGE_START == IMAGE_START && ASM_IMAGE_END == IMAGE_END,
	       "asm_layout.h and arch/layout.h disagree");
_Static_assert(ASM_BOOT_PTES == BOOT_MAPPED / PAGE_SIZE, "asm_layout.h and arch/layout.h disagree");
_Static_assert(ASM_KERNEL_ENTRY == _PAGE_KERNEL && ASM_KERNEL_ENTRY == _KERNPG_TABLE,
	       "asm_layout.h and arch/pte.h disagree");
_Static_assert(DOUBLE_FAULT_STACK_TOP <= WINDOW_USER_STUB, "the stacks overlap the user stub");
_Static_assert(WINDOW_FIRST_SLOT + WINDOW_TABLES <= PTRS_PER_PGD, "the window is 32 MiB");

#define __page_bss __aligned(4096) __attribute__((section(".bss.page_aligned")))

static pte_t window_table[WINDOW_TABLES][PTRS_PER_PTE] __page_bss;
static u8 kernel_stack[KERNEL_STACK_PAGES * PAGE_SIZE] __page_bss;
static u8 double_fault_stack[DOUBLE_FAULT_STACK_PAGES * PAGE_SIZE] __page_bss;
u32 double_fault_pg_dir[PTRS_PER_PGD] __page_bss;

static void map_page(unsigned long va, phys_addr_t phys, u32 bits)
{
	unsigned long page = (va - MACHINE_WINDOW) >> PAGE_SHIFT;

	set_pte(&window_table[page / PTRS_PER_PTE][page % PTRS_PER_PTE],
		pfn_pte(PFN_DOWN(phys), __pgprot(bits | _PAGE_GLOBAL)));
}

static void map_range(unsigned long va, phys_addr_t phys, unsigned int pages, u32 bits)
{
	for (unsigned int i = 0; i < pages; i++)
		map_page(va + i * PAGE_SIZE, phys + i * PAGE_SIZE, bits);
}

u32 arch_window_pde(unsigned int index)
{
	unsigned int table = index - WINDOW_FIRST_SLOT;

	/* U/S in the directory entry lets the entries of the table decide. */
	return table < WINDOW_TABLES ? __pa(window_table[table]) | _PAGE_TABLE : 0;
}

static void enter_window(u32 *directory)
{
	for (unsigned int slot = WINDOW_FIRST_SLOT; slot < PTRS_PER_PGD; slot++)
		directory[slot] = arch_window_pde(slot);
}

void window_init(void)
{
	const unsigned int kernel_slot = PAGE_OFFSET >> PGDIR_SHIFT;

	map_range(KERNEL_STACK_BOTTOM, __pa(kernel_stack), KERNEL_STACK_PAGES, _PAGE_KERNEL);
	map_range(DOUBLE_FAULT_STACK_BOTTOM, __pa(double_fault_stack), DOUBLE_FAULT_STACK_PAGES,
		  _PAGE_KERNEL);
	map_page(WINDOW_USER_STUB, __pa(user_stub_start), _PAGE_KERNEL_RO | _PAGE_USER);
	map_range(WINDOW_VGA, VGA_TEXT_BASE, VGA_TEXT_PAGES, DEVICE_PAGE);

	enter_window(__va(BOOT_SWAPPER_PG_DIR));
	double_fault_pg_dir[kernel_slot] = BOOT_PG0 | _KERNPG_TABLE;
	double_fault_pg_dir[kernel_slot + 1] = BOOT_PG1 | _KERNPG_TABLE;
	enter_window(double_fault_pg_dir);
}

void *window_scratch(unsigned int slot, unsigned long frame)
{
	unsigned long va = WINDOW_SCRATCH + slot * PAGE_SIZE;

	map_page(va, (phys_addr_t)PFN_PHYS(frame), _PAGE_KERNEL);
	invlpg(va);
	return (void *)va;
}

const char *window_guarded_stack(unsigned long address)
{
	switch (address & PAGE_MASK) {
	case KERNEL_STACK_GUARD:
		return "kernel stack";
	case DOUBLE_FAULT_STACK_GUARD:
		return "double-fault stack";
	default:
		return NULL;
	}
}

void window_map_arena(unsigned long index, unsigned long frame)
{
	unsigned long va = WINDOW_ARENA + index * PAGE_SIZE;

	map_page(va, (phys_addr_t)PFN_PHYS(frame), _PAGE_KERNEL_RO);
	invlpg(va);
}
