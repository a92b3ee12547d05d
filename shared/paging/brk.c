#include "paging/brk.h"

#include "as/account.h"
#include "as/anon_vma.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/unmapped_area.h"
#include "as/vma_merge.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/munmap.h"

/* ---- the heap ------------------------------------------------------------------------------ */

/* Heap and data of the program count against RLIMIT_DATA in bytes, as programs ask for them. */
static bool data_limit_allows(const struct mm_struct *mm, unsigned long brk)
{
	unsigned long limit = rlimit(RLIMIT_DATA);

	return limit == RLIM_INFINITY ||
	       (u64)(brk - mm->start_brk) + (mm->end_data - mm->start_data) <= limit;
}

/*
 * An area for [addr, addr + len), merged with the heap below it, if there is one: what ends where
 * the heap begins is the program's own data.
 */
static int make_area(struct mm_struct *mm, unsigned long addr, unsigned long len,
		     unsigned long vm_flags)
{
	struct vm_area_struct *prev, *vma;

	find_vma_prev(mm, addr, &prev);
	if (prev && prev->vm_end > mm->start_brk &&
	    vma_merge(mm, prev, NULL, addr, addr + len, vm_flags, NULL, NULL, addr >> PAGE_SHIFT))
		return 0;
	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_pgoff = addr >> PAGE_SHIFT;
	vma_set_flags(vma, vm_flags);
	vma_link(mm, vma, prev);
	return 0;
}

static int do_brk(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	unsigned long vm_flags = VM_DATA_FLAGS | VM_ACCOUNT | mm->def_flags, at;
	unsigned long pages = len >> PAGE_SHIFT;
	int err = get_unmapped_area(mm, addr, len, MAP_FIXED, &at);

	if (!err)
		err = mlock_future_check(mm, mm->def_flags, len);
	if (err)
		return err;
	if (!may_expand_vm(mm, vm_flags, pages) || mm->map_count > sysctl_max_map_count ||
	    vm_enough_memory(mm, pages))
		return -ENOMEM;
	err = make_area(mm, addr, len, vm_flags);
	if (err) {
		vm_unacct_memory(pages);
		return err;
	}
	vm_stat_account(mm, vm_flags, pages);
	if (vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	return 0;
}

/* A page stays free between the heap and what is above it. */
static int move_brk(struct mm_struct *mm, unsigned long brk)
{
	unsigned long old = ALIGN(mm->brk, PAGE_SIZE), new = ALIGN(brk, PAGE_SIZE);
	struct vm_area_struct *next;

	if (brk < mm->start_brk || !data_limit_allows(mm, brk))
		return -ENOMEM;
	if (old == new)
		return 0;
	if (brk <= mm->brk) {
		/* The program may have unmapped it by itself. */
		if (!find_vma_intersection(mm, new, old))
			return -ENOMEM;
		return do_munmap(mm, new, old - new);
	}
	next = find_vma(mm, old);
	if (next && new + PAGE_SIZE > vm_start_gap(next))
		return -ENOMEM;
	return do_brk(mm, old, new - old);
}

unsigned long sys_brk(unsigned long brk)
{
	struct mm_struct *mm = current->mm;

	unsigned long old;
	bool grown;

	down_write(&mm->mmap_sem);
	old = mm->brk;
	if (move_brk(mm, brk) == 0)
		mm->brk = brk;
	brk = mm->brk;
	grown = brk > old && mm->def_flags & VM_LOCKED;
	up_write(&mm->mmap_sem);
	if (grown)
		mm_populate(ALIGN(old, PAGE_SIZE), ALIGN(brk, PAGE_SIZE) - ALIGN(old, PAGE_SIZE),
			    true);
	return brk;
}

/* ---- stacks -------------------------------------------------------------------------------- */

static int stack_limits(const struct vm_area_struct *vma, unsigned long size, unsigned long pages)
{
	const struct mm_struct *mm = vma->vm_mm;

	if (!may_expand_vm(mm, vma->vm_flags, pages) || size > rlimit(RLIMIT_STACK))
		return -ENOMEM;
	if (mlock_future_check(mm, vma->vm_flags, pages << PAGE_SHIFT))
		return -ENOMEM;
	return vm_charge(mm, vma->vm_flags, pages);
}

/* What nobody can touch may be as near as it likes, another stack as well. */
static bool too_near(const struct vm_area_struct *prev, unsigned long addr)
{
	return prev && !(prev->vm_flags & VM_GROWSDOWN) && prev->vm_flags & VM_ACCESS_FLAGS &&
	       addr - prev->vm_end < stack_guard_gap << PAGE_SHIFT;
}

int expand_stack(struct vm_area_struct *vma, unsigned long addr)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long pages;
	int err;

	rwsem_assert_held_write(&mm->mmap_sem);
	addr &= PAGE_MASK;
	if (addr < mmap_min_addr)
		return -EPERM;
	if (too_near(vma->vm_prev, addr))
		return -ENOMEM;
	/* Linux needs its lock for what follows: the area has one from here on, whatever comes. */
	if (anon_vma_prepare(vma))
		return -ENOMEM;
	pages = (vma->vm_start - addr) >> PAGE_SHIFT;
	if (pages > vma->vm_pgoff)
		return -ENOMEM;
	err = stack_limits(vma, vma->vm_end - addr, pages);
	if (err)
		return err;
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	vm_stat_account(mm, vma->vm_flags, pages);
	vma_set_start(vma, addr);
	return 0;
}

int find_or_expand(unsigned long addr)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int err = -EFAULT;

	down_write(&mm->mmap_sem);
	vma = find_vma(mm, addr);
	if (vma && vma->vm_start <= addr)
		err = 0;
	else if (vma && vma->vm_flags & VM_GROWSDOWN)
		err = expand_stack(vma, addr);
	up_write(&mm->mmap_sem);
	return err;
}

int setup_stack(struct mm_struct *mm, unsigned long size)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_end = TASK_SIZE;
	vma->vm_start = TASK_SIZE - size;
	vma_set_flags(vma, VM_STACK_FLAGS | mm->def_flags);
	down_write(&mm->mmap_sem);
	err = insert_vm_struct(mm, vma);
	if (!err) {
		vm_stat_account(mm, vma->vm_flags, size >> PAGE_SHIFT);
		mm->start_stack = TASK_SIZE;
	}
	up_write(&mm->mmap_sem);
	if (err)
		vm_area_free(vma);
	return err;
}
