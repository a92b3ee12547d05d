#include "base/radix_tree.h"

#include "base/bug.h"
#include "base/errno.h"

/* How high a tree must be to have this index. */
static unsigned int height_for(unsigned long index)
{
	unsigned int height = 0;

	for (; index; index >>= RADIX_TREE_SHIFT)
		height++;
	return height;
}

/* Nodes of level 1 hold items; those of level n + 1, nodes of level n. Which slot of a node of that
 * level leads to index? */
static unsigned int slot_of(unsigned long index, unsigned int level)
{
	return index >> ((level - 1) * RADIX_TREE_SHIFT) & (RADIX_TREE_SLOTS - 1);
}

/* ---- looking ------------------------------------------------------------------------------- */

void *radix_tree_lookup(const struct radix_tree_root *root, unsigned long index)
{
	void *at = root->rnode;

	if (height_for(index) > root->height)
		return NULL;
	for (unsigned int level = root->height; at && level; level--)
		at = ((struct radix_tree_node *)at)->slots[slot_of(index, level)];
	return at;
}

/*
 * The first item at *index or above in what a slot of level + 1 holds: a node, or for level 0 an
 * item. Where there is none, *index is the first index behind it.
 */
static void *next_below(void *at, unsigned int level, unsigned long *index)
{
	struct radix_tree_node *node = at;

	if (level == 0)
		return at;
	for (unsigned int slot = slot_of(*index, level); slot < RADIX_TREE_SLOTS; slot++) {
		unsigned long last = (1ul << ((level - 1) * RADIX_TREE_SHIFT)) - 1;
		void *item;

		if (!node->slots[slot]) {
			*index = (*index | last) + 1;
			continue;
		}
		item = next_below(node->slots[slot], level - 1, index);
		if (item)
			return item;
	}
	return NULL;
}

void *radix_tree_next(const struct radix_tree_root *root, unsigned long *index)
{
	if (height_for(*index) > root->height || !root->rnode)
		return NULL;
	return next_below(root->rnode, root->height, index);
}

/* ---- inserting ----------------------------------------------------------------------------- */

unsigned int radix_tree_needs(const struct radix_tree_root *root, unsigned long index)
{
	unsigned int height = height_for(index), level = root->height;
	void *at = root->rnode;

	if (!at)
		return height;
	if (height > level)
		return height - level + height - 1;
	while (at && level)
		at = ((struct radix_tree_node *)at)->slots[slot_of(index, level--)];
	return level;
}

static struct radix_tree_node *take_node(struct radix_tree_preload *preload)
{
	struct radix_tree_node *node = preload->nodes[--preload->nr];

	MM_ASSERT(!node->count, "a new node has %u items", node->count);
	return node;
}

/* Makes the tree high enough: what it has is in slot 0 of each new node. */
static void grow(struct radix_tree_root *root, unsigned int height,
		 struct radix_tree_preload *preload)
{
	for (; root->height < height; root->height++) {
		struct radix_tree_node *node;

		if (!root->rnode)
			continue;
		node = take_node(preload);
		node->slots[0] = root->rnode;
		node->count = 1;
		root->rnode = node;
	}
}

int radix_tree_insert(struct radix_tree_root *root, unsigned long index, void *item,
		      struct radix_tree_preload *preload)
{
	struct radix_tree_node *node = NULL;
	void **slot = &root->rnode;

	if (radix_tree_lookup(root, index))
		return -EEXIST;
	if (preload->nr < radix_tree_needs(root, index))
		return -ENOMEM;
	grow(root, height_for(index), preload);
	for (unsigned int level = root->height; level; level--) {
		if (!*slot) {
			*slot = take_node(preload);
			if (node)
				node->count++;
		}
		node = *slot;
		slot = &node->slots[slot_of(index, level)];
	}
	*slot = item;
	if (node)
		node->count++;
	return 0;
}

/* ---- deleting ------------------------------------------------------------------------------ */

static void give_node(struct radix_tree_preload *preload, struct radix_tree_node *node)
{
	BUG_ON(preload->nr >= RADIX_TREE_PRELOAD_MAX, "more nodes than a tree has levels");
	preload->nodes[preload->nr++] = node;
}

/* The greatest index may be gone: the tree gets as low as it can. */
static void shrink(struct radix_tree_root *root, struct radix_tree_preload *preload)
{
	while (root->height) {
		struct radix_tree_node *node = root->rnode;

		if (node->count != 1 || !node->slots[0])
			return;
		root->rnode = node->slots[0];
		root->height--;
		node->slots[0] = NULL;
		node->count = 0;
		give_node(preload, node);
	}
}

void *radix_tree_delete(struct radix_tree_root *root, unsigned long index,
			struct radix_tree_preload *preload)
{
	struct radix_tree_node *path[RADIX_TREE_MAX_HEIGHT + 1]; /* by level */
	void *item = radix_tree_lookup(root, index), *at = root->rnode;
	unsigned int level;

	if (!item)
		return NULL;
	for (level = root->height; level; level--) {
		path[level] = at;
		at = path[level]->slots[slot_of(index, level)];
	}
	for (level = 1; level <= root->height; level++) {
		path[level]->slots[slot_of(index, level)] = NULL;
		if (--path[level]->count)
			break;
		give_node(preload, path[level]);
	}
	if (level > root->height)
		*root = RADIX_TREE_ROOT;
	else
		shrink(root, preload);
	return item;
}

/* ---- verifying ----------------------------------------------------------------------------- */

static const char *node_fault(const struct radix_tree_node *node, unsigned int level)
{
	unsigned int count = 0;

	for (unsigned int slot = 0; slot < RADIX_TREE_SLOTS; slot++) {
		const char *why;

		if (!node->slots[slot])
			continue;
		count++;
		if (slot > slot_of(~0ul, level))
			return "an item is beyond the last index";
		why = level > 1 ? node_fault(node->slots[slot], level - 1) : NULL;
		if (why)
			return why;
	}
	if (!count)
		return "a node is empty";
	return count == node->count ? NULL : "a node's count is not that of its items";
}

const char *radix_tree_fault(const struct radix_tree_root *root)
{
	const struct radix_tree_node *node = root->rnode;
	const char *why;

	if (root->height > RADIX_TREE_MAX_HEIGHT)
		return "it is higher than an index is long";
	if (!root->height)
		return NULL;
	if (!node)
		return "it has a height, and nothing in it";
	why = node_fault(node, root->height);
	if (!why && node->count == 1 && node->slots[0])
		why = "it is higher than its greatest index needs";
	return why;
}
