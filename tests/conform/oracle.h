/*
 * What a processor does with an access: formulas over the bits of the entries, written down from
 * the manual alone (Intel SDM vol. 3A, chapter 4). The constants are its own as well: nothing of
 * arch/pte.h, the page-table code or the twin's MMU is in it.
 */
#pragma once

#include "arch/types.h"

struct oracle_mode {
	bool wp;	       /* CR0.WP */
	bool pse;	       /* CR4.PSE */
	bool pae;	       /* CR4.PAE: entries have 64 bits */
	bool nxe;	       /* IA32_EFER.NXE */
	unsigned int physical; /* MAXPHYADDR */
};

struct oracle_access {
	bool user; /* at CPL 3 */
	bool write, fetch;
};

struct oracle_verdict {
	bool allowed;
	bool large;    /* the directory entry maps the page */
	bool reserved; /* refused for a reserved bit */
	u32 code;      /* of the page fault, where it is refused */
	/* Bits that the access sets, and bits that it may set or leave, in either entry. */
	u64 pde_must, pde_may, pte_must, pte_may;
};

/* pde, pte: the entries before the access; pte means nothing where the PDE maps the page. */
struct oracle_verdict oracle_judge(const struct oracle_mode *mode,
				   const struct oracle_access *access, u64 pde, u64 pte);

/* Bits that are reserved in a present directory entry, PS taken from the entry. */
u64 oracle_reserved_pde(const struct oracle_mode *mode, u64 pde);

/* Bits of a page-directory-pointer entry of which none may be set in a present one. */
u64 oracle_reserved_pdpte(const struct oracle_mode *mode);
