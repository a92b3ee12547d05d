#include "pgtable/pgtable.h"

#include "arch/arch.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "phys/page_alloc.h"
#include "phys/vmstat.h"

__mm_state struct list_head pgd_list;
static __mm_state spinlock_t pgd_lock; /* pgd_list */

void pgtable_init(void)
{
	list_init(&pgd_list);
	spin_lock_init(&pgd_lock, "pgd_lock", LOCK_RANK_PGD, 0);
}

static bool is_loaded(const pgd_t *pgd)
{
	return arch_read_cr3() == __pa(pgd);
}

static void flush_page(const pgd_t *pgd, unsigned long va)
{
	if (is_loaded(pgd))
		arch_flush_tlb_one(va);
}

static void *alloc_table(void)
{
	void *table = (void *)get_zeroed_page(GFP_KERNEL);

	if (!table)
		return NULL;
	set_page_flag(virt_to_page(table), PG_table);
	mod_vm_counter(NR_PAGE_TABLE_PAGES, 1);
	return table;
}

static void free_table(void *table)
{
	clear_page_flag(virt_to_page(table), PG_table);
	mod_vm_counter(NR_PAGE_TABLE_PAGES, -1);
	free_pages((unsigned long)table, 0);
}

pgd_t *pgd_alloc(void)
{
	pgd_t *pgd = alloc_table();

	if (!pgd)
		return NULL;
	for (unsigned int i = USER_PTRS_PER_PGD; i < PTRS_PER_PGD; i++)
		set_pgd(&pgd[i], swapper_pg_dir[i]);

	unsigned long flags = spin_lock_irqsave(&pgd_lock);

	list_add(&pgd_page(pgd)->lru, &pgd_list);
	spin_unlock_irqrestore(&pgd_lock, flags);
	return pgd;
}

/* ---- single entries ------------------------------------------------------------------------ */

pte_t *pte_lookup(pgd_t *pgd, unsigned long va)
{
	pgd_t entry = pgd[pgd_index(va)];

	if (!pgd_present(entry) || pgd_large(entry))
		return NULL;
	return pgd_table_address(entry) + pte_index(va);
}

static pte_t *pte_alloc(pgd_t *pgd, unsigned long va)
{
	if (!pgd_present(pgd[pgd_index(va)])) {
		pte_t *table = alloc_table();

		if (!table)
			return NULL;
		set_pgd(&pgd[pgd_index(va)], make_pgd(__pa(table), _PAGE_TABLE));
	}
	return pte_lookup(pgd, va);
}

/* The present entry of a user address, or NULL. */
static pte_t *mapped_pte(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = va < TASK_SIZE ? pte_lookup(pgd, va) : NULL;

	return pte && pte_present(*pte) ? pte : NULL;
}

static void add_mapping(struct page *page)
{
	get_page(page);
	__atomic_add_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
}

static void drop_mapping(struct page *page)
{
	__atomic_sub_fetch(&page->_mapcount, 1, __ATOMIC_RELAXED);
	__free_pages(page, 0);
}

int map_page(pgd_t *pgd, unsigned long va, struct page *page, pgprot_t prot)
{
	if (va >= TASK_SIZE || !IS_ALIGNED(va, PAGE_SIZE))
		return -EINVAL;
	pte_t *pte = pte_alloc(pgd, va);

	if (!pte)
		return -ENOMEM;
	if (pte_present(*pte))
		return -EEXIST;
	add_mapping(page);
	set_pte(pte, pfn_pte(page_to_pfn(page), prot));
	return 0;
}

int unmap_page(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = mapped_pte(pgd, va);

	if (!pte)
		return -ENOENT;
	struct page *page = pfn_to_page(pte_pfn(*pte));

	set_pte(pte, (pte_t){0});
	flush_page(pgd, va);
	drop_mapping(page);
	return 0;
}

int protect_page(pgd_t *pgd, unsigned long va, pgprot_t prot)
{
	pte_t *pte = mapped_pte(pgd, va);

	if (!pte)
		return -ENOENT;
	u32 kept = pte_val(*pte) & (_PAGE_ACCESSED | _PAGE_DIRTY);

	set_pte(pte, pfn_pte(pte_pfn(*pte), __pgprot(prot.bits | kept)));
	flush_page(pgd, va);
	return 0;
}

int clear_flush_young(pgd_t *pgd, unsigned long va)
{
	pte_t *pte = mapped_pte(pgd, va);

	if (!pte)
		return -ENOENT;
	bool young = pte_young(*pte);

	set_pte(pte, pte_mkold(*pte));
	flush_page(pgd, va);
	return young;
}

int replace_page(pgd_t *pgd, unsigned long va, struct page *page)
{
	pte_t *pte = mapped_pte(pgd, va);

	if (!pte)
		return -ENOENT;
	struct page *old = pfn_to_page(pte_pfn(*pte));
	u32 rights = pte_val(*pte) & ~(u32)PAGE_MASK & ~(_PAGE_ACCESSED | _PAGE_DIRTY);

	add_mapping(page);
	set_pte(pte, pfn_pte(page_to_pfn(page), __pgprot(rights)));
	flush_page(pgd, va);
	drop_mapping(old);
	return 0;
}

int make_pte_table(pgd_t *pgd, unsigned long va)
{
	return pte_alloc(pgd, va) ? 0 : -ENOMEM;
}

int move_page(pgd_t *pgd, unsigned long from, unsigned long to)
{
	pte_t *old = mapped_pte(pgd, from), *new;

	if (!old)
		return -ENOENT;
	new = pte_alloc(pgd, to);
	if (!new)
		return -ENOMEM;
	MM_ASSERT(pte_none(*new), "something is mapped at %lx", to);
	pte_t pte = *old;

	set_pte(old, (pte_t){0});
	flush_page(pgd, from);
	set_pte(new, pte);
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------------- */

static bool table_is_empty(const pte_t *table)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		if (!pte_none(table[i]))
			return false;
	return true;
}

/*
 * The processor may hold the directory entry of a freed table in its paging-structure caches, and
 * any INVLPG drops those (Intel SDM vol. 3A, 4.10.4.1). The flush comes before the table can be
 * reused.
 */
static void release_table(pgd_t *pgd, unsigned int index)
{
	pte_t *table = pgd_table_address(pgd[index]);

	set_pgd(&pgd[index], (pgd_t){0});
	flush_page(pgd, (unsigned long)index << PGDIR_SHIFT);
	free_table(table);
}

void free_tables(pgd_t *pgd, unsigned long start, unsigned long end)
{
	for (unsigned long i = pgd_index(start); i < end >> PGDIR_SHIFT; i++) {
		if (!pgd_present(pgd[i]))
			continue;
		MM_ASSERT(table_is_empty(pgd_table_address(pgd[i])),
			  "the page table of slot %lx maps something", i);
		release_table(pgd, i);
	}
}

unsigned int free_empty_tables(pgd_t *pgd, unsigned long start, unsigned long end)
{
	unsigned int freed = 0;

	BUG_ON(end > TASK_SIZE, "%lx is no user address", end);
	if (start >= end)
		return 0;
	for (unsigned int i = pgd_index(start); i <= pgd_index(end - 1); i++) {
		if (!pgd_present(pgd[i]) || !table_is_empty(pgd_table_address(pgd[i])))
			continue;
		release_table(pgd, i);
		freed++;
	}
	return freed;
}

static void unmap_table(pgd_t *pgd, unsigned int index)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++) {
		unsigned long va = (unsigned long)index << PGDIR_SHIFT | (unsigned long)i
										 << PAGE_SHIFT;

		if (mapped_pte(pgd, va))
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
	BUG_ON(is_loaded(pgd), "the page directory %x is loaded", __pa(pgd));
	list_del(&pgd_page(pgd)->lru);
	spin_unlock_irqrestore(&pgd_lock, flags);
	free_table(pgd);
}

int pgd_free(pgd_t *pgd)
{
	if (is_loaded(pgd))
		return -EBUSY;
	for (unsigned int i = 0; i < USER_PTRS_PER_PGD; i++)
		if (pgd_present(pgd[i]))
			unmap_table(pgd, i);
	free_empty_tables(pgd, 0, TASK_SIZE);
	pgd_release(pgd);
	return 0;
}
