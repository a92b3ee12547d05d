/* Verbs of kernel objects: caches, kmalloc, and what lies in an object. */
#include "top/vec.h"

#include "base/errno.h"
#include "base/string.h"
#include "kmem/cache.h"
#include "kmem/debug.h"
#include "kmem/inspect.h"
#include "phys/page_alloc.h"
#include "top/mm_proc.h"
#include "top/vec_sweep.h"
#include "top/verbs.h"

/* ---- caches -------------------------------------------------------------------------------- */

/* What the constructor leaves in each word: obj_peek shows that objects stay constructed. */
#define CTOR_WORD 0xC0C0C0C0u

static void construct(void *object)
{
	fill_words(object, CTOR_WORD, 1);
}

static void run_cache_create(struct stmt *stmt)
{
	const char *name = stmt->args[0].word;
	u64 size = stmt->args[1].number;
	size_t align = stmt->nr_args > 2 ? stmt->args[2].number : 0;
	u32 flags = stmt->nr_args > 3 ? stmt->args[3].number : 0;
	bool ctor = stmt->nr_args > 4 && strcmp(stmt->args[4].word, "ctor") == 0;
	int err = size >> 32 ? -EINVAL : kmem_cache_sanity_check(name, size, align, flags);

	stmt->assigned->cache = NULL;
	if (stmt->nr_args > 4 && (!ctor || size < sizeof(u32)))
		err = -EINVAL;
	if (err) {
		stmt_result_err(stmt, err);
		return;
	}
	stmt->assigned->cache =
		kmem_cache_create(name, size, align, flags, ctor ? construct : NULL);
	stmt_result_err(stmt, stmt->assigned->cache ? 0 : -ENOMEM);
}

static void run_find_cache(struct stmt *stmt)
{
	stmt->assigned->cache = find_kmem_cache(stmt->args[0].word);
	stmt_result_err(stmt, stmt->assigned->cache ? 0 : -ENOENT);
}

static void forget_cache(struct var *var, void *cache)
{
	if (var->type == VAR_CACHE && var->cache == cache)
		var->cache = NULL;
}

static void run_cache_destroy(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	bool last = s && s->refcount == 1;
	int err = s ? kmem_cache_destroy(s) : -EINVAL;

	if (!err && last)
		for_each_var(forget_cache, s);
	else if (!err)
		stmt->args[0].var->cache = NULL;
	stmt_result_err(stmt, err);
}

static void run_cache_shrink(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	if (s)
		stmt_result(stmt, "%u slabs", kmem_cache_shrink(s));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_cache_tune(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	const struct arg *args = stmt->args;

	stmt_result_err(stmt, s ? kmem_cache_tune(s, args[1].number, args[2].number, args[3].number)
				: -EINVAL);
}

static void run_cache_reap(struct stmt *stmt)
{
	stmt_result(stmt, "%u slabs", cache_reap());
}

static void run_cache_size(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	if (s)
		stmt_result(stmt, "%u", kmem_cache_size(s));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_cache_validate(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	if (s)
		stmt_result(stmt, "%u damaged", kmem_cache_validate(s));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_cache_objects(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	if (s)
		kmem_cache_list_objects(s);
	stmt_result_err(stmt, s ? 0 : -EINVAL);
}

static void run_slab_errors(struct stmt *stmt)
{
	stmt_result(stmt, "%u", slab_errors);
}

static void run_slabinfo(struct stmt *stmt)
{
	show_slabinfo();
	stmt_result(stmt, "ok");
}

static void run_cache_stat(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;

	if (s)
		show_cache_stat(s);
	stmt_result_err(stmt, s ? 0 : -EINVAL);
}

/* ---- objects ------------------------------------------------------------------------------- */

static gfp_t gfp_arg(const struct stmt *stmt, unsigned int index)
{
	return stmt->nr_args > index ? (gfp_t)stmt->args[index].number : GFP_KERNEL;
}

bool gfp_is_for_objects(gfp_t gfp)
{
	return gfp_is_sound(gfp) && !(gfp & (__GFP_HIGHMEM | GFP_MOBILITY_MASK | __GFP_COLD));
}

void result_object(struct stmt *stmt, void *object, size_t size, struct kmem_cache *of)
{
	struct var *var = stmt->assigned;

	var->object = object;
	var->size = object ? size : 0;
	var->of = of;
	var->from = NULL;
	var->live = object != NULL;
	if (object)
		stmt_result(stmt, "%08lx", (unsigned long)object);
	else
		stmt_result_err(stmt, -ENOMEM);
}

void no_object(struct stmt *stmt, int err)
{
	result_object(stmt, NULL, 0, NULL);
	stmt_result_err(stmt, err);
}

static void alloc_object(struct stmt *stmt, gfp_t more)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	gfp_t gfp = gfp_arg(stmt, 1) | more;

	if (!s || !gfp_is_for_objects(gfp) || gfp & __GFP_DMA || (gfp & __GFP_ZERO && s->ctor))
		no_object(stmt, -EINVAL);
	else
		result_object(stmt, kmem_cache_alloc(s, gfp), s->object_size, s);
}

static void run_cache_alloc(struct stmt *stmt)
{
	alloc_object(stmt, 0);
}

static void run_cache_zalloc(struct stmt *stmt)
{
	alloc_object(stmt, __GFP_ZERO);
}

static struct var *live_object(const struct stmt *stmt, unsigned int index)
{
	struct var *var = stmt->args[index].var;

	return var->object && var->live ? var : NULL;
}

/* An allocator that does not know whose an object is must not be told what is not so; and what is
 * a memory pool's goes back there. */
static bool may_be_freed_to(const struct var *var, const struct kmem_cache *s)
{
	if (var->object && var->from)
		return false;
	return KMEM_KNOWS_OWNER || !var->object || var->of == s;
}

/* Another variable may name the same object. */
static void forget_object(struct var *var, void *object)
{
	if (var->type == VAR_OBJECT && var->object == object)
		var->live = false;
}

void forget_objects(void *object)
{
	for_each_var(forget_object, object);
}

static void run_cache_free(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	struct var *var = live_object(stmt, 1);
	int err = s && var && may_be_freed_to(var, s) ? kmem_cache_free(s, var->object) : -EINVAL;

	if (!err)
		forget_objects(var->object);
	stmt_result_err(stmt, err);
}

/*
 * No questions asked: what the detectors are for. What is there the vector knows by heart: no
 * longer, once a sweep failed an allocation.
 */
static void run_cache_free_at(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	struct var *var = stmt->args[1].var;

	if (sweep_has_fired())
		stmt_result_err(stmt, -EPERM);
	else if (s && var->object)
		stmt_result_err(
			stmt, kmem_cache_free(s, bytes_behind(var->object, stmt->args[2].number)));
	else
		stmt_result_err(stmt, -EINVAL);
}

/* ---- many objects --------------------------------------------------------------------------- */

/* Objects without a variable, the newest last. */
#define BAG_SIZE 32768u

static struct {
	struct kmem_cache *cache;
	void *object;
} bag[BAG_SIZE];
static __mm_state unsigned int bagged;

/* A sweep fails each of so many allocations of a hoard: more of the same show nothing new. */
#define HOARD_SWEPT 64u

static void run_kmem_hoard(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	gfp_t gfp = gfp_arg(stmt, 2) | __GFP_NOWARN;
	u64 limit = stmt->args[1].number, count = 0;
	void *object;

	if (!s || !gfp_is_for_objects(gfp) || (gfp & __GFP_ZERO && s->ctor)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	while (count < limit && bagged < BAG_SIZE && (object = kmem_cache_alloc(s, gfp))) {
		bag[bagged].cache = s;
		bag[bagged++].object = object;
		if (++count == HOARD_SWEPT)
			sweep_pause();
	}
	if (count >= HOARD_SWEPT)
		sweep_resume();
	stmt_result(stmt, "%llu objects", count);
}

void kmem_bag(const void **start, const void **end)
{
	*start = bag;
	*end = bag + bagged;
}

/* Takes the n-th object out of the bag. */
static void *unbag(unsigned int n)
{
	void *object = bag[n].object;

	bagged--;
	memmove(&bag[n], &bag[n + 1], (bagged - n) * sizeof(bag[0]));
	return object;
}

/* Frees every step-th object of the cache's, the newest first; 1 frees all. */
static void run_kmem_release(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	u64 step = stmt->nr_args > 1 ? stmt->args[1].number : 1, seen = 0, freed = 0;

	if (!s || !step) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	for (unsigned int i = bagged; i-- > 0;)
		if (bag[i].cache == s && seen++ % step == 0)
			freed += kmem_cache_free(s, unbag(i)) == 0;
	stmt_result(stmt, "%llu objects", freed);
}

/* The newest objects come in one call; the bag has room for them, or there is none. */
static void *bulk[1024];

static void run_alloc_bulk(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	u64 n = stmt->args[1].number;
	gfp_t gfp = gfp_arg(stmt, 2);
	unsigned int got;

	if (!s || n > ARRAY_SIZE(bulk) || n > BAG_SIZE - bagged || !gfp_is_for_objects(gfp) ||
	    (gfp & __GFP_ZERO && s->ctor)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	got = kmem_cache_alloc_bulk(s, gfp, n, bulk);
	for (unsigned int i = 0; i < got; i++) {
		bag[bagged].cache = s;
		bag[bagged++].object = bulk[i];
	}
	if (got || !n)
		stmt_result(stmt, "%u objects", got);
	else
		stmt_result_err(stmt, -ENOMEM);
}

static void run_free_bulk(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[0].var->cache;
	u64 n = stmt->args[1].number;
	unsigned int count = 0;

	if (!s || n > ARRAY_SIZE(bulk)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	for (unsigned int i = bagged; i-- > 0 && count < n;)
		if (bag[i].cache == s)
			bulk[count++] = unbag(i);
	int err = kmem_cache_free_bulk(s, count, bulk);

	if (err)
		stmt_result_err(stmt, err);
	else
		stmt_result(stmt, "%u objects", count);
}

/* ---- kmalloc ------------------------------------------------------------------------------- */

static bool kmalloc_args_ok(u64 size, gfp_t gfp)
{
	return !(size >> 32) && gfp_is_for_objects(gfp);
}

static void alloc_size(struct stmt *stmt, gfp_t more)
{
	u64 size = stmt->args[0].number;
	gfp_t gfp = gfp_arg(stmt, 1) | more;

	if (kmalloc_args_ok(size, gfp))
		result_object(stmt, kmalloc((size_t)size, gfp), size, NULL);
	else
		no_object(stmt, -EINVAL);
}

static void run_kmalloc(struct stmt *stmt)
{
	alloc_size(stmt, 0);
}

static void run_kzalloc(struct stmt *stmt)
{
	alloc_size(stmt, __GFP_ZERO);
}

static void run_kcalloc(struct stmt *stmt)
{
	u64 n = stmt->args[0].number, size = stmt->args[1].number;
	gfp_t gfp = gfp_arg(stmt, 2);

	if (kmalloc_args_ok(size, gfp))
		result_object(stmt, kcalloc(n, size, gfp), n * size, NULL);
	else
		no_object(stmt, -EINVAL);
}

static void run_kfree(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	bool possible = may_be_freed_to(var, NULL) && (var->live || !var->object);
	int err = possible ? kfree(var->object) : -EINVAL;

	if (!err && var->object)
		forget_objects(var->object);
	stmt_result_err(stmt, err);
}

static void run_kfree_at(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;

	if (sweep_has_fired())
		stmt_result_err(stmt, -EPERM);
	else if (var->object)
		stmt_result_err(stmt, kfree(bytes_behind(var->object, stmt->args[1].number)));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_ksize(struct stmt *stmt)
{
	struct var *var = live_object(stmt, 0);

	if (var && may_be_freed_to(var, NULL))
		stmt_result(stmt, "%zu", ksize(var->object));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_krealloc(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	u64 size = stmt->args[1].number;
	gfp_t gfp = gfp_arg(stmt, 2);
	void *old = var->object, *new;

	if ((old && !var->live) || !may_be_freed_to(var, NULL) || !kmalloc_args_ok(size, gfp)) {
		no_object(stmt, -EINVAL);
		return;
	}
	new = krealloc(old, size, gfp);
	if (new &&old)
		forget_objects(old);
	result_object(stmt, new, size, NULL);
}

static void run_kmemdup(struct stmt *stmt)
{
	struct var *var = live_object(stmt, 0);
	u64 size = stmt->args[1].number;
	gfp_t gfp = gfp_arg(stmt, 2);

	if (!var || size > var->size || !kmalloc_args_ok(size, gfp))
		no_object(stmt, -EINVAL);
	else
		result_object(stmt, kmemdup(var->object, size, gfp), size, NULL);
}

static void run_kstrdup(struct stmt *stmt)
{
	const char *word = stmt->args[0].word;
	char *copy = kstrdup(word, GFP_KERNEL);

	result_object(stmt, copy, strlen(word) + 1, NULL);
	if (copy)
		stmt_result(stmt, "%s", strcmp(copy, word) == 0 ? "equal" : "not equal");
}

/* ---- contents ------------------------------------------------------------------------------ */

/* The object's bytes, if it is in use and has any. */
static struct var *object_bytes(const struct stmt *stmt)
{
	struct var *var = live_object(stmt, 0);

	return var && !ZERO_OR_NULL_PTR(var->object) ? var : NULL;
}

static void run_obj_fill(struct stmt *stmt)
{
	struct var *var = object_bytes(stmt);

	if (var)
		memset(var->object, stmt->args[1].number, var->size);
	stmt_result_err(stmt, var ? 0 : -EINVAL);
}

static void run_obj_check(struct stmt *stmt)
{
	struct var *var = object_bytes(stmt);
	u8 byte = stmt->args[1].number;
	size_t from = stmt->nr_args > 2 ? stmt->args[2].number : 0, i = from;
	const u8 *bytes = var ? var->object : NULL;

	if (!var) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	while (i < var->size && bytes[i] == byte)
		i++;
	if (i < var->size)
		stmt_result(stmt, "byte %zu is %02x", i, bytes[i]);
	else
		stmt_result(stmt, "ok");
}

static bool is_users_byte(const struct var *var, const u8 *byte)
{
	return var->live && (u32)byte - (u32)var->object < var->size;
}

/* Within slabs any byte may be had, in use or not, as long as the vector knows what is there. */
static u8 *object_byte(const struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	u8 *byte = bytes_behind(var->object, stmt->args[1].number);

	if (ZERO_OR_NULL_PTR(var->object) || !kmem_address_ok(byte))
		return NULL;
	if (is_users_byte(var, byte))
		return byte;
	return page_flag(virt_to_page(byte), PG_slab) && !sweep_has_fired() ? byte : NULL;
}

static void run_obj_poke(struct stmt *stmt)
{
	u8 *byte = object_byte(stmt);

	if (byte) {
		*byte = stmt->args[2].number;
		if (!is_users_byte(stmt->args[0].var, byte))
			tamper_unseen();
	}
	stmt_result_err(stmt, byte ? 0 : -EINVAL);
}

static void run_obj_peek(struct stmt *stmt)
{
	u8 *byte = object_byte(stmt);

	if (byte)
		stmt_result(stmt, "%02x", *byte);
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_obj_aligned(struct stmt *stmt)
{
	struct var *var = live_object(stmt, 0);
	u32 align = stmt->args[1].number;

	if (var && align)
		stmt_result(stmt, "%s", (unsigned long)var->object % align ? "no" : "yes");
	else
		stmt_result_err(stmt, -EINVAL);
}

/* The page that its first byte is in: what tamper_page and page take. */
static void run_obj_page(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	struct page *page = ZERO_OR_NULL_PTR(var->object) ? NULL : virt_to_page(var->object);

	stmt->assigned->page = page;
	if (page)
		stmt_result(stmt, "pfn %05lx", page_to_pfn(page));
	else
		stmt_result_err(stmt, -EINVAL);
}

/* Which zone is it of? */
static void run_obj_zone(struct stmt *stmt)
{
	struct var *var = object_bytes(stmt);

	if (var)
		stmt_result(stmt, "%s", page_zone(virt_to_page(var->object))->name);
	else
		stmt_result_err(stmt, -EINVAL);
}

static const struct verb verbs[] = {
	{"kmem_cache_create", "name:w size:z align:n? flags:k? ctor:w?", VAR_CACHE, MM_KMEM,
	 MM_LAST, run_cache_create, "make a cache; \"ctor\": its objects begin with c0c0c0c0"},
	{"find_cache", "name:w", VAR_CACHE, MM_KMEM, MM_LAST, run_find_cache,
	 "name a cache that exists, such as kmalloc-64"},
	{"kmem_cache_destroy", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_destroy,
	 "give a cache without objects back"},
	{"kmem_cache_shrink", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_shrink,
	 "give empty slabs back"},
	{"kmem_cache_tune", "cache:c limit:n batchcount:n shared:n", VAR_NONE, MM_KMEM, MM_LAST,
	 run_cache_tune, "set how many objects slab keeps for each CPU, and moves at a time"},
	{"cache_reap", "", VAR_NONE, MM_KMEM, MM_LAST, run_cache_reap,
	 "one pass of slab's over all caches for what nobody uses"},
	{"kmem_cache_size", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_size,
	 "bytes that an object has"},
	{"kmem_cache_validate", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_validate,
	 "check all objects of a cache with debug flags"},
	{"slab_errors", "", VAR_NONE, MM_KMEM, MM_LAST, run_slab_errors,
	 "how many bugs in the use of kernel objects were reported"},
	{"kmem_cache_objects", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_objects,
	 "list all objects of a cache"},
	{"kmem_cache_stat", "cache:c", VAR_NONE, MM_KMEM, MM_LAST, run_cache_stat,
	 "print a cache's figures"},
	{"slabinfo", "", VAR_NONE, MM_KMEM, MM_LAST, run_slabinfo, "print /proc/slabinfo"},
	{"kmem_cache_alloc", "cache:c gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_cache_alloc,
	 "allocate an object; GFP_KERNEL unless given"},
	{"kmem_cache_zalloc", "cache:c gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_cache_zalloc,
	 "allocate a zeroed object"},
	{"kmem_cache_free", "cache:c object:o", VAR_NONE, MM_KMEM, MM_LAST, run_cache_free,
	 "free an object in use"},
	{"kmem_cache_free_at", "cache:c object:o offset:n", VAR_NONE, MM_KMEM, MM_LAST,
	 run_cache_free_at, "free whatever is so many bytes behind an object's start"},
	{"kmem_hoard", "cache:c limit:n gfp:g?", VAR_NONE, MM_KMEM, MM_LAST, run_kmem_hoard,
	 "allocate objects until none is left, or limit"},
	{"kmem_release", "cache:c step:n?", VAR_NONE, MM_KMEM, MM_LAST, run_kmem_release,
	 "free every step-th of a cache's hoarded objects, the newest first"},
	{"kmem_cache_alloc_bulk", "cache:c count:n gfp:g?", VAR_NONE, MM_KMEM, MM_LAST,
	 run_alloc_bulk, "allocate so many objects, or none, and hoard them"},
	{"kmem_cache_free_bulk", "cache:c count:n", VAR_NONE, MM_KMEM, MM_LAST, run_free_bulk,
	 "free the newest of a cache's hoarded objects"},
	{"kmalloc", "size:z gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_kmalloc,
	 "allocate bytes; GFP_KERNEL unless given"},
	{"kzalloc", "size:z gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_kzalloc,
	 "allocate zeroed bytes"},
	{"kcalloc", "count:n size:z gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_kcalloc,
	 "allocate a zeroed array"},
	{"krealloc", "object:o size:z gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_krealloc,
	 "make an object larger or smaller"},
	{"kmemdup", "object:o size:z gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_kmemdup,
	 "copy the first bytes of an object"},
	{"kstrdup", "text:w", VAR_OBJECT, MM_KMEM, MM_LAST, run_kstrdup, "copy a word"},
	{"kfree", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_kfree, "free an object in use"},
	{"kfree_at", "object:o offset:n", VAR_NONE, MM_KMEM, MM_LAST, run_kfree_at,
	 "free whatever is so many bytes behind an object's start"},
	{"ksize", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_ksize, "bytes that may be used"},
	{"obj_fill", "object:o byte:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_fill,
	 "fill all bytes of an object"},
	{"obj_check", "object:o byte:n from:n?", VAR_NONE, MM_KMEM, MM_LAST, run_obj_check,
	 "are all bytes that, from an offset on?"},
	{"obj_poke", "object:o offset:n byte:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_poke,
	 "write a byte, in the object or around it, in use or not"},
	{"obj_peek", "object:o offset:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_peek,
	 "read a byte likewise"},
	{"obj_aligned", "object:o align:n", VAR_NONE, MM_KMEM, MM_LAST, run_obj_aligned,
	 "is its address a multiple?"},
	{"obj_page", "object:o", VAR_PAGE, MM_KMEM, MM_LAST, run_obj_page,
	 "name the page that it begins in"},
	{"obj_zone", "object:o", VAR_NONE, MM_KMEM, MM_LAST, run_obj_zone, "the zone it is in"},
};

const struct verb_table kmem_verbs = {verbs, ARRAY_SIZE(verbs)};
