/* Verbs that let allocations fail on purpose. */
#include "top/vec.h"

#include "base/errno.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "kmem/failslab.h"
#include "phys/fail_page_alloc.h"
#include "phys/pageblock.h"
#include "phys/zone.h"

/* A knob: a word of the structure that holds it, and what it may be. */
struct knob {
	const char *name;
	size_t offset;
	u32 least, most;
};

#define KNOB(type, name, field, least, most)                                                       \
	{                                                                                          \
		name, offsetof(struct type, field), least, most                                    \
	}

static const struct knob attr_knobs[] = {
	KNOB(fault_attr, "nth", nth, 0, UINT32_MAX),
	KNOB(fault_attr, "probability", probability, 0, 100),
	KNOB(fault_attr, "interval", interval, 1, UINT32_MAX),
	KNOB(fault_attr, "times", times, 0, INT32_MAX),
	KNOB(fault_attr, "space", space, 0, UINT32_MAX),
	KNOB(fault_attr, "seed", seed, 1, UINT32_MAX),
};

static const struct knob page_knobs[] = {
	KNOB(fail_page_alloc, "min_order", min_order, 0, MAX_ORDER),
	KNOB(fail_page_alloc, "ignore_gfp_wait", ignore_gfp_wait, 0, 1),
	KNOB(fail_page_alloc, "ignore_gfp_highmem", ignore_gfp_highmem, 0, 1),
};

static const struct knob slab_knobs[] = {
	KNOB(failslab, "ignore_gfp_wait", ignore_gfp_wait, 0, 1),
	KNOB(failslab, "cache_filter", cache_filter, 0, 1),
};

static int turn(void *object, const struct knob *knobs, unsigned int count, const char *name,
		u64 value)
{
	for (unsigned int i = 0; i < count; i++) {
		if (strcmp(knobs[i].name, name) != 0)
			continue;
		if (value < knobs[i].least || value > knobs[i].most)
			return -ERANGE;
		*(u32 *)((char *)object + knobs[i].offset) = value;
		return 0;
	}
	return -ENOENT;
}

/* A knob and its value; without a value, all four that boot parameters have. */
static int turn_attr(const struct stmt *stmt, struct fault_attr *attr)
{
	const char *name = stmt->args[0].word;

	if (stmt->nr_args > 1)
		return turn(attr, attr_knobs, ARRAY_SIZE(attr_knobs), name, stmt->args[1].number);
	return is_digit(*name) ? setup_fault_attr(attr, name) : -EINVAL;
}

/* A knob of the allocator's own, if turn_attr() knew none of that name. */
static int turn_own(const struct stmt *stmt, int err, void *object, const struct knob *knobs,
		    unsigned int count)
{
	if (err == -ENOENT)
		err = turn(object, knobs, count, stmt->args[0].word, stmt->args[1].number);
	return err == -ENOENT ? -EINVAL : err;
}

static bool is_off(const struct stmt *stmt)
{
	return stmt->nr_args == 1 && strcmp(stmt->args[0].word, "off") == 0;
}

static void run_fail_page_alloc(struct stmt *stmt)
{
	struct fail_page_alloc knobs = fail_page_alloc;
	int err = 0;

	if (is_off(stmt))
		knobs = (struct fail_page_alloc){.attr = FAULT_ATTR_INIT};
	else
		err = turn_own(stmt, turn_attr(stmt, &knobs.attr), &knobs, page_knobs,
			       ARRAY_SIZE(page_knobs));
	if (!err)
		fail_page_alloc_setup(&knobs);
	stmt_result_err(stmt, err);
}

static void run_failslab(struct stmt *stmt)
{
	struct failslab knobs = failslab;
	int err = 0;

	if (is_off(stmt))
		knobs = (struct failslab){.attr = FAULT_ATTR_INIT};
	else
		err = turn_own(stmt, turn_attr(stmt, &knobs.attr), &knobs, slab_knobs,
			       ARRAY_SIZE(slab_knobs));
	if (!err)
		failslab_setup(&knobs);
	stmt_result_err(stmt, err);
}

static void print_stats(const char *name, const struct fault_attr *attr)
{
	printk("%s calls %u failures %u nth %u space %u times %d\n", name, attr->calls,
	       attr->failures, attr->nth, attr->space, attr->times);
}

static void run_fault_stats(struct stmt *stmt)
{
	print_stats("fail_page_alloc", &fail_page_alloc.attr);
	if (mm_stage() >= MM_KMEM)
		print_stats("failslab", &failslab.attr);
	stmt_result(stmt, "ok");
}

static const struct verb verbs[] = {
	{"fail_page_alloc", "knob:w value:n?", VAR_NONE, MM_UP, MM_LAST, run_fail_page_alloc,
	 "let page allocations fail: nth, probability, interval, times, space, seed, min_order, "
	 "ignore_gfp_wait, ignore_gfp_highmem; I,P,S,T; off"},
	{"failslab", "knob:w value:n?", VAR_NONE, MM_KMEM, MM_LAST, run_failslab,
	 "let object allocations fail: nth, probability, interval, times, space, seed, "
	 "ignore_gfp_wait, cache_filter; I,P,S,T; off"},
	{"fault_stats", "", VAR_NONE, MM_UP, MM_LAST, run_fault_stats,
	 "calls that could have failed, failures, and what is left of the knobs"},
};

const struct verb_table fault_verbs = {verbs, ARRAY_SIZE(verbs)};
