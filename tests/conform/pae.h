/*
 * An address space by three-level tables (Intel SDM vol. 3A, 4.4), written by hand: the memory
 * manager's own page-table code has two levels.
 *
 * Its top page serves both modes: it is a page directory that maps the kernel, and its first 32
 * bytes are a page-directory-pointer table that does. So CR4.PAE can be switched while CR3 names
 * it.
 */
#pragma once

#include "arch/types.h"

#define PAE_PRESENT 0x001ull
#define PAE_RW 0x002ull
#define PAE_USER 0x004ull
#define PAE_ALL (PAE_PRESENT | PAE_RW | PAE_USER)
#define PAE_LARGE_SIZE 0x00200000UL

#define PAE_POINTERS 4

struct pae_space {
	u64 *pointers; /* the four page-directory-pointer entries */
	u64 *directories[PAE_POINTERS];
};

/*
 * Builds one out of pages of the bench and loads it into CR3, PAE being off. The user half is
 * empty; the kernel half maps what BOOT_MAPPED covers and the machine's window.
 */
void pae_enter_space(struct pae_space *space);

/* The entry of va in its page directory, and in a page table. */
u64 *pae_directory_entry(const struct pae_space *space, unsigned long va);
u64 *pae_table_entry(u64 *table, unsigned long va);
