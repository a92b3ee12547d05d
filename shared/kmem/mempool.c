/*
 * mempools: kmem/mempool.h has what they are for.
 *
 *                alloc_fn()                     mempool_alloc()
 *   allocator  -------------------------------------------------> user
 *     ^   |                        |    ^                           |
 *     |   | create, resize         |    | allocator has none        |
 *     |   v                        |    |                           |
 *     |  elements[0 .. curr_nr) ---'----'   <---- curr_nr < min_nr -+ mempool_free()
 *     |    |                                                        |
 *     |    | resize, destroy                                        |
 *     '----+------------------------- free_fn() <---- reserve full -'
 *
 * The reserve is a stack: what was used last is warm. Elements pass between pool and allocator with
 * pool->lock not held, since allocators may take locks of lower ranks, and sleep. So curr_nr and
 * min_nr are read without the lock first, and judged again with it: who reads a stale number takes
 * an element to the allocator that the reserve could have had, or the other way about, as if he had
 * come a moment earlier.
 */
#include "kmem/mempool.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "phys/page_alloc.h"

__mm_state struct list_head mempools = {&mempools, &mempools};
__mm_state struct mutex mempool_mutex = MUTEX_INIT("mempool", MUTEX_RANK_MEMPOOL);

static __mm_state mempool_wait_t mempool_wait;

void set_mempool_wait(mempool_wait_t wait)
{
	mempool_wait = wait;
}

/* ---- kinds --------------------------------------------------------------------------------- */

/* Without the barrier a call at the end is a jump on one machine and a call on another, and a trace
 * names another function as the one that allocated. */
static __regparm void *alloc_object(void *pool_data, gfp_t gfp)
{
	void *element = kmem_cache_alloc(pool_data, gfp);

	barrier();
	return element;
}

static __regparm void free_object(void *pool_data, void *element)
{
	kmem_cache_free(pool_data, element);
}

static __regparm void *alloc_memory(void *pool_data, gfp_t gfp)
{
	void *element = __kmalloc((size_t)pool_data, gfp);

	barrier();
	return element;
}

static __regparm void free_memory(void *pool_data __maybe_unused, void *element)
{
	kfree(element);
}

static __regparm void *alloc_block(void *pool_data, gfp_t gfp)
{
	void *element = alloc_pages(gfp, (unsigned int)pool_data);

	barrier();
	return element;
}

static __regparm void free_block(void *pool_data, void *element)
{
	__free_pages(element, (unsigned int)pool_data);
}

enum mempool_kind mempool_kind(const struct mempool *pool)
{
	if (pool->alloc == alloc_object)
		return MEMPOOL_OBJECTS;
	if (pool->alloc == alloc_memory)
		return MEMPOOL_MEMORY;
	return pool->alloc == alloc_block ? MEMPOOL_PAGES : MEMPOOL_OTHER;
}

/* ---- the reserve --------------------------------------------------------------------------- */

/*
 * A page of the reserve has its pool in `mapping`, so that the page allocator refuses a stray free.
 * Of objects only the pool can tell which are in the reserve: check_element().
 */
static void mark_element(const struct mempool *pool, void *element, void *mapping)
{
	if (mempool_kind(pool) == MEMPOOL_PAGES)
		((struct page *)element)->mapping = mapping;
}

/* The last element, NULL for none. */
static void *pop_element(struct mempool *pool)
{
	unsigned long flags = spin_lock_irqsave(&pool->lock);
	void *element = pool->curr_nr ? pool->elements[--pool->curr_nr] : NULL;

	if (element)
		mark_element(pool, element, NULL);
	spin_unlock_irqrestore(&pool->lock, flags);
	return element;
}

/* False when the reserve is full. */
static bool push_element(struct mempool *pool, void *element)
{
	unsigned long flags = spin_lock_irqsave(&pool->lock);
	bool room = pool->curr_nr < pool->min_nr;

	if (room) {
		mark_element(pool, element, pool);
		pool->elements[pool->curr_nr++] = element;
	}
	spin_unlock_irqrestore(&pool->lock, flags);
	return room;
}

/* Checked builds: an element that comes back was in use, as far as can be seen. */
static void check_element(struct mempool *pool, const void *element)
{
	unsigned long flags = spin_lock_irqsave(&pool->lock);

	for (unsigned int i = 0; i < pool->curr_nr; i++)
		BUG_ON(pool->elements[i] == element, "mempool: element %08lx is in the reserve",
		       (unsigned long)element);
	spin_unlock_irqrestore(&pool->lock, flags);
	BUG_ON(!READ_ONCE(pool->in_use), "mempool: element %08lx comes back, and none is in use",
	       (unsigned long)element);
}

/* ---- alloc and free ------------------------------------------------------------------------ */

/* NULL: nobody would give an element back, or the hook says that nobody will. */
static void *alloc_from_reserve(struct mempool *pool, gfp_t gfp)
{
	for (;;) {
		void *element = pop_element(pool);

		if (element || !(gfp & __GFP_WAIT))
			return element;
		element = pool->alloc(pool->pool_data, gfp | MEMPOOL_EFFORT);
		if (element)
			return element;
		/* What came back while the allocator tried is for the next round. */
		if (!READ_ONCE(pool->curr_nr) && (!mempool_wait || !mempool_wait(pool)))
			break;
	}
	if (!(gfp & __GFP_NOWARN))
		printk("mempool: no element of %u, and nobody to wait for, gfp 0x%x\n",
		       pool->min_nr, gfp);
	return NULL;
}

/* The allocator had none without waiting. */
void *__regparm mempool_alloc_rest(struct mempool *pool, gfp_t gfp)
{
	void *element = alloc_from_reserve(pool, gfp);

	if (element)
		__atomic_fetch_add(&pool->in_use, 1, __ATOMIC_RELAXED);
	return element;
}

/* The reserve is short of elements, or was a moment ago; in checked builds any free. */
void __regparm mempool_free_rest(struct mempool *pool, void *element)
{
	if (!element)
		return;
	if (CONFIG_CHECKED)
		check_element(pool, element);
	__atomic_fetch_sub(&pool->in_use, 1, __ATOMIC_RELAXED);
	if (!push_element(pool, element))
		pool->free(pool->pool_data, element);
}

/* ---- pools --------------------------------------------------------------------------------- */

static void free_elements(struct mempool *pool, void **elements, unsigned int n)
{
	while (n--) {
		mark_element(pool, elements[n], NULL);
		pool->free(pool->pool_data, elements[n]);
	}
}

/* n elements into `elements`, or none. */
static int alloc_elements(struct mempool *pool, void **elements, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		elements[i] = pool->alloc(pool->pool_data, GFP_KERNEL);
		if (!elements[i]) {
			free_elements(pool, elements, i);
			return -ENOMEM;
		}
		mark_element(pool, elements[i], pool);
	}
	return 0;
}

static bool min_nr_ok(unsigned int min_nr)
{
	return min_nr && min_nr <= KMALLOC_MAX_SIZE / sizeof(void *);
}

/* A full reserve for a pool that has all the rest. */
static int fill_pool(struct mempool *pool)
{
	pool->elements = kmalloc(pool->min_nr * sizeof(void *), GFP_KERNEL);
	if (!pool->elements)
		return -ENOMEM;
	if (alloc_elements(pool, pool->elements, pool->min_nr)) {
		kfree(pool->elements);
		return -ENOMEM;
	}
	pool->curr_nr = pool->min_nr;
	return 0;
}

struct mempool *mempool_create(unsigned int min_nr, mempool_alloc_t alloc_fn,
			       mempool_free_t free_fn, void *pool_data)
{
	struct mempool *pool = min_nr_ok(min_nr) ? kmalloc(sizeof(*pool), GFP_KERNEL) : NULL;

	if (!pool)
		return NULL;
	*pool = (struct mempool){
		.min_nr = min_nr, .pool_data = pool_data, .alloc = alloc_fn, .free = free_fn};
	spin_lock_init(&pool->lock, "mempool", LOCK_RANK_MEMPOOL, 0);
	if (fill_pool(pool)) {
		kfree(pool);
		return NULL;
	}
	mutex_lock(&mempool_mutex);
	list_add_tail(&pool->list, &mempools);
	mutex_unlock(&mempool_mutex);
	return pool;
}

int mempool_destroy(struct mempool *pool)
{
	if (pool->in_use) {
		printk("mempool: a pool of %u is destroyed, %u elements are in use\n", pool->min_nr,
		       pool->in_use);
		return -EBUSY;
	}
	mutex_lock(&mempool_mutex);
	list_del(&pool->list);
	mutex_unlock(&mempool_mutex);
	free_elements(pool, pool->elements, pool->curr_nr);
	kfree(pool->elements);
	kfree(pool);
	return 0;
}

/* ---- another size -------------------------------------------------------------------------- */

/* The array stays as it is: smaller is large enough. */
static void shrink_pool(struct mempool *pool, unsigned int min_nr)
{
	unsigned long flags = spin_lock_irqsave(&pool->lock);

	pool->min_nr = min_nr;
	while (pool->curr_nr > min_nr) {
		void *element = pool->elements[--pool->curr_nr];

		mark_element(pool, element, NULL);
		spin_unlock_irqrestore(&pool->lock, flags);
		pool->free(pool->pool_data, element);
		flags = spin_lock_irqsave(&pool->lock);
	}
	spin_unlock_irqrestore(&pool->lock, flags);
}

/* All that is to come is got first, at the far end of the new array: nothing can fail thereafter.
 */
static int grow_pool(struct mempool *pool, unsigned int min_nr)
{
	void **elements = kmalloc(min_nr * sizeof(void *), GFP_KERNEL), **former = pool->elements;
	unsigned int more = min_nr - pool->min_nr;
	unsigned long flags;

	if (!elements)
		return -ENOMEM;
	if (alloc_elements(pool, elements + pool->min_nr, more)) {
		kfree(elements);
		return -ENOMEM;
	}
	flags = spin_lock_irqsave(&pool->lock);
	memcpy(elements, former, pool->curr_nr * sizeof(void *));
	memmove(elements + pool->curr_nr, elements + pool->min_nr, more * sizeof(void *));
	pool->elements = elements;
	pool->curr_nr += more;
	pool->min_nr = min_nr;
	spin_unlock_irqrestore(&pool->lock, flags);
	kfree(former);
	return 0;
}

int mempool_resize(struct mempool *pool, unsigned int min_nr)
{
	if (!min_nr_ok(min_nr))
		return -EINVAL;
	if (min_nr > pool->min_nr)
		return grow_pool(pool, min_nr);
	shrink_pool(pool, min_nr);
	return 0;
}

/* ---- pools of each kind --------------------------------------------------------------------- */

struct mempool *mempool_create_slab_pool(unsigned int min_nr, struct kmem_cache *s)
{
	return mempool_create(min_nr, alloc_object, free_object, s);
}

struct mempool *mempool_create_kmalloc_pool(unsigned int min_nr, size_t size)
{
	/* Elements of no bytes could not be told apart. */
	return size ? mempool_create(min_nr, alloc_memory, free_memory, (void *)size) : NULL;
}

struct mempool *mempool_create_page_pool(unsigned int min_nr, unsigned int order)
{
	return mempool_create(min_nr, alloc_block, free_block, (void *)(unsigned long)order);
}
