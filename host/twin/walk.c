/*
 * The page-table walk of 32-bit paging (Intel SDM vol. 3A, 4.3, 4.6 to 4.8). With CR4.PAE on,
 * walk_pae.c has its place.
 *
 *	PDE.P = 0 ............................ refused, P = 0
 *	PDE maps 4 MiB, a reserved bit set ... refused, P = 1 RSVD = 1, whatever the rights
 *	PTE.P = 0 ............................ refused, P = 0
 *	rights too small ..................... refused, P = 1
 *
 * Rights are the AND of RW and of USER over the levels; a supervisor access needs RW to write only
 * with CR0.WP, and may touch user pages (no SMAP, no SMEP). There is no NX, so error codes have no
 *I bit.
 *
 * A is set in a directory entry as soon as it leads on to a table, even if the table then refuses,
 * and in the entry that maps the page only together with a permitted access; D likewise, on a
 * write. The SDM (4.8) leaves the refused case open; this is what QEMU and known processors do.
 *
 * The modelled processor has MAXPHYADDR 32 and no PSE-36, as CPUID of QEMU's "qemu32" says: bits
 * 21:13 of a 4 MiB entry are all reserved (table 4-4 with M = 32). QEMU 7.2 itself
 * refuses bit 21 only and takes bits 20:13 for address bits 39:32. Bit 12 is PAT, as is bit 7 of a
 * PTE: memory types are not modelled. With CR4.PSE off the PS bit is ignored, with CR4.PGE off the
 * G bit is.
 */
#include "arch/compiler.h"
#include "twin/ram.h"
#include "twin/walk.h"
#include "twin/walk_priv.h"

#define LARGE_RESERVED (PSE_RESERVED | PSE_HIGH_ADDRESS)

void walk_check_ram(const char *what, unsigned long va, phys_addr_t pa)
{
	if (unlikely(pa >= machine.options.ram_size))
		twin_panicf(TWIN_PANIC_WAIST,
			    "machine check: va %08lx: %s at physical %08lx is beyond RAM", va, what,
			    (unsigned long)pa);
}

u32 walk_global_bit(u32 entry)
{
	return paging_is(PAGING_PGE) ? entry & _PAGE_GLOBAL : 0;
}

/* Sets A, and D for a write, in the entry that maps the page. Returns the entry's new value. */
static u32 mark_leaf(u32 *slot, u32 entry, unsigned int access, enum walk_update update)
{
	u32 marked = entry | _PAGE_ACCESSED | (access & PF_WRITE ? _PAGE_DIRTY : 0);

	if (update == WALK_PEEK)
		return entry;
	if (marked != entry)
		WRITE_ONCE(*slot, marked);
	return marked;
}

static bool walk_large(u32 *slot, unsigned long va, unsigned int access, enum walk_update update,
		       struct walk *w)
{
	u32 pde = (u32)w->pde;

	w->table = 0;
	if (pde & LARGE_RESERVED)
		return walk_refuse(w, access | PF_PROT | PF_RSVD);
	if (!xlate_allows(pde & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER), access))
		return walk_refuse(w, access | PF_PROT);
	pde = mark_leaf(slot, pde, access, update);
	w->word = (pde & (PSE_ADDRESS | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_DIRTY |
			  _PAGE_PSE)) |
		  walk_global_bit(pde);
	walk_check_ram("the page", va, xlate_phys(w->word, va));
	return true;
}

/*
 * The second half: from a directory entry that names a page table, read now or cached before.
 * table: the table's address with P, RW and USER of the directory entry.
 */
static bool walk_small(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		       struct walk *w)
{
	phys_addr_t slot_pa = (table & PAGE_MASK) + pte_index(va) * sizeof(u32);
	u32 *slot;
	u32 pte, rights;

	w->table = table;
	walk_check_ram("the page table", va, slot_pa);
	slot = ram_ptr(slot_pa);
	pte = READ_ONCE(*slot);
	w->pte = pte;
	rights = pte & table & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER);
	if (!(pte & _PAGE_PRESENT))
		return walk_refuse(w, access);
	if (!xlate_allows(rights, access))
		return walk_refuse(w, access | PF_PROT);
	pte = mark_leaf(slot, pte, access, update);
	w->word = (pte & (PAGE_MASK | _PAGE_DIRTY)) | rights | walk_global_bit(pte);
	walk_check_ram("the page", va, w->word & PAGE_MASK);
	return true;
}

static bool walk_directory(unsigned long va, unsigned int access, enum walk_update update,
			   struct walk *w)
{
	u32 *slot = ram_ptr(machine.cr3 + pgd_index(va) * sizeof(u32));
	u32 pde = READ_ONCE(*slot);

	w->pde = pde;
	w->pte = 0;
	w->table = 0;
	if (!(pde & _PAGE_PRESENT))
		return walk_refuse(w, access);
	if ((pde & _PAGE_PSE) && paging_is(PAGING_PSE))
		return walk_large(slot, va, access, update, w);
	if (update == WALK_COMMIT && !(pde & _PAGE_ACCESSED))
		WRITE_ONCE(*slot, pde | _PAGE_ACCESSED);
	return walk_small(pde & (PAGE_MASK | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER), va, access,
			  update, w);
}

/* ---- either mode --------------------------------------------------------------------------- */

bool walk_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		struct walk *w)
{
	return paging_is(PAGING_PAE) ? walk_pae_table(table, va, access, update, w)
				     : walk_small(table, va, access, update, w);
}

/* The whole walk, from CR3. Paging must be on. */
bool walk_root(unsigned long va, unsigned int access, enum walk_update update, struct walk *w)
{
	return paging_is(PAGING_PAE) ? walk_pae_directory(va, access, update, w)
				     : walk_directory(va, access, update, w);
}

/* All entries of a page table, the first of which is `expect`. */
static bool is_uniform_table(const u32 *table, u32 expect)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++, expect += PAGE_SIZE)
		if (table[i] != expect)
			return false;
	return true;
}

u32 walk_uniform(unsigned long va, phys_addr_t pa)
{
	const u32 need = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;
	struct walk w;

	if (paging_is(PAGING_PAE))
		return walk_pae_uniform(va, pa);
	if (!walk_root(va, PF_WRITE, WALK_PEEK, &w) || xlate_phys(w.word, va) != pa)
		return 0;
	if (w.word & _PAGE_PSE)
		return (w.pde & need) == need ? w.word & XLATE_FLAGS : 0;
	if ((w.pte & need) != need || !(w.pde & _PAGE_ACCESSED) ||
	    !is_uniform_table(ram_ptr(w.table & PAGE_MASK), w.pte))
		return 0;
	return w.word & XLATE_FLAGS;
}
