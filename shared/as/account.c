#include "as/account.h"

#include "as/file.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "phys/zone.h"

__mm_state unsigned long vm_committed_as;

#define KIB_TO_PAGES(kib) ((kib) >> (PAGE_SHIFT - 10))

static unsigned long totalram_pages(void)
{
	unsigned long pages = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		pages += zone_of(type)->managed_pages;
	return pages;
}

unsigned long vm_commit_limit(void)
{
	if (sysctl_overcommit_kbytes)
		return KIB_TO_PAGES(sysctl_overcommit_kbytes);
	return (u64)totalram_pages() * sysctl_overcommit_ratio / 100;
}

/* What is left of the limit for current, who is big himself, or not. */
static bool within_commit_limit(const struct mm_struct *mm)
{
	unsigned long allowed = vm_commit_limit(), kept = 0;

	if (!capable(CAP_SYS_ADMIN))
		kept = KIB_TO_PAGES(sysctl_admin_reserve_kbytes);
	kept += min(mm->total_vm / 32, KIB_TO_PAGES(sysctl_user_reserve_kbytes));
	return allowed > kept && READ_ONCE(vm_committed_as) < allowed - kept;
}

void vm_acct_memory(unsigned long pages)
{
	__atomic_fetch_add(&vm_committed_as, pages, __ATOMIC_RELAXED);
}

int vm_enough_memory(const struct mm_struct *mm, unsigned long pages)
{
	bool enough = true;

	vm_acct_memory(pages);
	if (sysctl_overcommit_memory == OVERCOMMIT_GUESS)
		enough = pages <= totalram_pages();
	else if (sysctl_overcommit_memory == OVERCOMMIT_NEVER)
		enough = within_commit_limit(mm);
	if (!enough)
		vm_unacct_memory(pages);
	return enough ? 0 : -ENOMEM;
}

void vm_unacct_memory(unsigned long pages)
{
	__atomic_fetch_sub(&vm_committed_as, pages, __ATOMIC_RELAXED);
}

int vm_charge_instead(const struct mm_struct *mm, unsigned long vm_flags, unsigned long pages,
		      unsigned long going)
{
	int err;

	vm_unacct_memory(going);
	err = vm_charge(mm, vm_flags, pages);
	vm_acct_memory(going);
	return err;
}

/*
 * The promised pages of an area's object, if it goes with [start, end): if only areas within are
 * left of its users, all by the one file that it comes with. Asked of all areas of the range, the
 * first of its areas says so.
 */
static unsigned long object_that_goes(const struct vm_area_struct *first,
				      const struct vm_area_struct *vma, unsigned long start,
				      unsigned long end)
{
	const struct file *file = vma->vm_file;
	u32 users = 0;

	if (!file || !file->f_inode->accounted || file->f_inode->i_count > 1)
		return 0;
	if (file->f_count == 1)
		return vma->vm_start >= start && vma->vm_end <= end ? file->f_inode->accounted : 0;
	for (const struct vm_area_struct *at = first; at && at->vm_start < end; at = at->vm_next) {
		if (at->vm_file != file || at->vm_start < start || at->vm_end > end)
			continue;
		if (!users++ && at != vma)
			return 0;
	}
	return users == file->f_count ? file->f_inode->accounted : 0;
}

unsigned long figures_without(struct mm_struct *figures, struct mm_struct *mm, unsigned long start,
			      unsigned long end)
{
	struct vm_area_struct *first = find_vma(mm, start);
	unsigned long promised = 0;

	for (struct vm_area_struct *vma = first; vma && vma->vm_start < end; vma = vma->vm_next) {
		unsigned long pages =
			(min(vma->vm_end, end) - max(vma->vm_start, start)) >> PAGE_SHIFT;

		promised += object_that_goes(first, vma, start, end);
		vm_stat_account(figures, vma->vm_flags, -(long)pages);
		if (vma->vm_flags & VM_LOCKED)
			figures->locked_vm -= pages;
		if (vma->vm_flags & VM_ACCOUNT)
			promised += pages;
	}
	return promised;
}

bool accountable_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_NORESERVE | VM_SHARED | VM_WRITE)) == VM_WRITE;
}

/* RLIMIT_DATA 0 was taken for no limit by programs that knew it as that of brk() alone: then the
 * hard limit counts. */
static bool data_limit_allows(const struct mm_struct *mm, unsigned long pages)
{
	const struct rlimit *limit = &current->rlim[RLIMIT_DATA];

	if (mm->data_vm + pages <= limit->rlim_cur >> PAGE_SHIFT)
		return true;
	return limit->rlim_cur == 0 && mm->data_vm + pages <= limit->rlim_max >> PAGE_SHIFT;
}

bool may_expand_vm(const struct mm_struct *mm, unsigned long vm_flags, unsigned long pages)
{
	if (mm->total_vm + pages > rlimit(RLIMIT_AS) >> PAGE_SHIFT)
		return false;
	return !is_data_mapping(vm_flags) || data_limit_allows(mm, pages);
}

bool can_do_mlock(void)
{
	return rlimit(RLIMIT_MEMLOCK) || capable(CAP_IPC_LOCK);
}

int mlock_future_check(const struct mm_struct *mm, unsigned long vm_flags, unsigned long len)
{
	unsigned long locked = (len >> PAGE_SHIFT) + mm->locked_vm;

	if (!(vm_flags & VM_LOCKED) || capable(CAP_IPC_LOCK))
		return 0;
	return locked > rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT ? -EAGAIN : 0;
}
