/*
 * Interval trees against a search through all ranges: many pseudo-random ranges, short and long,
 * come and go, and after each change all answers to some questions are compared.
 */
#include "unit/unit.h"

#include "base/interval_tree.h"

#define RANGES 60
#define STEPS 4000
#define QUESTIONS 6
#define NUMBERS 256u /* ranges are of 0..NUMBERS - 1, so that they meet often */

struct range {
	struct interval_node node;
	unsigned int born; /* which insertion it was; 0: it is not in the tree */
	bool seen;
};

static struct range ranges[RANGES];
static struct interval_root root;
static u32 random_state;

static u32 next_random(void)
{
	random_state = random_state * 1664525 + 1013904223;
	return random_state >> 8;
}

static struct range *range_of(struct interval_node *node)
{
	return container_of(node, struct range, node);
}

/* Half are a few numbers long; some are all numbers to the last one there is. */
static void pick_range(unsigned long *start, unsigned long *last)
{
	*start = next_random() % NUMBERS;
	switch (next_random() % 8) {
	case 0:
		*last = ~0ul;
		break;
	case 1:
	case 2:
	case 3:
		*last = *start + next_random() % (NUMBERS - *start);
		break;
	default:
		*last = *start + next_random() % 4;
		break;
	}
}

static bool meets(const struct range *range, unsigned long start, unsigned long last)
{
	return range->born && range->node.start <= last && range->node.last >= start;
}

/* Equal starts are in the order of insertion. */
static bool in_order(const struct range *prev, const struct range *range)
{
	return prev->node.start < range->node.start ||
	       (prev->node.start == range->node.start && prev->born < range->born);
}

static const char *ask(unsigned long start, unsigned long last)
{
	struct range *prev = NULL;

	for (unsigned int i = 0; i < RANGES; i++)
		ranges[i].seen = false;
	interval_for_each(node, &root, start, last)
	{
		struct range *range = range_of(node);

		if (!meets(range, start, last))
			return "an answer does not meet the range";
		if (prev && !in_order(prev, range))
			return "answers are out of order, or come twice";
		range->seen = true;
		prev = range;
	}
	for (unsigned int i = 0; i < RANGES; i++)
		if (meets(&ranges[i], start, last) && !ranges[i].seen)
			return "a range that meets it is not among the answers";
	return NULL;
}

static const char *ask_questions(void)
{
	const char *why = ask(0, ~0ul);

	for (unsigned int i = 0; !why && i < QUESTIONS; i++) {
		unsigned long start, last;

		pick_range(&start, &last);
		why = ask(start, last);
	}
	return why ? why : ask(~0ul, ~0ul);
}

static void forget_all(void)
{
	root = INTERVAL_ROOT;
	random_state = 1;
	for (unsigned int i = 0; i < RANGES; i++)
		ranges[i] = (struct range){.born = 0};
}

static void insert(struct range *range, unsigned int born)
{
	pick_range(&range->node.start, &range->node.last);
	/* Equal ranges, too. */
	if (next_random() % 8 == 0) {
		range->node.start = 100;
		range->node.last = 120;
	}
	range->born = born;
	interval_insert(&range->node, &root);
}

const char *interval_random(void)
{
	forget_all();
	for (unsigned int step = 0; step < STEPS; step++) {
		struct range *range = &ranges[next_random() % RANGES];
		const char *why;

		/* From time to time nearly full, and nearly empty. */
		if (!range->born && next_random() % 4 > step / 500 % 3) {
			insert(range, step + 1);
		} else if (range->born) {
			interval_remove(&range->node, &root);
			range->born = 0;
		}
		why = interval_fault(&root);
		if (!why)
			why = ask_questions();
		if (why)
			return why;
	}
	return NULL;
}

/* ---- what interval_fault() is for ---------------------------------------------------------- */

/* [0, 9], [10, 19] and so on. */
static struct interval_node *sound_tree(void)
{
	forget_all();
	for (unsigned int i = 0; i < 20; i++) {
		ranges[i].born = i + 1;
		ranges[i].node.start = i * 10;
		ranges[i].node.last = i * 10 + 9;
		interval_insert(&ranges[i].node, &root);
	}
	return rb_entry(root.rb_root.rb_node, struct interval_node, rb);
}

const char *interval_faults(void)
{
	if (interval_fault(&INTERVAL_ROOT) || !sound_tree() || interval_fault(&root))
		return "a sound tree has a fault";
	sound_tree()->subtree_last--;
	if (!interval_fault(&root))
		return "a wrong highest end goes unseen";
	sound_tree();
	ranges[7].node.start = 80;
	if (!interval_fault(&root))
		return "a range that ends before it begins goes unseen";
	sound_tree();
	ranges[7].node.start = 55;
	if (!interval_fault(&root))
		return "a wrong order goes unseen";
	sound_tree()->rb.rb_parent_color &= ~RB_BLACK;
	if (!interval_fault(&root))
		return "a red root goes unseen";
	return NULL;
}
