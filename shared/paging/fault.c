#include "paging/fault.h"

#include "as/anon_vma.h"
#include "as/rmap.h"
#include "base/bug.h"
#include "pgtable/pgtable.h"
#include "pgtable/tlb.h"
#include "phys/page_alloc.h"
#include "phys/page_lock.h"

static bool is_write(const struct vm_fault *vmf)
{
	return vmf->flags & FAULT_FLAG_WRITE;
}

/* ---- entries ------------------------------------------------------------------------------- */

static pte_t maybe_mkwrite(pte_t pte, const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE ? pte_mkwrite(pte) : pte;
}

/* The entry for a page that was just made or found, for this access. */
static pte_t make_entry(const struct vm_fault *vmf, unsigned long pfn)
{
	pte_t pte = pfn_pte(pfn, vmf->vma->vm_page_prot);

	return is_write(vmf) ? maybe_mkwrite(pte_mkdirty(pte), vmf->vma) : pte;
}

/* The fault may sleep now. An entry of low memory stays where it is, as its table does. */
static inline void release_entry(struct vm_fault *vmf)
{
	if (likely(!is_kmap_atomic(vmf->pte)))
		return;
	pte_unmap(vmf->pte);
	vmf->pte = NULL;
}

/* Maps and locks the entry; false if it is not any more what it was. */
static __always_inline bool lock_entry(struct vm_fault *vmf)
{
	struct mm_struct *mm = vmf->vma->vm_mm;

	if (unlikely(!vmf->pte))
		vmf->pte = pte_map(mm->pgd, vmf->address);
	spin_lock(&mm->page_table_lock);
	return pte_same(*vmf->pte, vmf->orig_pte);
}

static void unlock_entry(struct vm_fault *vmf)
{
	spin_unlock(&vmf->vma->vm_mm->page_table_lock);
	release_entry(vmf);
}

static void add_rss(struct vm_fault *vmf, enum mm_counter counter, long pages)
{
	lock_assert_held(&vmf->vma->vm_mm->page_table_lock);
	vmf->vma->vm_mm->rss_stat[counter] += pages;
}

/* ---- memory without a file ----------------------------------------------------------------- */

static inline unsigned int do_zero_page(struct vm_fault *vmf)
{
	if (lock_entry(vmf))
		set_pte(vmf->pte, make_entry(vmf, ZERO_PFN));
	unlock_entry(vmf);
	return 0;
}

/* A page of the area's own, in the place of what the entry had: orig_pte. */
static inline bool install_anon_page(struct vm_fault *vmf, struct page *page)
{
	bool same = lock_entry(vmf);

	if (same) {
		page_add_new_anon_rmap(page, vmf->vma, vmf->address);
		add_rss(vmf, MM_ANONPAGES, 1);
		set_pte(vmf->pte, make_entry(vmf, page_to_pfn(page)));
	}
	unlock_entry(vmf);
	return same;
}

static unsigned int do_anonymous_page(struct vm_fault *vmf)
{
	struct page *page;

	if (!is_write(vmf))
		return do_zero_page(vmf);
	if (anon_vma_prepare(vmf->vma))
		return VM_FAULT_OOM;
	page = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!page)
		return VM_FAULT_OOM;
	clear_highpage(page);
	if (!install_anon_page(vmf, page))
		put_page(page);
	return 0;
}

/* ---- memory with an owner ------------------------------------------------------------------ */

/* Asks the owner for its page, which comes locked. */
static unsigned int fetch_page(struct vm_fault *vmf)
{
	unsigned int ret;

	vmf->pgoff = linear_page_index(vmf->vma, vmf->address);
	ret = vmf->vma->vm_ops->fault(vmf);

	if (ret & VM_FAULT_NO_PAGE)
		return ret;
	if (!(ret & VM_FAULT_LOCKED))
		lock_page(vmf->page);
	return ret & ~VM_FAULT_LOCKED;
}

static unsigned int do_owners_page(struct vm_fault *vmf)
{
	unsigned int ret = fetch_page(vmf);
	struct page *page = vmf->page;

	if (ret & VM_FAULT_NO_PAGE)
		return ret;
	if (lock_entry(vmf)) {
		page_add_file_rmap(page);
		add_rss(vmf, mm_counter(page), 1);
		set_pte(vmf->pte, make_entry(vmf, page_to_pfn(page)));
		unlock_entry(vmf);
		unlock_page(page);
		return ret; /* the entry has the use that fault() took */
	}
	unlock_entry(vmf);
	unlock_page(page);
	put_page(page);
	return ret;
}

/* The first write to a private area of a file: what the page holds, as it is now. */
static noinline unsigned int do_cow_fault(struct vm_fault *vmf)
{
	struct page *copy;
	unsigned int ret;

	if (anon_vma_prepare(vmf->vma))
		return VM_FAULT_OOM;
	copy = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!copy)
		return VM_FAULT_OOM;
	ret = fetch_page(vmf);
	if (ret & VM_FAULT_NO_PAGE) {
		put_page(copy);
		return ret;
	}
	copy_highpage(copy, vmf->page);
	if (!install_anon_page(vmf, copy))
		put_page(copy);
	unlock_page(vmf->page);
	put_page(vmf->page);
	return ret;
}

static noinline unsigned int do_fault(struct vm_fault *vmf)
{
	if (!vmf->vma->vm_ops->fault)
		return VM_FAULT_SIGBUS;
	if (is_write(vmf) && !(vmf->vma->vm_flags & VM_SHARED))
		return do_cow_fault(vmf);
	return do_owners_page(vmf);
}

/* ---- writes to what is read-only ----------------------------------------------------------- */

/* The entry is locked, and stays so. Giving rights needs no flush. */
static void reuse_page(struct vm_fault *vmf)
{
	pte_t pte = pte_mkyoung(pte_mkdirty(vmf->orig_pte));

	set_pte(vmf->pte, maybe_mkwrite(pte, vmf->vma));
}

static void fill_copy(struct page *copy, struct page *old)
{
	if (old)
		copy_highpage(copy, old);
	else
		clear_highpage(copy);
}

/* old: the page that was copied, of which the caller has a use besides; NULL for the zero page. */
static bool install_copy(struct vm_fault *vmf, struct page *copy, struct page *old)
{
	struct vm_area_struct *vma = vmf->vma;
	bool same = lock_entry(vmf);

	if (same) {
		pte_t pte = ptep_get_and_clear(vmf->pte);

		/* Nobody may go on reading the old page while others write the new one. */
		flush_tlb_entry(vma->vm_mm->pgd, vmf->address, pte, (pte_t){0});
		if (old) {
			add_rss(vmf, mm_counter(old), -1);
			page_remove_rmap(old);
		}
		page_add_new_anon_rmap(copy, vma, vmf->address);
		add_rss(vmf, MM_ANONPAGES, 1);
		set_pte(vmf->pte, make_entry(vmf, page_to_pfn(copy)));
	}
	unlock_entry(vmf);
	return same;
}

/* The entry is not locked; the caller has a use of old. */
static unsigned int copy_page(struct vm_fault *vmf, struct page *old)
{
	struct page *copy = NULL;
	bool done;

	if (!anon_vma_prepare(vmf->vma))
		copy = alloc_page(GFP_HIGHUSER_MOVABLE);
	if (!copy) {
		if (old)
			put_page(old);
		return VM_FAULT_OOM;
	}
	fill_copy(copy, old);
	done = install_copy(vmf, copy, old);
	if (!done)
		put_page(copy);
	if (old) {
		put_page(old);
		if (done)
			put_page(old); /* the entry's */
	}
	return VM_FAULT_WRITE;
}

/*
 * Nobody else has the page: the one use is this entry's. A use by somebody without an entry, as
 * get_user_pages() takes, counts: the page stays his.
 */
static bool is_last_use(const struct page *page)
{
	return page_is_anon(page) && page->_count == 1;
}

static noinline unsigned int do_wp_page(struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	struct page *page = vm_normal_page(vma, vmf->orig_pte);
	bool shared = vma->vm_flags & VM_SHARED;

	if (!lock_entry(vmf)) {
		unlock_entry(vmf);
		return 0;
	}
	if (shared || (page && is_last_use(page))) {
		if (page && !shared)
			page_move_anon_rmap(page, vma);
		reuse_page(vmf);
		unlock_entry(vmf);
		return VM_FAULT_WRITE;
	}
	/* It must not be freed while it is copied. */
	if (page && !try_get_page(page)) {
		unlock_entry(vmf);
		return VM_FAULT_OOM;
	}
	unlock_entry(vmf);
	return copy_page(vmf, page);
}

/* ---- which of these ------------------------------------------------------------------------ */

/* The entry allows it already: another fault was faster, or the processor cached an older one. */
static noinline unsigned int mark_entry(struct vm_fault *vmf)
{
	if (lock_entry(vmf))
		ptep_set_used(vmf->pte, is_write(vmf));
	unlock_entry(vmf);
	return 0;
}

static unsigned int handle_pte_fault(struct vm_fault *vmf)
{
	if (pte_none(vmf->orig_pte))
		return vma_is_anonymous(vmf->vma) ? do_anonymous_page(vmf) : do_fault(vmf);
	if (is_write(vmf) && !pte_write(vmf->orig_pte))
		return do_wp_page(vmf);
	return mark_entry(vmf);
}

unsigned int handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct vm_fault vmf;

	rwsem_assert_held(&vma->vm_mm->mmap_sem);
	vmf.vma = vma;
	vmf.flags = flags;
	vmf.address = address & PAGE_MASK;
	/* The two levels between, p4d and pud, and the pmd, are folded into the pgd's entry. */
	if (make_pte_table(vma->vm_mm->pgd, address))
		return VM_FAULT_OOM;
	vmf.pte = pte_map(vma->vm_mm->pgd, address);
	vmf.orig_pte = ptep_get(vmf.pte);
	release_entry(&vmf);
	return handle_pte_fault(&vmf);
}
