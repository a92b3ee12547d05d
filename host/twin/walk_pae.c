/*
 * The page-table walk of PAE paging (Intel SDM vol. 3A, 4.4, 4.6 to 4.8): entries of 64 bits, in
 * tables of 512.
 *
 *	PDPTE.P = 0 .......................... refused, P = 0
 *	PDE.P = 0 ............................ refused, P = 0
 *	a reserved bit of the PDE set ........ refused, P = 1 RSVD = 1, whatever the rights
 *	PTE.P = 0 ............................ refused, P = 0
 *	a reserved bit of the PTE set ........ refused, P = 1 RSVD = 1, whatever the rights
 *	rights too small ..................... refused, P = 1
 *
 * The four page-directory-pointer entries are registers of the processor, loaded with CR3, where a
 * present one with a reserved bit is refused (4.4.1); what memory holds later does not matter. They
 * have no rights, no A and no NX. Rights are the AND of RW and of USER over PDE and PTE; either's
 *NX forbids fetches. A directory entry with PS set maps 2 MiB, whatever CR4.PSE says.
 *
 * Reserved with MAXPHYADDR 32: bits 62:32 of all entries, bit 63 unless EFER.NXE is on, bits 20:13
 * of a 2 MiB entry (tables 4-8 to 4-11). A and D as in walk.c.
 */
#include "arch/compiler.h"
#include "twin/ram.h"
#include "twin/walk.h"
#include "twin/walk_priv.h"

#define PAE_NX (1ull << 63)
#define PAE_HIGH_RESERVED 0x7FFFFFFF00000000ull
#define PAE_LARGE_RESERVED 0x001FE000ull
#define PDPTE_RESERVED (PAE_NX | PAE_HIGH_RESERVED | 0x1E6ull)

#define PAE_ENTRIES 512u
#define PDPTE_SHIFT 30
#define LARGE_SHIFT 21
#define LARGE_ADDRESS (~((1u << LARGE_SHIFT) - 1))

static bool reserved(u64 entry)
{
	return entry & (PAE_HIGH_RESERVED | (paging_is(PAGING_NXE) ? 0 : PAE_NX));
}

/* P, RW, USER and NX of an entry, as a translation has them. */
static u32 rights_of(u64 entry)
{
	return ((u32)entry & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)) |
	       (entry & PAE_NX ? XLATE_NX : 0);
}

static u64 mark(u64 *slot, u64 entry, unsigned int access, enum walk_update update)
{
	u64 marked = entry | _PAGE_ACCESSED | (access & PF_WRITE ? _PAGE_DIRTY : 0);

	if (update == WALK_PEEK)
		return entry;
	if (marked != entry)
		WRITE_ONCE(*slot, marked);
	return marked;
}

static bool walk_pae_large(u64 *slot, unsigned long va, unsigned int access,
			   enum walk_update update, struct walk *w)
{
	u64 pde = w->pde;
	u32 rights = rights_of(pde);

	if (pde & PAE_LARGE_RESERVED)
		return walk_refuse(w, access | PF_PROT | PF_RSVD);
	if (!xlate_allows(rights, access))
		return walk_refuse(w, access | PF_PROT);
	pde = mark(slot, pde, access, update);
	w->word = ((u32)pde & (LARGE_ADDRESS | _PAGE_PSE | _PAGE_DIRTY)) | rights |
		  walk_global_bit((u32)pde);
	walk_check_ram("the page", va, xlate_phys(w->word, va));
	return true;
}

bool walk_pae_table(u32 table, unsigned long va, unsigned int access, enum walk_update update,
		    struct walk *w)
{
	phys_addr_t slot_pa = (table & PAGE_MASK) + (va >> PAGE_SHIFT) % PAE_ENTRIES * sizeof(u64);
	u64 *slot, pte;
	u32 rights;

	w->table = table;
	walk_check_ram("the page table", va, slot_pa);
	slot = ram_ptr(slot_pa);
	pte = READ_ONCE(*slot);
	w->pte = pte;
	if (!(pte & _PAGE_PRESENT))
		return walk_refuse(w, access);
	if (reserved(pte))
		return walk_refuse(w, access | PF_PROT | PF_RSVD);
	rights = (rights_of(pte) & table & (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)) |
		 ((rights_of(pte) | table) & XLATE_NX);
	if (!xlate_allows(rights, access))
		return walk_refuse(w, access | PF_PROT);
	pte = mark(slot, pte, access, update);
	w->word = ((u32)pte & (PAGE_MASK | _PAGE_DIRTY)) | rights | walk_global_bit((u32)pte);
	walk_check_ram("the page", va, w->word & PAGE_MASK);
	return true;
}

bool walk_pae_directory(unsigned long va, unsigned int access, enum walk_update update,
			struct walk *w)
{
	u64 pdpte = machine.pdpte[va >> PDPTE_SHIFT];
	phys_addr_t slot_pa;
	u64 *slot, pde;

	w->pde = 0;
	w->pte = 0;
	w->table = 0;
	if (!(pdpte & _PAGE_PRESENT))
		return walk_refuse(w, access);
	slot_pa = ((u32)pdpte & PAGE_MASK) + (va >> LARGE_SHIFT) % PAE_ENTRIES * sizeof(u64);
	walk_check_ram("the page directory", va, slot_pa);
	slot = ram_ptr(slot_pa);
	pde = READ_ONCE(*slot);
	w->pde = pde;
	if (!(pde & _PAGE_PRESENT))
		return walk_refuse(w, access);
	if (reserved(pde))
		return walk_refuse(w, access | PF_PROT | PF_RSVD);
	if (pde & _PAGE_PSE)
		return walk_pae_large(slot, va, access, update, w);
	if (update == WALK_COMMIT && !(pde & _PAGE_ACCESSED))
		WRITE_ONCE(*slot, pde | _PAGE_ACCESSED);
	return walk_pae_table(((u32)pde & PAGE_MASK) | rights_of(pde), va, access, update, w);
}

bool walk_pae_load(phys_addr_t table)
{
	const u64 *entries = ram_ptr(table);

	for (unsigned int i = 0; i < ARRAY_SIZE(machine.pdpte); i++)
		if (entries[i] & _PAGE_PRESENT && entries[i] & PDPTE_RESERVED)
			return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(machine.pdpte); i++)
		machine.pdpte[i] = entries[i];
	return true;
}

/* One directory entry's 2 MiB. */
static u32 uniform_half(unsigned long va, phys_addr_t pa)
{
	const u32 need = _PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY;
	const u64 *table;
	struct walk w;

	if (!walk_pae_directory(va, PF_WRITE, WALK_PEEK, &w) || xlate_phys(w.word, va) != pa)
		return 0;
	if (w.word & _PAGE_PSE)
		return (w.pde & need) == need ? w.word & XLATE_FLAGS : 0;
	if ((w.pte & need) != need || !(w.pde & _PAGE_ACCESSED))
		return 0;
	table = ram_ptr(w.table & PAGE_MASK);
	for (unsigned int i = 0; i < PAE_ENTRIES; i++)
		if (table[i] != w.pte + i * PAGE_SIZE)
			return 0;
	return w.word & XLATE_FLAGS;
}

u32 walk_pae_uniform(unsigned long va, phys_addr_t pa)
{
	u32 flags = uniform_half(va, pa);

	return flags && uniform_half(va + PGDIR_SIZE / 2, pa + PGDIR_SIZE / 2) == flags ? flags : 0;
}
