#include "pgtable/fixmap.h"

#include "arch/arch.h"
#include "base/bug.h"
#include "base/errno.h"
#include "boot/bootmem.h"
#include "pgtable/init.h"
#include "pgtable/pgtable.h"

_Static_assert(FIXADDR_TOP >> PGDIR_SHIFT == KMAP_ATOMIC_START >> PGDIR_SHIFT,
	       "one page table holds the whole area");

static __mm_state spinlock_t fixmap_lock;

void fixmap_init(void)
{
	void *table = alloc_bootmem_pages(PAGE_SIZE);

	spin_lock_init(&fixmap_lock, "fixmap_lock", LOCK_RANK_FIXMAP, 0);
	set_pgd(&swapper_pg_dir[pgd_index(FIXADDR_TOP)], make_pgd(__pa(table), _KERNPG_TABLE));
}

static pte_t *fixmap_pte(unsigned int index)
{
	if (index == FIX_HOLE || index >= __end_of_fixed_addresses)
		return NULL;
	return pte_lookup(swapper_pg_dir, fix_to_virt(index));
}

int set_fixmap(unsigned int index, phys_addr_t phys, pgprot_t prot)
{
	pte_t *pte = fixmap_pte(index);

	if (!pte)
		return -EINVAL;
	MM_ASSERT(IS_ALIGNED(phys, PAGE_SIZE), "physical address %x", phys);

	unsigned long flags = spin_lock_irqsave(&fixmap_lock);
	bool present = pte_present(*pte);

	set_pte(pte, pfn_pte(PFN_DOWN(phys), kernel_prot(prot)));
	if (present)
		arch_flush_tlb_one(fix_to_virt(index));
	spin_unlock_irqrestore(&fixmap_lock, flags);
	return 0;
}

int clear_fixmap(unsigned int index)
{
	pte_t *pte = fixmap_pte(index);
	int err = 0;

	if (!pte)
		return -EINVAL;

	unsigned long flags = spin_lock_irqsave(&fixmap_lock);

	if (pte_present(*pte)) {
		set_pte(pte, (pte_t){0});
		arch_flush_tlb_one(fix_to_virt(index));
	} else {
		err = -ENOENT;
	}
	spin_unlock_irqrestore(&fixmap_lock, flags);
	return err;
}
