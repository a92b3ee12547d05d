/*
 * slub: allocation and free. Corresponds to Linux mm/slub.c.
 *
 * A slab is 2^order pages cut into places of s->size bytes. It has no descriptor: its struct page
 * holds the first free object, and one word with the objects in use, how many fit, and whether the
 * slab is frozen, that is in a CPU's hands. Free objects are linked through themselves.
 *
 *            new_slab()           CPU's freelist, then page->freelist
 *   pages  ------------>  CPU's slab -----------------------------> objects
 *     ^                    |      ^
 *     |       used up      |      |  get_partial()
 *     |                    v      |
 *     |                  full   partial list of the node  <---- deactivate, unfreeze
 *     |                    |      ^                                   |
 *     |   an object freed  |      |                                   |
 *     |                    v      |                                   |
 *     |                  set aside for the CPU (frozen) --------------'   too many
 *     |
 *     '---- empty, and the node has min_partial of them already
 *
 * Who may change what:
 *   c->freelist, c->tid          this CPU, both at once: this_cpu_cmpxchg_double()
 *   c->page, c->partial          this CPU with interrupts off
 *   page->freelist, ->counters   anybody, both at once: cmpxchg_double(). A frozen slab's freelist
 *                                is taken as a whole by its CPU alone; others only add to it.
 *   membership of a node's list  list_lock; a slab that is not frozen and has free objects is on
 *                                the list iff nobody holds list_lock
 *
 * The fast paths take no lock and leave interrupts on: an interrupt that allocates or frees between
 * their reading and their exchange has moved tid on.
 *
 * A cache with debug flags has no fast path: its objects leave and enter under list_lock, one by
 * one, with every check; its slabs are never frozen.
 */
#include "base/bug.h"
#include "base/cmpxchg.h"
#include "base/errno.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/debug.h"
#include "kmem/kasan.h"
#include "kmem/pages.h"
#include "kmem/slub_priv.h"

static __always_inline struct kmem_cache_cpu *this_cpu_slab(struct kmem_cache *s)
{
	return &s->impl.cpu_slab[0];
}

/* ---- a slab's two words -------------------------------------------------------------------- */

/* A copy of counters, to be changed and compared. */
union counters {
	u32 word;
	struct {
		u16 inuse;
		u16 objects : 15, frozen : 1;
	};
};

static __always_inline union counters slab_counters(const struct page *page)
{
	return (union counters){.word = READ_ONCE(page->counters)};
}

static __always_inline bool change_slab(struct page *page, union counters old, void *old_list,
					union counters new, void *new_list)
{
	u32 counters = old.word, list = (u32)old_list;

	return cmpxchg_double(&page->counters, &counters, &list, new.word, (u32)new_list);
}

/* ---- the node's lists: list_lock is held --------------------------------------------------- */

static void add_partial(struct kmem_cache_node *n, struct page *page, bool tail)
{
	lock_assert_held(&n->list_lock);
	n->nr_partial++;
	if (tail)
		list_add_tail(&page->lru, &n->partial);
	else
		list_add(&page->lru, &n->partial);
}

static void remove_partial(struct kmem_cache_node *n, struct page *page)
{
	lock_assert_held(&n->list_lock);
	list_del(&page->lru);
	n->nr_partial--;
}

static void add_full(struct kmem_cache *s, struct page *page)
{
	if (s->flags & SLAB_STORE_USER)
		list_add(&page->lru, &s->impl.node.full);
}

static void remove_full(struct kmem_cache *s, struct page *page)
{
	if (s->flags & SLAB_STORE_USER)
		list_del(&page->lru);
}

/* ---- slabs --------------------------------------------------------------------------------- */

/* What the hooks want to know of a slab. */
static struct debug_slab debug_slab_of(struct kmem_cache *s, struct page *page)
{
	return (struct debug_slab){s, page, slub_first_object(s, page), page->objects};
}

/* In the order of addresses. */
static void chain_objects(struct kmem_cache *s, struct page *page, unsigned int objects)
{
	char *object = slub_first_object(s, page);
	struct debug_slab slab = debug_slab_of(s, page);

	if (kmem_debugged(s))
		debug_init_slab(&slab);
	page->freelist = object;
	for (unsigned int i = 0; i < objects; i++, object += s->size) {
		if (CONFIG_KASAN)
			kasan_init_slab_obj(s, object);
		if (s->ctor)
			kmem_construct(s, object);
		set_freepointer(s, object, i + 1 < objects ? object + s->size : NULL);
	}
}

struct page *slub_new_slab(struct kmem_cache *s, gfp_t gfp)
{
	struct kmem_cache_node *n = &s->impl.node;
	unsigned int order = s->impl.order, objects;
	/* A large block is welcome, not worth more than a try at reclaim, nor a message. */
	gfp_t cheap = (gfp | __GFP_NOWARN | __GFP_NORETRY) & ~__GFP_NOFAIL;
	struct page *page;

	if (order == s->impl.min_order) {
		page = slab_alloc_pages(s, gfp, order);
	} else {
		page = slab_alloc_pages(s, cheap, order);
		if (!page) {
			order = s->impl.min_order;
			page = slab_alloc_pages(s, gfp, order);
		}
	}
	if (!page)
		return NULL;
	objects = slub_order_objects(s, order);
	page->objects = objects;
	chain_objects(s, page, objects);
	__atomic_fetch_add(&n->nr_slabs, 1, __ATOMIC_RELAXED);
	__atomic_fetch_add(&n->total_objects, objects, __ATOMIC_RELAXED);
	return page;
}

void slub_discard_slab(struct kmem_cache *s, struct page *page)
{
	struct kmem_cache_node *n = &s->impl.node;
	struct debug_slab slab = debug_slab_of(s, page);

	if (kmem_debugged(s))
		debug_end_slab(&slab);
	__atomic_fetch_sub(&n->nr_slabs, 1, __ATOMIC_RELAXED);
	__atomic_fetch_sub(&n->total_objects, page->objects, __ATOMIC_RELAXED);
	slab_free_pages(s, page, page_order_in_use(page));
}

/* ---- the CPU's slab: interrupts are off ------------------------------------------------------ */

static void set_cpu_slab(struct kmem_cache_cpu *c, struct page *page, void *freelist)
{
	c->page = page;
	c->start = page ? (unsigned long)page_address(page) : 0;
	c->bytes = page ? PAGE_SIZE << page_order_in_use(page) : 0;
	c->freelist = freelist;
	c->tid++;
}

/* ---- from CPU to node ---------------------------------------------------------------------- */

/* Puts a slab that is no CPU's any more where it belongs. The cache's list_lock is held; returns
 * true where it is for the caller to discard it, without the lock. */
static bool place_slab(struct kmem_cache *s, struct page *page, union counters new, void *list,
		       bool tail)
{
	struct kmem_cache_node *n = &s->impl.node;

	if (!new.inuse && n->nr_partial >= s->impl.min_partial)
		return true;
	if (list)
		add_partial(n, page, tail);
	return false;
}

/* The objects of a list that ends in NULL, and the last of them. */
static unsigned int count_list(struct kmem_cache *s, void *list, void **last)
{
	unsigned int count = 0;

	for (; list; list = get_freepointer(s, list)) {
		*last = list;
		count++;
	}
	return count;
}

/* The CPU lets its slab go, with the free objects that it still had. Interrupts are off. */
static void deactivate_slab(struct kmem_cache *s, struct page *page, void *freelist)
{
	struct kmem_cache_node *n = &s->impl.node;
	void *last = NULL, *old_list, *new_list;
	unsigned int count = count_list(s, freelist, &last);
	union counters old, new;
	bool discard;

	spin_lock(&n->list_lock);
	do {
		old = slab_counters(page);
		old_list = READ_ONCE(page->freelist);
		new = old;
		new.inuse -= count;
		new.frozen = 0;
		if (last)
			set_freepointer(s, last, old_list);
		new_list = last ? freelist : old_list;
	} while (!change_slab(page, old, old_list, new, new_list));
	discard = place_slab(s, page, new, new_list, false);
	spin_unlock(&n->list_lock);
	if (discard)
		slub_discard_slab(s, page);
}

static void unfreeze_slab(struct kmem_cache *s, struct page *page)
{
	struct kmem_cache_node *n = &s->impl.node;
	union counters old, new;
	void *list;
	bool discard;

	spin_lock(&n->list_lock);
	do {
		old = new = slab_counters(page);
		list = READ_ONCE(page->freelist);
		new.frozen = 0;
	} while (!change_slab(page, old, list, new, list));
	discard = place_slab(s, page, new, list, true);
	spin_unlock(&n->list_lock);
	if (discard)
		slub_discard_slab(s, page);
}

/* Gives up what the CPU has set aside. Interrupts are off. */
static void unfreeze_partials(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	struct page *page;

	while ((page = c->partial)) {
		c->partial = (struct page *)page->lru.next;
		c->nr_partial--;
		unfreeze_slab(s, page);
	}
}

/* Sets a frozen slab aside. */
static void put_cpu_partial(struct kmem_cache *s, struct page *page)
{
	unsigned long flags = arch_irq_save();
	struct kmem_cache_cpu *c = this_cpu_slab(s);

	if (c->nr_partial >= s->impl.cpu_partial)
		unfreeze_partials(s, c);
	page->lru.next = (struct list_head *)c->partial;
	c->partial = page;
	c->nr_partial++;
	arch_irq_restore(flags);
}

void slub_flush_cpu(struct kmem_cache *s)
{
	unsigned long flags = arch_irq_save();
	struct kmem_cache_cpu *c = this_cpu_slab(s);
	struct page *page = c->page;
	void *freelist = c->freelist;

	set_cpu_slab(c, NULL, NULL);
	if (page)
		deactivate_slab(s, page, freelist);
	unfreeze_partials(s, c);
	arch_irq_restore(flags);
}

/* ---- allocation, the slow path -------------------------------------------------------------- */

/*
 * Takes all free objects of a frozen slab: they count as in use from now on. Where there are none
 * the slab is full, and let go: NULL.
 */
static void *take_freelist(struct page *page)
{
	union counters old, new;
	void *list;

	do {
		old = new = slab_counters(page);
		list = READ_ONCE(page->freelist);
		new.inuse = new.objects;
		new.frozen = list != NULL;
	} while (!change_slab(page, old, list, new, NULL));
	return list;
}

/* Freezes a slab of the node's list and takes it off. list_lock is held. */
static void freeze_slab(struct kmem_cache_node *n, struct page *page)
{
	union counters old, new;
	void *list;

	remove_partial(n, page);
	do {
		old = new = slab_counters(page);
		list = READ_ONCE(page->freelist);
		new.frozen = 1;
	} while (!change_slab(page, old, list, new, list));
}

/*
 * A slab of the node's list for the CPU, and some more set aside for it: the next refills will not
 * need the lock. Interrupts are off.
 */
static struct page *get_partial(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	struct kmem_cache_node *n = &s->impl.node;
	struct page *first = NULL;

	if (!READ_ONCE(n->nr_partial))
		return NULL;
	spin_lock(&n->list_lock);
	while (n->nr_partial && (!first || c->nr_partial < s->impl.cpu_partial / 2)) {
		struct page *page = list_first_entry(&n->partial, struct page, lru);

		freeze_slab(n, page);
		if (!first) {
			first = page;
		} else {
			page->lru.next = (struct list_head *)c->partial;
			c->partial = page;
			c->nr_partial++;
		}
	}
	spin_unlock(&n->list_lock);
	return first;
}

/* A frozen slab that may have free objects, from nearby to far; NULL for none. */
static struct page *next_slab(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	struct page *page = c->partial;

	if (!page)
		return get_partial(s, c);
	c->partial = (struct page *)page->lru.next;
	c->nr_partial--;
	return page;
}

/* Fills the CPU's empty free list from what there is; false for nothing. Interrupts are off. */
static bool refill(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	struct page *page = c->page;
	void *list = NULL;

	while (page && !(list = take_freelist(page)))
		page = next_slab(s, c);
	if (!page) {
		page = next_slab(s, c);
		list = page ? take_freelist(page) : NULL;
	}
	set_cpu_slab(c, page, list);
	return list;
}

/* An object with the CPU's free list not empty; interrupts are off. */
static void *pop_freelist(struct kmem_cache *s, struct kmem_cache_cpu *c)
{
	void *object = c->freelist;

	c->freelist = get_freepointer(s, object);
	c->tid++;
	return object;
}

/* The new slab becomes the CPU's. It slept perhaps: the CPU may have another by now. */
static void install_slab(struct kmem_cache *s, struct kmem_cache_cpu *c, struct page *page)
{
	union counters all_in_use = {.inuse = page->objects, .objects = page->objects, .frozen = 1};
	struct page *former = c->page;
	void *former_list = c->freelist;

	set_cpu_slab(c, page, page->freelist);
	page->freelist = NULL;
	page->counters = all_in_use.word;
	if (former)
		deactivate_slab(s, former, former_list);
}

static noinline __regparm void *alloc_slow(struct kmem_cache *s, gfp_t gfp)
{
	unsigned long flags = arch_irq_save();
	struct kmem_cache_cpu *c = this_cpu_slab(s);
	struct page *page;
	void *object = NULL;

	if (!c->freelist && !refill(s, c)) {
		arch_irq_restore(flags);
		page = slub_new_slab(s, gfp);
		if (!page)
			return NULL;
		flags = arch_irq_save();
		c = this_cpu_slab(s);
		install_slab(s, c, page);
	}
	object = pop_freelist(s, c);
	arch_irq_restore(flags);
	return object;
}

/* ---- debugged caches ------------------------------------------------------------------------ */

/* The chain of the free objects is damaged: they count as in use for good. list_lock is held. */
static void lose_free_objects(struct kmem_cache *s, struct page *page)
{
	page->freelist = NULL;
	page->inuse = page->objects;
	remove_partial(&s->impl.node, page);
	add_full(s, page);
}

/* Takes the first object of a slab on the node's list, which has been checked. list_lock is held.
 */
static void *take_one(struct kmem_cache *s, struct page *page)
{
	void *object = page->freelist;

	page->freelist = get_freepointer(s, object);
	page->inuse++;
	if (!page->freelist) {
		remove_partial(&s->impl.node, page);
		add_full(s, page);
	}
	return object;
}

/* An object of a slab on the node's list; NULL where that is damaged: it stays out of use for good,
 * and counts as in use. list_lock is held. */
static void *take_checked(struct kmem_cache *s, struct page *page, unsigned long caller)
{
	struct debug_slab slab = debug_slab_of(s, page);
	void *object;

	if (!debug_check_chain(&slab)) {
		lose_free_objects(s, page);
		return NULL;
	}
	object = take_one(s, page);
	return debug_alloc(&slab, object, caller) ? object : NULL;
}

static noinline void *alloc_debugged(struct kmem_cache *s, gfp_t gfp, unsigned long caller)
{
	struct kmem_cache_node *n = &s->impl.node;
	unsigned long flags;
	void *object = NULL;

	for (;;) {
		flags = spin_lock_irqsave(&n->list_lock);
		while (!object && n->nr_partial)
			object = take_checked(s, list_first_entry(&n->partial, struct page, lru),
					      caller);
		spin_unlock_irqrestore(&n->list_lock, flags);
		if (object)
			return object;
		struct page *page = slub_new_slab(s, gfp);

		if (!page)
			return NULL;
		flags = spin_lock_irqsave(&n->list_lock);
		add_partial(n, page, false);
		spin_unlock_irqrestore(&n->list_lock, flags);
	}
}

static int free_debugged(struct kmem_cache *s, struct page *page, void *object,
			 unsigned long caller)
{
	struct kmem_cache_node *n = &s->impl.node;
	unsigned long flags = spin_lock_irqsave(&n->list_lock);
	struct debug_slab slab = debug_slab_of(s, page);
	bool discard = false;

	/* Without a free one there is no chain. */
	if (page->freelist && !debug_check_chain(&slab))
		lose_free_objects(s, page);
	if (!debug_free(&slab, object, caller)) {
		spin_unlock_irqrestore(&n->list_lock, flags);
		return -EINVAL;
	}
	set_freepointer(s, object, page->freelist);
	if (!page->freelist) {
		remove_full(s, page);
		add_partial(n, page, true);
	}
	page->freelist = object;
	page->inuse--;
	if (!page->inuse && n->nr_partial > s->impl.min_partial) {
		remove_partial(n, page);
		discard = true;
	}
	spin_unlock_irqrestore(&n->list_lock, flags);
	if (discard)
		slub_discard_slab(s, page);
	return 0;
}

/* ---- free, the slow path -------------------------------------------------------------------- */

/*
 * The free that moves its slab:
 *   it was full           it is set aside for this CPU
 *   it is empty now       it leaves the node's list, if there are enough empty ones
 * or would have moved it, but that another came in between.
 */
static noinline void free_and_move(struct kmem_cache *s, struct page *page, void *object)
{
	struct kmem_cache_node *n = &s->impl.node;
	unsigned long flags = spin_lock_irqsave(&n->list_lock);
	union counters old, new;
	bool freeze, discard = false;
	void *list;

	do {
		list = READ_ONCE(page->freelist);
		old = new = slab_counters(page);
		set_freepointer(s, object, list);
		new.inuse--;
		freeze = !list && !old.frozen && s->impl.cpu_partial;
		new.frozen = old.frozen || freeze;
	} while (!change_slab(page, old, list, new, object));
	if (!new.frozen && !list)
		add_partial(n, page, true);
	if (!new.frozen && !new.inuse && n->nr_partial > s->impl.min_partial) {
		remove_partial(n, page);
		discard = true;
	}
	spin_unlock(&n->list_lock);
	if (freeze)
		put_cpu_partial(s, page);
	if (discard)
		slub_discard_slab(s, page);
	arch_irq_restore(flags);
}

/*
 * An object that is not of the CPU's slab, most often: it goes to its own slab's list, in one
 * exchange.
 */
static __always_inline void free_to_slab(struct kmem_cache *s, struct page *page, void *object)
{
	u32 counters, list;

	do {
		counters = READ_ONCE(page->counters);
		list = (u32)READ_ONCE(page->freelist);
		if (unlikely(!list) || unlikely((u16)counters == 1)) {
			free_and_move(s, page, object);
			return;
		}
		set_freepointer(s, object, (void *)list);
		/* One less in use: the low half. */
	} while (unlikely(
		!cmpxchg_double(&page->counters, &counters, &list, counters - 1, (u32)object)));
}

/* The same for what may be no object of the cache's. */
static noinline __regparm int free_checked(struct kmem_cache *s, void *object, unsigned long caller)
{
	struct page *page = slab_page_of(object);

	if (!page)
		return kmem_report(s, object, "free of what is in no slab");
	if (page->slab_cache != s)
		return kmem_report(s, object, "free of another cache's object");
	if (kmem_debugged(s))
		return free_debugged(s, page, object, caller);
	free_to_slab(s, page, object);
	return 0;
}

/* ---- the API ------------------------------------------------------------------------------- */

void *kmem_alloc_object(struct kmem_cache *s, gfp_t gfp, unsigned long caller)
{
	void *object;

	if (kmem_debugged(s))
		object = alloc_debugged(s, gfp, caller);
	else if (!kmem_alloc_fast(s, &object))
		object = alloc_slow(s, gfp);
	if (gfp & __GFP_ZERO && object)
		memset(object, 0, s->object_size);
	return object;
}

int kmem_free_object(struct kmem_cache *s, void *object, unsigned long caller)
{
	return slub_free_fast(s, object) ? 0 : free_checked(s, object, caller);
}

/* Not an object of a slab. A function of this file, so that traces name kfree(). */
static noinline __regparm int kfree_rest(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : kfree_large(p);
}

int __regparm kfree(const void *p)
{
	unsigned long pfn = ((unsigned long)p - PAGE_OFFSET) >> PAGE_SHIFT;
	struct page *page = pfn_to_page(pfn);
	struct kmem_cache *s;

	if (unlikely(pfn >= memory.max_low_pfn) || unlikely(!page_flag(page, PG_slab)))
		return kfree_rest(p);
	s = page->slab_cache;
	if (unlikely(kmem_gate))
		return kmem_free_rest(s, (void *)p, RETURN_ADDRESS);
	if (likely(slub_free_fast(s, (void *)p)))
		return 0;
	if (unlikely(kmem_debugged(s)))
		return kmem_free_rest(s, (void *)p, RETURN_ADDRESS);
	free_to_slab(s, slab_head(page), (void *)p);
	return 0;
}
