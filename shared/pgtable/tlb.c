#include "pgtable/tlb.h"

#include "pgtable/pgtable.h"
#include "phys/page_alloc.h"

__mm_state struct tlb_flushes tlb_flushes;

static void flush_one(unsigned long va)
{
	tlb_flushes.one++;
	arch_flush_tlb_one(va);
}

void flush_tlb_page(const pgd_t *pgd, unsigned long va)
{
	if (pgd_is_loaded(pgd))
		flush_one(va);
}

void tlb_gather(struct mmu_gather *tlb, pgd_t *pgd)
{
	tlb->pgd = pgd;
	tlb->loaded = pgd_is_loaded(pgd);
	tlb->table_cached = false;
	tlb->nr_entries = 0;
	tlb->nr_pages = 0;
	list_init(&tlb->tables);
}

/* A page for a table's sake: INVLPG of any address drops all directory entries that are cached
 * (4.10.4.1), and so does any flush of a page that is due anyhow. */
static void flush_due(struct mmu_gather *tlb)
{
	if (tlb->nr_entries > TLB_SINGLE_MAX) {
		tlb_flushes.all++;
		arch_load_cr3(__pa(tlb->pgd));
	} else if (tlb->nr_entries) {
		for (unsigned int i = 0; i < tlb->nr_entries; i++)
			flush_one(tlb->entry[i]);
	} else if (tlb->table_cached) {
		flush_one(0);
	}
	tlb->nr_entries = 0;
	tlb->table_cached = false;
}

void tlb_flush(struct mmu_gather *tlb)
{
	flush_due(tlb);
	for (unsigned int i = 0; i < tlb->nr_pages; i++)
		put_page(tlb->page[i]);
	tlb->nr_pages = 0;
	while (!list_empty(&tlb->tables)) {
		struct page *table = list_first_entry(&tlb->tables, struct page, lru);

		list_del(&table->lru);
		pte_free(table);
	}
}

void tlb_finish(struct mmu_gather *tlb)
{
	tlb_flush(tlb);
}

void tlb_remove_table(struct mmu_gather *tlb, pgd_t old)
{
	struct page *table = pgd_table_page(old);

	if (!tlb->loaded) {
		pte_free(table);
		return;
	}
	tlb->table_cached |= pgd_young(old);
	list_add_tail(&table->lru, &tlb->tables);
}
