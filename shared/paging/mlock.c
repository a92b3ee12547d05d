#include "paging/mlock.h"

#include "as/account.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/vma_merge.h"
#include "base/bug.h"
#include "base/errno.h"
#include "paging/gup.h"

static unsigned long lock_limit(void)
{
	return rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;
}

/* Gives [start, end), all or some of *vmap, other VM_LOCKED_MASK bits. */
static int mlock_fixup(struct mm_struct *mm, struct vm_area_struct **vmap, unsigned long start,
		       unsigned long end, unsigned long vm_flags, struct vma_spares *spares)
{
	unsigned long old = (*vmap)->vm_flags, pages = (end - start) >> PAGE_SHIFT;
	int err;

	/* What is not like other memory is in place anyhow. */
	if (vm_flags == old || old & VM_SPECIAL)
		return 0;
	err = vma_modify_flags(vmap, start, end, vm_flags, spares);
	if (err)
		return err;
	if (vm_flags & VM_LOCKED && !(old & VM_LOCKED))
		mm->locked_vm += pages;
	else if (old & VM_LOCKED && !(vm_flags & VM_LOCKED))
		mm->locked_vm -= pages;
	return 0;
}

static int lock_areas(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
		      unsigned long end, unsigned long lock, struct vma_spares *spares)
{
	for (;;) {
		unsigned long vm_flags = (vma->vm_flags & ~VM_LOCKED_MASK) | lock;
		int err = mlock_fixup(mm, &vma, start, min(vma->vm_end, end), vm_flags, spares);

		if (err)
			return err;
		start = vma->vm_end;
		if (start >= end)
			return 0;
		vma = vma->vm_next;
		if (!vma || vma->vm_start != start)
			return -ENOMEM;
	}
}

/* Linux: apply_vma_lock_flags(). */
static int lock_range(struct mm_struct *mm, unsigned long start, unsigned long len,
		      unsigned long lock)
{
	unsigned long end = start + len;
	struct vm_area_struct *vma;
	struct vma_spares spares;
	int err;

	if (end < start)
		return -EINVAL;
	if (end == start)
		return 0;
	vma = vma_lookup(mm, start);
	if (!vma)
		return -ENOMEM;
	err = vma_spares_reserve(vma, start, end, &spares);
	if (err)
		return err;
	err = lock_areas(mm, vma, start, end, lock, &spares);
	vma_spares_release(&spares);
	return err;
}

/* Pages of [start, start + len) that are locked already. */
static unsigned long count_locked(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	unsigned long end = start + len < start ? TASK_SIZE : start + len, pages = 0;

	for (struct vm_area_struct *vma = find_vma(mm, start); vma && vma->vm_start < end;
	     vma = vma->vm_next)
		if (vma->vm_flags & VM_LOCKED)
			pages += (min(vma->vm_end, end) - max(vma->vm_start, start)) >> PAGE_SHIFT;
	return pages;
}

/* The pages that have a byte of the range. */
static unsigned long whole_pages(unsigned long *start, unsigned long len)
{
	len = ALIGN(len + (*start & ~PAGE_MASK), PAGE_SIZE);
	*start &= PAGE_MASK;
	return len;
}

/* Brings in what was locked; errors as POSIX has them. The pages stay locked. */
static int populate_locked(unsigned long start, unsigned long len)
{
	switch (mm_populate(start, len, false)) {
	case 0:
		return 0;
	case -ENOMEM:
		return -EAGAIN;
	default:
		return -ENOMEM;
	}
}

int do_mlock(unsigned long start, unsigned long len, unsigned long vm_flags)
{
	struct mm_struct *mm = current->mm;
	unsigned long locked;
	int err = -ENOMEM;

	if (!can_do_mlock())
		return -EPERM;
	len = whole_pages(&start, len);
	down_write(&mm->mmap_sem);
	locked = (len >> PAGE_SHIFT) + mm->locked_vm;
	if (locked > lock_limit() && !capable(CAP_IPC_LOCK))
		locked -= count_locked(mm, start, len);
	if (locked <= lock_limit() || capable(CAP_IPC_LOCK))
		err = lock_range(mm, start, len, vm_flags);
	up_write(&mm->mmap_sem);
	if (!err)
		err = populate_locked(start, len);
	return err;
}

int do_mlock2(unsigned long start, unsigned long len, unsigned long flags)
{
	if (flags & ~(unsigned long)MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(start, len, VM_LOCKED | (flags & MLOCK_ONFAULT ? VM_LOCKONFAULT : 0));
}

int do_munlock(unsigned long start, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	int err;

	len = whole_pages(&start, len);
	down_write(&mm->mmap_sem);
	err = lock_range(mm, start, len, 0);
	up_write(&mm->mmap_sem);
	return err;
}

/* All areas, whole: nothing is cut, so nothing fails. */
static void lock_all(struct mm_struct *mm, unsigned long lock)
{
	struct vma_spares none = {.nr = 0};

	for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		unsigned long vm_flags = (vma->vm_flags & ~VM_LOCKED_MASK) | lock;
		int err = mlock_fixup(mm, &vma, vma->vm_start, vma->vm_end, vm_flags, &none);

		BUG_ON(err, "a whole area was to be cut: %d", err);
	}
}

static void apply_mlockall(struct mm_struct *mm, unsigned long flags)
{
	unsigned long lock = VM_LOCKED | (flags & MCL_ONFAULT ? VM_LOCKONFAULT : 0);

	mm->def_flags &= ~VM_LOCKED_MASK;
	if (flags & MCL_FUTURE)
		mm->def_flags |= lock;
	/* Just the future: what is there stays as it is. */
	if (flags & MCL_FUTURE && !(flags & MCL_CURRENT))
		return;
	lock_all(mm, flags & MCL_CURRENT ? lock : 0);
}

int do_mlockall(unsigned long flags)
{
	struct mm_struct *mm = current->mm;
	int err = -ENOMEM;

	if (!flags || flags & ~(unsigned long)(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) ||
	    flags == MCL_ONFAULT)
		return -EINVAL;
	if (!can_do_mlock())
		return -EPERM;
	down_write(&mm->mmap_sem);
	if (!(flags & MCL_CURRENT) || mm->total_vm <= lock_limit() || capable(CAP_IPC_LOCK)) {
		apply_mlockall(mm, flags);
		err = 0;
	}
	up_write(&mm->mmap_sem);
	if (!err && flags & MCL_CURRENT)
		mm_populate(0, TASK_SIZE, true);
	return err;
}

int do_munlockall(void)
{
	struct mm_struct *mm = current->mm;

	down_write(&mm->mmap_sem);
	apply_mlockall(mm, 0);
	up_write(&mm->mmap_sem);
	return 0;
}
