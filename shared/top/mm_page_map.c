#include "top/mm_page_map.h"

#include "as/file.h"
#include "as/mm.h"
#include "as/rmap.h"
#include "as/vma.h"
#include "base/errno.h"
#include "base/printk.h"
#include "pgtable/pgtable.h"
#include "top/mm_space_map.h"
#include "top/mm_spaces.h"

/* What a line says of equal neighbours: pages of a table's entries, or of a cache. */
struct run {
	unsigned long start, end; /* addresses, or places in the file */
	const struct vm_area_struct *vma;
	const char *kind;
	u32 bits; /* of the entry, but for its frame */
	unsigned long pfn;
	const struct page *page; /* of pfn, or NULL */
};

const char *page_kind(const struct page *page)
{
	if (page_is_anon(page))
		return "anon";
	if (!page->mapping)
		return "page";
	return page_flag(page, PG_swapbacked) ? "shmem" : "file";
}

static const char *kind_of(const struct page *page, unsigned long pfn)
{
	if (page)
		return page_kind(page);
	return pfn == ZERO_PFN ? "zero" : "frame";
}

/* Adds next, of one page, to run, if it is more of the same. step: how far a page takes start. */
static bool join(struct run *run, const struct run *next, unsigned long step)
{
	unsigned long count = (next->start - run->start) / step;

	if (run->end != next->start || run->vma != next->vma || run->kind != next->kind ||
	    run->bits != next->bits)
		return false;
	if (!run->page != !next->page || (next->pfn != ZERO_PFN && next->pfn != run->pfn + count))
		return false;
	if (run->page && (run->page->_count != next->page->_count ||
			  run->page->_mapcount != next->page->_mapcount))
		return false;
	run->end = next->end;
	return true;
}

static void print_figures(const struct run *run)
{
	if (run->pfn != ZERO_PFN)
		printk(" pfn %05lx", run->pfn);
	if (run->page)
		printk(" count %u maps %d", run->page->_count, run->page->_mapcount + 1);
	printk("\n");
}

/* ---- spaces -------------------------------------------------------------------------------- */

static void print_entries(const struct run *run)
{
	pte_t pte = {run->bits};
	const char *rights = "none";

	if (run->start == run->end)
		return;
	if (pte_val(pte) & _PAGE_PRESENT)
		rights = pte_write(pte) ? "rw" : "ro";
	printk("entry %08lx-%08lx %s %s %s %s", run->start, run->end, run->kind, rights,
	       pte_young(pte) ? "young" : "old", pte_dirty(pte) ? "dirty" : "clean");
	print_figures(run);
}

/* A page that is counted, if the entry has one. A damaged entry may name no frame at all. */
static const struct page *page_of(const struct vm_area_struct *vma, pte_t pte)
{
	return vma && pfn_valid(pte_pfn(pte)) ? vm_normal_page(vma, pte) : NULL;
}

static unsigned int count_entries(const pte_t *table)
{
	unsigned int entries = 0;

	for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
		entries += pte_present(table[i]);
	return entries;
}

/* One table's entries; *vma as in mm_verify_mapped.c: the first area that ends above addr. */
static void show_entries(const pte_t *table, unsigned long addr, const struct vm_area_struct **vma)
{
	struct run run = {.start = 0};

	for (unsigned int i = 0; i < PTRS_PER_PTE; i++, addr += PAGE_SIZE) {
		pte_t pte = table[i];

		if (!pte_present(pte))
			continue;
		while (*vma && (*vma)->vm_end <= addr)
			*vma = (*vma)->vm_next;
		struct run next = {.start = addr,
				   .end = addr + PAGE_SIZE,
				   .vma = *vma && (*vma)->vm_start <= addr ? *vma : NULL,
				   .bits = pte_val(pte) & ~(u32)PAGE_MASK,
				   .pfn = pte_pfn(pte)};

		next.page = page_of(next.vma, pte);
		next.kind = kind_of(next.page, next.pfn);
		if (join(&run, &next, PAGE_SIZE))
			continue;
		print_entries(&run);
		run = next;
	}
	print_entries(&run);
}

static void show_tables(const struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->mmap;

	for (unsigned long slot = 0; slot < USER_PTRS_PER_PGD; slot++) {
		pte_t *table;

		if (!pgd_present(mm->pgd[slot]))
			continue;
		table = pgd_table_map(mm->pgd[slot]);
		printk("table %lu %08lx pfn %05lx entries %u\n", slot, slot << PGDIR_SHIFT,
		       PFN_DOWN(pgd_table(mm->pgd[slot])), count_entries(table));
		show_entries(table, slot << PGDIR_SHIFT, &vma);
		pte_unmap(table);
	}
}

static unsigned long count_all_entries(const struct mm_struct *mm)
{
	unsigned long entries = 0;

	for (unsigned long slot = 0; slot < USER_PTRS_PER_PGD; slot++) {
		if (pgd_present(mm->pgd[slot])) {
			pte_t *table = pgd_table_map(mm->pgd[slot]);

			entries += count_entries(table);
			pte_unmap(table);
		}
	}
	return entries;
}

/* Is the kernel's half that of swapper_pg_dir? */
static bool kernel_is_shared(const struct mm_struct *mm)
{
	const u32 noted = _PAGE_ACCESSED | _PAGE_DIRTY;

	for (unsigned int slot = USER_PTRS_PER_PGD; slot < PTRS_PER_PGD; slot++)
		if ((pgd_val(mm->pgd[slot]) ^ pgd_val(swapper_pg_dir[slot])) & ~noted)
			return false;
	return true;
}

static void show_space(struct mm_struct *mm, unsigned int number)
{
	down_read(&mm->mmap_sem);
	printk("space %u pgd %05lx tables %lu entries %lu kernel %s\n", number,
	       page_to_pfn(pgd_page(mm->pgd)), count_tables(mm), count_all_entries(mm),
	       kernel_is_shared(mm) ? "shared" : "differs");
	show_tasks_of(mm);
	show_tables(mm);
	up_read(&mm->mmap_sem);
}

/* ---- caches -------------------------------------------------------------------------------- */

static void print_cached(const struct run *run)
{
	if (run->start == run->end)
		return;
	printk("cached %lx-%lx %s", run->start, run->end, run->kind);
	print_figures(run);
}

static void show_cache(const struct inode *inode)
{
	const struct address_space *mapping = inode->i_mapping;
	struct run run = {.start = 0};
	const struct page *page;

	if (!mapping->nrpages)
		return;
	printk("cache pages %lu size %llx %s\n", mapping->nrpages, i_size_read(inode), inode->name);
	for (unsigned long i = 0; (page = radix_tree_next(&mapping->page_tree, &i)); i++) {
		struct run next = {
			.start = i, .end = i + 1, .pfn = page_to_pfn(page), .page = page};

		next.kind = kind_of(page, next.pfn);
		if (join(&run, &next, 1))
			continue;
		print_cached(&run);
		run = next;
	}
	print_cached(&run);
}

static unsigned int count_caches(void)
{
	unsigned int caches = 0;

	list_for_each (at, &inode_list)
		caches += list_entry(at, struct inode, list)->i_mapping->nrpages != 0;
	return caches;
}

int show_page_map(unsigned int number)
{
	unsigned int spaces = count_spaces(), place = 0;

	if (number > spaces)
		return -ENOENT;
	printk("spaces %u caches %u\n", spaces, count_caches());
	list_for_each (at, &mm_list)
		if (++place == number || !number)
			show_space(list_entry(at, struct mm_struct, mmlist), place);
	list_for_each (at, &inode_list)
		show_cache(list_entry(at, struct inode, list));
	return 0;
}
