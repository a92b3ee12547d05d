#include "paging/page_fault.h"

#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/brk.h"
#include "paging/fault.h"
#include "pgtable/pgtable.h"

static int refuse(const struct fault_record *fault, enum fault_signal signal)
{
	if (fault->error_code & PF_USER)
		current->fault = signal;
	return -EFAULT;
}

/*
 * A directory has the kernel's entries as they were when it was made; tables that came into being
 * since are in swapper_pg_dir. One that is there is copied for the space that is loaded, and the
 * access is tried again. Nothing needs a flush: what was not present was not cached.
 */
static int vmalloc_fault(unsigned long address)
{
	pgd_t *slot = (pgd_t *)__va(arch_read_cr3()) + pgd_index(address);
	pgd_t entry = swapper_pg_dir[pgd_index(address)];

	if (!pgd_present(entry) || pgd_present(*slot))
		return -EFAULT;
	set_pgd(slot, entry);
	return 0;
}

static int kernel_address_fault(const struct fault_record *fault)
{
	if (!(fault->error_code & (PF_USER | PF_PROT | PF_RSVD)) &&
	    vmalloc_fault(fault->address) == 0)
		return 0;
	/* A program is not told whether there is anything. */
	return refuse(fault, SEGV_MAPERR);
}

/*
 * What i386 can tell apart: writes need VM_WRITE; for the rest any right will do, as an entry that
 * is present can be read and run. A read that finds a present entry, and is refused, has no right.
 */
static bool access_error(const struct fault_record *fault, const struct vm_area_struct *vma)
{
	if (fault->error_code & PF_WRITE)
		return !(vma->vm_flags & VM_WRITE);
	return fault->error_code & PF_PROT || !(vma->vm_flags & VM_ACCESS_FLAGS);
}

/* The same where the address is in no area as they are: a stack is grown as far as that. */
static noinline struct vm_area_struct *lock_and_grow_area(struct mm_struct *mm,
							  unsigned long address)
{
	struct vm_area_struct *vma;

	down_write(&mm->mmap_sem);
	vma = find_vma(mm, address);
	if (vma && vma->vm_start > address &&
	    (!(vma->vm_flags & VM_GROWSDOWN) || expand_stack(vma, address)))
		vma = NULL;
	if (vma)
		downgrade_write(&mm->mmap_sem);
	else
		up_write(&mm->mmap_sem);
	return vma;
}

/* The area of the address; mmap_sem is held for reading then. NULL: there is none, and it is not
 * held. Linux: lock_mm_and_find_vma(). */
static inline struct vm_area_struct *lock_and_find_area(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma;

	down_read(&mm->mmap_sem);
	vma = find_vma(mm, address);
	if (likely(vma && vma->vm_start <= address))
		return vma;
	up_read(&mm->mmap_sem);
	return vma && vma->vm_flags & VM_GROWSDOWN ? lock_and_grow_area(mm, address) : NULL;
}

static unsigned int fault_flags(const struct fault_record *fault)
{
	return FAULT_FLAG_ALLOW_RETRY | (fault->error_code & PF_USER ? FAULT_FLAG_USER : 0) |
	       (fault->error_code & PF_WRITE ? FAULT_FLAG_WRITE : 0);
}

/* One round: VM_FAULT_* with VM_FAULT_RETRY, or what came of it. mmap_sem is not held before or
 * after. */
static inline unsigned int resolve(const struct fault_record *fault, unsigned int flags,
				   enum fault_signal *signal)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma = lock_and_find_area(mm, fault->address);
	unsigned int ret = VM_FAULT_SIGSEGV;

	*signal = SEGV_MAPERR;
	if (!vma)
		return ret;
	*signal = SEGV_ACCERR;
	if (!access_error(fault, vma))
		ret = handle_mm_fault(vma, fault->address, flags);
	if (!(ret & VM_FAULT_RETRY))
		up_read(&mm->mmap_sem);
	return ret;
}

/* What was not resolved, or not at once. */
static noinline int fail(const struct fault_record *fault, unsigned int ret,
			 enum fault_signal signal)
{
	if (ret & VM_FAULT_OOM)
		signal = FAULT_OOM;
	else if (ret & VM_FAULT_SIGBUS)
		signal = BUS_ADRERR;
	return refuse(fault, signal);
}

int do_page_fault(const struct fault_record *fault)
{
	unsigned int flags = fault_flags(fault), ret;
	enum fault_signal signal;

	if (unlikely(fault->address >= TASK_SIZE))
		return kernel_address_fault(fault);
	if (unlikely(!current->mm || locks_held()))
		return refuse(fault, SEGV_MAPERR);
	/* No entry that the memory manager makes has such a bit: nothing would mend it. */
	if (unlikely(fault->error_code & PF_RSVD))
		return refuse(fault, SEGV_ACCERR);
	/* The kernel's own access with mmap_sem held, by the one task that there is: a bug, which
	 * is said better by the machine than by the lock. */
	if (unlikely(!(fault->error_code & PF_USER) && current->mm->mmap_sem.holders))
		return refuse(fault, SEGV_MAPERR);
	while (unlikely((ret = resolve(fault, flags, &signal)) & VM_FAULT_RETRY))
		flags = (flags | FAULT_FLAG_TRIED) & ~FAULT_FLAG_ALLOW_RETRY;
	if (unlikely(ret & VM_FAULT_ERROR))
		return fail(fault, ret, signal);
	if (ret & VM_FAULT_MAJOR)
		current->maj_flt++;
	else
		current->min_flt++;
	return 0;
}
