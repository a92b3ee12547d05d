/* kmemleak's records: how they come, change and go. Theory in kmemleak.h; the scan is
 * kmemleak_scan.c. */
#include "kmem/kmemleak_priv.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/cache.h"

__mm_state struct kmemleak_state kmemleak;

/*
 * What happened before there were caches: kmem_cache_init() and the two caches here make some 30
 * struct kmem_cache, each with an area to scan.
 */
#define EARLY_LOG_SIZE 256

enum early_op { EARLY_ALLOC, EARLY_FREE, EARLY_NOT_LEAK, EARLY_IGNORE, EARLY_NO_SCAN, EARLY_AREA };

static __mm_state struct early_entry {
	enum early_op op;
	int min_count;
	unsigned long ptr;
	size_t size;
	struct stack_trace trace;
} early_log[EARLY_LOG_SIZE];
static __mm_state unsigned int nr_early;

bool kmemleak_is_on(void)
{
	return kmemleak.on;
}

/* ---- the tree ------------------------------------------------------------------------------ */

static struct kmemleak_object *object_of(const struct rb_node *node)
{
	return rb_entry(node, struct kmemleak_object, rb);
}

struct kmemleak_object *kmemleak_lookup(unsigned long address)
{
	struct rb_node *node = kmemleak.tree.rb_node;

	lock_assert_held(&kmemleak.lock);
	while (node) {
		struct kmemleak_object *object = object_of(node);

		if (address < object->start)
			node = node->rb_left;
		else if (address - object->start >= object->size)
			node = node->rb_right;
		else
			return object;
	}
	return NULL;
}

/* Into the list by age: most often the last place is the right one. */
static void enlist(struct kmemleak_object *object)
{
	struct list_head *at = kmemleak.objects.prev;

	while (at != &kmemleak.objects && kmemleak_of_list(at)->sequence > object->sequence)
		at = at->prev;
	list_add(&object->list, at);
}

/* Into the tree and the list. False where it overlaps another. */
static bool insert(struct kmemleak_object *object)
{
	struct rb_node **at = &kmemleak.tree.rb_node, *parent = NULL;

	while (*at) {
		struct kmemleak_object *other = object_of(*at);

		parent = *at;
		if (object->start + object->size <= other->start)
			at = &parent->rb_left;
		else if (other->start + other->size <= object->start)
			at = &parent->rb_right;
		else
			return false;
	}
	rb_link_node(&object->rb, parent, at);
	rb_insert_color(&object->rb, &kmemleak.tree);
	enlist(object);
	kmemleak.nr_objects++;
	return true;
}

static void take_out(struct kmemleak_object *object)
{
	rb_erase(&object->rb, &kmemleak.tree);
	list_del(&object->list);
	kmemleak.nr_objects--;
}

/* Of a record that is in neither tree nor list; no lock is held. */
static void drop(struct kmemleak_object *object)
{
	while (object->areas) {
		struct kmemleak_area *area = object->areas;

		object->areas = area->next;
		kmem_cache_free(kmemleak.area_cache, area);
	}
	kmem_cache_free(kmemleak.object_cache, object);
}

void kmemleak_disable(void)
{
	unsigned long flags;
	struct list_head all;

	if (!kmemleak.on)
		return;
	list_init(&all);
	flags = spin_lock_irqsave(&kmemleak.lock);
	kmemleak.on = false;
	kmem_gate &= ~KMEM_GATE_KMEMLEAK;
	while (!list_empty(&kmemleak.objects)) {
		struct list_head *at = kmemleak.objects.next;

		take_out(kmemleak_of_list(at));
		list_add_tail(at, &all);
	}
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	memset(early_log, 0, sizeof(early_log));
	while (!list_empty(&all)) {
		struct kmemleak_object *object = kmemleak_of_list(all.next);

		list_del_first(&all);
		drop(object);
	}
	printk("kmemleak: memory leak detector disabled\n");
}

/* ---- before the caches are there ------------------------------------------------------------ */

static struct early_entry *log_early(enum early_op op, const void *ptr, size_t size, int min_count)
{
	struct early_entry *entry = &early_log[nr_early];

	if (nr_early == EARLY_LOG_SIZE) {
		printk("kmemleak: more than %u calls before it is up\n", EARLY_LOG_SIZE);
		kmemleak_disable();
		return NULL;
	}
	nr_early++;
	*entry = (struct early_entry){
		.op = op, .ptr = (unsigned long)ptr, .size = size, .min_count = min_count};
	return entry;
}

/* ---- allocation ---------------------------------------------------------------------------- */

/* A record must not eat the reserve, nor be waited for longer than the object was. */
static gfp_t record_gfp(gfp_t gfp)
{
	return (gfp & (GFP_KERNEL | GFP_ATOMIC)) | __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_NOWARN;
}

static void create_object(unsigned long ptr, size_t size, int min_count, gfp_t gfp,
			  const struct stack_trace *trace)
{
	struct kmemleak_object *object = kmem_cache_alloc(kmemleak.object_cache, record_gfp(gfp));
	unsigned long flags;
	bool on, inserted;

	if (!object) {
		printk("kmemleak: no memory for a record\n");
		kmemleak_disable();
		return;
	}
	*object = (struct kmemleak_object){
		.start = ptr, .size = size, .min_count = min_count, .trace = *trace};
	flags = spin_lock_irqsave(&kmemleak.lock);
	object->sequence = ++kmemleak.sequence;
	on = kmemleak.on;
	inserted = on && insert(object);
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	if (inserted)
		return;
	drop(object);
	if (!on)
		return;
	printk("kmemleak: object 0x%08lx (size %zu) overlaps one that is known\n", ptr, size);
	kmemleak_disable();
}

void kmemleak_alloc(const void *ptr, size_t size, int min_count, gfp_t gfp, unsigned long caller)
{
	struct stack_trace trace;

	if (!kmemleak.on || !ptr)
		return;
	if (!kmemleak.ready) {
		struct early_entry *entry = log_early(EARLY_ALLOC, ptr, size, min_count);

		if (entry)
			stack_trace_save(&entry->trace, caller);
		return;
	}
	stack_trace_save(&trace, caller);
	create_object((unsigned long)ptr, size, min_count, gfp, &trace);
}

/* ---- free ---------------------------------------------------------------------------------- */

struct kmemleak_object *kmemleak_detach(const void *ptr)
{
	struct kmemleak_object *object;
	unsigned long flags;

	if (!kmemleak.on || !kmemleak.ready)
		return NULL;
	flags = spin_lock_irqsave(&kmemleak.lock);
	object = kmemleak_lookup((unsigned long)ptr);
	if (object && object->start == (unsigned long)ptr)
		take_out(object);
	else
		object = NULL;
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	return object;
}

/* False: it is off by now. */
static bool reattach(struct kmemleak_object *object)
{
	unsigned long flags = spin_lock_irqsave(&kmemleak.lock);
	bool on = kmemleak.on;

	BUG_ON(on && !insert(object), "object %08lx was not freed, and is another's now",
	       object->start);
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	return on;
}

void kmemleak_detached(struct kmemleak_object *object, const void *ptr, int err)
{
	if (object) {
		if (!err || !reattach(object))
			drop(object);
	} else if (!err && kmemleak.on && kmemleak.ready) {
		printk("kmemleak: free of unknown object 0x%08lx\n", (unsigned long)ptr);
	} else if (!err && kmemleak.on) {
		log_early(EARLY_FREE, ptr, 0, 0);
	}
}

void kmemleak_free(const void *ptr)
{
	if (ptr)
		kmemleak_detached(kmemleak_detach(ptr), ptr, 0);
}

void kmemleak_free_part(const void *ptr, size_t size)
{
	unsigned long start = (unsigned long)ptr, end = start + size, flags;
	struct kmemleak_object *object;

	if (!kmemleak.on || !kmemleak.ready || !size)
		return;
	flags = spin_lock_irqsave(&kmemleak.lock);
	object = kmemleak_lookup(start);
	if (object && end <= object->start + object->size)
		take_out(object);
	else
		object = NULL;
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	if (!object) {
		printk("kmemleak: free of a part of unknown object 0x%08lx (size %zu)\n", start,
		       size);
		return;
	}
	if (start > object->start)
		create_object(object->start, start - object->start, object->min_count, GFP_KERNEL,
			      &object->trace);
	if (end < object->start + object->size)
		create_object(end, object->start + object->size - end, object->min_count,
			      GFP_KERNEL, &object->trace);
	drop(object);
}

/* ---- what an owner knows ------------------------------------------------------------------- */

static int unknown(const void *ptr, const char *what)
{
	printk("kmemleak: %s of unknown object 0x%08lx\n", what, (unsigned long)ptr);
	return -ENOENT;
}

/* The object that begins at ptr changes its colour, or is not to be scanned. */
static int paint(const void *ptr, enum early_op op)
{
	struct kmemleak_object *object;
	unsigned long flags;

	if (!kmemleak.on)
		return 0;
	if (!kmemleak.ready)
		return log_early(op, ptr, 0, 0) ? 0 : -ENOMEM;
	flags = spin_lock_irqsave(&kmemleak.lock);
	object = kmemleak_lookup((unsigned long)ptr);
	if (object && object->start == (unsigned long)ptr) {
		if (op == EARLY_NOT_LEAK)
			object->min_count = KMEMLEAK_GREY;
		if (op == EARLY_IGNORE)
			object->min_count = KMEMLEAK_BLACK;
		if (op == EARLY_NO_SCAN)
			object->no_scan = true;
	} else {
		object = NULL;
	}
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	return object ? 0 : unknown(ptr, "colour");
}

int kmemleak_not_leak(const void *ptr)
{
	return paint(ptr, EARLY_NOT_LEAK);
}

int kmemleak_ignore(const void *ptr)
{
	return paint(ptr, EARLY_IGNORE);
}

int kmemleak_no_scan(const void *ptr)
{
	return paint(ptr, EARLY_NO_SCAN);
}

int kmemleak_scan_area(const void *ptr, size_t size, gfp_t gfp)
{
	struct kmemleak_object *object;
	struct kmemleak_area *area;
	unsigned long start = (unsigned long)ptr, flags;
	int err = 0;

	if (!kmemleak.on)
		return 0;
	if (!kmemleak.ready)
		return log_early(EARLY_AREA, ptr, size, 0) ? 0 : -ENOMEM;
	area = kmem_cache_alloc(kmemleak.area_cache, record_gfp(gfp));
	if (!area)
		return -ENOMEM;
	flags = spin_lock_irqsave(&kmemleak.lock);
	object = kmemleak_lookup(start);
	if (!object) {
		err = -ENOENT;
	} else if (size > object->size - (start - object->start)) {
		err = -EINVAL;
	} else {
		*area = (struct kmemleak_area){object->areas, start, size};
		object->areas = area;
	}
	spin_unlock_irqrestore(&kmemleak.lock, flags);
	if (err)
		kmem_cache_free(kmemleak.area_cache, area);
	if (err == -EINVAL)
		printk("kmemleak: area 0x%08lx (size %zu) goes beyond its object\n", start, size);
	return err == -ENOENT ? unknown(ptr, "area") : err;
}

/* ---- the start ----------------------------------------------------------------------------- */

void kmemleak_early_start(void)
{
	if (!memory.options.kmemleak)
		return;
	spin_lock_init(&kmemleak.lock, "kmemleak", LOCK_RANK_KMEMLEAK, 0);
	list_init(&kmemleak.objects);
	kmemleak.on = true;
	kmem_gate |= KMEM_GATE_KMEMLEAK;
}

static void replay(const struct early_entry *entry)
{
	const void *ptr = (const void *)entry->ptr;

	if (entry->op == EARLY_ALLOC)
		create_object(entry->ptr, entry->size, entry->min_count, GFP_NOWAIT, &entry->trace);
	else if (entry->op == EARLY_FREE)
		kmemleak_free(ptr);
	else if (entry->op == EARLY_AREA)
		kmemleak_scan_area(ptr, entry->size, GFP_NOWAIT);
	else
		paint(ptr, entry->op);
}

void kmemleak_init(void)
{
	if (!kmemleak.on)
		return;
	kmemleak.object_cache = kmem_cache_create("kmemleak_object", sizeof(struct kmemleak_object),
						  0, SLAB_NOLEAKTRACE | SLAB_PANIC, NULL);
	kmemleak.area_cache = kmem_cache_create("kmemleak_area", sizeof(struct kmemleak_area), 0,
						SLAB_NOLEAKTRACE | SLAB_PANIC, NULL);
	if (!kmemleak.on)
		return; /* the log was too small for what there was */
	kmemleak.ready = true;
	for (unsigned int i = 0; i < nr_early && kmemleak.on; i++)
		replay(&early_log[i]);
	/* Or else the log would point to every object in it. */
	memset(early_log, 0, sizeof(early_log));
	nr_early = 0;
}

/* ---- looking ------------------------------------------------------------------------------- */

void for_each_kmemleak_object(void (*fn)(const struct kmemleak_view *view, void *arg), void *arg)
{
	for (struct rb_node *node = rb_first(&kmemleak.tree); node; node = rb_next(node)) {
		const struct kmemleak_object *object = object_of(node);
		struct kmemleak_view view = {
			.start = object->start,
			.size = object->size,
			.min_count = object->min_count,
			.count = object->count,
			.no_scan = object->no_scan,
			.reported = object->reported,
			.sequence = object->sequence,
		};

		for (const struct kmemleak_area *area = object->areas; area; area = area->next)
			view.areas++;
		fn(&view, arg);
	}
}

static const char *check_order(const struct rb_node *prev, const struct rb_node *node)
{
	const struct kmemleak_object *object = object_of(node);
	const struct kmemleak_object *before = prev ? object_of(prev) : NULL;

	for (const struct kmemleak_area *area = object->areas; area; area = area->next)
		if (area->start < object->start ||
		    area->start + area->size > object->start + object->size)
			return "an area lies outside its object";
	if (before && before->start + before->size > object->start)
		return "objects are out of order, or overlap";
	return NULL;
}

const char *kmemleak_fault(void)
{
	const char *fault = rb_validate(&kmemleak.tree, check_order);
	unsigned long listed = 0, in_tree = 0;
	unsigned int last = 0;

	if (fault || !kmemleak.on)
		return fault ? fault : kmemleak.tree.rb_node ? "it is off, and has records" : NULL;
	list_for_each (at, &kmemleak.objects) {
		if (kmemleak_of_list(at)->sequence <= last || listed == kmemleak.nr_objects)
			return "the list of objects is not in the order of their ages";
		last = kmemleak_of_list(at)->sequence;
		listed++;
	}
	for (struct rb_node *node = rb_first(&kmemleak.tree); node; node = rb_next(node))
		in_tree++;
	if (listed != kmemleak.nr_objects || in_tree != listed)
		return "not as many objects are listed as are in the tree";
	return NULL;
}
