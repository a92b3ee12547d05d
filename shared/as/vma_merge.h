/*
 * Cutting areas in two, and making one of two. Corresponds to Linux mm/mmap.c: __vma_adjust(),
 * vma_merge(), __split_vma(), copy_vma().
 *
 * Two neighbours are one when nothing tells them apart: same flags, same file, offsets that go on.
 * Whoever changes a stretch of addresses asks for a merge first, and cuts only where there is none.
 *
 * vma_merge() is about a stretch [addr, end) that becomes of a kind: a hole to be filled, or all of
 * an area, or its head, or its tail. "P" is the area before it, "C" what it was part of, "N" the
 * one after it; the upper row is before, the lower after:
 *
 *	        hole           all of C          head of C          tail of C
 *
 *	left    PPP....        PPPPCCCCC         PPPPccCCC
 *	        PPPPPPP        PPPPPPPPP         PPPPPPCCC
 *
 *	right   ....NNN        CCCCCNNNN                            CCCccNNNN
 *	        NNNNNNN        NNNNNNNNN                            CCCNNNNNN
 *
 *	both    PPP...NNN      PPPCCCNNN
 *	        PPPPPPPPP      PPPPPPPPP
 *
 * A call on a stretch of many areas cuts two of them at most: where it begins, and where it ends.
 * It reserves areas for that first (vma_spares), so that what it has begun does not fail half way
 * for want of memory. mmap_sem is held for writing throughout.
 */
#pragma once

#include "as/vma.h"

/*
 * Makes [addr, end), of these flags and this file, part of the neighbours that are of the same
 * kind.
 * - prev: the area before addr, or NULL; curr: the one that the stretch is part of, in one of the
 *   three ways above, or NULL for a hole.
 * - Returns the area that it is part of now, or NULL: no neighbour will have it, nothing changed.
 * - anon_vma: whose pages the stretch may have; NULL for a hole, or one without pages. Areas with
 *   pages of different families stay apart (as/anon_vma.h).
 * - An area that is swallowed is freed, with its use of the file. Counters are the caller's, who
 *   knows what the stretch was before.
 */
struct vm_area_struct *vma_merge(struct mm_struct *mm, struct vm_area_struct *prev,
				 struct vm_area_struct *curr, unsigned long addr, unsigned long end,
				 unsigned long vm_flags, struct anon_vma *anon_vma,
				 struct file *file, unsigned long pgoff);

/*
 * Areas in stock: for the halves of what will be cut, and one that mremap() makes; and the links to
 * anon_vmas that they will have. All zero: empty.
 */
#define VMA_SPARES 3
struct vma_spares {
	struct vm_area_struct *area[VMA_SPARES];
	struct anon_vma_chain *links;
	unsigned int nr;
};

/* Stocks VMA_SPARES areas with so many links each. -ENOMEM: none is left. May sleep. */
int __must_check vma_spares_fill(struct vma_spares *spares, unsigned int links);
/* May areas be cut at start and at end, where that is inside of one? vma: the first area that ends
 * above start. 0, or what may_split() says. */
int may_cut(struct vm_area_struct *vma, unsigned long start, unsigned long end);
/*
 * Stocks what it takes to cut there. Whether that may be is asked when it is done: a walk may come
 * to its end before. -ENOMEM.
 */
int __must_check vma_spares_reserve(struct vm_area_struct *vma, unsigned long start,
				    unsigned long end, struct vma_spares *spares);
/* Frees what was not needed. */
void vma_spares_release(struct vma_spares *spares);

/*
 * Cuts an area in two at addr, which is inside, with an area of the stock. new_below: that one is
 * the lower half, else the upper. Fails only as vm_ops->may_split() says, with nothing changed.
 */
int split_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long addr, bool new_below,
	      struct vma_spares *spares);

/*
 * Makes an area out of [start, end), all or some of vma, which is that area afterwards. -ENOMEM:
 * the space would have more than sysctl_max_map_count areas; or what may_split() says. Then nothing
 * has changed.
 */
int carve_vma(struct mm_struct *mm, struct vm_area_struct *vma, unsigned long start,
	      unsigned long end, struct vma_spares *spares);

/*
 * Gives [start, end), all or some of *vmap, other flags: merged with neighbours that have them, or
 * made an area of its own. *vmap is the area that it is part of then. Fails as carve_vma();
 * counters are the caller's. Linux: vma_modify_flags().
 */
int vma_modify_flags(struct vm_area_struct **vmap, unsigned long start, unsigned long end,
		     unsigned long vm_flags, struct vma_spares *spares);

/*
 * An area of [addr, addr + len) like *vmap, whose place is free, for what is to be moved there:
 * merged with its neighbours, or new, out of the stock. If that made *vmap part of something
 * larger, *vmap is that. Counters are the caller's.
 */
struct vm_area_struct *copy_vma(struct vm_area_struct **vmap, unsigned long addr, unsigned long len,
				unsigned long pgoff, struct vma_spares *spares);
