/*
 * The page-table walk of 32-bit paging (Intel SDM vol. 3A, 4.3, 4.6 to 4.8).
 *
 *	PDE.P = 0 ............................ refused, P = 0
 *	PDE maps 4 MiB, a reserved bit set ... refused, P = 1 RSVD = 1, whatever the rights
 *	PTE.P = 0 ............................ refused, P = 0
 *	rights too small ..................... refused, P = 1
 *
 * Rights are the AND of RW and of USER over the levels; a supervisor access needs RW to write
 * (CR0.WP is 1) and may touch user pages (no SMAP, no SMEP). There is no NX, so error codes have
 * no I bit.
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
#include "twin/machine_priv.h"
#include "twin/ram.h"
#include "twin/walk.h"

#define LARGE_RESERVED (PSE_RESERVED | PSE_HIGH_ADDRESS)

/* Physical memory that is not there: no access by a correct kernel gets here. */
static void check_ram(const char *what, unsigned long va, phys_addr_t pa)
{
	if (unlikely(pa >= machine.options.ram_size))
		twin_panicf(TWIN_PANIC_WAIST,
			    "machine check: va %08lx: %s at physical %08lx is beyond RAM", va, what,
			    (unsigned long)pa);
}

static bool refuse(struct walk *w, unsigned int error)
{
	w->error = error;
	return false;
}

static u32 global_bit(u32 entry)
{
	return machine.options.cpu_features & ARCH_CPU_PGE ? entry & _PAGE_GLOBAL : 0;
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
	u32 pde = w->pde;

	w->table = 0;
	if (pde & LARGE_RESERVED)
		return refuse(w, access | PF_PROT | PF_RSVD);
	if (!xlate_allows(pde, access))
		return refuse(w, access | PF_PROT);
	pde = mark_leaf(slot, pde, access, update);
	w->word = (pde & (PSE_ADDRESS | (XLATE_FLAGS & ~_PAGE_GLOBAL))) | global_bit(pde);
	check_ram("the page", va, xlate_phys(w->word, va));
	return true;
}

/*
 * The second half: from a directory entry that names a page table, read now or cached before.
 * table: the table's address with P, RW and USER of the directory entry.
 */
bool walk_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		struct walk *w)
{
	phys_addr_t slot_pa = (table & PAGE_MASK) + pte_index(va) * sizeof(u32);
	u32 *slot;
	u32 pte, rights;

	w->table = table;
	check_ram("the page table", va, slot_pa);
	slot = ram_ptr(slot_pa);
	pte = READ_ONCE(*slot);
	w->pte = pte;
	rights = pte & table & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER);
	if (!(pte & _PAGE_PRESENT))
		return refuse(w, access);
	if (!xlate_allows(rights, access))
		return refuse(w, access | PF_PROT);
	pte = mark_leaf(slot, pte, access, update);
	w->word = (pte & (PAGE_MASK | _PAGE_DIRTY)) | rights | global_bit(pte);
	check_ram("the page", va, w->word & PAGE_MASK);
	return true;
}

/* The whole walk, from CR3. Paging must be on. */
bool walk_root(unsigned long va, unsigned int access, enum walk_update update, struct walk *w)
{
	u32 *slot = ram_ptr(machine.cr3 + pgd_index(va) * sizeof(u32));
	u32 pde = READ_ONCE(*slot);

	w->pde = pde;
	w->pte = 0;
	w->table = 0;
	if (!(pde & _PAGE_PRESENT))
		return refuse(w, access);
	if ((pde & _PAGE_PSE) && (machine.options.cpu_features & ARCH_CPU_PSE))
		return walk_large(slot, va, access, update, w);
	if (update == WALK_COMMIT && !(pde & _PAGE_ACCESSED))
		WRITE_ONCE(*slot, pde | _PAGE_ACCESSED);
	return walk_table(pde & (PAGE_MASK | _PAGE_PRESENT | _PAGE_RW | _PAGE_USER), va, access,
			  update, w);
}
