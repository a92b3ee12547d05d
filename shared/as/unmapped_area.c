#include "as/unmapped_area.h"

#include "as/mm.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"

static bool hint_is_free(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	struct vm_area_struct *prev, *next;

	if (addr > TASK_SIZE - len || addr < mmap_min_addr)
		return false;
	next = find_vma_prev(mm, addr, &prev);
	return (!next || addr + len <= vm_start_gap(next)) && (!prev || addr >= prev->vm_end);
}

static int search_bottomup(struct mm_struct *mm, unsigned long low, unsigned long len,
			   unsigned long *result)
{
	struct vm_unmapped_area_info info = {
		.length = len, .low_limit = low, .high_limit = TASK_SIZE};

	return vm_unmapped_area(mm, &info, result);
}

/* Where there is no room below mmap_base, there may be some above. */
static int search(struct mm_struct *mm, unsigned long len, unsigned long *result)
{
	struct vm_unmapped_area_info info = {
		.length = len,
		.low_limit = max(PAGE_SIZE, mmap_min_addr),
		.high_limit = mm->mmap_base,
		.topdown = true,
	};

	if (!mm->mmap_topdown)
		return search_bottomup(mm, mm->mmap_base, len, result);
	if (vm_unmapped_area(mm, &info, result) == 0)
		return 0;
	return search_bottomup(mm, TASK_UNMAPPED_BASE, len, result);
}

static int pick(struct mm_struct *mm, unsigned long addr, unsigned long len, unsigned long flags,
		unsigned long *result)
{
	unsigned long hint = ALIGN(addr, PAGE_SIZE);

	*result = flags & MAP_FIXED ? addr : hint;
	if (len > TASK_SIZE - mmap_min_addr)
		return -ENOMEM;
	if (flags & MAP_FIXED || (addr && hint_is_free(mm, hint, len)))
		return 0;
	return search(mm, len, result);
}

int get_unmapped_area(struct mm_struct *mm, unsigned long addr, unsigned long len,
		      unsigned long flags, unsigned long *result)
{
	int err;

	if (len > TASK_SIZE)
		return -ENOMEM;
	err = pick(mm, addr, len, flags, result);
	if (err)
		return err;
	if (*result > TASK_SIZE - len)
		return -ENOMEM;
	if (!IS_ALIGNED(*result, PAGE_SIZE))
		return -EINVAL;
	if (*result < mmap_min_addr && !capable(CAP_SYS_RAWIO))
		return -EPERM;
	return 0;
}
