/*
 * Radix trees against an array: random insertions and deletions, of indices close together, of
 * those where the tree gets higher, and of any. Nodes come from a pool, exactly as many as are said
 * to be needed, and how many there must be follows from the indices alone.
 */
#include "unit/unit.h"

#include "base/errno.h"
#include "base/radix_tree.h"
#include "base/string.h"

#define ITEMS 48
#define STEPS 4000
/* Each item has a node of its own on each level at most. */
#define POOL (ITEMS * RADIX_TREE_MAX_HEIGHT)

struct entry {
	unsigned long index;
	bool in_tree;
};

static struct entry entries[ITEMS]; /* in ascending order of index */
static struct radix_tree_root root;
static struct radix_tree_node pool[POOL];
static struct radix_tree_node *free_nodes[POOL];
static unsigned int nr_free;
static u32 random_state;

static u32 next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

/* ---- indices ------------------------------------------------------------------------------- */

static void add_index(unsigned int *nr, unsigned long index)
{
	unsigned int at = *nr;

	for (unsigned int i = 0; i < *nr; i++)
		if (entries[i].index == index)
			return;
	for (; at > 0 && entries[at - 1].index > index; at--)
		entries[at] = entries[at - 1];
	entries[at] = (struct entry){.index = index};
	++*nr;
}

static void prepare(void)
{
	static const unsigned long edges[] = {
		0,    1,	62,	   63,	       64,	   65,	       4095,
		4096, 262143,	262144,	   16777215,   16777216,   0x3FFFFFFF, 0x40000000,
		~0ul, ~0ul - 1, ~0ul - 64, 0x7FFFFFFF, 0x80000000, 0xC0000000,
	};
	unsigned int nr = 0;

	random_state = 1;
	for (unsigned int i = 0; i < ARRAY_SIZE(edges); i++)
		add_index(&nr, edges[i]);
	while (nr < ITEMS - 8)
		add_index(&nr, 0x12300 + next_random() % 200);
	while (nr < ITEMS)
		add_index(&nr, next_random() << 8 ^ next_random());
	root = RADIX_TREE_ROOT;
	for (nr_free = 0; nr_free < POOL; nr_free++) {
		pool[nr_free] = (struct radix_tree_node){0};
		free_nodes[nr_free] = &pool[nr_free];
	}
}

/* ---- nodes --------------------------------------------------------------------------------- */

/* As many as the indices in the tree want: on each level one for each different rest of theirs. */
static unsigned int nodes_wanted(void)
{
	unsigned int nodes = 0, height = 0;
	unsigned long greatest = 0;

	for (unsigned int i = 0; i < ITEMS; i++)
		if (entries[i].in_tree)
			greatest = entries[i].index;
	for (; greatest; greatest >>= 6)
		height++;
	for (unsigned int level = 1; level <= height; level++) {
		u64 last = ~0ull;

		for (unsigned int i = 0; i < ITEMS; i++) {
			u64 rest = (u64)entries[i].index >> (6 * level);

			nodes += entries[i].in_tree && rest != last;
			last = entries[i].in_tree ? rest : last;
		}
	}
	return nodes;
}

static bool is_zeroed(const struct radix_tree_node *node)
{
	for (unsigned int i = 0; i < RADIX_TREE_SLOTS; i++)
		if (node->slots[i])
			return false;
	return !node->count;
}

/* ---- steps --------------------------------------------------------------------------------- */

static const char *insert(struct entry *entry)
{
	struct radix_tree_preload preload = {.nr = 0};
	unsigned int needs = radix_tree_needs(&root, entry->index);

	if (needs > RADIX_TREE_PRELOAD_MAX || needs > nr_free)
		return "more nodes are needed than there can be";
	while (preload.nr < needs)
		preload.nodes[preload.nr++] = free_nodes[--nr_free];
	if (needs) {
		preload.nr--;
		if (radix_tree_insert(&root, entry->index, entry, &preload) != -ENOMEM ||
		    preload.nr != needs - 1 || radix_tree_lookup(&root, entry->index))
			return "a node too few, and something is inserted";
		preload.nr++;
	}
	if (radix_tree_insert(&root, entry->index, entry, &preload))
		return "an insertion with the nodes that it needs fails";
	entry->in_tree = true;
	if (preload.nr)
		return "nodes are left over";
	return radix_tree_insert(&root, entry->index, entry, &preload) == -EEXIST
		       ? NULL
		       : "what is there is inserted again";
}

static const char *erase(struct entry *entry)
{
	struct radix_tree_preload preload = {.nr = 0};

	if (radix_tree_delete(&root, entry->index, &preload) != entry)
		return "a deletion gives another item";
	entry->in_tree = false;
	while (preload.nr) {
		free_nodes[nr_free++] = preload.nodes[--preload.nr];
		if (!is_zeroed(free_nodes[nr_free - 1]))
			return "a node comes back with something in it";
	}
	if (radix_tree_delete(&root, entry->index, &preload) || preload.nr)
		return "what is not there is deleted";
	return NULL;
}

/* From each index, and from the one behind it, the next item is the array's. */
static const char *check_next(void)
{
	const struct entry *next = NULL;

	for (unsigned int i = ITEMS; i-- > 0;) {
		unsigned long index = entries[i].index + 1;
		const void *item = index ? radix_tree_next(&root, &index) : NULL;

		if (item != next || (next && index != next->index))
			return "the next item is another than the array's";
		next = entries[i].in_tree ? &entries[i] : next;
		index = entries[i].index;
		item = radix_tree_next(&root, &index);
		if (item != next || (next && index != next->index))
			return "the item at an index or behind it is another than the array's";
	}
	return NULL;
}

static const char *check(void)
{
	const char *why = radix_tree_fault(&root);

	for (unsigned int i = 0; i < ITEMS; i++)
		if (radix_tree_lookup(&root, entries[i].index) !=
		    (entries[i].in_tree ? &entries[i] : NULL))
			return "what an index has is not the array's";
	if (!why)
		why = check_next();
	if (!why && POOL - nr_free != nodes_wanted())
		why = "there are more nodes, or fewer, than the indices want";
	return why;
}

/* From the middle on, until nothing is left. */
static const char *empty_out(void)
{
	const char *why = NULL;

	for (unsigned int i = 0; !why && i < ITEMS; i++) {
		struct entry *entry = &entries[(i + ITEMS / 2) % ITEMS];

		if (entry->in_tree)
			why = erase(entry);
		if (!why)
			why = check();
	}
	if (!why && (root.rnode || nr_free != POOL))
		why = "something is left when all is deleted";
	return why;
}

const char *radix_random(void)
{
	prepare();
	for (unsigned int step = 0; step < STEPS; step++) {
		struct entry *entry = &entries[next_random() % ITEMS];
		const char *why = NULL;

		/* From time to time nearly full, and nearly empty. */
		if (entry->in_tree && next_random() % 4 >= step / 500 % 3 + 1)
			why = erase(entry);
		else if (!entry->in_tree && next_random() % 4 <= step / 500 % 3)
			why = insert(entry);
		if (!why)
			why = check();
		if (why)
			return why;
	}
	return empty_out();
}

/* The most nodes that one step can take and give: index 0, and the last one besides. */
const char *radix_most_nodes(void)
{
	struct radix_tree_preload preload = {.nr = 0};
	const char *why;

	prepare();
	if (radix_tree_needs(&root, 0) || radix_tree_needs(&root, ~0ul) != RADIX_TREE_MAX_HEIGHT)
		return "an empty tree needs a node for each digit of an index";
	why = insert(&entries[0]);
	if (!why && radix_tree_needs(&root, ~0ul) != RADIX_TREE_PRELOAD_MAX)
		why = "the last index beside the first does not need the most nodes";
	if (!why)
		why = insert(&entries[ITEMS - 1]);
	if (!why)
		why = check();
	if (why)
		return why;
	radix_tree_delete(&root, ~0ul, &preload);
	return preload.nr == RADIX_TREE_PRELOAD_MAX && root.rnode == &entries[0] && !root.height
		       ? NULL
		       : "a deletion does not give them back";
}

/* ---- what radix_tree_fault() is for -------------------------------------------------------- */

/* The tree has items at 0, 65 and the last index. */
static struct radix_tree_node *sound_tree(void)
{
	prepare();
	insert(&entries[0]);
	insert(&entries[5]);
	insert(&entries[ITEMS - 1]);
	return root.rnode;
}

static struct radix_tree_node *lowest_node(void)
{
	struct radix_tree_node *node = root.rnode;

	for (unsigned int level = root.height; level > 1; level--)
		node = node->slots[0];
	return node;
}

/* NULL if that is what is wrong, else what was asked about. */
static const char *is_fault(const char *expected)
{
	const char *found = radix_tree_fault(&root);

	return found && strcmp(found, expected) == 0 ? NULL : expected;
}

const char *radix_faults(void)
{
	struct radix_tree_node *top = sound_tree();
	const char *missed;

	if (!top || radix_tree_fault(&root))
		return "a sound tree has a fault";
	lowest_node()->count++;
	missed = is_fault("a node's count is not that of its items");
	sound_tree();
	lowest_node()->slots[0] = NULL;
	lowest_node()->count = 0;
	missed = missed ? missed : is_fault("a node is empty");
	top = sound_tree();
	top->slots[4] = top->slots[3];
	top->count++;
	missed = missed ? missed : is_fault("an item is beyond the last index");
	top = sound_tree();
	top->slots[3] = NULL;
	top->count--;
	missed = missed ? missed : is_fault("it is higher than its greatest index needs");
	root = (struct radix_tree_root){.height = 1};
	missed = missed ? missed : is_fault("it has a height, and nothing in it");
	sound_tree();
	root.height = RADIX_TREE_MAX_HEIGHT + 1;
	missed = missed ? missed : is_fault("it is higher than an index is long");
	root = RADIX_TREE_ROOT;
	return radix_tree_fault(&root) ? "an empty tree has a fault" : missed;
}
