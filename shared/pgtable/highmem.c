#include "pgtable/highmem.h"

#include "arch/arch.h"
#include "base/bug.h"
#include "boot/setup.h"
#include "pgtable/fixmap.h"
#include "pgtable/init.h"
#include "pgtable/pgtable.h"

__mm_state unsigned long highstart_pfn = ~0ul;

/* The first slot's entry; slots go up from KMAP_ATOMIC_START. */
static __mm_state pte_t *kmap_pte;
static __mm_state unsigned int in_use;

void kmap_init(void)
{
	kmap_pte = pte_lookup(swapper_pg_dir, KMAP_ATOMIC_START);
	highstart_pfn = memory.max_low_pfn;
}

void *kmap_atomic_high(struct page *page)
{
	unsigned long flags = arch_irq_save();
	unsigned int slot = in_use++;

	BUG_ON(slot == NR_KMAP_ATOMIC, "all %u slots of kmap_atomic() are taken", NR_KMAP_ATOMIC);
	/* An interrupt takes the next slot, and has given it back when it returns. */
	arch_irq_restore(flags);
	MM_ASSERT(!pte_present(kmap_pte[slot]), "slot %u of kmap_atomic() is in use", slot);
	set_pte(&kmap_pte[slot], pfn_pte(page_to_pfn(page), PAGE_KERNEL));
	return (void *)(KMAP_ATOMIC_START + ((unsigned long)slot << PAGE_SHIFT));
}

void kunmap_atomic_high(void *address)
{
	unsigned long va = (unsigned long)address & PAGE_MASK;
	unsigned int slot = (va - KMAP_ATOMIC_START) >> PAGE_SHIFT;

	BUG_ON(slot + 1 != in_use, "kunmap_atomic(%lx): %u slots are in use", va, in_use);
	set_pte(&kmap_pte[slot], (pte_t){0});
	arch_flush_tlb_one(va);
	in_use--;
}
