/* Verbs of the detectors that remember who allocated: page owners, kmemleak. */
#include "top/verbs.h"

#include "base/errno.h"
#include "base/string.h"
#include "kmem/kmemleak.h"
#include "kmem/slab.h"
#include "phys/page_owner.h"

static void run_page_owner(struct stmt *stmt)
{
	const struct page *page;

	if (!stmt->nr_args) {
		stmt_result(stmt, "%lu blocks", print_page_owners());
		return;
	}
	page = stmt->args[0].var->page;
	stmt_result_err(stmt, page ? print_page_owner(page) : -EINVAL);
}

/* ---- scans --------------------------------------------------------------------------------- */

/* What the vector's variables hold, as long as a scan takes. */
static struct {
	unsigned int nr;
	void *objects[VEC_MAX_VARS];
} held;

/* A variable still names what it held when that was freed, and may be another's by now. */
static void note_held(struct var *var, void *arg __maybe_unused)
{
	if (var->type == VAR_OBJECT && var->live)
		held.objects[held.nr++] = var->object;
}

static void result_leaks(struct stmt *stmt, int leaks)
{
	if (leaks < 0)
		stmt_result_err(stmt, leaks);
	else
		stmt_result(stmt, "%d leaks", leaks);
}

static void run_scan(struct stmt *stmt)
{
	const void *start, *end;

	held.nr = 0;
	for_each_var(note_held, NULL);
	kmem_bag(&start, &end);
	kmemleak_add_root("variables", held.objects, held.objects + held.nr);
	kmemleak_add_root("bag", start, end);
	mempool_bag(&start, &end);
	kmemleak_add_root("pools' bag", start, end);
	result_leaks(stmt, kmemleak_scan());
	kmemleak_remove_root("variables");
	kmemleak_remove_root("bag");
	kmemleak_remove_root("pools' bag");
}

static void run_show(struct stmt *stmt)
{
	result_leaks(stmt, kmemleak_show());
}

static void run_clear(struct stmt *stmt)
{
	result_leaks(stmt, kmemleak_clear());
}

static void run_off(struct stmt *stmt)
{
	stmt_result_err(stmt, kmemleak_is_on() ? 0 : -EINVAL);
	kmemleak_disable();
}

/* ---- what an owner knows -------------------------------------------------------------------- */

/* The argument's object, freed or not; NULL for none, or while kmemleak is off. */
static char *known_object(const struct stmt *stmt)
{
	void *object = stmt->args[0].var->object;

	return kmemleak_is_on() && !ZERO_OR_NULL_PTR(object) ? object : NULL;
}

static void tell(struct stmt *stmt, int (*fn)(const void *object))
{
	const void *object = known_object(stmt);

	stmt_result_err(stmt, object ? fn(object) : -EINVAL);
}

static void run_not_leak(struct stmt *stmt)
{
	tell(stmt, kmemleak_not_leak);
}

static void run_ignore(struct stmt *stmt)
{
	tell(stmt, kmemleak_ignore);
}

static void run_no_scan(struct stmt *stmt)
{
	tell(stmt, kmemleak_no_scan);
}

static void run_scan_area(struct stmt *stmt)
{
	const char *object = known_object(stmt);
	u64 offset = stmt->args[1].number, size = stmt->args[2].number;

	if (object && !(size >> 32))
		stmt_result_err(stmt, kmemleak_scan_area(object + offset, size, GFP_KERNEL));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_free_part(struct stmt *stmt)
{
	const char *object = known_object(stmt);
	u64 offset = stmt->args[1].number, size = stmt->args[2].number;

	if (object && !(size >> 32))
		kmemleak_free_part(object + offset, size);
	stmt_result_err(stmt, object && !(size >> 32) ? 0 : -EINVAL);
}

/* ---- pointers ------------------------------------------------------------------------------ */

static void run_forget(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	bool held_one = var->object;

	var->object = NULL;
	var->live = false;
	stmt_result_err(stmt, held_one ? 0 : -EINVAL);
}

static void run_obj_link(struct stmt *stmt)
{
	struct var *from = stmt->args[0].var, *to = stmt->args[2].var;
	u64 offset = stmt->args[1].number;
	u32 pointer = (u32)to->object + (stmt->nr_args > 3 ? stmt->args[3].number : 0);

	if (!from->live || !to->live || ZERO_OR_NULL_PTR(from->object) ||
	    offset + sizeof(pointer) > from->size) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	memcpy((char *)from->object + offset, &pointer, sizeof(pointer));
	stmt_result(stmt, "ok");
}

static const struct verb verbs[] = {
	{"page_owner", "page:p?", VAR_NONE, MM_UP, MM_LAST, run_page_owner,
	 "who allocated the page, and who freed it last; all blocks in use unless given"},
	{"kmemleak_scan", "", VAR_NONE, MM_KMEM, MM_LAST, run_scan,
	 "look for objects that nobody points to; variables and the bag count as roots"},
	{"kmemleak_show", "", VAR_NONE, MM_KMEM, MM_LAST, run_show,
	 "print the leaks of the last scan again"},
	{"kmemleak_clear", "", VAR_NONE, MM_KMEM, MM_LAST, run_clear, "forgive them"},
	{"kmemleak_off", "", VAR_NONE, MM_KMEM, MM_LAST, run_off, "switch kmemleak off for good"},
	{"kmemleak_not_leak", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_not_leak,
	 "make an object grey: no leak, whoever points to it"},
	{"kmemleak_ignore", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_ignore,
	 "make an object black: no leak, and not looked into"},
	{"kmemleak_no_scan", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_no_scan,
	 "do not look into an object"},
	{"kmemleak_scan_area", "object:o offset:n size:z", VAR_NONE, MM_KMEM, MM_LAST,
	 run_scan_area, "look into this part of an object only"},
	{"kmemleak_free_part", "object:o offset:n size:z", VAR_NONE, MM_KMEM, MM_LAST,
	 run_free_part, "tell kmemleak that a part of an object is free"},
	{"obj_link", "object:o offset:n to:o add:n?", VAR_NONE, MM_KMEM, MM_LAST, run_obj_link,
	 "write another object's address into an object"},
	{"forget", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_forget,
	 "let a variable hold nothing; the object stays as it is"},
};

const struct verb_table leak_verbs = {verbs, ARRAY_SIZE(verbs)};
