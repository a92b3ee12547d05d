/*
 * How the invariants are kept. The two ways to mend a tree that has lost one of them in one place:
 *
 *   recolour   the fault moves up by a level or two, and the loop goes on there
 *   rotate     the fault is gone: at most two rotations an insertion, three an erasure
 *
 *	    down                  up
 *	   /    \                /  \
 *	 up      c     ---->    a   down        `up` is down's child on one side (here the left);
 *	/  \                       /    \       inner, between the two in order, changes parents
 *     a  inner                inner     c
 *
 * Left and right are mirrors of each other: each step is written once, for a side, and compiled for
 * both. So are the augmented variants: without callbacks the calls are not compiled at all.
 */
#include "base/rbtree.h"

#include "base/bug.h"

#define LEFT 0
#define RIGHT 1

static __always_inline bool is_red(const struct rb_node *node)
{
	return node && !rb_is_black(node);
}

/* A child goes from one parent to another; the colour stays. */
static __always_inline void change_parent(struct rb_node *node, struct rb_node *from,
					  struct rb_node *to)
{
	node->rb_parent_color += (unsigned long)to - (unsigned long)from;
}

static __always_inline void set_parent_black(struct rb_node *node, struct rb_node *parent)
{
	node->rb_parent_color = (unsigned long)parent | RB_BLACK;
}

/* new becomes what old was to its parent, or to the root. */
static __always_inline void change_child(struct rb_node *old, struct rb_node *new,
					 struct rb_node *parent, struct rb_root *root)
{
	if (!parent)
		root->rb_node = new;
	else if (parent->rb_left == old)
		parent->rb_left = new;
	else
		parent->rb_right = new;
}

/* up takes over down's place and colour; down gets the colour given, 0 for red. */
static __always_inline void rotate(struct rb_node *down, struct rb_node *up, int side,
				   unsigned long down_color, struct rb_root *root)
{
	struct rb_node *inner = up->rb_child[!side], *parent = rb_parent(down);

	down->rb_child[side] = inner;
	if (inner)
		change_parent(inner, up, down);
	up->rb_child[!side] = down;
	up->rb_parent_color = down->rb_parent_color;
	down->rb_parent_color = (unsigned long)up | down_color;
	change_child(down, up, parent, root);
}

/* ---- insertion ----------------------------------------------------------------------------- */

/*
 * node and its parent are red; the parent is its own parent's (top's) child on that side. Returns
 * the node that may have a red parent now, or NULL: the tree is sound.
 */
static __always_inline struct rb_node *mend_red(struct rb_node *node, struct rb_node *parent,
						struct rb_node *top, int side, struct rb_root *root,
						const struct rb_augment_callbacks *augment)
{
	struct rb_node *uncle = top->rb_child[!side];

	if (is_red(uncle)) {
		set_parent_black(uncle, top);
		set_parent_black(parent, top);
		top->rb_parent_color &= ~RB_BLACK;
		return top;
	}
	if (node == parent->rb_child[!side]) {
		/* Between parent and top: it has to rise twice. */
		rotate(parent, node, !side, 0, root);
		if (augment)
			augment->rotate(parent, node);
		parent = node;
	}
	rotate(top, parent, side, 0, root);
	if (augment)
		augment->rotate(top, parent);
	return NULL;
}

static __always_inline void insert(struct rb_node *node, struct rb_root *root,
				   const struct rb_augment_callbacks *augment)
{
	while (node) {
		struct rb_node *parent = rb_parent(node), *top;

		if (!parent) {
			node->rb_parent_color = RB_BLACK;
			return;
		}
		if (rb_is_black(parent))
			return;
		top = rb_parent(parent); /* a red node is not the root */
		if (parent == top->rb_left)
			node = mend_red(node, parent, top, LEFT, root, augment);
		else
			node = mend_red(node, parent, top, RIGHT, root, augment);
	}
}

void __regparm rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	insert(node, root, NULL);
}

void rb_insert_augmented(struct rb_node *node, struct rb_root *root,
			 const struct rb_augment_callbacks *augment)
{
	insert(node, root, augment);
}

/* ---- erasure ------------------------------------------------------------------------------- */

/*
 * Ways through parent's child on that side meet a black node less than the others. Returns the node
 * above which that is so now, or NULL: the tree is sound.
 */
static __always_inline struct rb_node *mend_black(struct rb_node *parent, int side,
						  struct rb_root *root,
						  const struct rb_augment_callbacks *augment)
{
	struct rb_node *sibling = parent->rb_child[!side], *outer;

	if (!rb_is_black(sibling)) {
		/* Then parent is black. It becomes red, with a black child for a sibling. */
		rotate(parent, sibling, !side, 0, root);
		if (augment)
			augment->rotate(parent, sibling);
		sibling = parent->rb_child[!side];
	}
	outer = sibling->rb_child[!side];
	if (!is_red(outer)) {
		struct rb_node *inner = sibling->rb_child[side];

		if (!is_red(inner)) {
			/* One black node less on this side as well. */
			sibling->rb_parent_color &= ~RB_BLACK;
			if (rb_is_black(parent))
				return parent;
			parent->rb_parent_color |= RB_BLACK;
			return NULL;
		}
		rotate(sibling, inner, side, 0, root);
		if (augment)
			augment->rotate(sibling, inner);
		outer = sibling;
		sibling = inner;
	}
	/* The outer nephew is red: turned black, it makes up for the sibling, which leaves. */
	rotate(parent, sibling, !side, RB_BLACK, root);
	set_parent_black(outer, sibling);
	if (augment)
		augment->rotate(parent, sibling);
	return NULL;
}

/* A black node without children was taken out below parent. */
static __always_inline void restore_black(struct rb_node *parent, struct rb_root *root,
					  const struct rb_augment_callbacks *augment)
{
	struct rb_node *node = NULL;

	while (parent) {
		/* The first time the side is that of a missing child, of which a sibling exists. */
		if (parent->rb_left == node)
			node = mend_black(parent, LEFT, root, augment);
		else
			node = mend_black(parent, RIGHT, root, augment);
		if (!node)
			return;
		parent = rb_parent(node);
	}
}

/* A node with one child at most: returns the parent below which a black node is missing, or NULL.
 */
static __always_inline struct rb_node *unlink_node(struct rb_node *node, struct rb_root *root,
						   const struct rb_augment_callbacks *augment)
{
	struct rb_node *child = node->rb_left ?: node->rb_right, *parent = rb_parent(node);
	bool black = rb_is_black(node);

	change_child(node, child, parent, root);
	/* An only child is red, and its parent black: the child takes over the place as it is. */
	if (child)
		child->rb_parent_color = node->rb_parent_color;
	if (augment && parent)
		augment->propagate(parent, NULL);
	return black && !child ? parent : NULL;
}

/* A node with two: the next one in order, which has no left child, takes its place. */
static __always_inline struct rb_node *unlink_inner(struct rb_node *node, struct rb_root *root,
						    const struct rb_augment_callbacks *augment)
{
	struct rb_node *next = node->rb_right, *parent = next, *child;
	bool black;

	/* The parent, once next has moved: next itself, or the last one that was passed. */
	while (next->rb_left) {
		parent = next;
		next = next->rb_left;
	}
	child = next->rb_right;
	black = rb_is_black(next);
	if (parent != next) {
		parent->rb_left = child;
		next->rb_right = node->rb_right;
		change_parent(next->rb_right, node, next);
	}
	if (child)
		set_parent_black(child, parent);
	next->rb_left = node->rb_left;
	change_parent(next->rb_left, node, next);
	change_child(node, next, rb_parent(node), root);
	next->rb_parent_color = node->rb_parent_color;
	if (augment) {
		augment->copy(node, next);
		if (parent != next)
			augment->propagate(parent, next);
		augment->propagate(next, NULL);
	}
	return black && !child ? parent : NULL;
}

static __always_inline void erase(struct rb_node *node, struct rb_root *root,
				  const struct rb_augment_callbacks *augment)
{
	struct rb_node *short_of_black;

	if (node->rb_left && node->rb_right)
		short_of_black = unlink_inner(node, root, augment);
	else
		short_of_black = unlink_node(node, root, augment);
	if (short_of_black)
		restore_black(short_of_black, root, augment);
}

void __regparm rb_erase(struct rb_node *node, struct rb_root *root)
{
	erase(node, root, NULL);
}

void rb_erase_augmented(struct rb_node *node, struct rb_root *root,
			const struct rb_augment_callbacks *augment)
{
	erase(node, root, augment);
}

void rb_replace_node(struct rb_node *old, struct rb_node *new, struct rb_root *root)
{
	*new = *old;
	change_child(old, new, rb_parent(old), root);
	if (new->rb_left)
		change_parent(new->rb_left, old, new);
	if (new->rb_right)
		change_parent(new->rb_right, old, new);
}

/* ---- in order ------------------------------------------------------------------------------ */

static __always_inline struct rb_node *outermost(struct rb_node *node, int side)
{
	while (node && node->rb_child[side])
		node = node->rb_child[side];
	return node;
}

/* The neighbour on a side: the nearest below it, or the first ancestor that it is no child of on
 * that side. */
static __always_inline struct rb_node *neighbour(const struct rb_node *node, int side)
{
	struct rb_node *parent;

	if (node->rb_child[side])
		return outermost(node->rb_child[side], !side);
	while ((parent = rb_parent(node)) && node == parent->rb_child[side])
		node = parent;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, LEFT);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, RIGHT);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return neighbour(node, RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return neighbour(node, LEFT);
}

/* ---- verifying ----------------------------------------------------------------------------- */

struct validation {
	const char *fault;
	unsigned int blacks;   /* on the way to where the walk is */
	unsigned int expected; /* ... and to the first missing child; 0: not there yet */
};

/*
 * Goes down to the left as far as it goes, judging each node on the way. A node is entered from the
 * parent that it names, so there are no circles. Returns the last one.
 */
static const struct rb_node *descend(struct validation *v, const struct rb_node *node,
				     const struct rb_node *parent)
{
	for (; node; parent = node, node = node->rb_left) {
		if (rb_parent(node) != parent)
			v->fault = "a node names another parent";
		else if (is_red(node) && (!parent || is_red(parent)))
			v->fault = parent ? "a red node has a red child" : "the root is red";
		else if (node->rb_left && node->rb_left == node->rb_right)
			v->fault = "a node is the child on both sides";
		if (v->fault)
			return NULL;
		v->blacks += rb_is_black(node);
	}
	if (!v->expected)
		v->expected = v->blacks;
	if (v->blacks != v->expected)
		v->fault = "the ways down differ in black nodes";
	return parent;
}

const char *rb_validate(const struct rb_root *root,
			const char *(*check)(const struct rb_node *prev,
					     const struct rb_node *node))
{
	struct validation v = {0};
	const struct rb_node *node = root->rb_node, *prev = NULL, *child;

	if (node)
		node = descend(&v, node, NULL);
	while (node && !v.fault) {
		if (check)
			v.fault = check(prev, node);
		if (v.fault)
			break;
		prev = node;
		node = descend(&v, prev->rb_right, prev);
		if (prev->rb_right)
			continue;
		do {
			child = node;
			v.blacks -= rb_is_black(child);
			node = rb_parent(child);
		} while (node && child == node->rb_right);
	}
	return v.fault;
}
