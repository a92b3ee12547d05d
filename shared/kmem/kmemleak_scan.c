/* kmemleak's scan: who points to whom. Theory in kmemleak.h. */
#include "kmem/kmemleak_priv.h"

#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"

__mm_state struct kmemleak_root kmemleak_roots[KMEMLEAK_MAX_ROOTS];

/* Within a scan, under kmemleak_lock. */
struct scan {
	struct list_head grey;	  /* grey objects that were not looked into yet */
	unsigned long start, end; /* there are no objects outside: most words end here */
};

static bool is_white(const struct kmemleak_object *object)
{
	return object->min_count > 0 && object->count < object->min_count;
}

static bool is_grey(const struct kmemleak_object *object)
{
	return object->min_count != KMEMLEAK_BLACK && object->count >= object->min_count;
}

/* ---- marking ------------------------------------------------------------------------------- */

/* Whole words of [start, end). */
static void scan_block(struct scan *scan, unsigned long start, unsigned long end)
{
	start = ALIGN(start, sizeof(long));
	for (; start < end && end - start >= sizeof(long); start += sizeof(long)) {
		unsigned long word = READ_ONCE(*(unsigned long *)start);
		struct kmemleak_object *object;

		if (word < scan->start || word >= scan->end)
			continue;
		object = kmemleak_lookup(word);
		if (!object || !is_white(object))
			continue;
		object->count++;
		if (is_grey(object))
			list_add_tail(&object->grey, &scan->grey);
	}
}

static void scan_object(struct scan *scan, const struct kmemleak_object *object)
{
	if (object->no_scan)
		return;
	if (!object->areas)
		scan_block(scan, object->start, object->start + object->size);
	for (const struct kmemleak_area *area = object->areas; area; area = area->next)
		scan_block(scan, area->start, area->start + area->size);
}

static void mark(void)
{
	struct scan scan = {.start = ~0ul};

	list_init(&scan.grey);
	list_for_each (at, &kmemleak.objects) {
		struct kmemleak_object *object = kmemleak_of_list(at);

		scan.start = min(scan.start, object->start);
		scan.end = max(scan.end, object->start + object->size);
		object->count = 0;
		if (is_grey(object))
			list_add_tail(&object->grey, &scan.grey);
	}
	for (unsigned int i = 0; i < KMEMLEAK_MAX_ROOTS; i++)
		scan_block(&scan, kmemleak_roots[i].start, kmemleak_roots[i].end);
	while (!list_empty(&scan.grey)) {
		struct kmemleak_object *object =
			list_first_entry(&scan.grey, struct kmemleak_object, grey);

		list_del_first(&scan.grey);
		scan_object(&scan, object);
	}
}

/* ---- reports ------------------------------------------------------------------------------- */

static void report(const struct kmemleak_object *object)
{
	printk("unreferenced object 0x%08lx (size %zu):\n", object->start, object->size);
	printk("  sequence %u, allocated by:\n", object->sequence);
	stack_trace_print(&object->trace);
}

int kmemleak_scan(void)
{
	unsigned long flags;
	int leaks = 0;

	if (!kmemleak.on)
		return -EINVAL;
	flags = spin_lock_irqsave(&kmemleak.lock);
	mark();
	list_for_each (at, &kmemleak.objects) {
		struct kmemleak_object *object = kmemleak_of_list(at);

		if (!is_white(object) || object->reported)
			continue;
		object->reported = true;
		report(object);
		leaks++;
	}
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	return leaks;
}

/* Calls fn for each object that was reported, and is white since the last scan. */
static int for_each_leak(void (*fn)(struct kmemleak_object *object))
{
	unsigned long flags;
	int leaks = 0;

	if (!kmemleak.on)
		return -EINVAL;
	flags = spin_lock_irqsave(&kmemleak.lock);
	list_for_each (at, &kmemleak.objects) {
		struct kmemleak_object *object = kmemleak_of_list(at);

		if (!object->reported || !is_white(object))
			continue;
		fn(object);
		leaks++;
	}
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	return leaks;
}

static void show_leak(struct kmemleak_object *object)
{
	report(object);
}

int kmemleak_show(void)
{
	return for_each_leak(show_leak);
}

static void forgive(struct kmemleak_object *object)
{
	object->min_count = KMEMLEAK_GREY;
}

int kmemleak_clear(void)
{
	return for_each_leak(forgive);
}

/* ---- roots --------------------------------------------------------------------------------- */

static struct kmemleak_root *find_root(const char *name)
{
	for (unsigned int i = 0; i < KMEMLEAK_MAX_ROOTS; i++)
		if (kmemleak_roots[i].name && strcmp(kmemleak_roots[i].name, name) == 0)
			return &kmemleak_roots[i];
	return NULL;
}

int kmemleak_add_root(const char *name, const void *start, const void *end)
{
	struct kmemleak_root *root = find_root(name);

	for (unsigned int i = 0; i < KMEMLEAK_MAX_ROOTS && !root; i++)
		if (!kmemleak_roots[i].name)
			root = &kmemleak_roots[i];
	if (!root)
		return -ENOSPC;
	*root = (struct kmemleak_root){name, (unsigned long)start, (unsigned long)end};
	return 0;
}

int kmemleak_remove_root(const char *name)
{
	struct kmemleak_root *root = find_root(name);

	if (!root)
		return -ENOENT;
	*root = (struct kmemleak_root){0};
	return 0;
}
