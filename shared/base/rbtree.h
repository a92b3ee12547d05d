/*
 * Red-black trees. Corresponds to Linux include/linux/rbtree.h and rbtree_augmented.h.
 *
 * Nodes are part of what they order, and the tree knows no keys: who inserts walks down from
 * root->rb_node by a comparison of its own, then links:
 *
 *	struct rb_node **at = &root->rb_node, *parent = NULL;
 *
 *	while (*at) {
 *		parent = *at;
 *		at = key < key_of(parent) ? &parent->rb_left : &parent->rb_right;
 *	}
 *	rb_link_node(node, parent, at);
 *	rb_insert_color(node, root);
 *
 * Invariants, which rb_validate() checks: the root is black; a red node has no red child; every way
 * from the root to a missing child meets as many black nodes as any other. So no way is more than
 * twice as long as another: 2 * log2(n + 1) steps at most.
 *
 * Nothing here allocates, sleeps or takes a lock: a tree is under its owner's lock.
 */
#pragma once

#include "arch/types.h"

struct rb_node {
	unsigned long rb_parent_color; /* the parent's address; bit 0: black */
	union {
		struct {
			struct rb_node *rb_left, *rb_right;
		};
		struct rb_node *rb_child[2]; /* the same by side */
	};
};
_Static_assert(_Alignof(struct rb_node) > 1, "bit 0 of a node's address is free for the colour");

struct rb_root {
	struct rb_node *rb_node;
};

#define RB_ROOT ((struct rb_root){NULL})
#define RB_BLACK 1ul

#define rb_entry(ptr, type, member) container_of(ptr, type, member)

static inline struct rb_node *rb_parent(const struct rb_node *node)
{
	return (struct rb_node *)(node->rb_parent_color & ~RB_BLACK);
}

static inline bool rb_is_black(const struct rb_node *node)
{
	return node->rb_parent_color & RB_BLACK;
}

/* Puts a node, red, in the place of a missing child: *link, which is the parent's, or the root's.
 */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->rb_parent_color = (unsigned long)parent;
	node->rb_left = node->rb_right = NULL;
	*link = node;
}

/* Balances the tree after rb_link_node(). */
void __regparm rb_insert_color(struct rb_node *node, struct rb_root *root);

/* Takes a node out. Its own links are left as they were. */
void __regparm rb_erase(struct rb_node *node, struct rb_root *root);

/* Puts another node in the place of one; the two must be equal in order. */
void rb_replace_node(struct rb_node *old, struct rb_node *new, struct rb_root *root);

/* In order; NULL at either end, or for an empty tree. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* ---- augmented trees ----------------------------------------------------------------------- */

/*
 * A node keeps a value that follows from its own key and its children's values: the largest gap
 * below it, for instance. The tree calls back where it changes who is whose child.
 */
struct rb_augment_callbacks {
	/* node's children changed: works its value out anew, and its ancestors', up to stop (left
	 * out; NULL: to the root). May end early where a value stays as it is. */
	void (*propagate)(struct rb_node *node, struct rb_node *stop);
	/* new stands where old stood, with all that was below it: takes its value over. */
	void (*copy)(struct rb_node *old, struct rb_node *new);
	/* new rose above old: new takes old's value over, old's is worked out anew. */
	void (*rotate)(struct rb_node *old, struct rb_node *new);
};

/*
 * As rb_insert_color(). On entry the values of the node and of all its ancestors are as they must
 * be with the node in the tree.
 */
void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment);

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment);

/* ---- verifying ----------------------------------------------------------------------------- */

/*
 * Walks the whole tree: links to parents, colours, black heights. check, or NULL, is called for
 * each node in order, with the one before it (NULL for the first), when the way down to it was
 * found sound: it judges order and value. Returns NULL, or the first thing that is wrong.
 */
const char *rb_validate(const struct rb_root *root,
			const char *(*check)(const struct rb_node *prev,
					     const struct rb_node *node));
