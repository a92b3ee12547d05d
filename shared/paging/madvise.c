#include "paging/madvise.h"

#include "as/mman.h"
#include "as/task.h"
#include "as/vma_merge.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/memory.h"

static int zap(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	zap_page_range(vma, start, end);
	return 0;
}

static int populate_read(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	return fault_in_area(vma, start, end, false);
}

static int populate_write(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	return fault_in_area(vma, start, end, true);
}

/* What advice does to an area's flags, and to which areas it can be given. */
static const struct advice {
	int number;
	unsigned long set, clear;
	/* Not for areas with any of these, nor for those with files. */
	unsigned long refused;
	bool anonymous_only; /* private as well: shared memory has a file */
	/* And what is done to the pages; mmap_sem is held for reading then. May be NULL. */
	int (*act)(struct vm_area_struct *vma, unsigned long start, unsigned long end);
} advices[] = {
	{MADV_NORMAL, 0, VM_RAND_READ | VM_SEQ_READ, 0, false, NULL},
	{MADV_SEQUENTIAL, VM_SEQ_READ, VM_RAND_READ, 0, false, NULL},
	{MADV_RANDOM, VM_RAND_READ, VM_SEQ_READ, 0, false, NULL},
	{MADV_WILLNEED, 0, 0, 0, false, NULL},
	{MADV_DONTNEED, 0, 0, VM_LOCKED | VM_PFNMAP, false, zap},
	{MADV_DONTNEED_LOCKED, 0, 0, VM_PFNMAP, false, zap},
	/* Pages that may go at any time go at once. */
	{MADV_FREE, 0, 0, VM_LOCKED | VM_PFNMAP, true, zap},
	{MADV_POPULATE_READ, 0, 0, 0, false, populate_read},
	{MADV_POPULATE_WRITE, 0, 0, 0, false, populate_write},
	{MADV_DONTFORK, VM_DONTCOPY, 0, 0, false, NULL},
	{MADV_DOFORK, 0, VM_DONTCOPY, VM_IO, false, NULL},
	{MADV_WIPEONFORK, VM_WIPEONFORK, 0, 0, true, NULL},
	{MADV_KEEPONFORK, 0, VM_WIPEONFORK, 0, false, NULL},
	{MADV_DONTDUMP, VM_DONTDUMP, 0, 0, false, NULL},
	{MADV_DODUMP, 0, VM_DONTDUMP, VM_SPECIAL, false, NULL},
};

static const struct advice *find_advice(int number)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(advices); i++)
		if (advices[i].number == number)
			return &advices[i];
	return NULL;
}

/* [start, end) is all or some of *vmap; *vmap is what it is part of then. */
static int advise_area(struct vm_area_struct **vmap, unsigned long start, unsigned long end,
		       const struct advice *advice, struct vma_spares *spares)
{
	const struct vm_area_struct *vma = *vmap;
	unsigned long vm_flags = vma->vm_flags;
	int err;

	if (vm_flags & advice->refused)
		return -EINVAL;
	if (advice->anonymous_only && vma->vm_file)
		return -EINVAL;
	/* There is no readahead so far; swap, for memory without a file, is not there either. */
	if (advice->act)
		return advice->act(*vmap, start, end);
	vm_flags = (vm_flags & ~advice->clear) | advice->set;
	if (vm_flags == vma->vm_flags)
		return 0;
	err = vma_modify_flags(vmap, start, end, vm_flags, spares);
	return err == -ENOMEM ? -EAGAIN : err;
}

/* Holes are reported in the end. */
static int advise_areas(struct mm_struct *mm, unsigned long start, unsigned long end,
			const struct advice *advice, struct vma_spares *spares)
{
	struct vm_area_struct *vma = find_vma(mm, start);
	int holes = 0;

	while (start < end) {
		int err;

		if (!vma)
			return -ENOMEM;
		if (start < vma->vm_start) {
			holes = -ENOMEM;
			start = vma->vm_start;
			if (start >= end)
				break;
		}
		err = advise_area(&vma, start, min(vma->vm_end, end), advice, spares);
		if (err)
			return err;
		start = max(start, vma->vm_end);
		vma = vma->vm_next;
	}
	return holes;
}

int do_madvise(unsigned long start, unsigned long len, int number)
{
	const struct advice *advice = find_advice(number);
	unsigned long end = start + ALIGN(len, PAGE_SIZE);
	struct mm_struct *mm = current->mm;
	struct vma_spares spares = {.nr = 0};
	struct vm_area_struct *vma;
	bool changes;
	int err = 0;

	if (!advice || !IS_ALIGNED(start, PAGE_SIZE) || (len && !ALIGN(len, PAGE_SIZE)) ||
	    end < start)
		return -EINVAL;
	if (start == end)
		return 0;
	changes = advice->set || advice->clear;
	if (changes)
		down_write(&mm->mmap_sem);
	else
		down_read(&mm->mmap_sem);
	vma = find_vma(mm, start);
	if (vma && changes && vma_spares_reserve(vma, start, end, &spares))
		err = -EAGAIN;
	if (!err)
		err = advise_areas(mm, start, end, advice, &spares);
	vma_spares_release(&spares);
	if (changes)
		up_write(&mm->mmap_sem);
	else
		up_read(&mm->mmap_sem);
	return err;
}
