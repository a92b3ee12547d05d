/* slub, as tools see it: kmem/inspect.h. */
#include "kmem/inspect.h"

#include "base/string.h"
#include "kmem/debug.h"
#include "kmem/slub_priv.h"

static struct slab_view view_of(struct page *page, enum slab_place place)
{
	return (struct slab_view){
		.cache = page->slab_cache,
		.page = page,
		.order = page_order_in_use(page),
		.place = place,
		.objects = page->objects,
		.inuse = page->inuse,
		/* Of a damaged struct page there may be no cache. */
		.first = page->slab_cache ? slub_first_object(page->slab_cache, page) : NULL,
	};
}

/* A damaged list may have no end: nobody has more slabs than there are. */
static void view_list(const struct list_head *list, unsigned long most, enum slab_place place,
		      void (*fn)(const struct slab_view *slab, void *arg), void *arg)
{
	for (struct list_head *at = list->next, *next; at != list && most--; at = next) {
		struct slab_view view = view_of(list_entry(at, struct page, lru), place);

		next = at->next;
		fn(&view, arg);
	}
}

void for_each_listed_slab(struct kmem_cache *s, void (*fn)(const struct slab_view *slab, void *arg),
			  void *arg)
{
	unsigned long most;

	if (!s)
		return;
	most = s->impl.node.nr_slabs + 1;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		struct kmem_cache_cpu *c = &s->impl.cpu_slab[cpu];
		struct page *page = c->partial;

		if (c->page) {
			struct slab_view view = view_of(c->page, SLAB_CPU);

			fn(&view, arg);
		}
		for (unsigned long left = most; page && left; left--) {
			struct slab_view view = view_of(page, SLAB_CPU_PARTIAL);

			fn(&view, arg);
			page = (struct page *)page->lru.next;
		}
	}
	view_list(&s->impl.node.partial, most, SLAB_PARTIAL, fn, arg);
	view_list(&s->impl.node.full, most, SLAB_FULL, fn, arg);
}

static bool is_cpu_slab(struct kmem_cache *s, const struct page *page)
{
	for (unsigned int cpu = 0; s && cpu < NR_CPUS; cpu++)
		if (s->impl.cpu_slab[cpu].page == page)
			return true;
	return false;
}

bool slab_of_page(struct page *page, struct slab_view *slab)
{
	enum slab_place place = SLAB_PARTIAL;

	if (!page_flag(page, PG_slab) || page_flag(page, PG_tail))
		return false;
	if (page->frozen)
		place = is_cpu_slab(page->slab_cache, page) ? SLAB_CPU : SLAB_CPU_PARTIAL;
	else if (!page->freelist)
		place = SLAB_FULL;
	*slab = view_of(page, place);
	return true;
}

/* A damaged chain may lead anywhere, or have no end: it is not followed out of the slab, which fn
 * still sees, nor for longer than the slab has objects. */
static void walk_chain(const struct slab_view *slab, void *object,
		       bool (*fn)(void *object, void *arg), void *arg)
{
	const unsigned long start = (unsigned long)page_address(slab->page);
	const unsigned long room = (PAGE_SIZE << slab->order) - sizeof(void *);
	const unsigned int offset = slab->cache ? slab->cache->offset : 0;

	for (unsigned int left = slab->objects + 1; object && left; left--) {
		unsigned long pointer = (unsigned long)object + offset;

		if (!fn(object, arg) || pointer - start > room ||
		    !IS_ALIGNED(pointer, sizeof(void *)))
			return;
		object = *(void **)((char *)object + offset);
	}
}

void for_each_free_object(const struct slab_view *slab, bool (*fn)(void *object, void *arg),
			  void *arg)
{
	walk_chain(slab, slab->page->freelist, fn, arg);
}

void for_each_stocked_object(struct kmem_cache *s, bool (*fn)(void *object, void *arg), void *arg)
{
	if (!s)
		return;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		const struct kmem_cache_cpu *c = &s->impl.cpu_slab[cpu];

		if (c->page) {
			struct slab_view view = view_of(c->page, SLAB_CPU);

			walk_chain(&view, c->freelist, fn, arg);
		}
	}
}

struct search {
	const void *wanted;
	bool found;
};

static bool is_wanted(void *object, void *arg)
{
	struct search *search = arg;

	search->found = object == search->wanted;
	return !search->found;
}

bool kmem_object_is_free(struct kmem_cache *s, struct page *page, const void *object)
{
	struct search search = {object, false};
	struct slab_view view = view_of(page, SLAB_PARTIAL);

	for_each_free_object(&view, is_wanted, &search);
	if (!search.found && is_cpu_slab(s, page))
		for_each_stocked_object(s, is_wanted, &search);
	return search.found;
}

static bool count_object(void *object __maybe_unused, void *arg)
{
	++*(unsigned long *)arg;
	return true;
}

static void count_free(const struct slab_view *slab, void *arg)
{
	for_each_free_object(slab, count_object, arg);
}

static void count_empty(const struct slab_view *slab, void *arg)
{
	*(unsigned long *)arg += !slab->inuse;
}

void get_slabinfo(struct kmem_cache *s, struct slabinfo *info)
{
	unsigned long free = 0, empty = 0;

	*info = (struct slabinfo){0};
	if (!s)
		return;
	for_each_listed_slab(s, count_free, &free);
	for_each_listed_slab(s, count_empty, &empty);
	for_each_stocked_object(s, count_object, &free);
	*info = (struct slabinfo){
		.num_objs = s->impl.node.total_objects,
		.active_objs = s->impl.node.total_objects - free,
		.num_slabs = s->impl.node.nr_slabs,
		.active_slabs = s->impl.node.nr_slabs - empty,
		.objects_per_slab = slub_order_objects(s, s->impl.order),
		.order = s->impl.order,
	};
}

void for_each_kmem_word(struct kmem_cache *s, void (*fn)(u32 word, void *arg), void *arg)
{
	const struct kmem_cache_node *n;

	if (!s)
		return;
	n = &s->impl.node;
	fn(n->nr_partial, arg);
	fn(n->nr_slabs, arg);
	fn(n->total_objects, arg);
	fn(s->impl.min_partial | s->impl.cpu_partial << 16, arg);
	fn(s->impl.order | s->impl.min_order << 8, arg);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		fn(s->impl.cpu_slab[cpu].nr_partial, arg);
}

/* ---- what must hold ------------------------------------------------------------------------- */

struct recount {
	struct kmem_cache *cache;
	unsigned long partial, cpu_partial;
	const char *fault;
};

static void recount_slab(const struct slab_view *slab, void *arg)
{
	struct recount *r = arg;
	const struct page *page = slab->page;
	bool cpu = slab->place == SLAB_CPU || slab->place == SLAB_CPU_PARTIAL;

	if (slab->cache != r->cache)
		r->fault = "a slab of another cache is on a list";
	else if (page->frozen != cpu)
		r->fault = cpu ? "a CPU's slab is not frozen" : "a frozen slab is on the list";
	else if (slab->place == SLAB_PARTIAL && !page->freelist)
		r->fault = "a full slab is on the partial list";
	else if (slab->place == SLAB_FULL && page->freelist)
		r->fault = "a slab with free objects is on the full list";
	r->partial += slab->place == SLAB_PARTIAL;
	r->cpu_partial += slab->place == SLAB_CPU_PARTIAL;
}

struct stock {
	struct slab_view slab;
	unsigned int objects;
	bool broken;
};

static bool count_stocked(void *object, void *arg)
{
	struct stock *stock = arg;
	unsigned long offset = (char *)object - (char *)stock->slab.first;

	stock->broken = offset / stock->slab.cache->size >= stock->slab.objects ||
			offset % stock->slab.cache->size || ++stock->objects > stock->slab.objects;
	return !stock->broken;
}

static bool stock_is_sound(struct kmem_cache *s, const struct kmem_cache_cpu *c)
{
	struct stock stock = {.broken = false};

	if (!c->page)
		return !c->freelist;
	stock.slab = view_of(c->page, SLAB_CPU);
	for_each_stocked_object(s, count_stocked, &stock);
	return !stock.broken;
}

const char *kmem_cache_fault(struct kmem_cache *s)
{
	struct recount r = {.cache = s};
	const struct kmem_cache_cpu *c;

	if (!s)
		return NULL;
	c = &s->impl.cpu_slab[0];

	for_each_listed_slab(s, recount_slab, &r);
	if (r.fault)
		return r.fault;
	if (r.partial != s->impl.node.nr_partial)
		return "nr_partial is not what is on the list";
	if (r.cpu_partial != c->nr_partial)
		return "the CPU's nr_partial is not what it has set aside";
	if (!stock_is_sound(s, c))
		return "the CPU's free objects are not its slab's, or do not end";
	if (kmem_debugged(s) && (c->page || c->partial))
		return "a debugged cache has a CPU slab";
	return NULL;
}

u32 *kmem_word_named(struct kmem_cache *s, const char *name)
{
	const struct {
		const char *name;
		void *word;
	} words[] = {
		{"cpu_freelist", &s->impl.cpu_slab[0].freelist},
		{"cpu_page", &s->impl.cpu_slab[0].page},
		{"cpu_partial", &s->impl.cpu_slab[0].partial},
		{"cpu_nr_partial", &s->impl.cpu_slab[0].nr_partial},
		{"nr_partial", &s->impl.node.nr_partial},
		{"nr_slabs", &s->impl.node.nr_slabs},
		{"total_objects", &s->impl.node.total_objects},
		{"flags", &s->flags},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].word;
	return NULL;
}
