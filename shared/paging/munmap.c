#include "paging/munmap.h"

#include "as/account.h"
#include "base/bug.h"
#include "base/errno.h"
#include "paging/memory.h"
#include "pgtable/pgtable.h"

/* first: the first area that ends above start. */
static int may_cut_edges(struct mm_struct *mm, struct vm_area_struct *first, unsigned long start,
			 unsigned long end)
{
	if (first->vm_start < start && end < first->vm_end && mm->map_count >= sysctl_max_map_count)
		return -ENOMEM;
	return may_cut(first, start, end);
}

int may_unmap(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *first = find_vma_intersection(mm, start, end);

	return first ? may_cut_edges(mm, first, start, end) : 0;
}

/*
 * Is it an end of one area, and does nobody count the pieces? Then the area just becomes shorter,
 * and no other is made for what goes.
 */
static bool is_trim(const struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	if (vma->vm_ops && (vma->vm_ops->open || vma->vm_ops->close))
		return false;
	return vma->vm_start < start ? vma->vm_end == end
				     : vma->vm_start == start && end < vma->vm_end;
}

static int plan(struct mm_struct *mm, struct vm_area_struct *first, unsigned long start,
		unsigned long end, struct vma_spares *spares)
{
	int err;

	*spares = (struct vma_spares){.nr = 0};
	if (start <= first->vm_start && first->vm_end == end)
		return 0;
	err = may_cut_edges(mm, first, start, end);
	if (err || is_trim(first, start, end))
		return err;
	return vma_spares_reserve(first, start, end, spares);
}

int plan_unmap(struct mm_struct *mm, unsigned long start, unsigned long end,
	       struct vma_spares *spares)
{
	struct vm_area_struct *first = find_vma_intersection(mm, start, end);

	*spares = (struct vma_spares){.nr = 0};
	return first ? plan(mm, first, start, end, spares) : 0;
}

/* Takes so many pages of an area off the counters. */
static void forget_pages(struct mm_struct *mm, const struct vm_area_struct *vma,
			 unsigned long pages)
{
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm -= pages;
	if (vma->vm_flags & VM_ACCOUNT)
		vm_unacct_memory(pages);
	vm_stat_account(mm, vma->vm_flags, -(long)pages);
}

/* Unlinks the areas of [first, end), which begin and end there, and chains them by vm_next. */
static void detach_areas(struct mm_struct *mm, struct vm_area_struct *first, unsigned long end)
{
	struct vm_area_struct *vma = first, *next;

	for (; vma && vma->vm_start < end; vma = next) {
		next = vma->vm_next;
		forget_pages(mm, vma, vma_pages(vma));
		vma_unlink(mm, vma);
		if (!next || next->vm_start >= end)
			vma->vm_next = NULL;
	}
}

static void remove_areas(struct vm_area_struct *vma)
{
	while (vma) {
		struct vm_area_struct *next = vma->vm_next;

		remove_vma(vma);
		vma = next;
	}
}

/* Cuts at an edge, which the plan has asked about. */
static void cut_edge(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
		     bool new_below, struct vma_spares *spares)
{
	int err = split_vma(mm, vma, addr, new_below, spares);

	BUG_ON(err, "an area that may be cut at %lx would not be: %d", addr, err);
}

static void trim(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
		 unsigned long end, bool with_tables)
{
	bool head = vma->vm_start == start;
	struct mmu_gather tlb;
	unsigned long floor, ceiling;

	forget_pages(mm, vma, (end - start) >> PAGE_SHIFT);
	tlb_gather(&tlb, mm->pgd);
	zap_area(&tlb, vma, start, end);
	if (head)
		vma_set_start(vma, end);
	else
		vma_set_end(vma, start);
	if (with_tables) {
		floor = !head ? start : vma->vm_prev ? vma->vm_prev->vm_end : 0;
		ceiling = head ? end : vma->vm_next ? vma->vm_next->vm_start : TASK_SIZE;
		free_pgtables(&tlb, start, end, floor, ceiling);
	}
	tlb_finish(&tlb);
}

static void unmap(struct mm_struct *mm, struct vm_area_struct *first, unsigned long start,
		  unsigned long end, struct vma_spares *spares, bool with_tables)
{
	struct vm_area_struct *last = first;
	unsigned long floor, ceiling;
	struct mmu_gather tlb;

	update_hiwater(mm);
	if (is_trim(first, start, end)) {
		vma_spares_release(spares);
		trim(mm, first, start, end, with_tables);
		return;
	}
	if (first->vm_start < start)
		cut_edge(mm, first, start, true, spares);
	while (last->vm_next && last->vm_next->vm_start < end)
		last = last->vm_next;
	if (end < last->vm_end)
		cut_edge(mm, last, end, false, spares);
	vma_spares_release(spares);
	floor = first->vm_prev ? first->vm_prev->vm_end : 0;
	ceiling = last->vm_next ? last->vm_next->vm_start : TASK_SIZE;
	detach_areas(mm, first, end);
	if (has_tables(mm->pgd, start, end)) {
		tlb_gather(&tlb, mm->pgd);
		unmap_vmas(&tlb, first, start, end);
		if (with_tables)
			free_pgtables(&tlb, start, end, floor, ceiling);
		tlb_finish(&tlb);
	}
	remove_areas(first);
}

void unmap_planned(struct mm_struct *mm, unsigned long start, unsigned long end,
		   struct vma_spares *spares)
{
	struct vm_area_struct *first = find_vma_intersection(mm, start, end);

	if (first)
		unmap(mm, first, start, end, spares, true);
}

void unmap_keep_tables(struct mm_struct *mm, unsigned long start, unsigned long end,
		       struct vma_spares *spares)
{
	struct vm_area_struct *first = find_vma_intersection(mm, start, end);

	if (first)
		unmap(mm, first, start, end, spares, false);
}

int do_munmap(struct mm_struct *mm, unsigned long start, unsigned long len)
{
	struct vm_area_struct *first;
	struct vma_spares spares;
	unsigned long end;
	int err;

	rwsem_assert_held_write(&mm->mmap_sem);
	if (!IS_ALIGNED(start, PAGE_SIZE) || start > TASK_SIZE || len > TASK_SIZE - start)
		return -EINVAL;
	end = start + ALIGN(len, PAGE_SIZE);
	if (end == start)
		return -EINVAL;
	first = find_vma_intersection(mm, start, end);
	if (!first)
		return 0;
	err = plan(mm, first, start, end, &spares);
	if (!err)
		unmap(mm, first, start, end, &spares, true);
	return err;
}

/* What is mapped, and the tables, area by area; returns the pages that were promised. */
static unsigned long empty_space(struct mmu_gather *tlb, struct mm_struct *mm)
{
	unsigned long accounted = 0, first = mm->mmap ? mm->mmap->vm_start : 0;

	for (struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		struct vm_area_struct *next = vma->vm_next;
		unsigned long tables_end = ALIGN(vma->vm_end, PGDIR_SIZE);

		if (vma->vm_flags & VM_ACCOUNT)
			accounted += vma_pages(vma);
		zap_area(tlb, vma, vma->vm_start, vma->vm_end);
		/* A table that the next area has a part of waits for that. */
		if (next && next->vm_start < tables_end)
			continue;
		free_tables(tlb, ALIGN_DOWN(first, PGDIR_SIZE), tables_end);
		first = next ? next->vm_start : 0;
	}
	return accounted;
}

void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *first = mm->mmap;
	struct mmu_gather tlb;

	tlb_gather(&tlb, mm->pgd);
	vm_unacct_memory(empty_space(&tlb, mm));
	tlb_finish(&tlb);
	/* All of them: no order has to be kept while they go. */
	mm->mmap = mm->mmap_cache = NULL;
	mm->mm_rb = RB_ROOT;
	mm->highest_vm_end = 0;
	mm->map_count = 0;
	mm->total_vm = mm->locked_vm = mm->data_vm = mm->exec_vm = mm->stack_vm = 0;
	remove_areas(first);
}
