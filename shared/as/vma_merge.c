#include "as/vma_merge.h"

#include "as/anon_vma.h"
#include "as/file.h"
#include "base/bug.h"
#include "base/errno.h"

/* What an area has to be like to take a stretch in. */
struct kind {
	unsigned long vm_flags;
	struct anon_vma *anon_vma;
	struct file *file;
};

static bool is_of_kind(const struct vm_area_struct *vma, const struct kind *kind)
{
	return vma->vm_flags == kind->vm_flags && vma->vm_file == kind->file &&
	       !(vma->vm_ops && vma->vm_ops->close) &&
	       anon_vmas_mergeable(kind->anon_vma, vma->anon_vma, vma);
}

/* Offsets go on from vma to a stretch that begins with pgoff. */
static bool can_merge_after(const struct vm_area_struct *vma, const struct kind *kind,
			    unsigned long pgoff)
{
	return is_of_kind(vma, kind) && vma->vm_pgoff + vma_pages(vma) == pgoff;
}

/* ... and from a stretch that ends with pgoff to vma. */
static bool can_merge_before(const struct vm_area_struct *vma, const struct kind *kind,
			     unsigned long pgoff)
{
	return is_of_kind(vma, kind) && vma->vm_pgoff == pgoff;
}

/*
 * An area whose addresses `into` takes over, with the pages that may be there. Nobody counts these:
 * there is no close.
 */
static void swallow(struct mm_struct *mm, struct vm_area_struct *into, struct vm_area_struct *vma)
{
	vma_unlink(mm, vma);
	anon_vma_merge(into, vma);
	unlink_file_vma(vma);
	if (vma->vm_file)
		fput(vma->vm_file);
	vm_area_free(vma);
}

/* prev grows up to end, over the head of curr, or all of it. */
static void grow_up(struct mm_struct *mm, struct vm_area_struct *prev, struct vm_area_struct *curr,
		    unsigned long end)
{
	if (curr && curr->vm_end <= end) {
		swallow(mm, prev, curr);
		curr = NULL;
	}
	vma_set_end(prev, end);
	if (curr)
		vma_set_start(curr, end);
}

/* next grows down to addr, over the tail of curr, or all of it. */
static void grow_down(struct mm_struct *mm, struct vm_area_struct *curr,
		      struct vm_area_struct *next, unsigned long addr)
{
	if (curr && curr->vm_start >= addr) {
		swallow(mm, next, curr);
		curr = NULL;
	}
	vma_set_start(next, addr);
	if (curr)
		vma_set_end(curr, addr);
}

/* prev takes all up to the end of next, with curr, which is between them, or what is free there. */
static void join(struct mm_struct *mm, struct vm_area_struct *prev, struct vm_area_struct *curr,
		 struct vm_area_struct *next)
{
	unsigned long end = next->vm_end;

	if (curr)
		swallow(mm, prev, curr);
	swallow(mm, prev, next);
	vma_set_end(prev, end);
}

struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *prev,
				 struct vm_area_struct *curr, unsigned long addr, unsigned long end,
				 unsigned long vm_flags, struct anon_vma *anon_vma,
				 struct file *file, unsigned long pgoff)
{
	const struct kind kind = {vm_flags, anon_vma, file};
	unsigned long next_pgoff = pgoff + ((end - addr) >> PAGE_SHIFT);
	struct vm_area_struct *next;
	bool left, right;

	if (vm_flags & VM_SPECIAL)
		return NULL;
	if (curr)
		next = curr->vm_next;
	else
		next = prev ? prev->vm_next : mm->mmap;
	left = prev && prev->vm_end == addr && (!curr || curr->vm_start == addr) &&
	       can_merge_after(prev, &kind, pgoff);
	right = next && next->vm_start == end && (!curr || curr->vm_end == end) &&
		can_merge_before(next, &kind, next_pgoff);
	if (left && right && anon_vmas_mergeable(prev->anon_vma, next->anon_vma, NULL)) {
		join(mm, prev, curr, next);
		return prev;
	}
	if (left) {
		grow_up(mm, prev, curr, end);
		return prev;
	}
	if (right) {
		grow_down(mm, curr, next, addr);
		return next;
	}
	return NULL;
}

/* ---- splitting ----------------------------------------------------------------------------- */

/* So many areas more, with so many links each. */
static int add_spares(struct vma_spares *spares, unsigned int nr, unsigned int links)
{
	if (links && anon_vma_stock_fill(&spares->links, nr * links))
		goto failed;
	while (nr--) {
		struct vm_area_struct *spare = vm_area_spare();

		if (!spare)
			goto failed;
		spares->area[spares->nr++] = spare;
	}
	return 0;
failed:
	vma_spares_release(spares);
	return -ENOMEM;
}

static int may_split(struct vm_area_struct *vma, unsigned long addr)
{
	if (vma->vm_ops && vma->vm_ops->may_split)
		return vma->vm_ops->may_split(vma, addr);
	return 0;
}

/* The area that end is in, or the last one before it. */
static struct vm_area_struct *last_area(struct vm_area_struct *vma, unsigned long end)
{
	while (vma->vm_end < end && vma->vm_next && vma->vm_next->vm_start < end)
		vma = vma->vm_next;
	return vma;
}

static bool is_inside(const struct vm_area_struct *vma, unsigned long addr)
{
	return vma->vm_start < addr && addr < vma->vm_end;
}

int may_cut(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct vm_area_struct *last = last_area(vma, end);
	int err = is_inside(vma, start) ? may_split(vma, start) : 0;

	return err || !is_inside(last, end) ? err : may_split(last, end);
}

int vma_spares_fill(struct vma_spares *spares, unsigned int links)
{
	*spares = (struct vma_spares){.nr = 0};
	return add_spares(spares, VMA_SPARES, links);
}

int vma_spares_reserve(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		       struct vma_spares *spares)
{
	const struct vm_area_struct *last = last_area(vma, end);
	int err;

	*spares = (struct vma_spares){.nr = 0};
	err = add_spares(spares, is_inside(vma, start), anon_vma_chain_length(vma));
	return err ? err : add_spares(spares, is_inside(last, end), anon_vma_chain_length(last));
}

void vma_spares_release(struct vma_spares *spares)
{
	anon_vma_stock_release(&spares->links);
	while (spares->nr)
		vm_area_free(spares->area[--spares->nr]);
}

/* One of the stock, like vma, with uses of its own, but for the chain: anon_vma_clone() is next. */
static struct vm_area_struct *dup_area(struct vm_area_struct *vma, struct vma_spares *spares)
{
	struct vm_area_struct *new;

	BUG_ON(!spares->nr, "an area is wanted that nobody expected to be");
	new = spares->area[--spares->nr];
	*new = *vma;
	list_init(&new->anon_vma_chain);
	if (new->vm_file)
		get_file(new->vm_file);
	return new;
}

static void cut(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr,
		bool new_below, struct vma_spares *spares)
{
	unsigned long pages = (addr - vma->vm_start) >> PAGE_SHIFT;
	struct vm_area_struct *new;

	MM_ASSERT(addr > vma->vm_start && addr < vma->vm_end, "%lx is not inside %lx-%lx", addr,
		  vma->vm_start, vma->vm_end);
	new = dup_area(vma, spares);
	rmap_begin_change(vma);
	if (new_below) {
		new->vm_end = addr;
		vma->vm_start = addr;
		vma->vm_pgoff += pages;
	} else {
		new->vm_start = addr;
		new->vm_pgoff += pages;
		vma->vm_end = addr;
	}
	rmap_end_change(vma);
	anon_vma_clone(new, vma, &spares->links);
	vma_link(mm, new, new_below ? vma->vm_prev : vma);
	if (new->vm_ops &&new->vm_ops->open)
		new->vm_ops->open(new);
}

int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below,
	      struct vma_spares *spares)
{
	int err = may_split(vma, addr);

	if (!err)
		cut(mm, vma, addr, new_below, spares);
	return err;
}

int carve_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end, struct vma_spares *spares)
{
	bool below = start > vma->vm_start, above = end < vma->vm_end;
	int err = 0;

	if (below + above && mm->map_count + below + above > sysctl_max_map_count)
		return -ENOMEM;
	if (below)
		err = may_split(vma, start);
	if (!err && above)
		err = may_split(vma, end);
	if (err)
		return err;
	if (below)
		cut(mm, vma, start, true, spares);
	if (above)
		cut(mm, vma, end, false, spares);
	return 0;
}

int vma_modify_flags(struct vm_area_struct **vmap, unsigned long start, unsigned long end,
		     unsigned long vm_flags, struct vma_spares *spares)
{
	struct vm_area_struct *vma = *vmap, *merged;
	unsigned long pgoff = vma->vm_pgoff + ((start - vma->vm_start) >> PAGE_SHIFT);
	int err;

	merged = vma_merge(vma->vm_mm, vma->vm_prev, vma, start, end, vm_flags, vma->anon_vma,
			   vma->vm_file, pgoff);
	if (merged) {
		*vmap = merged;
		return 0;
	}
	err = carve_vma(vma->vm_mm, vma, start, end, spares);
	if (!err)
		vma_set_flags(vma, vm_flags);
	return err;
}

/* ---- copying ------------------------------------------------------------------------------- */

/* Anonymous memory without pages yet counts its offsets from where it is. */
static unsigned long offset_at(const struct vm_area_struct *vma, unsigned long addr,
			       unsigned long pgoff)
{
	return vma_is_anonymous(vma) && !vma->anon_vma ? addr >> PAGE_SHIFT : pgoff;
}

struct vm_area_struct *copy_vma(struct vm_area_struct **vmap, unsigned long addr, unsigned long len,
				unsigned long pgoff, struct vma_spares *spares)
{
	struct vm_area_struct *vma = *vmap, *prev, *new;
	unsigned long start = vma->vm_start;
	struct mm_struct *mm = vma->vm_mm;

	find_vma_prev(mm, addr, &prev);
	pgoff = offset_at(vma, addr, pgoff);
	new = vma_merge(mm, prev, NULL, addr, addr + len, vma->vm_flags, vma->anon_vma,
			vma->vm_file, pgoff);
	if (new) {
		/* The place was right beside the area itself, which is part of the new one now. */
		if (new->vm_start <= start && start < new->vm_end)
			*vmap = new;
		return new;
	}
	new = dup_area(vma, spares);
	new->vm_start = addr;
	new->vm_end = addr + len;
	new->vm_pgoff = pgoff;
	anon_vma_clone(new, vma, &spares->links);
	vma_link(mm, new, prev);
	if (new->vm_ops &&new->vm_ops->open)
		new->vm_ops->open(new);
	return new;
}
