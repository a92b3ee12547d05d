/*
 * Areas of a space: finding, adding, taking out. Corresponds to Linux include/linux/mm.h and the
 * first half of mm/mmap.c, as of when areas were in a red-black tree (before 6.1).
 *
 *   list   vm_next, vm_prev: neighbours at once, so insertion and removal need no search
 *   tree   mm_rb, by address, each node with the largest gap of its subtree
 *
 * The gap of an area is the free space right below it: from vm_end of the area before it, or 0, to
 * its own start, less the guard gap if it is a stack (vm_start_gap()). What is above the last area
 * is no area's gap: highest_vm_end tells where it begins.
 *
 *	  prev                     vma
 *	[......]<---- gap ---->|guard|[......]
 *
 * Nothing in this file allocates but vm_area_alloc() and vm_area_dup(). mmap_sem is held by the
 * caller, for writing where something changes.
 */
#pragma once

#include "as/mm_types.h"
#include "as/sysctl.h"

/* ---- areas --------------------------------------------------------------------------------- */

void vma_init_cache(void);

/* An area of nothing, all zero but vm_mm. NULL: no memory. May sleep. */
struct vm_area_struct *__must_check vm_area_alloc(struct mm_struct *mm);
/* One that is to become a copy of another: its fields say nothing. NULL: no memory. May sleep. */
struct vm_area_struct *__must_check vm_area_spare(void);
/* A copy that is not linked, without a chain of anon_vmas; takes no references. NULL: no memory.
 * May sleep. */
struct vm_area_struct *__must_check vm_area_dup(const struct vm_area_struct *vma);
/* Frees one that is not linked; drops no references. */
void vm_area_free(struct vm_area_struct *vma);
/* Calls close, leaves its anon_vmas and its file, frees. Nothing is mapped in it any more. Linux:
 * remove_vma(), and unlink_anon_vmas() and unlink_file_vma(), which it leaves to free_pgtables().
 */
void remove_vma(struct vm_area_struct *vma);

/* ---- looking ------------------------------------------------------------------------------- */

/* The first area that ends above addr (it may begin above it, too), or NULL. */
struct vm_area_struct *__regparm find_vma(struct mm_struct *mm, unsigned long addr);
/* The same; *pprev: the one before it, NULL for none; the last of all where there is no first. */
struct vm_area_struct *find_vma_prev(struct mm_struct *mm, unsigned long addr,
				     struct vm_area_struct **pprev);
/* The first area that has a byte of [start, end), start < end, or NULL. */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end);
/* The area that addr is in, or NULL. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);

/* How many pages of [start, end) areas have. */
unsigned long count_vma_pages_range(struct mm_struct *mm, unsigned long start, unsigned long end);

/* ---- changing ------------------------------------------------------------------------------ */

/* Links an area right behind prev; NULL: before all others. There is room for it. */
void vma_link(struct mm_struct *mm, struct vm_area_struct *vma, struct vm_area_struct *prev);
/* Takes an area out; its own vm_next and vm_prev stay. */
void vma_unlink(struct mm_struct *mm, struct vm_area_struct *vma);
/*
 * Puts an area where nobody is. -ENOMEM: there is somebody, or VM_ACCOUNT memory is short: then
 * nothing has changed. An anonymous area's vm_pgoff is set to its address's page.
 */
int insert_vm_struct(struct mm_struct *mm, struct vm_area_struct *vma);

/* Moves an edge, vm_pgoff with the lower one. The result overlaps nobody, but for a neighbour that
 * is about to give way. */
void vma_set_start(struct vm_area_struct *vma, unsigned long start);
void vma_set_end(struct vm_area_struct *vma, unsigned long end);

/* Takes its own gap, or rights of a stack, into account anew. */
void vma_gap_update(struct vm_area_struct *vma);

/* What entries of an area with these flags may be at most: protection_map[]. */
pgprot_t vm_get_page_prot(unsigned long vm_flags);
/* Sets flags, and vm_page_prot after them. */
void vma_set_flags(struct vm_area_struct *vma, unsigned long vm_flags);

/* ---- gaps ---------------------------------------------------------------------------------- */

/* Where the addresses begin that others leave free for it. */
static inline unsigned long vm_start_gap(const struct vm_area_struct *vma)
{
	unsigned long guard = stack_guard_gap << PAGE_SHIFT;

	if (!(vma->vm_flags & VM_GROWSDOWN))
		return vma->vm_start;
	return vma->vm_start > guard ? vma->vm_start - guard : 0;
}

/* Bytes, see above. */
static inline unsigned long vma_gap(const struct vm_area_struct *vma)
{
	unsigned long end = vma->vm_prev ? vma->vm_prev->vm_end : 0, start = vm_start_gap(vma);

	return start > end ? start - end : 0;
}

/* [low, high) has room for length bytes, which are > 0: whole pages all of them. */
struct vm_unmapped_area_info {
	unsigned long length, low_limit, high_limit;
	bool topdown; /* the highest such place, or the lowest */
};

/* O(log n). *addr: where. -ENOMEM: nowhere. */
int vm_unmapped_area(struct mm_struct *mm, const struct vm_unmapped_area_info *info,
		     unsigned long *addr);

/*
 * Checks the tree against the list, and each gap. NULL, or the first thing that is wrong. For
 * mm_verify().
 */
const char *vma_tree_fault(struct mm_struct *mm);
