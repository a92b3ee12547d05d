#include "pgtable/pgtable.h"

#include "arch/arch.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "pgtable/tlb.h"
#include "phys/page_alloc.h"
#include "phys/vmstat.h"

__mm_state struct list_head pgd_list;
static __mm_state spinlock_t pgd_lock; /* pgd_list */

void pgtable_init(void)
{
	list_init(&pgd_list);
	spin_lock_init(&pgd_lock, "pgd_lock", LOCK_RANK_PGD, 0);
}

static struct page *alloc_table(gfp_t gfp)
{
	struct page *page = alloc_page(gfp);

	if (!page)
		return NULL;
	clear_highpage(page);
	set_page_flag(page, PG_table);
	mod_vm_counter(NR_PAGE_TABLE_PAGES, 1);
	return page;
}

void pte_free(struct page *table)
{
	clear_page_flag(table, PG_table);
	mod_vm_counter(NR_PAGE_TABLE_PAGES, -1);
	__free_page(table);
}

pgd_t *pgd_alloc(void)
{
	struct page *page = alloc_table(GFP_KERNEL);
	pgd_t *pgd;

	if (!page)
		return NULL;
	pgd = page_address(page);
	for (unsigned int i = USER_PTRS_PER_PGD; i < PTRS_PER_PGD; i++)
		set_pgd(&pgd[i], swapper_pg_dir[i]);

	unsigned long flags = spin_lock_irqsave(&pgd_lock);

	list_add(&pgd_page(pgd)->lru, &pgd_list);
	spin_unlock_irqrestore(&pgd_lock, flags);
	return pgd;
}

/* ---- single entries ------------------------------------------------------------------------ */

static bool has_table(pgd_t entry)
{
	return pgd_present(entry) && !pgd_large(entry);
}

pte_t *pte_lookup(pgd_t *pgd, unsigned long va)
{
	pgd_t entry = pgd[pgd_index(va)];

	if (!has_table(entry))
		return NULL;
	MM_ASSERT(!page_is_high(pgd_table_page(entry)), "the table of %lx is in high memory", va);
	return (pte_t *)__va(pgd_table(entry)) + pte_index(va);
}

int make_pte_table_slow(pgd_t *pgd, unsigned long va)
{
	struct page *table = alloc_table(GFP_KERNEL | __GFP_HIGHMEM);

	if (!table)
		return -ENOMEM;
	set_pgd(&pgd[pgd_index(va)], make_pgd(page_to_phys(table), _PAGE_TABLE));
	return 0;
}

static pte_t *pte_alloc(pgd_t *pgd, unsigned long va)
{
	return make_pte_table(pgd, va) ? NULL : pte_map(pgd, va);
}

/* The present entry of a user address, mapped, or NULL. */
static pte_t *mapped_pte(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = va < TASK_SIZE ? pte_map(pgd, va) : NULL;

	if (!pte || pte_present(*pte))
		return pte;
	pte_unmap(pte);
	return NULL;
}

static void add_mapping(struct page *page)
{
	get_page(page);
	__atomic_add_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
}

static void drop_mapping(struct page *page)
{
	__atomic_sub_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
	put_page(page);
}

int map_page(pgd_t *pgd, unsigned long va, struct page *page, pgprot_t prot)
{
	bool there;

	if (va >= TASK_SIZE || !IS_ALIGNED(va, PAGE_SIZE))
		return -EINVAL;
	pte_t *pte = pte_alloc(pgd, va);

	if (!pte)
		return -ENOMEM;
	there = pte_present(*pte);
	if (!there) {
		add_mapping(page);
		set_pte(pte, pfn_pte(page_to_pfn(page), prot));
	}
	pte_unmap(pte);
	return there ? -EEXIST : 0;
}

int unmap_page(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = mapped_pte(pgd, va), old;

	if (!pte)
		return -ENOENT;
	old = ptep_get_and_clear(pte);
	pte_unmap(pte);
	flush_tlb_entry(pgd, va, old, (pte_t){0});
	drop_mapping(pfn_to_page(pte_pfn(old)));
	return 0;
}

int protect_page(pgd_t *pgd, unsigned long va, pgprot_t prot)
{
	pte_t *pte = mapped_pte(pgd, va), old, new;

	if (!pte)
		return -ENOENT;
	old = ptep_get_and_clear(pte);
	new = pte_modify(old, prot);
	set_pte(pte, new);
	pte_unmap(pte);
	flush_tlb_entry(pgd, va, old, new);
	return 0;
}

int clear_flush_young(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = mapped_pte(pgd, va);
	bool young;

	if (!pte)
		return -ENOENT;
	young = ptep_test_and_clear_young(pte);
	pte_unmap(pte);
	if (young)
		flush_tlb_page(pgd, va);
	return young;
}

int replace_page(pgd_t *pgd, unsigned long va, struct page *page)
{
	pte_t *pte = mapped_pte(pgd, va), old, new;

	if (!pte)
		return -ENOENT;
	old = ptep_get_and_clear(pte);
	u32 rights = pte_val(old) & ~(u32)PAGE_MASK & ~(_PAGE_ACCESSED | _PAGE_DIRTY);

	add_mapping(page);
	new = pfn_pte(page_to_pfn(page), __pgprot(rights));
	set_pte(pte, new);
	pte_unmap(pte);
	flush_tlb_entry(pgd, va, old, new);
	drop_mapping(pfn_to_page(pte_pfn(old)));
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------------- */

static bool table_is_empty(pgd_t entry)
{
	pte_t *table = pgd_table_map(entry);
	unsigned int i = 0;

	while (i < PTRS_PER_PTE && pte_none(table[i]))
		i++;
	pte_unmap(table);
	return i == PTRS_PER_PTE;
}

/*
 * The processor may hold the directory entry of a freed table in its paging-structure caches, and
 * any INVLPG drops those (Intel SDM vol. 3A, 4.10.4.1). The flush comes before the table can be
 * reused.
 */
static void release_table(struct mmu_gather *tlb, unsigned int index)
{
	pgd_t old = tlb->pgd[index];

	set_pgd(&tlb->pgd[index], (pgd_t){0});
	tlb_remove_table(tlb, old);
}

void free_tables(struct mmu_gather *tlb, unsigned long start, unsigned long end)
{
	for (unsigned long i = pgd_index(start); i < end >> PGDIR_SHIFT; i++) {
		if (!pgd_present(tlb->pgd[i]))
			continue;
		MM_ASSERT(table_is_empty(tlb->pgd[i]), "the page table of slot %lx maps something",
			  i);
		release_table(tlb, i);
	}
}

unsigned int free_empty_tables(pgd_t *pgd, unsigned long start, unsigned long end)
{
	struct mmu_gather tlb;
	unsigned int freed = 0;

	BUG_ON(end > TASK_SIZE, "%lx is no user address", end);
	if (start >= end)
		return 0;
	tlb_gather(&tlb, pgd);
	for (unsigned int i = pgd_index(start); i <= pgd_index(end - 1); i++) {
		if (!pgd_present(pgd[i]) || !table_is_empty(pgd[i]))
			continue;
		release_table(&tlb, i);
		freed++;
	}
	tlb_finish(&tlb);
	return freed;
}

static void unmap_table(pgd_t *pgd, unsigned int index)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++) {
		unsigned long va = (unsigned long)index << PGDIR_SHIFT | (unsigned long)i
										 << PAGE_SHIFT;

		unmap_page(pgd, va);
	}
}

static bool has_user_tables(const pgd_t *pgd)
{
	for (unsigned int i = 0; i < USER_PTRS_PER_PGD; i++)
		if (pgd_present(pgd[i]))
			return true;
	return false;
}

void pgd_release(pgd_t *pgd)
{
	unsigned long flags = spin_lock_irqsave(&pgd_lock);

	MM_ASSERT(!has_user_tables(pgd), "the page directory %x has user page tables", __pa(pgd));
	BUG_ON(pgd_is_loaded(pgd), "the page directory %x is loaded", __pa(pgd));
	list_del(&pgd_page(pgd)->lru);
	spin_unlock_irqrestore(&pgd_lock, flags);
	pte_free(pgd_page(pgd));
}

int pgd_free(pgd_t *pgd)
{
	if (pgd_is_loaded(pgd))
		return -EBUSY;
	for (unsigned int i = 0; i < USER_PTRS_PER_PGD; i++)
		if (pgd_present(pgd[i]))
			unmap_table(pgd, i);
	free_empty_tables(pgd, 0, TASK_SIZE);
	pgd_release(pgd);
	return 0;
}
