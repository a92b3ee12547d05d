/* The red-black tree by itself: many nodes with random keys. */
#include "top/bench_priv.h"

#include "base/rbtree.h"
#include "kmem/slab.h"

#define NR_NODES (CONFIG_CHECKED ? 600u : 60000u)

struct keyed {
	struct rb_node rb;
	u32 key;
};

static struct keyed **nodes; /* in the order in which they are inserted, looked up and erased */
static struct rb_root tree;
static volatile u32 sink;

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Keys are different: the generator's states are. */
static bool make_nodes(void)
{
	u32 random = 2463534242u;

	if (nodes)
		return true;
	nodes = kmalloc(NR_NODES * sizeof(*nodes), GFP_KERNEL);
	for (unsigned int i = 0; nodes && i < NR_NODES; i++) {
		nodes[i] = kmalloc(sizeof(struct keyed), GFP_KERNEL);
		if (!nodes[i])
			return false;
		nodes[i]->key = next_random(&random);
	}
	return nodes;
}

static inline struct keyed *keyed_of(struct rb_node *node)
{
	return rb_entry(node, struct keyed, rb);
}

static void insert(struct keyed *new)
{
	struct rb_node **at = &tree.rb_node, *parent = NULL;

	while (*at) {
		parent = *at;
		at = new->key < keyed_of(parent)->key ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&new->rb, parent, at);
	rb_insert_color(&new->rb, &tree);
}

static struct keyed *find(u32 key)
{
	struct rb_node *node = tree.rb_node;

	while (node && keyed_of(node)->key != key)
		node = key < keyed_of(node)->key ? node->rb_left : node->rb_right;
	return keyed_of(node);
}

enum what { INSERT, FIND, ERASE };

static u32 work(unsigned int what)
{
	u32 ticks[3];
	u64 start;

	if (!make_nodes())
		return 0;
	tree = RB_ROOT;
	start = arch_ticks();
	for (unsigned int i = 0; i < NR_NODES; i++)
		insert(nodes[i]);
	ticks[INSERT] = ticks_since(start);
	start = arch_ticks();
	for (unsigned int i = 0; i < NR_NODES; i++)
		sink += (unsigned long)find(nodes[i]->key);
	ticks[FIND] = ticks_since(start);
	start = arch_ticks();
	for (unsigned int i = 0; i < NR_NODES; i++)
		rb_erase(&nodes[i]->rb, &tree);
	ticks[ERASE] = ticks_since(start);
	return ticks[what];
}

const struct bench_row rbtree_rows[] = {
	{"rbtree insert, of 60000", work, INSERT, NR_NODES, 214, 214},
	{"rbtree find", work, FIND, NR_NODES, 138, 138},
	{"rbtree erase", work, ERASE, NR_NODES, 75, 75},
	{NULL, NULL, 0, 0, 0, 0},
};
