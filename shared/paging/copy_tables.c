#include "paging/copy_tables.h"

#include "as/rmap.h"
#include "base/errno.h"
#include "paging/memory.h"
#include "pgtable/pgtable.h"
#include "phys/page_alloc.h"

/* Would a fault in the child not find all that is mapped here? */
static bool needs_copy(const struct vm_area_struct *vma)
{
	return vma->anon_vma || vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP);
}

static bool has_entries(const pte_t *pte, unsigned long pages)
{
	for (unsigned long i = 0; i < pages; i++)
		if (!pte_none(pte[i]))
			return true;
	return false;
}

int copy_page_range_prepare(struct mm_struct *dst, const struct vm_area_struct *src)
{
	unsigned long next;
	int err = 0;

	if (!needs_copy(src))
		return 0;
	for (unsigned long addr = src->vm_start; addr < src->vm_end && !err; addr = next) {
		pte_t *pte = pte_map(src->vm_mm->pgd, addr);
		bool wanted;

		next = table_end(addr, src->vm_end);
		if (!pte)
			continue;
		wanted = has_entries(pte, (next - addr) >> PAGE_SHIFT);
		pte_unmap(pte);
		if (wanted)
			err = make_pte_table(dst->pgd, addr);
	}
	return err;
}

/* What the child gets: it has used nothing of it so far. */
static pte_t child_entry(pte_t pte, unsigned long vm_flags)
{
	if (is_cow_mapping(vm_flags))
		pte = pte_wrprotect(pte);
	if (vm_flags & VM_SHARED)
		pte = pte_mkclean(pte);
	return pte_mkold(pte);
}

static int copy_entries(struct mmu_gather *tlb, struct mm_struct *dst,
			const struct vm_area_struct *src, pte_t *from, pte_t *to,
			unsigned long addr, unsigned long end)
{
	unsigned long vm_flags = src->vm_flags;

	lock_assert_held(&src->vm_mm->page_table_lock);
	for (; addr < end; addr += PAGE_SIZE, from++, to++) {
		pte_t pte = *from;
		struct page *page;

		if (pte_none(pte))
			continue;
		page = vm_normal_page(src, pte);
		if (page) {
			if (!try_get_page(page))
				return -ENOMEM;
			page_dup_rmap(page);
			dst->rss_stat[mm_counter(page)]++;
		}
		if (pte_write(pte) && is_cow_mapping(vm_flags)) {
			ptep_set_wrprotect(from);
			tlb_note_entry(tlb, addr, pte, pte_wrprotect(pte));
		}
		set_pte(to, child_entry(pte, vm_flags));
	}
	return 0;
}

/* Nobody knows of dst so far: its own lock need not be taken inside the source's. */
int copy_page_range(struct mmu_gather *tlb, struct mm_struct *dst, const struct vm_area_struct *src)
{
	struct mm_struct *mm = src->vm_mm;
	unsigned long next;
	int err = 0;

	if (!needs_copy(src))
		return 0;
	for (unsigned long addr = src->vm_start; addr < src->vm_end && !err; addr = next) {
		pte_t *from = pte_map(mm->pgd, addr), *to = from ? pte_map(dst->pgd, addr) : NULL;

		next = table_end(addr, src->vm_end);
		if (to) {
			spin_lock(&mm->page_table_lock);
			err = copy_entries(tlb, dst, src, from, to, addr, next);
			spin_unlock(&mm->page_table_lock);
			pte_unmap(to);
		}
		if (from)
			pte_unmap(from);
	}
	return err;
}
