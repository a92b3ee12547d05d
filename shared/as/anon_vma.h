/*
 * Who may map an anonymous page. Corresponds to Linux include/linux/rmap.h and the first half of
 * mm/rmap.c.
 *
 * A page cannot know the entries that map it; it knows an anon_vma, and that knows all areas in
 * which the page may be: the one that it was made in, and those that a fork copied from it.
 *
 *	page->mapping --> anon_vma --> tree of anon_vma_chain --> areas, by vm_pgoff
 *	                                      |
 *	area->anon_vma: its own; area->anon_vma_chain: all that it may have pages of
 *
 * A fork gives the child's area all of its parent's chain and an anon_vma of its own besides:
 * pages made after the fork are in the child's alone, and need no search among its relatives.
 *
 *	parent  A            chain: A          pages of A may be in parent, child, grandchild
 *	child   A, B         chain: A, B       pages of B may be in child, grandchild
 *	grandchild  A, B, C  chain: A, B, C
 *
 * An ancestor that has no area of its own any more, and one child at most, is used again instead of
 * a new one: a program that forks and exits for ever needs no longer chain than one that does it
 * once.
 *
 * All anon_vmas of one family have one root, and its lock: it protects their trees, num_children
 * and num_active_vmas. An area's chain and its anon_vma are under mmap_sem held for writing, or
 * under mmap_sem held for reading and page_table_lock.
 */
#pragma once

#include "as/mm_types.h"

struct anon_vma {
	struct anon_vma *root;	   /* constant; itself for the first of a family */
	struct anon_vma *parent;   /* the same; whose num_children counts it */
	struct rw_semaphore rwsem; /* of the root alone: the family's */
	u32 refcount; /* atomic; its areas have one together, each child one of the root */
	unsigned int num_children;    /* whose parent it is; a root counts itself */
	unsigned int num_active_vmas; /* areas whose own it is */
	struct interval_root rb_root; /* of anon_vma_chains, by the area's pages */
};

struct anon_vma_chain {
	union {
		struct vm_area_struct *vma;
		struct anon_vma_chain *next; /* in a stock */
	};
	struct anon_vma *anon_vma;
	struct list_head same_vma; /* in vma's anon_vma_chain, oldest ancestor last */
	struct interval_node node; /* in anon_vma's rb_root */
};

void anon_vma_init(void);

static inline void anon_vma_lock_read(struct anon_vma *anon_vma)
{
	down_read(&anon_vma->root->rwsem);
}

static inline void anon_vma_unlock_read(struct anon_vma *anon_vma)
{
	up_read(&anon_vma->root->rwsem);
}

static inline bool chain_is_singular(const struct vm_area_struct *vma)
{
	const struct list_head *head = &vma->anon_vma_chain;

	return !list_empty(head) && head->next == head->prev;
}

/* How many links an area's chain has. */
unsigned int anon_vma_chain_length(const struct vm_area_struct *vma);

/*
 * Links in stock, for what must not fail half way: a list that begins with *stock, NULL at first.
 * Adds so many; -ENOMEM: the stock is empty. May sleep.
 */
int __must_check anon_vma_stock_fill(struct anon_vma_chain **stock, unsigned int nr);
void anon_vma_stock_release_slow(struct anon_vma_chain **stock);
static inline void anon_vma_stock_release(struct anon_vma_chain **stock)
{
	if (unlikely(*stock))
		anon_vma_stock_release_slow(stock);
}

/*
 * Gives an area an anon_vma before its first anonymous page: that of a neighbour, if the two could
 * be one area but for their rights, or a new one. mmap_sem is held; may sleep. -ENOMEM.
 */
int __must_check anon_vma_prepare_slow(struct vm_area_struct *vma);
static inline int __must_check anon_vma_prepare(struct vm_area_struct *vma)
{
	return likely(vma->anon_vma) ? 0 : anon_vma_prepare_slow(vma);
}

/* May areas of these anon_vmas be one? As merging asks it: vma, or NULL, is the area that would
 * grow, of anon_vma b. */
static inline bool anon_vmas_mergeable(const struct anon_vma *a, const struct anon_vma *b,
				       const struct vm_area_struct *vma)
{
	/* An area with ancestors' pages does not grow: more areas would wait for their locks. */
	return a == b || ((!a || !b) && (!vma || chain_is_singular(vma)));
}

/* dst, which has no chain, gets src's, and its anon_vma, with links of the stock: they are two
 * parts of what was one area, or one is where the other's pages go. */
void anon_vma_clone_slow(struct vm_area_struct *dst, struct vm_area_struct *src,
			 struct anon_vma_chain **stock);
static inline void anon_vma_clone(struct vm_area_struct *dst, struct vm_area_struct *src,
				  struct anon_vma_chain **stock)
{
	if (src->anon_vma)
		anon_vma_clone_slow(dst, src, stock);
}

/* dst takes over the addresses of src, and its chain unless it has one. src has none afterwards. */
void anon_vma_merge(struct vm_area_struct *dst, struct vm_area_struct *src);

/* child is a fork's copy of parent: it gets the chain, and an anon_vma of its own. -ENOMEM: child
 * has none. May sleep. */
int __must_check anon_vma_fork(struct vm_area_struct *child, struct vm_area_struct *parent);

/* The area goes: nothing of its chain is left. */
void unlink_anon_vmas_slow(struct vm_area_struct *vma);
static inline void unlink_anon_vmas(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		unlink_anon_vmas_slow(vma);
}

/*
 * The area's edges move, or its vm_pgoff: between these two nobody finds it by a page. Its file's
 * tree is treated likewise. They hold the locks from the one to the other.
 */
void rmap_begin_change_slow(struct vm_area_struct *vma);
void rmap_end_change_slow(struct vm_area_struct *vma);

/* Can anybody find it by a page? Not by one that was never there. */
static inline bool has_rmap(const struct vm_area_struct *vma)
{
	return vma->vm_file || vma->anon_vma;
}

static inline void rmap_begin_change(struct vm_area_struct *vma)
{
	if (has_rmap(vma))
		rmap_begin_change_slow(vma);
}

static inline void rmap_end_change(struct vm_area_struct *vma)
{
	if (has_rmap(vma))
		rmap_end_change_slow(vma);
}

/* An area of a file can be found by the file's pages from now on; no longer. Nothing without one.
 */
void link_file_vma_slow(struct vm_area_struct *vma);
void unlink_file_vma_slow(struct vm_area_struct *vma);

static inline void link_file_vma(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		link_file_vma_slow(vma);
}

static inline void unlink_file_vma(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		unlink_file_vma_slow(vma);
}

/* NULL, or the first thing that is wrong with the chain of an area. For mm_verify(). */
const char *anon_vma_fault(const struct vm_area_struct *vma);
