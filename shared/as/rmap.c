#include "as/rmap.h"

#include "as/address_space.h"
#include "as/anon_vma.h"
#include "base/bug.h"
#include "pgtable/pgtable.h"
#include "pgtable/tlb.h"
#include "phys/page_alloc.h"

struct page *vm_normal_page(const struct vm_area_struct *vma, pte_t pte)
{
	unsigned long pfn = pte_pfn(pte);

	if (pfn == ZERO_PFN || vma->vm_flags & VM_PFNMAP)
		return NULL;
	return pfn_to_page(pfn);
}

/* ---- walking ------------------------------------------------------------------------------- */

/* Visits the page's place in an area, if it is mapped there; false: enough. */
static bool visit_area(struct page *page, struct vm_area_struct *vma,
		       bool (*fn)(const struct rmap_visit *visit, void *arg), void *arg)
{
	unsigned long addr = vma->vm_start + ((page->index - vma->vm_pgoff) << PAGE_SHIFT);
	struct mm_struct *mm = vma->vm_mm;
	bool go_on = true;
	pte_t *pte = pte_map(mm->pgd, addr);

	if (!pte)
		return true;
	spin_lock(&mm->page_table_lock);
	if (pte_present(*pte) && pte_pfn(*pte) == page_to_pfn(page)) {
		const struct rmap_visit visit = {page, vma, addr, pte};

		go_on = fn(&visit, arg);
	}
	spin_unlock(&mm->page_table_lock);
	pte_unmap(pte);
	return go_on;
}

static void walk_anon(struct page *page, bool (*fn)(const struct rmap_visit *visit, void *arg),
		      void *arg)
{
	struct anon_vma *anon_vma =
		(struct anon_vma *)((unsigned long)page->mapping & ~PAGE_MAPPING_ANON);

	anon_vma_lock_read(anon_vma);
	interval_for_each(node, &anon_vma->rb_root, page->index, page->index)
	{
		struct anon_vma_chain *avc = container_of(node, struct anon_vma_chain, node);

		if (!visit_area(page, avc->vma, fn, arg))
			break;
	}
	anon_vma_unlock_read(anon_vma);
}

static void walk_file(struct page *page, bool (*fn)(const struct rmap_visit *visit, void *arg),
		      void *arg)
{
	struct address_space *mapping = page->mapping;

	down_read(&mapping->i_mmap_rwsem);
	interval_for_each(node, &mapping->i_mmap, page->index, page->index)
	{
		struct vm_area_struct *vma = container_of(node, struct vm_area_struct, shared);

		if (!visit_area(page, vma, fn, arg))
			break;
	}
	up_read(&mapping->i_mmap_rwsem);
}

/* Of a page that nobody maps, the anon_vma may be gone. */
void rmap_walk(struct page *page, bool (*fn)(const struct rmap_visit *visit, void *arg), void *arg)
{
	if (!page_mapped(page) || !page->mapping)
		return;
	if (page_is_anon(page))
		walk_anon(page, fn, arg);
	else
		walk_file(page, fn, arg);
}

void note_entry_bits(struct page *page, pte_t old)
{
	if (pte_dirty(old) && !page_flag(page, PG_dirty))
		set_page_flag(page, PG_dirty);
	if (pte_young(old) && !page_flag(page, PG_referenced))
		set_page_flag(page, PG_referenced);
}

/* ---- what is done to all entries ----------------------------------------------------------- */

static bool age_entry(const struct rmap_visit *visit, void *arg)
{
	if (ptep_test_and_clear_young(visit->pte)) {
		/* Cached, it would not be set again. */
		flush_tlb_page(visit->vma->vm_mm->pgd, visit->address);
		++*(unsigned int *)arg;
	}
	return true;
}

unsigned int page_referenced(struct page *page)
{
	unsigned int referenced = 0;

	rmap_walk(page, age_entry, &referenced);
	if (page_flag(page, PG_referenced)) {
		clear_page_flag(page, PG_referenced);
		referenced++;
	}
	return referenced;
}

static bool unmap_entry(const struct rmap_visit *visit, void *arg __maybe_unused)
{
	struct mm_struct *mm = visit->vma->vm_mm;
	struct page *page = visit->page;
	pte_t old;

	if (visit->vma->vm_flags & VM_LOCKED)
		return false;
	old = ptep_get_and_clear(visit->pte);
	flush_tlb_entry(mm->pgd, visit->address, old, (pte_t){0});
	note_entry_bits(page, old);
	mm->rss_stat[mm_counter(page)]--;
	page_remove_rmap(page);
	/* Its file has a use of it still. */
	put_page(page);
	return true;
}

bool try_to_unmap(struct page *page)
{
	MM_ASSERT(page_flag(page, PG_locked), "pfn %lx must be locked", page_to_pfn(page));
	if (!page_is_anon(page))
		rmap_walk(page, unmap_entry, NULL);
	return !page_mapped(page);
}

static bool clean_entry(const struct rmap_visit *visit, void *arg)
{
	pte_t old = *visit->pte, new;

	if (!(visit->vma->vm_flags & VM_SHARED) || !(pte_dirty(old) || pte_write(old)))
		return true;
	old = ptep_get_and_clear(visit->pte);
	new = pte_mkclean(pte_wrprotect(old));
	set_pte(visit->pte, new);
	flush_tlb_entry(visit->vma->vm_mm->pgd, visit->address, old, new);
	note_entry_bits(visit->page, pte_mkold(old));
	++*(unsigned int *)arg;
	return true;
}

unsigned int page_mkclean(struct page *page)
{
	unsigned int cleaned = 0;

	MM_ASSERT(page_flag(page, PG_locked), "pfn %lx must be locked", page_to_pfn(page));
	if (!page_is_anon(page))
		rmap_walk(page, clean_entry, &cleaned);
	return cleaned;
}
