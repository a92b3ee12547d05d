/*
 * Verbs of memory pools. An element is out of its pool in a variable or in the bag; either knows
 * whose it is, and only that pool gets it back. A page that is out has a mark of its pool's in
 * `mapping`, so that nobody else can free it.
 */
#include "top/verbs.h"

#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "kmem/cache.h"
#include "kmem/mempool.h"
#include "phys/page_alloc.h"

static struct mempool *pool_arg(const struct stmt *stmt)
{
	return stmt->args[0].var->pool;
}

/* ---- pools --------------------------------------------------------------------------------- */

/* The pool's own message or none: NULL is one of two things. */
static void result_pool(struct stmt *stmt, struct mempool *pool)
{
	u64 min_nr = stmt->args[0].number;
	bool sound = min_nr && min_nr <= KMALLOC_MAX_SIZE / sizeof(void *);

	stmt->assigned->pool = pool;
	stmt_result_err(stmt, pool ? 0 : sound ? -ENOMEM : -EINVAL);
}

static void no_pool(struct stmt *stmt)
{
	stmt->assigned->pool = NULL;
	stmt_result_err(stmt, -EINVAL);
}

static void run_create_slab_pool(struct stmt *stmt)
{
	struct kmem_cache *s = stmt->args[1].var->cache;

	if (s)
		result_pool(stmt, mempool_create_slab_pool(stmt->args[0].number, s));
	else
		no_pool(stmt);
}

static void run_create_kmalloc_pool(struct stmt *stmt)
{
	u64 size = stmt->args[1].number;

	if (size && !(size >> 32))
		result_pool(stmt, mempool_create_kmalloc_pool(stmt->args[0].number, size));
	else
		no_pool(stmt);
}

static void run_create_page_pool(struct stmt *stmt)
{
	result_pool(stmt, mempool_create_page_pool(stmt->args[0].number, stmt->args[1].number));
}

static void run_resize(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);

	stmt_result_err(stmt, pool ? mempool_resize(pool, stmt->args[1].number) : -EINVAL);
}

static void forget_pool(struct var *var, void *pool)
{
	if (var->type == VAR_POOL && var->pool == pool)
		var->pool = NULL;
}

static void run_destroy(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	int err = pool ? mempool_destroy(pool) : -EINVAL;

	if (!err)
		for_each_var(forget_pool, pool);
	stmt_result_err(stmt, err);
}

static void run_stat(struct stmt *stmt)
{
	const struct mempool *pool = pool_arg(stmt);

	if (pool)
		printk("min_nr %u\ncurr_nr %u\nin_use %u\n", pool->min_nr, pool->curr_nr,
		       pool->in_use);
	stmt_result_err(stmt, pool ? 0 : -EINVAL);
}

/* ---- elements ------------------------------------------------------------------------------ */

static gfp_t gfp_arg(const struct stmt *stmt, unsigned int index)
{
	return stmt->nr_args > index ? (gfp_t)stmt->args[index].number : GFP_KERNEL;
}

/* What a pool's elements may be asked for with. */
static bool gfp_is_for_pool(const struct mempool *pool, gfp_t gfp)
{
	if (gfp & (__GFP_ZERO | __GFP_NOFAIL))
		return false;
	switch (mempool_kind(pool)) {
	case MEMPOOL_OBJECTS:
		return gfp_is_for_objects(gfp) && !(gfp & __GFP_DMA);
	case MEMPOOL_MEMORY:
		return gfp_is_for_objects(gfp);
	default:
		return gfp_is_sound(gfp);
	}
}

/* What a page's mapping is while it is in the bag, or was assigned to a variable. The pool itself
 * marks its reserve with another one. */
static void *bag_mark(struct mempool *pool)
{
	return &pool->list;
}

static void *var_mark(struct mempool *pool)
{
	return &pool->in_use;
}

static void *take_element(struct mempool *pool, gfp_t gfp, void *mark)
{
	void *element = mempool_alloc(pool, gfp);

	if (element && mempool_kind(pool) == MEMPOOL_PAGES)
		((struct page *)element)->mapping = mark;
	return element;
}

static void give_element(struct mempool *pool, void *element)
{
	if (mempool_kind(pool) == MEMPOOL_PAGES)
		((struct page *)element)->mapping = NULL;
	mempool_free(element, pool);
}

static void run_alloc(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	gfp_t gfp = gfp_arg(stmt, 1);

	if (!pool || mempool_kind(pool) == MEMPOOL_PAGES || !gfp_is_for_pool(pool, gfp)) {
		no_object(stmt, -EINVAL);
		return;
	}
	bool objects = mempool_kind(pool) == MEMPOOL_OBJECTS;
	struct kmem_cache *s = objects ? pool->pool_data : NULL;

	result_object(stmt, take_element(pool, gfp, NULL),
		      s ? s->object_size : (size_t)pool->pool_data, s);
	stmt->assigned->from = stmt->assigned->object ? pool : NULL;
}

static void run_free(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	const struct var *var = stmt->args[1].var;
	void *object = var->live && var->from == pool ? var->object : NULL;

	if (pool && object) {
		give_element(pool, object);
		forget_objects(object);
	}
	stmt_result_err(stmt, pool && object ? 0 : -EINVAL);
}

static void run_alloc_page(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	gfp_t gfp = gfp_arg(stmt, 1);
	struct page *page;

	stmt->assigned->page = NULL;
	if (!pool || mempool_kind(pool) != MEMPOOL_PAGES || !gfp_is_for_pool(pool, gfp)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	page = stmt->assigned->page = take_element(pool, gfp, var_mark(pool));
	if (page)
		stmt_result(stmt, "pfn %05lx", page_to_pfn(page));
	else
		stmt_result_err(stmt, -ENOMEM);
}

static void run_free_page(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	struct page *page = page_arg_usable(&stmt->args[1]) ? stmt->args[1].var->page : NULL;
	bool ours = pool && page && page->mapping == var_mark(pool);

	if (ours)
		give_element(pool, page);
	stmt_result_err(stmt, ours ? 0 : -EINVAL);
}

/* ---- many elements ------------------------------------------------------------------------- */

/* Elements without a variable, the newest last. */
#define BAG_SIZE 4096u

static struct {
	struct mempool *pool;
	void *element;
} bag[BAG_SIZE];
static __mm_state unsigned int bagged;

void mempool_bag(const void **start, const void **end)
{
	*start = bag;
	*end = bag + bagged;
}

static void run_take(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);
	gfp_t gfp = gfp_arg(stmt, 2);
	u64 limit = stmt->args[1].number, count = 0;
	void *element;

	if (!pool || !gfp_is_for_pool(pool, gfp)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	while (count < limit && bagged < BAG_SIZE &&
	       (element = take_element(pool, gfp, bag_mark(pool)))) {
		bag[bagged].pool = pool;
		bag[bagged++].element = element;
		count++;
	}
	stmt_result(stmt, "%llu elements", count);
}

/* Gives up to count of the pool's elements in the bag back, the newest first; returns how many. */
static u64 give_newest(struct mempool *pool, u64 count)
{
	u64 given = 0;

	for (unsigned int i = bagged; i-- > 0 && given < count;) {
		void *element = bag[i].element;

		if (bag[i].pool != pool)
			continue;
		bagged--;
		memmove(&bag[i], &bag[i + 1], (bagged - i) * sizeof(bag[0]));
		give_element(pool, element);
		given++;
	}
	return given;
}

static void run_give(struct stmt *stmt)
{
	struct mempool *pool = pool_arg(stmt);

	if (pool)
		stmt_result(stmt, "%llu elements", give_newest(pool, stmt->args[1].number));
	else
		stmt_result_err(stmt, -EINVAL);
}

/* ---- somebody to wait for -------------------------------------------------------------------- */

/* Gives back so many elements of the bag, or blocks of the hoard, when a pool waits; says so. */
static __mm_state struct {
	unsigned int elements, blocks;
} giver;

static bool give_back(struct mempool *pool)
{
	u64 elements = give_newest(pool, giver.elements);
	unsigned int blocks = 0;

	while (blocks < giver.blocks && !hoard_is_empty()) {
		hoard_drop_newest();
		blocks++;
	}
	printk("mempool: waited for %llu elements, %u blocks\n", elements, blocks);
	return elements || blocks;
}

static void run_wait(struct stmt *stmt)
{
	giver.elements = stmt->args[0].number;
	giver.blocks = stmt->nr_args > 1 ? stmt->args[1].number : 0;
	set_mempool_wait(give_back);
	stmt_result(stmt, "ok");
}

static void run_no_wait(struct stmt *stmt)
{
	set_mempool_wait(NULL);
	stmt_result(stmt, "ok");
}

static const struct verb verbs[] = {
	{"mempool_create_slab_pool", "min:n cache:c", VAR_POOL, MM_KMEM, MM_LAST,
	 run_create_slab_pool, "make a pool that keeps min objects of a cache"},
	{"mempool_create_kmalloc_pool", "min:n size:z", VAR_POOL, MM_KMEM, MM_LAST,
	 run_create_kmalloc_pool, "the same of kmalloc's memory"},
	{"mempool_create_page_pool", "min:n order:n", VAR_POOL, MM_KMEM, MM_LAST,
	 run_create_page_pool, "the same of blocks of 2^order pages"},
	{"mempool_resize", "pool:m min:n", VAR_NONE, MM_KMEM, MM_LAST, run_resize,
	 "let a pool keep another number of elements"},
	{"mempool_destroy", "pool:m", VAR_NONE, MM_KMEM, MM_LAST, run_destroy,
	 "give a pool back of which no element is in use"},
	{"mempool_stat", "pool:m", VAR_NONE, MM_KMEM, MM_LAST, run_stat, "print a pool's figures"},
	{"mempool_alloc", "pool:m gfp:g?", VAR_OBJECT, MM_KMEM, MM_LAST, run_alloc,
	 "allocate an element, but of a pool of pages; GFP_KERNEL unless given"},
	{"mempool_free", "pool:m object:o", VAR_NONE, MM_KMEM, MM_LAST, run_free,
	 "give it back to its pool"},
	{"mempool_alloc_page", "pool:m gfp:g?", VAR_PAGE, MM_KMEM, MM_LAST, run_alloc_page,
	 "allocate an element of a pool of pages"},
	{"mempool_free_page", "pool:m page:p", VAR_NONE, MM_KMEM, MM_LAST, run_free_page,
	 "give it back to its pool"},
	{"mempool_take", "pool:m count:n gfp:g?", VAR_NONE, MM_KMEM, MM_LAST, run_take,
	 "allocate elements for the bag, up to count"},
	{"mempool_give", "pool:m count:n", VAR_NONE, MM_KMEM, MM_LAST, run_give,
	 "give elements of the bag back, the newest first"},
	{"mempool_wait", "elements:n blocks:n?", VAR_NONE, MM_KMEM, MM_LAST, run_wait,
	 "let so many elements of the bag, blocks of the hoard, come back to who waits"},
	{"no_mempool_wait", "", VAR_NONE, MM_KMEM, MM_LAST, run_no_wait,
	 "there is nobody to wait for"},
};

const struct verb_table mempool_verbs = {verbs, ARRAY_SIZE(verbs)};
