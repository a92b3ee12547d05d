/*
 * The search for free addresses. In order, areas and their gaps are
 *
 *	gap a | a | gap b | b | gap c | c | the rest up to the end of the space
 *
 * and a subtree's largest gap tells whether it is worth going into. What limits cut off of a gap is
 * not in that figure, so a subtree may disappoint, but only at the limits' own places: going down
 * leaves out what is beyond them altogether.
 */
#include "as/vma.h"

#include "base/errno.h"

/* The sides of a node, as rb_child has them. */
#define LEFT 0
#define RIGHT 1

static inline struct vm_area_struct *rb_vma(struct rb_node *node)
{
	return node ? rb_entry(node, struct vm_area_struct, vm_rb) : NULL;
}

static inline unsigned long prev_end(const struct vm_area_struct *vma)
{
	return vma->vm_prev ? vma->vm_prev->vm_end : 0;
}

/* The part of [start, end) within the limits has room: *addr is its lowest or highest place. */
static inline bool fits(const struct vm_unmapped_area_info *info, unsigned long start,
			unsigned long end, unsigned long *addr)
{
	start = max(start, info->low_limit);
	end = min(end, info->high_limit);
	if (start >= end || end - start < info->length)
		return false;
	*addr = info->topdown ? end - info->length : start;
	return true;
}

/* Is there any hope in a subtree? */
static inline bool promising(struct rb_node *node, const struct vm_unmapped_area_info *info)
{
	return node && rb_vma(node)->rb_subtree_gap >= info->length;
}

/* Gaps of the left subtree end where the area before the node's gap begins, or below. */
static inline bool left_in_limits(const struct vm_area_struct *vma,
				  const struct vm_unmapped_area_info *info)
{
	return prev_end(vma) > info->low_limit;
}

/* Gaps of the right subtree begin where the area ends, or above. */
static inline bool right_in_limits(const struct vm_area_struct *vma,
				   const struct vm_unmapped_area_info *info)
{
	return vma->vm_end < info->high_limit;
}

/* One side first, then the node itself, then the other side: in order, or against it. */
static __always_inline bool search_tree(struct mm_struct *mm,
					const struct vm_unmapped_area_info *info, const int first,
					unsigned long *addr)
{
	const int then = !first;
	struct rb_node *node = mm->mm_rb.rb_node;

	if (!promising(node, info))
		return false;
	for (;;) {
		struct vm_area_struct *vma;

		/* As far to the first side as there is hope. */
		for (;;) {
			vma = rb_vma(node);
			bool inside =
				first ? right_in_limits(vma, info) : left_in_limits(vma, info);

			if (!inside || !promising(node->rb_child[first], info))
				break;
			node = node->rb_child[first];
		}
		/* This node; then its other side, or up to who is next. */
		for (;;) {
			if (fits(info, prev_end(vma), vm_start_gap(vma), addr)) {
				WRITE_ONCE(mm->mmap_cache, vma); /* it is asked for next */
				return true;
			}
			bool inside =
				first ? left_in_limits(vma, info) : right_in_limits(vma, info);

			if (inside && promising(node->rb_child[then], info)) {
				node = node->rb_child[then];
				break;
			}
			for (;;) {
				struct rb_node *from = node;

				node = rb_parent(node);
				if (!node)
					return false;
				if (node->rb_child[first] == from)
					break;
			}
			vma = rb_vma(node);
		}
	}
}

int vm_unmapped_area(struct mm_struct *mm, const struct vm_unmapped_area_info *info,
		     unsigned long *addr)
{
	bool found;

	rwsem_assert_held(&mm->mmap_sem);
	if (info->topdown)
		found = fits(info, mm->highest_vm_end, TASK_SIZE, addr) ||
			search_tree(mm, info, RIGHT, addr);
	else
		found = search_tree(mm, info, LEFT, addr) ||
			fits(info, mm->highest_vm_end, TASK_SIZE, addr);
	return found ? 0 : -ENOMEM;
}

/* ---- verifying ----------------------------------------------------------------------------- */

static const char *check_node(const struct rb_node *prev, const struct rb_node *node)
{
	const struct vm_area_struct *vma = rb_entry(node, struct vm_area_struct, vm_rb);
	const struct vm_area_struct *before =
		prev ? rb_entry(prev, struct vm_area_struct, vm_rb) : NULL;
	unsigned long gap = vma_gap(vma);

	if (vma->vm_prev != before)
		return "the list and the tree differ";
	if (before && before->vm_end > vma->vm_start)
		return "areas overlap, or are out of order";
	for (int side = 0; side < 2; side++)
		if (node->rb_child[side])
			gap = max(gap, rb_vma(node->rb_child[side])->rb_subtree_gap);
	return vma->rb_subtree_gap == gap ? NULL : "a subtree's largest gap is wrong";
}

const char *vma_tree_fault(struct mm_struct *mm)
{
	return rb_validate(&mm->mm_rb, check_node);
}
