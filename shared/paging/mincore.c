#include "paging/mincore.h"

#include "as/file.h"
#include "as/mman.h"
#include "as/rmap.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/mmap.h"
#include "pgtable/pgtable.h"
#include "phys/page_alloc.h"
#include "store/filemap.h"

/* ---- msync --------------------------------------------------------------------------------- */

static int sync_areas(struct mm_struct *mm, unsigned long start, unsigned long end,
		      unsigned long flags)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int holes = 0;

	for (;;) {
		if (!vma)
			return -ENOMEM;
		if (start < vma->vm_start) {
			if (flags == MS_ASYNC)
				return -ENOMEM;
			holes = -ENOMEM;
			start = vma->vm_start;
			if (start >= end)
				return holes;
		}
		if (flags & MS_INVALIDATE && vma->vm_flags & VM_LOCKED)
			return -EBUSY;
		start = vma->vm_end;
		if (start >= end)
			return holes;
		vma = vma->vm_next;
	}
}

int do_msync(unsigned long start, unsigned long len, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + ALIGN(len, PAGE_SIZE);
	int err;

	if (flags & ~(unsigned long)(MS_ASYNC | MS_INVALIDATE | MS_SYNC) ||
	    !IS_ALIGNED(start, PAGE_SIZE) || (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (end < start)
		return -ENOMEM;
	if (end == start)
		return 0;
	down_read(&mm->mmap_sem);
	err = sync_areas(mm, start, end, flags);
	up_read(&mm->mmap_sem);
	return err;
}

/* ---- mincore ------------------------------------------------------------------------------- */

/* Is it mapped, or would a fault find it in its file's cache? */
static bool is_resident(const struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page = NULL;

	if (pte_present(pte_at(vma->vm_mm->pgd, addr)))
		return true;
	if (vma->vm_file)
		page = find_get_page(vma->vm_file->f_mapping, linear_page_index(vma, addr));
	if (page)
		put_page(page);
	return page;
}

int do_mincore(unsigned long start, unsigned long len, void (*note)(void *arg, bool resident),
	       void *arg)
{
	struct mm_struct *mm = current->mm;
	unsigned long end = start + len;
	int err = 0;

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (start > TASK_SIZE || len > TASK_SIZE - start)
		return -ENOMEM;
	down_read(&mm->mmap_sem);
	for (; start < end; start += PAGE_SIZE) {
		const struct vm_area_struct *vma = vma_lookup(mm, start);

		if (!vma) {
			err = -ENOMEM;
			break;
		}
		note(arg, is_resident(vma, start));
	}
	up_read(&mm->mmap_sem);
	return err;
}

/* ---- remap_file_pages ---------------------------------------------------------------------- */

/* Is [start, start + size) of one file and one kind, whole? */
static bool is_of_one_kind(const struct vm_area_struct *vma, unsigned long start,
			   unsigned long size)
{
	const struct vm_area_struct *first = vma;

	while (start + size > vma->vm_end) {
		const struct vm_area_struct *next = vma->vm_next;

		if (!next || next->vm_start != vma->vm_end || next->vm_file != first->vm_file ||
		    next->vm_flags != first->vm_flags)
			return false;
		vma = next;
	}
	return true;
}

int do_remap_file_pages(unsigned long start, unsigned long size, unsigned long prot,
			unsigned long pgoff, unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool populate = false;
	unsigned long at;
	int err = -EINVAL;

	start &= PAGE_MASK;
	size &= PAGE_MASK;
	if (prot || start + size <= start || pgoff + (size >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	flags = (flags & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED | MAP_POPULATE;
	down_write(&mm->mmap_sem);
	vma = vma_lookup(mm, start);
	if (vma && vma->vm_flags & VM_SHARED && is_of_one_kind(vma, start, size)) {
		struct file *file = get_file(vma->vm_file);

		prot = vma->vm_flags & VM_ACCESS_FLAGS;
		if (vma->vm_flags & VM_LOCKED)
			flags |= MAP_LOCKED;
		err = do_mmap(file, start, size, prot, flags, pgoff, &at);
		fput(file);
		populate = !err && wants_pages(mm, start, flags);
	}
	up_write(&mm->mmap_sem);
	if (populate)
		mm_populate(start, size, true);
	return err;
}
