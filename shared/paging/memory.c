#include "paging/memory.h"

#include "as/rmap.h"
#include "as/vma.h"
#include "base/bug.h"
#include "base/errno.h"
#include "pgtable/pgtable.h"
#include "phys/page_alloc.h"

/* ---- figures ------------------------------------------------------------------------------- */

unsigned long get_mm_rss(const struct mm_struct *mm)
{
	return mm->rss_stat[MM_FILEPAGES] + mm->rss_stat[MM_ANONPAGES] +
	       mm->rss_stat[MM_SHMEMPAGES];
}

unsigned long get_mm_hiwater_rss(const struct mm_struct *mm)
{
	return max(mm->hiwater_rss, get_mm_rss(mm));
}

unsigned long get_mm_hiwater_vm(const struct mm_struct *mm)
{
	return max(mm->hiwater_vm, mm->total_vm);
}

void update_hiwater(struct mm_struct *mm)
{
	mm->hiwater_rss = get_mm_hiwater_rss(mm);
	mm->hiwater_vm = get_mm_hiwater_vm(mm);
}

/* ---- going --------------------------------------------------------------------------------- */

/* The entries of [addr, end), which one table has, from pte on. */
static void zap_table(struct mmu_gather *tlb, const struct vm_area_struct *vma, pte_t *pte,
		      unsigned long addr, unsigned long end)
{
	long *rss = vma->vm_mm->rss_stat;

	lock_assert_held(&vma->vm_mm->page_table_lock);
	for (; addr < end; addr += PAGE_SIZE, pte++) {
		struct page *page;
		pte_t old;

		if (pte_none(*pte))
			continue;
		old = ptep_get_and_clear(pte);
		tlb_note_entry(tlb, addr, old, (pte_t){0});
		page = vm_normal_page(vma, old);
		if (!page)
			continue;
		rss[mm_counter(page)]--;
		if (!page_is_anon(page))
			note_entry_bits(page, old);
		page_remove_rmap(page);
		tlb_remove_page(tlb, page);
	}
}

void zap_area(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long next;

	for (unsigned long addr = start; addr < end; addr = next) {
		pte_t *pte = pte_map(mm->pgd, addr);

		next = table_end(addr, end);
		if (!pte)
			continue;
		spin_lock(&mm->page_table_lock);
		zap_table(tlb, vma, pte, addr, next);
		spin_unlock(&mm->page_table_lock);
		pte_unmap(pte);
	}
}

void unmap_vmas(struct mmu_gather *tlb, struct vm_area_struct *vma, unsigned long start,
		unsigned long end)
{
	for (; vma && vma->vm_start < end; vma = vma->vm_next)
		zap_area(tlb, vma, max(vma->vm_start, start), min(vma->vm_end, end));
}

void zap_page_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mmu_gather tlb;

	update_hiwater(vma->vm_mm);
	tlb_gather(&tlb, vma->vm_mm->pgd);
	zap_area(&tlb, vma, start, end);
	tlb_finish(&tlb);
}

/* A table is free if it touches the range, and no area above or below has a byte of its 4 MiB. */
void free_pgtables(struct mmu_gather *tlb, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling)
{
	unsigned long first = ALIGN(floor, PGDIR_SIZE), last = ALIGN_DOWN(ceiling, PGDIR_SIZE);

	first = max(first, ALIGN_DOWN(start, PGDIR_SIZE));
	last = min(last, ALIGN(end, PGDIR_SIZE));
	if (first < last)
		free_tables(tlb, first, last);
}

/* ---- changing ------------------------------------------------------------------------------ */

static void protect_table(struct mmu_gather *tlb, pte_t *pte, unsigned long addr, unsigned long end,
			  pgprot_t prot)
{
	for (; addr < end; addr += PAGE_SIZE, pte++) {
		pte_t old, new;

		if (!pte_present(*pte))
			continue;
		/* Absent for a moment, so that no bit is lost that a processor sets. */
		old = ptep_get_and_clear(pte);
		new = pte_modify(old, prot);
		set_pte(pte, new);
		tlb_note_entry(tlb, addr, old, new);
	}
}

void change_protection(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	struct mmu_gather tlb;
	unsigned long next;

	if (!has_tables(mm->pgd, start, end))
		return;
	tlb_gather(&tlb, mm->pgd);
	for (unsigned long addr = start; addr < end; addr = next) {
		pte_t *pte = pte_map(mm->pgd, addr);

		next = table_end(addr, end);
		if (!pte)
			continue;
		spin_lock(&mm->page_table_lock);
		protect_table(&tlb, pte, addr, next, vma->vm_page_prot);
		spin_unlock(&mm->page_table_lock);
		pte_unmap(pte);
	}
	tlb_finish(&tlb);
}

/* ---- a driver's page ----------------------------------------------------------------------- */

static int insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *pte = pte_map(mm->pgd, addr);
	int err = 0;

	spin_lock(&mm->page_table_lock);
	if (!pte_none(*pte)) {
		err = -EBUSY;
	} else if (!try_get_page(page)) {
		err = -ENOMEM;
	} else {
		page_add_file_rmap(page);
		mm->rss_stat[mm_counter(page)]++;
		set_pte(pte, pfn_pte(page_to_pfn(page), vma->vm_page_prot));
	}
	spin_unlock(&mm->page_table_lock);
	pte_unmap(pte);
	return err;
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page)
{
	int err;

	rwsem_assert_held_write(&vma->vm_mm->mmap_sem);
	if (addr < vma->vm_start || addr >= vma->vm_end || !IS_ALIGNED(addr, PAGE_SIZE))
		return -EFAULT;
	if (!page->_count || page->mapping || vma->vm_flags & VM_PFNMAP)
		return -EINVAL;
	err = make_pte_table(vma->vm_mm->pgd, addr);
	if (!err)
		err = insert_page(vma, addr, page);
	if (!err)
		vma_set_flags(vma, vma->vm_flags | VM_MIXEDMAP);
	return err;
}
