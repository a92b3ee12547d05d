#include "paging/fork.h"

#include "as/account.h"
#include "as/anon_vma.h"
#include "as/file.h"
#include "as/mm.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/brk.h"
#include "paging/copy_tables.h"
#include "paging/munmap.h"

void mmput(struct mm_struct *mm)
{
	BUG_ON(!mm->mm_users, "mm_users of %p is 0", (void *)mm);
	if (__atomic_sub_fetch(&mm->mm_users, 1, __ATOMIC_RELEASE))
		return;
	leave_mm(mm);
	exit_mmap(mm);
	mmdrop(mm);
}

/* ---- copying ------------------------------------------------------------------------------- */

/* What the child has of its parent's figures; counts of locked and pinned pages begin at 0. */
static void copy_figures(struct mm_struct *mm, const struct mm_struct *old)
{
	mm->mmap_base = old->mmap_base;
	mm->mmap_topdown = old->mmap_topdown;
	mm->total_vm = old->total_vm;
	mm->data_vm = old->data_vm;
	mm->exec_vm = old->exec_vm;
	mm->stack_vm = old->stack_vm;
	mm->start_code = old->start_code;
	mm->end_code = old->end_code;
	mm->start_data = old->start_data;
	mm->end_data = old->end_data;
	mm->start_brk = old->start_brk;
	mm->brk = old->brk;
	mm->start_stack = old->start_stack;
	mm->arg_start = old->arg_start;
	mm->arg_end = old->arg_end;
	mm->env_start = old->env_start;
	mm->env_end = old->env_end;
}

/* Has the child what the parent has here? */
static bool is_copied(const struct vm_area_struct *vma)
{
	return !(vma->vm_flags & (VM_DONTCOPY | VM_WIPEONFORK));
}

static int copy_area(struct mm_struct *mm, struct vm_area_struct *from, struct vm_area_struct *prev,
		     struct vm_area_struct **result)
{
	struct vm_area_struct *vma;

	if (vm_charge(from->vm_mm, from->vm_flags, vma_pages(from)))
		return -ENOMEM;
	vma = vm_area_dup(from);
	if (!vma) {
		vm_uncharge(from->vm_flags, vma_pages(from));
		return -ENOMEM;
	}
	vma->vm_mm = mm;
	vma->vm_flags &= ~VM_LOCKED_MASK;
	if (!(from->vm_flags & VM_WIPEONFORK) && anon_vma_fork(vma, from)) {
		vm_area_free(vma);
		vm_uncharge(from->vm_flags, vma_pages(from));
		return -ENOMEM;
	}
	if (vma->vm_file)
		get_file(vma->vm_file);
	vma_link(mm, vma, prev);
	if (vma->vm_ops && vma->vm_ops->open)
		vma->vm_ops->open(vma);
	*result = vma;
	return is_copied(from) ? copy_page_range_prepare(mm, from) : 0;
}

/* All that is mapped, when all else has succeeded: what the parent loses it loses for a child. */
static int copy_pages(struct mm_struct *mm, struct mm_struct *old)
{
	struct mmu_gather tlb;
	int err = 0;

	tlb_gather(&tlb, old->pgd);
	for (struct vm_area_struct *vma = old->mmap; vma && !err; vma = vma->vm_next)
		if (is_copied(vma))
			err = copy_page_range(&tlb, mm, vma);
	tlb_finish(&tlb);
	return err;
}

static int dup_mmap(struct mm_struct *mm, struct mm_struct *old)
{
	struct vm_area_struct *prev = NULL;
	int err;

	copy_figures(mm, old);
	for (struct vm_area_struct *vma = old->mmap; vma; vma = vma->vm_next) {
		if (vma->vm_flags & VM_DONTCOPY) {
			vm_stat_account(mm, vma->vm_flags, -(long)vma_pages(vma));
			continue;
		}
		err = copy_area(mm, vma, prev, &prev);
		if (err)
			return err;
	}
	return copy_pages(mm, old);
}

int dup_mm(struct mm_struct **result)
{
	struct mm_struct *old = current->mm, *mm = mm_alloc();
	int err;

	if (!mm)
		return -ENOMEM;
	down_write(&old->mmap_sem);
	down_write_nested(&mm->mmap_sem, MUTEX_RANK_MMAP_CHILD - MUTEX_RANK_MMAP);
	err = dup_mmap(mm, old);
	up_write(&mm->mmap_sem);
	up_write(&old->mmap_sem);
	if (err)
		mmput(mm);
	else
		*result = mm;
	return err;
}

int do_fork(unsigned long clone_flags, struct task_struct **result)
{
	struct task_struct *task = alloc_task(current);
	int err = 0;

	if (!task)
		return -ENOMEM;
	if (current->mm && clone_flags & CLONE_VM)
		task->mm = mmget(current->mm);
	else if (current->mm)
		err = dup_mm(&task->mm);
	if (err) {
		free_task(task);
		return err;
	}
	task->active_mm = task->mm;
	*result = task;
	return 0;
}

/* ---- replacing, ending --------------------------------------------------------------------- */

int do_exec(unsigned long stack_size)
{
	struct mm_struct *mm = mm_alloc(), *old;

	if (!mm)
		return -ENOMEM;
	arch_pick_mmap_layout(mm);
	if (stack_size && setup_stack(mm, stack_size)) {
		mmput(mm);
		return -ENOMEM;
	}
	old = exec_mmap(mm);
	if (old)
		mmput(old);
	return 0;
}

void do_exit(void)
{
	struct task_struct *task = current;
	struct mm_struct *mm = exit_mm();

	if (mm)
		mmput(mm);
	context_switch(&init_task);
	free_task(task);
}
