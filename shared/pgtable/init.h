/* The kernel's page tables. Corresponds to Linux arch/i386/mm/init.c and head.S. */
#pragma once

#include "arch/pte.h"

/*
 * Puts swapper_pg_dir, pg0 and pg1 into the state that the boot assembly leaves: the first
 * BOOT_MAPPED bytes at PAGE_OFFSET, the machine's window, nothing else; loads CR3 and flushes
 * everything.
 */
void boot_page_tables_init(void);

/*
 * Maps all low memory at PAGE_OFFSET, with 4 MiB pages where the CPU has them and mem=nopentium
 * does not forbid them, global where the CPU can, [IMAGE_TEXT_START, IMAGE_TEXT_END) read-only; and
 * the fixmap's page table. Addresses below PAGE_OFFSET stay unmapped, that of NULL among them.
 * Takes boot memory, which must be found below BOOT_MAPPED until the first tables are live. Boot
 * time only, after setup_bootmem_allocator().
 */
void paging_init(void);

/* A kernel mapping's rights: global as well, where the CPU has global pages. */
pgprot_t kernel_prot(pgprot_t prot);
