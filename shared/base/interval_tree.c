#include "base/interval_tree.h"

static inline struct interval_node *node_of(struct rb_node *rb)
{
	return rb ? rb_entry(rb, struct interval_node, rb) : NULL;
}

/* ---- the highest end of a subtree ---------------------------------------------------------- */

static unsigned long subtree_last(const struct interval_node *node)
{
	const struct interval_node *left = node_of(node->rb.rb_left);
	const struct interval_node *right = node_of(node->rb.rb_right);
	unsigned long last = node->last;

	if (left)
		last = max(last, left->subtree_last);
	if (right)
		last = max(last, right->subtree_last);
	return last;
}

static void last_propagate(struct rb_node *rb, struct rb_node *stop)
{
	for (; rb != stop; rb = rb_parent(rb)) {
		struct interval_node *node = node_of(rb);
		unsigned long last = subtree_last(node);

		if (node->subtree_last == last)
			return;
		node->subtree_last = last;
	}
}

static void last_copy(struct rb_node *old, struct rb_node *new)
{
	node_of(new)->subtree_last = node_of(old)->subtree_last;
}

static void last_rotate(struct rb_node *old, struct rb_node *new)
{
	last_copy(old, new);
	node_of(old)->subtree_last = subtree_last(node_of(old));
}

static const struct rb_augment_callbacks last_callbacks = {last_propagate, last_copy, last_rotate};

/* ---- changing ------------------------------------------------------------------------------ */

void interval_insert(struct interval_node *node, struct interval_root *root)
{
	struct rb_node **at = &root->rb_root.rb_node, *parent = NULL;

	while (*at) {
		struct interval_node *above = node_of(*at);

		parent = *at;
		above->subtree_last = max(above->subtree_last, node->last);
		at = node->start < above->start ? &parent->rb_left : &parent->rb_right;
	}
	node->subtree_last = node->last;
	rb_link_node(&node->rb, parent, at);
	rb_insert_augmented(&node->rb, &root->rb_root, &last_callbacks);
}

void interval_remove(struct interval_node *node, struct interval_root *root)
{
	rb_erase_augmented(&node->rb, &root->rb_root, &last_callbacks);
}

/* ---- looking ------------------------------------------------------------------------------- */

/*
 * The first that meets [start, last] in a subtree that has an end of start or above. If the left
 * subtree has such an end, then either its first answer is the answer, or the node that has that
 * end begins above last, and with it all that follow.
 */
static struct interval_node *first_in(struct interval_node *node, unsigned long start,
				      unsigned long last)
{
	for (;;) {
		struct interval_node *left = node_of(node->rb.rb_left);

		if (left && left->subtree_last >= start) {
			node = left;
			continue;
		}
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return node;
		node = node_of(node->rb.rb_right);
		if (!node || node->subtree_last < start)
			return NULL;
	}
}

struct interval_node *interval_first(const struct interval_root *root, unsigned long start,
				     unsigned long last)
{
	struct interval_node *node = node_of(root->rb_root.rb_node);

	return node && node->subtree_last >= start ? first_in(node, start, last) : NULL;
}

struct interval_node *interval_next(const struct interval_node *node, unsigned long start,
				    unsigned long last)
{
	struct rb_node *rb = node->rb.rb_right, *from;

	for (;;) {
		if (rb && node_of(rb)->subtree_last >= start)
			return first_in(node_of(rb), start, last);
		/* Up, until that was from the left: the node there is the next one in order. */
		do {
			from = (struct rb_node *)&node->rb;
			rb = rb_parent(from);
			if (!rb)
				return NULL;
			node = node_of(rb);
		} while (from == rb->rb_right);
		if (node->start > last)
			return NULL;
		if (node->last >= start)
			return (struct interval_node *)node;
		rb = node->rb.rb_right;
	}
}

/* ---- verifying ----------------------------------------------------------------------------- */

static const char *check(const struct rb_node *prev, const struct rb_node *rb)
{
	const struct interval_node *node = rb_entry(rb, struct interval_node, rb);

	if (node->start > node->last)
		return "a range ends before it begins";
	if (prev && rb_entry(prev, struct interval_node, rb)->start > node->start)
		return "ranges are out of order";
	if (node->subtree_last != subtree_last(node))
		return "a subtree's highest end is wrong";
	return NULL;
}

const char *interval_fault(const struct interval_root *root)
{
	return rb_validate(&root->rb_root, check);
}
