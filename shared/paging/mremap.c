/*
 * The ways of mremap():
 *
 *	no MREMAP_FIXED, no MREMAP_DONTUNMAP
 *	  new_len <= old_len    the rest is unmapped
 *	  room behind           the area grows where it is
 *	  MREMAP_MAYMOVE        it moves to where mmap() would put it
 *	MREMAP_FIXED            it moves to new_addr, whatever is there
 *	MREMAP_DONTUNMAP        it moves, the pages with it; the area itself stays, empty
 *
 * A move reserves and charges all that it takes first; then it unmaps what is in its way, makes the
 * new area, moves the pages, and unmaps the old place. From the first unmapping on it cannot fail.
 */
#include "paging/mremap.h"

#include "as/account.h"
#include "as/anon_vma.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/unmapped_area.h"
#include "as/vma_merge.h"
#include "base/bug.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/memory.h"
#include "paging/move_tables.h"
#include "paging/munmap.h"

/* Areas that a move may come to make beyond what it takes away: Linux's figure. */
#define MOVE_AREAS 3u

struct remap {
	struct mm_struct *mm;
	struct vm_area_struct *vma; /* the one that addr is in */
	unsigned long addr;
	unsigned long given_len; /* the old length as given; what is beyond new_len just goes */
	unsigned long old_len;	 /* what moves, or stays: new_len at most, once that is clear */
	unsigned long new_len;
	unsigned long flags, new_addr;
	/* The space's figures when limits are asked: MREMAP_FIXED makes room first. */
	const struct mm_struct *judged;
	unsigned long going; /* promised pages that it takes away for that */
	bool locked_growth;  /* what it has grown by is locked: it is to be there */
};

static int check_arguments(const struct remap *r)
{
	unsigned long moves = MREMAP_FIXED | MREMAP_DONTUNMAP;

	if (r->flags & ~(MREMAP_MAYMOVE | moves))
		return -EINVAL;
	if (r->flags & moves && !(r->flags & MREMAP_MAYMOVE))
		return -EINVAL;
	if (r->flags & MREMAP_DONTUNMAP && r->given_len != r->new_len)
		return -EINVAL;
	return IS_ALIGNED(r->addr, PAGE_SIZE) ? 0 : -EINVAL;
}

/* May the area become so large? */
static int check_resize(const struct remap *r)
{
	const struct vm_area_struct *vma = r->vma;
	unsigned long pgoff = vma->vm_pgoff + ((r->addr - vma->vm_start) >> PAGE_SHIFT);
	unsigned long growth = r->new_len - r->old_len;
	int err;

	if (!r->old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	if (r->flags & MREMAP_DONTUNMAP && vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EINVAL;
	if (r->old_len > vma->vm_end - r->addr)
		return -EFAULT;
	if (!growth)
		return 0;
	if (pgoff + (r->new_len >> PAGE_SHIFT) < pgoff)
		return -EINVAL;
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EFAULT;
	err = mlock_future_check(r->judged, vma->vm_flags, growth);
	if (err)
		return err;
	return may_expand_vm(r->judged, vma->vm_flags, growth >> PAGE_SHIFT) ? 0 : -ENOMEM;
}

/* ---- where it is --------------------------------------------------------------------------- */

static bool expandable(const struct remap *r, unsigned long end)
{
	const struct vm_area_struct *vma = r->vma;
	unsigned long at;

	if (end < vma->vm_end || (vma->vm_next && vma->vm_next->vm_start < end))
		return false;
	return get_unmapped_area(r->mm, vma->vm_start, end - vma->vm_start, MAP_FIXED, &at) == 0;
}

static int expand_in_place(struct remap *r)
{
	struct vm_area_struct *vma = r->vma;
	struct mm_struct *mm = r->mm;
	unsigned long growth = r->new_len - r->old_len, pages = growth >> PAGE_SHIFT;
	unsigned long pgoff = vma->vm_pgoff + vma_pages(vma), vm_flags = vma->vm_flags;

	if (vm_charge(mm, vm_flags, pages))
		return -ENOMEM;
	if (!vma_merge(mm, vma, NULL, vma->vm_end, vma->vm_end + growth, vm_flags, vma->anon_vma,
		       vma->vm_file, pgoff)) {
		vm_uncharge(vm_flags, pages);
		return -ENOMEM;
	}
	vm_stat_account(mm, vm_flags, pages);
	if (vm_flags & VM_LOCKED) {
		mm->locked_vm += pages;
		r->locked_growth = true;
	}
	return 0;
}

/* ---- somewhere else ------------------------------------------------------------------------ */

/* Would so many more be too many? */
static bool too_many_areas(const struct mm_struct *mm, unsigned int more)
{
	return mm->map_count + more >= sysctl_max_map_count;
}

/* What a move has in hand when it begins. */
struct move_plan {
	struct vma_spares target; /* to cut what is in the way */
	struct vma_spares spares; /* to cut the old place on both sides, and for the new area */
	unsigned long charged;
};

static void drop_plan(struct move_plan *plan)
{
	vma_spares_release(&plan->target);
	vma_spares_release(&plan->spares);
	vm_unacct_memory(plan->charged);
}

static int plan_target(struct remap *r, struct move_plan *plan)
{
	if (!(r->flags & MREMAP_FIXED))
		return 0;
	return plan_unmap(r->mm, r->new_addr, r->new_addr + r->new_len, &plan->target);
}

static unsigned int longer_chain(unsigned int links, const struct vm_area_struct *vma)
{
	unsigned int length = vma ? anon_vma_chain_length(vma) : 0;

	return max(links, length);
}

/*
 * The most links to anon_vmas that an area may have which comes to be cut: the one that moves; the
 * one that the old place ends in; or those beside the new place, of one of which all of it becomes
 * part where the old and the new place meet.
 */
static unsigned int links_wanted(struct remap *r)
{
	struct vm_area_struct *prev, *next = find_vma_prev(r->mm, r->new_addr, &prev);
	unsigned int links = longer_chain(anon_vma_chain_length(r->vma), prev);

	links = longer_chain(links, next);
	links = longer_chain(links, find_vma(r->mm, r->new_addr + r->new_len));
	if (r->given_len)
		links = longer_chain(links, find_vma(r->mm, r->addr + r->given_len - 1));
	return links;
}

/* Asks whether the old place may be cut, and stocks as many areas as its edges may come to need. */
static int plan_source(struct remap *r, struct move_plan *plan)
{
	int err = may_cut(r->vma, r->addr, r->addr + r->given_len);

	return err ? err : vma_spares_fill(&plan->spares, links_wanted(r));
}

static int plan_move(struct remap *r, struct move_plan *plan)
{
	bool stays = r->flags & MREMAP_DONTUNMAP;
	unsigned long growth = stays ? r->new_len : r->new_len - r->old_len;
	unsigned long vm_flags = r->vma->vm_flags, pages = growth >> PAGE_SHIFT;
	int err;

	*plan = (struct move_plan){.charged = 0};
	if (too_many_areas(r->mm, MOVE_AREAS))
		return -ENOMEM;
	err = plan_source(r, plan);
	if (err)
		return err;
	err = vm_charge_instead(r->judged, vm_flags, pages, r->going);
	if (!err && vm_flags & VM_ACCOUNT)
		plan->charged = pages;
	if (!err)
		err = plan_target(r, plan);
	if (!err)
		err = move_page_tables_prepare(r->mm, r->addr, r->new_addr, r->old_len);
	if (err)
		drop_plan(plan);
	return err;
}

/* MREMAP_DONTUNMAP: the old place stays, without its locks. */
static void leave_source(struct remap *r, struct move_plan *plan)
{
	int err;

	/* All of its pages are elsewhere: it is as if it never had any. */
	if (r->vma->vm_start == r->addr && r->vma->vm_end == r->addr + r->old_len)
		unlink_anon_vmas(r->vma);
	if (!(r->vma->vm_flags & VM_LOCKED))
		return;
	err = carve_vma(r->mm, r->vma, r->addr, r->addr + r->old_len, &plan->spares);
	BUG_ON(err, "no room to cut what was moved: %d", err);
	vma_set_flags(r->vma, r->vma->vm_flags & ~VM_LOCKED_MASK);
	r->mm->locked_vm -= r->old_len >> PAGE_SHIFT;
}

/* The promise for the old place was made over to the new one: unmapping takes it back once. */
static void unmap_source(struct remap *r, struct move_plan *plan, unsigned long vm_flags)
{
	if (vm_flags & VM_ACCOUNT)
		vm_acct_memory(r->old_len >> PAGE_SHIFT);
	if (r->given_len)
		unmap_planned(r->mm, r->addr, r->addr + r->given_len, &plan->spares);
}

static int move_vma(struct remap *r)
{
	struct mm_struct *mm = r->mm;
	unsigned long pages = r->new_len >> PAGE_SHIFT, vm_flags = r->vma->vm_flags;
	unsigned long pgoff = r->vma->vm_pgoff + ((r->addr - r->vma->vm_start) >> PAGE_SHIFT);
	struct move_plan plan;
	int err = plan_move(r, &plan);

	if (err)
		return err;
	if (r->flags & MREMAP_FIXED) {
		unmap_keep_tables(mm, r->new_addr, r->new_addr + r->new_len, &plan.target);
		r->vma = vma_lookup(mm, r->addr); /* it may have been cut */
	}
	copy_vma(&r->vma, r->new_addr, r->new_len, pgoff, &plan.spares);
	move_page_tables(mm, r->addr, r->new_addr, r->old_len);
	if (r->flags & MREMAP_DONTUNMAP)
		leave_source(r, &plan);
	else
		unmap_source(r, &plan, vm_flags);
	/* Last: there never was more than there is now, for the high-water mark. */
	vm_stat_account(mm, vm_flags, pages);
	if (vm_flags & VM_LOCKED) {
		mm->locked_vm += pages;
		r->locked_growth = r->new_len > r->old_len;
	}
	plan.charged = 0;
	drop_plan(&plan);
	return 0;
}

static unsigned long move_flags(const struct remap *r)
{
	return (r->vma->vm_flags & VM_MAYSHARE ? MAP_SHARED : 0) |
	       (r->flags & MREMAP_FIXED ? MAP_FIXED : 0);
}

/*
 * Can the target be unmapped, and what is beyond the new length, which just goes? In this order,
 * before anything else is asked, as Linux does the one and the other here.
 */
static int check_unmapping(const struct remap *r)
{
	unsigned long tail =
		r->addr + r->new_len; /* if it wraps, the area is too short for new_len */
	unsigned long len = r->given_len - r->new_len;
	int err = 0;

	if (r->flags & MREMAP_FIXED)
		err = may_unmap(r->mm, r->new_addr, r->new_addr + r->new_len);
	if (err || r->given_len <= r->new_len)
		return err;
	if (tail > TASK_SIZE || len > TASK_SIZE - tail)
		return -EINVAL;
	return may_unmap(r->mm, tail, tail + len);
}

/* MREMAP_FIXED, MREMAP_DONTUNMAP. */
static int mremap_to(struct remap *r)
{
	unsigned long end = r->new_addr + r->new_len;
	struct mm_struct after;
	int err;

	if (!IS_ALIGNED(r->new_addr, PAGE_SIZE) || r->new_len > TASK_SIZE ||
	    r->new_addr > TASK_SIZE - r->new_len)
		return -EINVAL;
	if (r->addr + r->given_len > r->new_addr && end > r->addr)
		return -EINVAL;
	if (too_many_areas(r->mm, MOVE_AREAS + 2))
		return -ENOMEM;
	err = check_unmapping(r);
	if (err)
		return err;
	if (r->flags & MREMAP_FIXED) {
		/* A copy (old_len is 0) that would be put upon what it is of. */
		if (r->addr >= r->new_addr && r->addr < end)
			return -EFAULT;
		after = *r->mm;
		r->going = figures_without(&after, r->mm, r->new_addr, end);
		r->judged = &after;
		if (r->given_len > r->new_len)
			r->going += figures_without(&after, r->mm, r->addr + r->new_len,
						    r->addr + r->given_len);
	}
	r->old_len = min(r->old_len, r->new_len);
	err = check_resize(r);
	if (err)
		return err;
	if (r->flags & MREMAP_DONTUNMAP &&
	    !may_expand_vm(r->judged, r->vma->vm_flags, r->old_len >> PAGE_SHIFT))
		return -ENOMEM;
	err = get_unmapped_area(r->mm, r->new_addr, r->new_len, move_flags(r), &r->new_addr);
	return err ? err : move_vma(r);
}

static int mremap_locked(struct remap *r)
{
	int err;

	r->vma = vma_lookup(r->mm, r->addr);
	if (!r->vma)
		return -EFAULT;
	if (r->flags & (MREMAP_FIXED | MREMAP_DONTUNMAP))
		return mremap_to(r);
	r->new_addr = r->addr;
	if (r->old_len > r->new_len)
		return do_munmap(r->mm, r->addr + r->new_len, r->old_len - r->new_len);
	if (r->old_len == r->new_len)
		return 0;
	err = check_resize(r);
	if (err)
		return err;
	if (r->old_len == r->vma->vm_end - r->addr && expandable(r, r->addr + r->new_len))
		return expand_in_place(r);
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	err = get_unmapped_area(r->mm, 0, r->new_len, move_flags(r), &r->new_addr);
	return err ? err : move_vma(r);
}

int do_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned long flags,
	      unsigned long new_addr, unsigned long *result)
{
	struct remap r = {
		.mm = current->mm,
		.addr = addr,
		.given_len = old_len,
		.new_len = new_len,
		.flags = flags,
		.new_addr = new_addr,
		.judged = current->mm,
	};
	int err = check_arguments(&r);

	if (err)
		return err;
	r.given_len = r.old_len = ALIGN(old_len, PAGE_SIZE);
	r.new_len = ALIGN(new_len, PAGE_SIZE);
	if (!r.new_len)
		return -EINVAL;
	down_write(&r.mm->mmap_sem);
	err = mremap_locked(&r);
	up_write(&r.mm->mmap_sem);
	if (!err && r.locked_growth)
		mm_populate(r.new_addr + r.old_len, r.new_len - r.old_len, true);
	*result = r.new_addr;
	return err;
}
