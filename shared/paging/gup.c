/*
 * The loop of get_user_pages() is: look; if the look does not find what it wants, fault; look
 * again. A look for writing wants a writable entry. Where the area itself is read-only (FOLL_FORCE)
 * no entry ever becomes writable; there the look is content with the copy that a fault made for
 * this write: FOLL_COW says that there was one, and D that the entry still is the copy's. Between
 * fault and look another task may throw the copy away (MADV_DONTNEED), and a read bring the shared
 * page back: that one is not dirty, and so not taken. Linux forgot that the look was for writing
 * once it had seen the fault's answer, and wrote to the file (CVE-2016-5195, "Dirty COW").
 */
#include "paging/gup.h"

#include "as/rmap.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/fault.h"
#include "pgtable/pgtable.h"
#include "phys/page_alloc.h"

__mm_state void (*gup_after_fault)(struct vm_area_struct *vma, unsigned long address);

/* ---- looking ------------------------------------------------------------------------------- */

static bool may_write(pte_t pte, unsigned int flags)
{
	return pte_write(pte) || (flags & FOLL_FORCE && flags & FOLL_COW && pte_dirty(pte));
}

/*
 * 0 and *page with a use; -EAGAIN: not yet, a fault is wanted; -ENOMEM: it has as many uses as
 * there may be. -EFAULT: it has no struct page.
 */
static int follow_page(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		       struct page **page)
{
	struct mm_struct *mm = vma->vm_mm;
	pte_t *pte = pte_map(mm->pgd, address);
	int err = -EAGAIN;

	if (!pte)
		return err;
	spin_lock(&mm->page_table_lock);
	if (pte_present(*pte) && (!(flags & FOLL_WRITE) || may_write(*pte, flags))) {
		/* The zero page is counted like any other here, but for that it has no count. */
		*page = pfn_to_page(pte_pfn(*pte));
		err = page_flag(*page, PG_reserved) || try_get_page(*page) ? 0 : -ENOMEM;
	}
	spin_unlock(&mm->page_table_lock);
	pte_unmap(pte);
	return err;
}

/* ---- faulting ------------------------------------------------------------------------------ */

/* Linux: check_vma_flags(). */
static int check_rights(const struct vm_area_struct *vma, unsigned int flags)
{
	bool force = flags & FOLL_FORCE;

	if (vma->vm_flags & (VM_IO | VM_PFNMAP))
		return -EFAULT;
	if (flags & FOLL_WRITE) {
		if (!(vma->vm_flags & VM_WRITE) && !(force && is_cow_mapping(vma->vm_flags)))
			return -EFAULT;
	} else if (!(vma->vm_flags & VM_READ) && !(force && vma->vm_flags & VM_MAYREAD)) {
		return -EFAULT;
	}
	return 0;
}

static int fault_in(struct vm_area_struct *vma, unsigned long address, unsigned int *flags)
{
	unsigned int ret, fault_flags = FAULT_FLAG_REMOTE;

	if (*flags & FOLL_WRITE)
		fault_flags |= FAULT_FLAG_WRITE;
	ret = handle_mm_fault(vma, address, fault_flags);
	if (ret & VM_FAULT_OOM)
		return -ENOMEM;
	if (ret & VM_FAULT_ERROR)
		return -EFAULT;
	if (ret & VM_FAULT_MAJOR)
		current->maj_flt++;
	else
		current->min_flt++;
	if (ret & VM_FAULT_WRITE && !(vma->vm_flags & VM_WRITE))
		*flags |= FOLL_COW;
	if (unlikely(gup_after_fault))
		gup_after_fault(vma, address);
	return 0;
}

static int get_one(struct vm_area_struct *vma, unsigned long address, unsigned int flags,
		   struct page **page)
{
	int err;

	for (;;) {
		err = follow_page(vma, address, flags, page);
		if (err != -EAGAIN)
			return err;
		err = fault_in(vma, address, &flags);
		if (err)
			return err;
	}
}

static void drop_page(struct page *page)
{
	if (!page_flag(page, PG_reserved))
		put_page(page);
}

long get_user_pages(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
		    unsigned int gup_flags, struct page **pages)
{
	unsigned long done = 0;
	int err = 0;

	for (; done < nr_pages; done++) {
		unsigned long address = (start & PAGE_MASK) + (done << PAGE_SHIFT);
		struct vm_area_struct *vma = vma_lookup(mm, address);
		struct page *page;

		err = vma ? check_rights(vma, gup_flags) : -EFAULT;
		if (!err)
			err = get_one(vma, address, gup_flags, &page);
		if (err)
			break;
		if (pages)
			pages[done] = page;
		else
			drop_page(page);
	}
	return done ? (long)done : err;
}

/* ---- in advance ---------------------------------------------------------------------------- */

/* All of a range, and none of them for keeps. */
static int have_pages(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		      unsigned int flags)
{
	while (start < end) {
		long got =
			get_user_pages(vma->vm_mm, start, (end - start) >> PAGE_SHIFT, flags, NULL);

		if (got < 0)
			return got;
		start += (unsigned long)got << PAGE_SHIFT;
	}
	return 0;
}

int fault_in_area(struct vm_area_struct *vma, unsigned long start, unsigned long end, bool write)
{
	unsigned int flags = write ? FOLL_WRITE : 0;

	return check_rights(vma, flags) ? -EINVAL : have_pages(vma, start, end, flags);
}

int populate_area(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	unsigned int flags = 0;

	if (vma->vm_flags & VM_LOCKONFAULT)
		return 0;
	/* What is shared would only become dirty by it. */
	if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		flags |= FOLL_WRITE;
	if (vma->vm_flags & VM_ACCESS_FLAGS)
		flags |= FOLL_FORCE;
	return have_pages(vma, start, end, flags);
}

int mm_populate(unsigned long start, unsigned long len, bool ignore_errors)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + ALIGN(len, PAGE_SIZE);
	int err = 0;

	down_read(&mm->mmap_sem);
	for (struct vm_area_struct *vma = find_vma(mm, start); vma && vma->vm_start < end;
	     vma = vma->vm_next) {
		if (vma->vm_flags & (VM_IO | VM_PFNMAP))
			continue;
		err = populate_area(vma, max(vma->vm_start, start), min(vma->vm_end, end));
		if (err && !ignore_errors)
			break;
		err = 0;
	}
	up_read(&mm->mmap_sem);
	return err;
}
