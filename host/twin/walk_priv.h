/* What the walks of both paging modes share. */
#pragma once

#include "twin/walk.h"

/* Ends the run at physical memory that is not there: no access by a correct kernel gets here. */
void walk_check_ram(const char *what, unsigned long va, phys_addr_t pa);

/* G of an entry, if it means something. */
u32 walk_global_bit(u32 entry);

static inline bool walk_refuse(struct walk *w, unsigned int error)
{
	w->error = access_error(error);
	return false;
}

/* With CR4.PAE on; the contracts are those of walk_root(), walk_table() and walk_uniform(). */
bool walk_pae_directory(unsigned long va, unsigned int access, enum walk_update update,
			struct walk *w);
bool walk_pae_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		    struct walk *w);
u32 walk_pae_uniform(unsigned long va, phys_addr_t pa);

/*
 * Loads the four page-directory-pointer entries at a physical address. False, with nothing changed,
 * if one of them is present and has a reserved bit set.
 */
bool walk_pae_load(phys_addr_t table);
