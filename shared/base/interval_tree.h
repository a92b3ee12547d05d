/*
 * Interval trees: which of many ranges of numbers have one in common with a given range?
 * Corresponds to Linux include/linux/interval_tree.h.
 *
 * A red-black tree by where ranges begin, each node with the highest end of its subtree: a subtree
 * that ends before the range begins is not gone into, so that k answers cost O(log n + k).
 *
 * Ranges include both ends. Ranges may be equal; equal ones are in the order of insertion. Nothing
 * here allocates, sleeps or takes a lock: a tree is under its owner's lock.
 */
#pragma once

#include "base/rbtree.h"

struct interval_node {
	struct rb_node rb;
	unsigned long start, last;
	unsigned long subtree_last; /* the highest last of the node and all below it */
};

struct interval_root {
	struct rb_root rb_root;
};

#define INTERVAL_ROOT ((struct interval_root){RB_ROOT})

/* node->start <= node->last are set; they stay as they are while it is in the tree. */
void interval_insert(struct interval_node *node, struct interval_root *root);
void interval_remove(struct interval_node *node, struct interval_root *root);

/* The first node, in order of start, that has a number of [start, last]; NULL: none. */
struct interval_node *interval_first(const struct interval_root *root, unsigned long start,
				     unsigned long last);
/* The next such one, or NULL. */
struct interval_node *interval_next(const struct interval_node *node, unsigned long start,
				    unsigned long last);

#define interval_for_each(node, root, start, last)                                                 \
	for (struct interval_node *node = interval_first((root), (start), (last)); node;           \
	     node = interval_next(node, (start), (last)))

/* NULL, or the first thing that is wrong with the tree. For mm_verify(). */
const char *interval_fault(const struct interval_root *root);
