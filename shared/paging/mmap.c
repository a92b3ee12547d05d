#include "paging/mmap.h"

#include "as/account.h"
#include "as/file.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "as/unmapped_area.h"
#include "as/vma_merge.h"
#include "base/bug.h"
#include "base/errno.h"
#include "paging/gup.h"
#include "paging/munmap.h"
#include "store/shmem.h"

/* The stretch that is to be mapped. */
struct request {
	struct mm_struct *mm;
	struct file *file; /* not counted until an area has it */
	unsigned long addr, len, prot, flags;
	unsigned long pgoff, vm_flags;
	unsigned long charged;		/* pages that were promised */
	struct vm_area_struct *vma;	/* made already, or NULL */
	const struct mm_struct *judged; /* the space's figures when commitments are asked */
	struct vm_area_struct *prev;	/* the area before addr, or NULL */
	bool replaces;			/* something is there */
	struct vma_spares spares;
};

unsigned long calc_vm_prot_bits(unsigned long prot)
{
	return prot & (PROT_READ | PROT_WRITE | PROT_EXEC);
}

_Static_assert(PROT_READ == VM_READ && PROT_WRITE == VM_WRITE && PROT_EXEC == VM_EXEC,
	       "rights have the same bits in prot and vm_flags");

static unsigned long calc_vm_flag_bits(unsigned long flags)
{
	return (flags & MAP_GROWSDOWN ? VM_GROWSDOWN : 0) | (flags & MAP_LOCKED ? VM_LOCKED : 0);
}

/* ---- may it be ----------------------------------------------------------------------------- */

static int check_file_shared(struct request *r)
{
	u32 mode = r->file->f_mode;

	if ((r->flags & MAP_TYPE) == MAP_SHARED_VALIDATE && r->flags & ~LEGACY_MAP_MASK)
		return -EOPNOTSUPP;
	if (r->prot & PROT_WRITE && !(mode & FMODE_WRITE))
		return -EACCES;
	if (mode & FMODE_APPEND && mode & FMODE_WRITE)
		return -EACCES;
	r->vm_flags |= VM_SHARED | VM_MAYSHARE;
	/* What can never be written is shared in name only: it counts as private does. */
	if (!(mode & FMODE_WRITE))
		r->vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
	return 0;
}

static int check_file(struct request *r)
{
	unsigned long type = r->flags & MAP_TYPE;
	int err = 0;

	if (r->pgoff > MAX_FILE_PAGES - (r->len >> PAGE_SHIFT))
		return -EOVERFLOW;
	if (type == MAP_SHARED || type == MAP_SHARED_VALIDATE)
		err = check_file_shared(r);
	else if (type != MAP_PRIVATE)
		err = -EINVAL;
	if (err)
		return err;
	if (!(r->file->f_mode & FMODE_READ))
		return -EACCES;
	if (!r->file->f_op->mmap)
		return -ENODEV;
	return r->vm_flags & VM_GROWSDOWN ? -EINVAL : 0;
}

static int check_anonymous(struct request *r)
{
	switch (r->flags & MAP_TYPE) {
	case MAP_SHARED:
		if (r->vm_flags & VM_GROWSDOWN)
			return -EINVAL;
		r->pgoff = 0;
		r->vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		r->pgoff = r->addr >> PAGE_SHIFT;
		return 0;
	default:
		return -EINVAL;
	}
}

static unsigned long round_hint_to_min(unsigned long hint)
{
	hint &= PAGE_MASK;
	return hint && hint < mmap_min_addr ? mmap_min_addr : hint;
}

/* Length and place. */
static int check_place(struct request *r)
{
	int err;

	if (r->flags & MAP_HUGETLB || !r->len)
		return -EINVAL;
	if (r->flags & MAP_FIXED_NOREPLACE)
		r->flags |= MAP_FIXED;
	if (!(r->flags & MAP_FIXED))
		r->addr = round_hint_to_min(r->addr);
	r->len = ALIGN(r->len, PAGE_SIZE);
	if (!r->len)
		return -ENOMEM;
	if (r->pgoff + (r->len >> PAGE_SHIFT) < r->pgoff)
		return -EOVERFLOW;
	if (r->mm->map_count > sysctl_max_map_count)
		return -ENOMEM;
	err = get_unmapped_area(r->mm, r->addr, r->len, r->flags, &r->addr);
	if (err)
		return err;
	if (r->flags & MAP_FIXED_NOREPLACE &&
	    find_vma_intersection(r->mm, r->addr, r->addr + r->len))
		return -EEXIST;
	return 0;
}

/* Kind: r->vm_flags, and the file's consent. */
static int check_kind(struct request *r)
{
	int err;

	r->vm_flags = calc_vm_prot_bits(r->prot) | calc_vm_flag_bits(r->flags) | r->mm->def_flags |
		      VM_MAYACCESS;
	if (r->flags & MAP_LOCKED && !can_do_mlock())
		return -EPERM;
	err = mlock_future_check(r->mm, r->vm_flags, r->len);
	if (err)
		return err;
	err = r->file ? check_file(r) : check_anonymous(r);
	if (err)
		return err;
	if (r->flags & MAP_NORESERVE && sysctl_overcommit_memory != OVERCOMMIT_NEVER)
		r->vm_flags |= VM_NORESERVE;
	return 0;
}

/* ---- making it ----------------------------------------------------------------------------- */

/* What is unmapped for it makes room. */
static bool space_has_room(const struct request *r)
{
	unsigned long pages = r->len >> PAGE_SHIFT;

	if (may_expand_vm(r->mm, r->vm_flags, pages))
		return true;
	return may_expand_vm(r->mm, r->vm_flags,
			     pages - count_vma_pages_range(r->mm, r->addr, r->addr + r->len));
}

static int charge(struct request *r)
{
	unsigned long pages = r->len >> PAGE_SHIFT;

	r->charged = 0;
	if (!accountable_mapping(r->vm_flags))
		return 0;
	if (vm_enough_memory(r->judged, pages))
		return -ENOMEM;
	r->charged = pages;
	r->vm_flags |= VM_ACCOUNT;
	return 0;
}

static void discard_area(struct request *r)
{
	if (r->vma && r->vma->vm_file)
		fput(r->vma->vm_file);
	if (r->vma)
		vm_area_free(r->vma);
	r->vma = NULL;
}

/* The area takes over a use of its file, the one that a new shared object comes with. */
static int attach_file(struct request *r)
{
	struct vm_area_struct *vma = r->vma;

	if (r->file) {
		vma->vm_file = get_file(r->file);
	} else if (r->vm_flags & VM_SHARED) {
		int err = shmem_zero_file(r->judged, r->len, r->vm_flags, &vma->vm_file);

		if (err)
			return err;
	} else {
		return 0;
	}
	return vma->vm_file->f_op->mmap(vma->vm_file, vma);
}

static int make_area(struct request *r)
{
	struct vm_area_struct *vma = r->vma = vm_area_alloc(r->mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = r->addr;
	vma->vm_end = r->addr + r->len;
	vma->vm_pgoff = r->pgoff;
	vma_set_flags(vma, r->vm_flags);
	err = attach_file(r);
	if (err)
		discard_area(r);
	return err;
}

/* Joins what is there already, if that is of one kind with it. */
static bool merge_area(struct request *r)
{
	struct file *file = r->vma ? r->vma->vm_file : NULL;

	if (!vma_merge(r->mm, r->prev, NULL, r->addr, r->addr + r->len, r->vm_flags, NULL, file,
		       r->pgoff))
		return false;
	discard_area(r);
	return true;
}

/* Anonymous memory that replaces nothing is asked to merge before an area is made for it. */
static bool merges_early(const struct request *r)
{
	return !r->replaces && !r->file && !(r->vm_flags & VM_SHARED);
}

/* All that may fail, but for the area of what merges early. */
static int prepare_area(struct request *r)
{
	int err = charge(r);

	if (!err && !merges_early(r))
		err = make_area(r);
	return err;
}

/* The same where something gives way: for commitments it is as if it were gone already. */
static int prepare_instead(struct request *r)
{
	unsigned long end = r->addr + r->len, going;
	struct mm_struct after = *r->mm;
	int err;

	/* Whatever the reason, as Linux has it. */
	if (plan_unmap(r->mm, r->addr, end, &r->spares))
		return -ENOMEM;
	going = figures_without(&after, r->mm, r->addr, end);
	r->judged = &after;
	vm_unacct_memory(going);
	err = prepare_area(r);
	vm_acct_memory(going);
	return err;
}

static int place_area(struct request *r)
{
	bool early = merges_early(r);

	if (early && merge_area(r))
		return 0;
	if (early && make_area(r))
		return -ENOMEM;
	if (r->replaces) {
		unmap_planned(r->mm, r->addr, r->addr + r->len, &r->spares);
		find_vma_prev(r->mm, r->addr, &r->prev);
	}
	if (early || !merge_area(r))
		vma_link(r->mm, r->vma, r->prev);
	return 0;
}

static int mmap_region(struct request *r)
{
	struct mm_struct *mm = r->mm;
	struct vm_area_struct *next = find_vma_prev(mm, r->addr, &r->prev);
	unsigned long pages = r->len >> PAGE_SHIFT;
	int err;

	r->replaces = next && next->vm_start < r->addr + r->len;
	r->judged = mm;
	if (!space_has_room(r))
		return -ENOMEM;
	err = r->replaces ? prepare_instead(r) : prepare_area(r);
	if (!err)
		err = place_area(r);
	if (err) {
		vm_unacct_memory(r->charged);
		vma_spares_release(&r->spares);
		return err;
	}
	vm_stat_account(mm, r->vm_flags, pages);
	if (r->vm_flags & VM_LOCKED)
		mm->locked_vm += pages;
	return 0;
}

int do_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
	    unsigned long flags, unsigned long pgoff, unsigned long *result)
{
	struct request r;
	int err;

	r.mm = current->mm;
	r.file = file;
	r.addr = addr;
	r.len = len;
	r.prot = prot;
	r.flags = flags;
	r.pgoff = pgoff;
	r.vma = NULL;
	r.charged = 0;
	r.spares = (struct vma_spares){.nr = 0};
	rwsem_assert_held_write(&r.mm->mmap_sem);
	err = check_place(&r);
	if (!err)
		err = check_kind(&r);
	if (!err)
		err = mmap_region(&r);
	*result = r.addr;
	return err;
}

bool wants_pages(struct mm_struct *mm, unsigned long addr, unsigned long flags)
{
	if ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		return true;
	return find_vma(mm, addr)->vm_flags & VM_LOCKED;
}

int vm_mmap_pgoff(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		  unsigned long flags, unsigned long pgoff, unsigned long *result)
{
	struct mm_struct *mm = current->mm;
	bool populate;
	int err;

	down_write(&mm->mmap_sem);
	err = do_mmap(file, addr, len, prot, flags, pgoff, result);
	populate = !err && wants_pages(mm, *result, flags);
	up_write(&mm->mmap_sem);
	if (populate)
		mm_populate(*result, len, true);
	return err;
}

/* ---- the kernel's own ---------------------------------------------------------------------- */

static const char *special_name(const struct vm_area_struct *vma)
{
	return vma->vm_private_data;
}

static int special_may_split(struct vm_area_struct *vma __maybe_unused,
			     unsigned long addr __maybe_unused)
{
	return -EINVAL;
}

static const struct vm_operations_struct special_vm_ops = {
	.may_split = special_may_split,
	.name = special_name,
};

int install_special_mapping(struct mm_struct *mm, unsigned long addr, unsigned long len,
			    unsigned long vm_flags, const char *name)
{
	struct vm_area_struct *vma = vm_area_alloc(mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_ops = &special_vm_ops;
	vma->vm_private_data = (void *)name;
	vma_set_flags(vma, vm_flags | mm->def_flags | VM_DONTEXPAND);
	vma->vm_flags &= ~VM_LOCKED_MASK;
	down_write(&mm->mmap_sem);
	err = insert_vm_struct(mm, vma);
	if (!err)
		vm_stat_account(mm, vma->vm_flags, len >> PAGE_SHIFT);
	up_write(&mm->mmap_sem);
	if (err)
		vm_area_free(vma);
	return err;
}
