/*
 * Red-black trees against a sorted array: random insertions and erasures, the whole tree looked at
 * after each. The augmented tree keeps, in each node, the largest weight below it.
 */
#include "unit/unit.h"

#include "base/rbtree.h"

#define ITEMS 64
#define STEPS 3000

struct item {
	u32 key, weight;
	u32 largest; /* weight of those at and below */
	struct rb_node rb;
	bool in_tree;
};

static struct item items[ITEMS];
static struct item *sorted[ITEMS];
static unsigned int nr_sorted;
static u32 random_state;

static u32 next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static struct item *item_of(const struct rb_node *node)
{
	return rb_entry(node, struct item, rb);
}

static u32 largest_below(const struct item *item)
{
	u32 largest = item->weight;

	for (unsigned int side = 0; side < 2; side++)
		if (item->rb.rb_child[side])
			largest = max(largest, item_of(item->rb.rb_child[side])->largest);
	return largest;
}

/* ---- callbacks ----------------------------------------------------------------------------- */

static void propagate(struct rb_node *node, struct rb_node *stop)
{
	while (node != stop) {
		u32 largest = largest_below(item_of(node));

		if (item_of(node)->largest == largest)
			return;
		item_of(node)->largest = largest;
		node = rb_parent(node);
	}
}

static void copy(struct rb_node *old, struct rb_node *new)
{
	item_of(new)->largest = item_of(old)->largest;
}

static void rotate(struct rb_node *old, struct rb_node *new)
{
	item_of(new)->largest = item_of(old)->largest;
	item_of(old)->largest = largest_below(item_of(old));
}

static const struct rb_augment_callbacks largest_weight = {propagate, copy, rotate};

/* ---- the tree and the array ---------------------------------------------------------------- */

static void tree_insert(struct rb_root *root, struct item *item, bool augmented)
{
	struct rb_node **at = &root->rb_node, *parent = NULL;

	item->largest = item->weight;
	while (*at) {
		parent = *at;
		item_of(parent)->largest = max(item_of(parent)->largest, item->weight);
		at = &parent->rb_child[item->key > item_of(parent)->key];
	}
	rb_link_node(&item->rb, parent, at);
	if (augmented)
		rb_insert_augmented(&item->rb, root, &largest_weight);
	else
		rb_insert_color(&item->rb, root);
}

static void array_insert(struct item *item)
{
	unsigned int i = nr_sorted++;

	for (; i > 0 && sorted[i - 1]->key > item->key; i--)
		sorted[i] = sorted[i - 1];
	sorted[i] = item;
}

static void array_erase(const struct item *item)
{
	unsigned int i = 0;

	while (sorted[i] != item)
		i++;
	for (nr_sorted--; i < nr_sorted; i++)
		sorted[i] = sorted[i + 1];
}

static const char *ordered(const struct rb_node *prev, const struct rb_node *node)
{
	return prev && item_of(prev)->key >= item_of(node)->key ? "out of order" : NULL;
}

static const char *ordered_with_largest(const struct rb_node *prev, const struct rb_node *node)
{
	if (item_of(node)->largest != largest_below(item_of(node)))
		return "a value is not the largest below";
	return ordered(prev, node);
}

static const char *same_as_array(const struct rb_root *root)
{
	struct rb_node *up = rb_first(root), *down = rb_last(root);

	for (unsigned int i = 0; i < nr_sorted; i++) {
		if (!up || item_of(up) != sorted[i])
			return "rb_first() and rb_next() go another way than the array";
		if (!down || item_of(down) != sorted[nr_sorted - 1 - i])
			return "rb_last() and rb_prev() go another way than the array";
		up = rb_next(up);
		down = rb_prev(down);
	}
	return up || down ? "more nodes than there should be" : NULL;
}

static const char *random_steps(bool augmented)
{
	struct rb_root root = RB_ROOT;

	nr_sorted = 0;
	random_state = 1;
	for (unsigned int i = 0; i < ITEMS; i++)
		items[i] = (struct item){.key = i * 3, .weight = next_random() % 1000};
	for (unsigned int step = 0; step < STEPS; step++) {
		struct item *item = &items[next_random() % ITEMS];
		const char *why;

		/* From time to time nearly full, and nearly empty. */
		if (!item->in_tree && next_random() % 4 > step / 500 % 3) {
			tree_insert(&root, item, augmented);
			array_insert(item);
			item->in_tree = true;
		} else if (item->in_tree) {
			if (augmented)
				rb_erase_augmented(&item->rb, &root, &largest_weight);
			else
				rb_erase(&item->rb, &root);
			array_erase(item);
			item->in_tree = false;
		}
		why = rb_validate(&root, augmented ? ordered_with_largest : ordered);
		if (!why)
			why = same_as_array(&root);
		if (why)
			return why;
	}
	return NULL;
}

const char *rbtree_plain(void)
{
	return random_steps(false);
}

const char *rbtree_augmented(void)
{
	return random_steps(true);
}

/* ---- the rest ------------------------------------------------------------------------------ */

/* The first n items, in ascending order. */
static void fill(struct rb_root *root, unsigned int n)
{
	*root = RB_ROOT;
	nr_sorted = 0;
	for (unsigned int i = 0; i < n; i++) {
		items[i] = (struct item){.key = i};
		tree_insert(root, &items[i], false);
		array_insert(&items[i]);
	}
}

const char *rbtree_replace(void)
{
	static struct item twin;
	struct rb_root root;

	for (unsigned int i = 0; i < 20; i++) {
		const char *why;

		fill(&root, 20);
		twin = (struct item){.key = i};
		rb_replace_node(&items[i].rb, &twin.rb, &root);
		sorted[i] = &twin;
		why = rb_validate(&root, ordered);
		if (!why)
			why = same_as_array(&root);
		if (why)
			return why;
	}
	return NULL;
}

/* What rb_validate() is for. */
const char *rbtree_faults(void)
{
	struct rb_root root;
	struct rb_node *node;

	fill(&root, 20);
	root.rb_node->rb_parent_color &= ~RB_BLACK;
	if (!rb_validate(&root, NULL))
		return "a red root goes unseen";
	fill(&root, 20);
	rb_last(&root)->rb_parent_color ^= RB_BLACK;
	if (!rb_validate(&root, NULL))
		return "a wrong colour goes unseen";
	fill(&root, 20);
	node = rb_first(&root);
	node->rb_parent_color = (unsigned long)root.rb_node | RB_BLACK;
	if (!rb_validate(&root, NULL))
		return "a wrong parent goes unseen";
	fill(&root, 20);
	node = root.rb_node;
	node->rb_right = node->rb_left;
	if (!rb_validate(&root, NULL))
		return "one child on both sides goes unseen";
	fill(&root, 20);
	items[7].key = 9;
	if (!rb_validate(&root, ordered))
		return "a wrong order goes unseen";
	root = RB_ROOT;
	if (rb_validate(&root, ordered) || rb_first(&root) || rb_last(&root))
		return "an empty tree is not empty";
	return NULL;
}
