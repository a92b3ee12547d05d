/* The page-table walk. Theory in walk.c. */
#pragma once

#include "arch/fault.h"
#include "arch/pte.h"
#include "arch/types.h"

/*
 * A translation is a word in the format of a page-table entry: frame address, P, and RW, USER
 * combined over both levels, D and G of the entry that maps the page; PSE marks one that a 4 MiB
 * entry gave, its frame address is then that of the 4 MiB.
 */
#define XLATE_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_DIRTY | _PAGE_PSE | _PAGE_GLOBAL)

struct walk {
	u32 word;  /* the translation, when the walk succeeded */
	u32 table; /* what a PDE cache may hold after it: table address, P, RW, USER; or 0 */
	unsigned int error; /* PF_* of the refusal */
	u32 pde, pte;	    /* the entries as read; 0 where the walk did not get that far */
};

enum walk_update {
	WALK_PEEK,   /* look only */
	WALK_COMMIT, /* set A and D as the processor does */
};

/*
 * access: PF_WRITE and PF_USER as in an error code. Both return false when the access is refused.
 */
bool walk_root(unsigned long va, unsigned int access, enum walk_update update, struct walk *w);
bool walk_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		struct walk *w);

/* Does a translation allow an access (its D aside)? */
static inline bool xlate_allows(u32 word, unsigned int access)
{
	u32 need = _PAGE_PRESENT | (access & PF_WRITE ? _PAGE_RW : 0) |
		   (access & PF_USER ? _PAGE_USER : 0);

	return (word & need) == need;
}

static inline phys_addr_t xlate_phys(u32 word, unsigned long va)
{
	if (word & _PAGE_PSE)
		return (word & PSE_ADDRESS) | (va & ~PGDIR_MASK);
	return (word & PAGE_MASK) | (va & ~PAGE_MASK);
}
