/*
 * The kernel's address space on i386, the same numbers on both sides.
 * Corresponds to Linux include/asm-i386/page.h, pgtable.h and fixmap.h.
 *
 *   0x00000000  user space                                        3 GiB
 *   0xC0000000  PAGE_OFFSET: direct map of low memory             <= 896 MiB
 *   high_memory + 8 MiB hole: VMALLOC_START                       dynamic kernel mappings
 *   0xFDFFF000  FIXADDR_TOP: fixmap, growing downward
 *   0xFE000000  MACHINE_WINDOW: the machine's own mappings (stacks with guard pages, boot modules,
 *               device registers). The memory manager copies its page-directory entries and
 *               otherwise leaves it alone. A hosted twin keeps its own stack up there.
 *
 * Physical memory below:
 *   0x00000000  BIOS data; page 0 is never handed out
 *   0x00100000  IMAGE_START: the kernel image. swapper_pg_dir and the other boot pages stand at its
 *               head, where the classic i386 kernel has them.
 *   0x00105000  IMAGE_TEXT_START: text and constants, mapped read-only, the same bounds for every
 *   0x00280000  IMAGE_TEXT_END:   build; data follow.
 *   0x00500000  IMAGE_END: the end of the reservation, the same for every build and for the twin,
 * so that all of them hand out the same pages.
 */
#pragma once

#include "arch/types.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* A page-directory entry spans 4 MiB (Intel SDM vol. 3A, 4.3, 32-bit paging). */
#define PGDIR_SHIFT 22
#define PGDIR_SIZE (1UL << PGDIR_SHIFT)
#define PGDIR_MASK (~(PGDIR_SIZE - 1))
#define PTRS_PER_PGD 1024
#define PTRS_PER_PTE 1024

#define PAGE_OFFSET 0xC0000000UL
#define TASK_SIZE PAGE_OFFSET
#define USER_PTRS_PER_PGD (TASK_SIZE >> PGDIR_SHIFT)

/* What the 1 GiB kernel half keeps back from the direct map for vmalloc, kmap, fixmap and window.
 */
#define VMALLOC_RESERVE (128UL << 20)
#define MAXMEM (-PAGE_OFFSET - VMALLOC_RESERVE)
#define MAXMEM_PFN (MAXMEM >> PAGE_SHIFT)
/* Unmapped hole after the direct map, so that a stray pointer past its end faults. */
#define VMALLOC_OFFSET (8UL << 20)

#define FIXADDR_TOP 0xFDFFF000UL
#define MACHINE_WINDOW 0xFE000000UL

#define IMAGE_START 0x00100000UL
#define IMAGE_END 0x00500000UL
#define BOOT_SWAPPER_PG_DIR 0x00101000UL
#define BOOT_PG0 0x00102000UL
#define BOOT_PG1 0x00103000UL
#define BOOT_EMPTY_ZERO_PAGE 0x00104000UL
#define IMAGE_TEXT_START 0x00105000UL
#define IMAGE_TEXT_END 0x00280000UL
/* Low memory that the two provisional page tables pg0 and pg1 map. */
#define BOOT_MAPPED (8UL << 20)

#define __va(phys) ((void *)((unsigned long)(phys) + PAGE_OFFSET))
#define __pa(virt) ((phys_addr_t)((unsigned long)(virt)-PAGE_OFFSET))

/* u64 in, so that firmware ranges above 4 GiB survive; pfns themselves fit 32 bits up to 16 TiB. */
#define PFN_UP(x) ((unsigned long)(((u64)(x) + PAGE_SIZE - 1) >> PAGE_SHIFT))
#define PFN_DOWN(x) ((unsigned long)((u64)(x) >> PAGE_SHIFT))
#define PFN_PHYS(pfn) ((u64)(pfn) << PAGE_SHIFT)

/* The classic ISA DMA limit: 24 address lines. */
#define MAX_DMA_ADDRESS 0x01000000UL
