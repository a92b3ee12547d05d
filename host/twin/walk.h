/* The page-table walk. Theory in walk.c. */
#pragma once

#include "arch/fault.h"
#include "arch/pte.h"
#include "arch/types.h"
#include "twin/machine_priv.h"

/*
 * A translation is a word in the format of a page-table entry of 32-bit paging, whatever the mode:
 * frame address, P, and RW, USER, NX combined over the levels, D and G of the entry that maps the
 * page; PSE marks one that a large page's entry gave, its frame address is then that of the large
 * page: 4 MiB, with PAE 2 MiB.
 */
#define XLATE_NX 0x800u
#define XLATE_FLAGS                                                                                \
	(_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_DIRTY | _PAGE_PSE | _PAGE_GLOBAL | XLATE_NX)

struct walk {
	u32 word;  /* the translation, when the walk succeeded */
	u32 table; /* what a PDE cache may hold after it: table address, P, RW, USER, NX; or 0 */
	unsigned int error; /* PF_* of the refusal */
	u64 pde, pte;	    /* the entries as read; 0 where the walk did not get that far */
};

enum walk_update {
	WALK_PEEK,   /* look only */
	WALK_COMMIT, /* set A and D as the processor does */
};

/*
 * access: PF_WRITE, PF_USER and PF_INSTR as in an error code. Both return false when the access is
 * refused.
 */
bool walk_root(unsigned long va, unsigned int access, enum walk_update update, struct walk *w);
bool walk_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		struct walk *w);

/*
 * Do the page tables map the 4 MiB from va on to the 4 MiB at pa, writable, A and D set already,
 * with the same flags everywhere? Then returns the flags that the translations share, else 0.
 */
u32 walk_uniform(unsigned long va, phys_addr_t pa);

static inline bool paging_is(unsigned int mode)
{
	return machine.paging & mode;
}

/* Does RW bind this access? */
static inline bool bound_by_rw(unsigned int access)
{
	return access & PF_WRITE && (access & PF_USER || paging_is(PAGING_WP));
}

/* Does a translation allow an access (its D aside)? */
static inline bool xlate_allows(u32 word, unsigned int access)
{
	u32 need = _PAGE_PRESENT | (bound_by_rw(access) ? _PAGE_RW : 0) |
		   (access & PF_USER ? _PAGE_USER : 0);

	return (word & need) == need && !(access & PF_INSTR && word & XLATE_NX);
}

/* The error code of an access but for P and RSVD: I is reported where there is NX (SDM 4.7). */
static inline unsigned int access_error(unsigned int access)
{
	return paging_is(PAGING_NXE) ? access : access & ~PF_INSTR;
}

/* How many bytes an entry of a page directory maps. */
static inline unsigned long large_size(void)
{
	return paging_is(PAGING_PAE) ? PGDIR_SIZE / 2 : PGDIR_SIZE;
}

static inline phys_addr_t xlate_phys(u32 word, unsigned long va)
{
	unsigned long size = word & _PAGE_PSE ? large_size() : PAGE_SIZE;

	return (word & -size) | (va & (size - 1));
}
