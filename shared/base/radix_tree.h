/*
 * Radix trees: an item for each of a few of all indices. Corresponds to Linux
 * include/linux/radix-tree.h.
 *
 * An index is cut into digits of 6 bits, from the top; each node has a slot for each value of one
 * digit. A tree is just as high as its greatest index needs:
 *
 *   height 0   root.rnode is the item of index 0, or NULL
 *   height 1   root.rnode is a node, whose slots are the items of 0..63
 *   height 2   ... whose slots are nodes, or NULL; and so on, up to 6, which has all indices
 *
 * So an empty tree and one that holds index 0 alone have no nodes. No node is empty.
 *
 * Nothing here allocates, sleeps or takes a lock: a tree is under its owner's lock. Who inserts
 * brings nodes along, as many as radix_tree_needs() says, in a struct radix_tree_preload; nodes
 * that a deletion leaves empty come back in one. Nodes in it are zeroed: those who fill it see to
 * that, and those that come back are.
 */
#pragma once

#include "arch/compiler.h"
#include "arch/types.h"

#define RADIX_TREE_SHIFT 6
#define RADIX_TREE_SLOTS (1u << RADIX_TREE_SHIFT)
#define RADIX_TREE_MAX_HEIGHT DIV_ROUND_UP(32, RADIX_TREE_SHIFT)
_Static_assert(sizeof(unsigned long) == 4, "an index has 32 bits");

struct radix_tree_node {
	unsigned int count; /* slots that are not NULL */
	void *slots[RADIX_TREE_SLOTS];
};

struct radix_tree_root {
	unsigned int height;
	void *rnode;
};

#define RADIX_TREE_ROOT ((struct radix_tree_root){0, NULL})

/*
 * The most that one insertion takes, and one deletion gives: a tree of height 0 grows by 6 nodes
 * to hold the last index as well, which has 5 more of its own below the topmost.
 */
#define RADIX_TREE_PRELOAD_MAX (2 * RADIX_TREE_MAX_HEIGHT - 1)

struct radix_tree_preload {
	struct radix_tree_node *nodes[RADIX_TREE_PRELOAD_MAX];
	unsigned int nr;
};

/* The item at index, or NULL. */
void *radix_tree_lookup(const struct radix_tree_root *root, unsigned long index);

/*
 * The first item at *index or above, whose index *index is then; NULL: there is none, and *index
 * says nothing. All items, where none is at ~0ul, which goes on at 0:
 *
 *	for (unsigned long i = 0; (item = radix_tree_next(root, &i)); i++)
 */
void *radix_tree_next(const struct radix_tree_root *root, unsigned long *index);

/* How many nodes an insertion at index would take. */
unsigned int radix_tree_needs(const struct radix_tree_root *root, unsigned long index);

/*
 * Puts an item, not NULL, at index, with nodes from the preload. -EEXIST: there is one; -ENOMEM:
 * the preload has too few nodes; the tree and the preload are as they were.
 */
int __must_check radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item,
				   struct radix_tree_preload *preload);

/* Takes the item at index out and returns it, or NULL. Nodes that are not needed any more go into
 * the preload, which comes empty. */
void *radix_tree_delete(struct radix_tree_root *root, unsigned long index,
			struct radix_tree_preload *preload);

/* NULL, or the first thing that is wrong with the tree. For mm_verify(). */
const char *radix_tree_fault(const struct radix_tree_root *root);
