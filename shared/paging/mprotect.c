#include "paging/mprotect.h"

#include "as/account.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/vma_merge.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/memory.h"
#include "paging/mmap.h"

/* What becomes writable may come to need memory; limits that were passed already do not count. */
static int charge_writable(struct mm_struct *mm, unsigned long old, unsigned long *new,
			   unsigned long pages, unsigned long *charged)
{
	*charged = 0;
	if (!(*new &VM_WRITE))
		return 0;
	if (!may_expand_vm(mm, *new, pages) && may_expand_vm(mm, old, pages))
		return -ENOMEM;
	if (old & (VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE))
		return 0;
	if (vm_enough_memory(mm, pages))
		return -ENOMEM;
	*charged = pages;
	*new |= VM_ACCOUNT;
	return 0;
}

/*
 * Gives [start, end), all or some of *vmap, other flags; *vmap is the area that it is part of then.
 */
static int mprotect_fixup(struct mm_struct *mm, struct vm_area_struct **vmap, unsigned long start,
			  unsigned long end, unsigned long new, struct vma_spares *spares)
{
	unsigned long old = (*vmap)->vm_flags, pages = (end - start) >> PAGE_SHIFT, charged;
	int err;

	if (new == old)
		return 0;
	err = charge_writable(mm, old, &new, pages, &charged);
	if (err)
		return err;
	err = vma_modify_flags(vmap, start, end, new, spares);
	if (err) {
		vm_unacct_memory(charged);
		return err;
	}
	change_protection(*vmap, start, end);
	/* Locked private memory that becomes writable is to have pages of its own at once. */
	if ((old & (VM_WRITE | VM_SHARED | VM_LOCKED)) == VM_LOCKED && new &VM_WRITE)
		populate_area(*vmap, start, end);
	vm_stat_account(mm, old, -(long)pages);
	vm_stat_account(mm, new, pages);
	return 0;
}

/* Each right needs its VM_MAY*, which stands four bits further up. */
static bool rights_allowed(unsigned long vm_flags)
{
	return !(vm_flags & ~(vm_flags >> 4) & VM_ACCESS_FLAGS);
}
_Static_assert(VM_MAYREAD == VM_READ << 4 && VM_MAYWRITE == VM_WRITE << 4 &&
		       VM_MAYEXEC == VM_EXEC << 4,
	       "VM_MAY* stand four bits above");

static int protect_areas(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
			 unsigned long end, unsigned long prot, struct vma_spares *spares)
{
	for (;;) {
		unsigned long rights = calc_vm_prot_bits(prot) | (vma->vm_flags & ~VM_ACCESS_FLAGS);
		int err;

		if (!rights_allowed(rights))
			return -EACCES;
		err = mprotect_fixup(mm, &vma, start, min(vma->vm_end, end), rights, spares);
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

/* Where the range begins: further down for PROT_GROWSDOWN, which is about the whole stack. */
static int first_area(const struct vm_area_struct *vma, unsigned long *start, unsigned long end,
		      unsigned long grows)
{
	if (!vma)
		return -ENOMEM;
	if (grows & PROT_GROWSDOWN) {
		if (vma->vm_start >= end)
			return -ENOMEM;
		*start = vma->vm_start;
		return vma->vm_flags & VM_GROWSDOWN ? 0 : -EINVAL;
	}
	if (vma->vm_start > *start)
		return -ENOMEM;
	return grows & PROT_GROWSUP ? -EINVAL : 0;
}

int do_mprotect(unsigned long start, unsigned long len, unsigned long prot)
{
	const unsigned long both = PROT_GROWSDOWN | PROT_GROWSUP;
	unsigned long grows = prot & both, end;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct vma_spares spares;
	int err;

	prot &= ~both;
	if (grows == both || !IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!len)
		return 0;
	end = start + ALIGN(len, PAGE_SIZE);
	if (end <= start)
		return -ENOMEM;
	if (prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM))
		return -EINVAL;
	down_write(&mm->mmap_sem);
	vma = find_vma(mm, start);
	err = first_area(vma, &start, end, grows);
	if (!err)
		err = vma_spares_reserve(vma, start, end, &spares);
	if (!err) {
		err = protect_areas(mm, vma, start, end, prot, &spares);
		vma_spares_release(&spares);
	}
	up_write(&mm->mmap_sem);
	return err;
}
