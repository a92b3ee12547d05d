/* slab, as tools see it: kmem/inspect.h. */
#include "base/string.h"
#include "kmem/inspect.h"

#include "kmem/debug.h"
#include "kmem/pages.h"
#include "kmem/slab_priv.h"

static struct slab_view view_of(struct page *page, enum slab_place place)
{
	struct kmem_cache *s = page->slab_cache;
	const struct slab *slab = slab_of(page);
	unsigned int mgmt = s->impl.slabp_cache ? 0 : s->impl.slab_size;

	return (struct slab_view){
		.cache = s,
		.page = page,
		.order = s->impl.gfporder,
		.place = place,
		.objects = s->impl.num,
		.inuse = slab->inuse,
		.first = slab->s_mem,
		.colour = slab->colouroff - mgmt,
	};
}

/* Damage on purpose: a list ends where it is broken. Where each node is its successor's
 * predecessor, the head included, a walk comes back to it. */
static bool is_linked(const struct list_head *at)
{
	return kmem_address_ok(at) && kmem_address_ok(at->next) && at->next->prev == at;
}

/* The first page of a slab on a list; NULL where the descriptor does not lead there and back. */
static struct page *page_of(const struct list_head *at)
{
	const struct slab *slab = list_entry(at, struct slab, list);
	struct page *page = slab_page_of(slab->s_mem);

	return page && slab_of(page) == slab ? page : NULL;
}

static void view_list(const struct list_head *list, enum slab_place place,
		      void (*fn)(const struct slab_view *slab, void *arg), void *arg)
{
	for (const struct list_head *at = list; is_linked(at) && at->next != list; at = at->next) {
		struct page *page = page_of(at->next);
		struct slab_view view;

		if (!page)
			return;
		view = view_of(page, place);
		fn(&view, arg);
	}
}

void for_each_listed_slab(struct kmem_cache *s, void (*fn)(const struct slab_view *slab, void *arg),
			  void *arg)
{
	if (!s)
		return;
	view_list(&s->impl.nodelist->slabs_partial, SLAB_PARTIAL, fn, arg);
	view_list(&s->impl.nodelist->slabs_full, SLAB_FULL, fn, arg);
	view_list(&s->impl.nodelist->slabs_free, SLAB_FREE, fn, arg);
}

bool slab_of_page(struct page *page, struct slab_view *slab)
{
	unsigned int inuse;
	enum slab_place place = SLAB_PARTIAL;

	if (!page_flag(page, PG_slab) || page_flag(page, PG_tail))
		return false;
	/* One that was forgotten before it had a descriptor. */
	if (!slab_of(page)) {
		*slab = (struct slab_view){.cache = page->slab_cache, .page = page};
		return true;
	}
	inuse = slab_of(page)->inuse;
	if (!inuse)
		place = SLAB_FREE;
	else if (inuse == page->slab_cache->impl.num)
		place = SLAB_FULL;
	*slab = view_of(page, place);
	return true;
}

/* A damaged chain ends at the first index that is none, and after as many steps as objects. */
void for_each_free_object(const struct slab_view *view, bool (*fn)(void *object, void *arg),
			  void *arg)
{
	const struct slab *slab = slab_of(view->page);
	unsigned int left = view->objects;

	for (kmem_bufctl i = slab->free; left && i < view->objects; i = slab->chain[i], left--)
		if (!fn(index_to_obj(view->cache, slab, i), arg))
			return;
}

/* False: fn did not want any more. */
static bool each_entry(const struct array_cache *ac, bool (*fn)(void *object, void *arg), void *arg)
{
	for (unsigned int i = ac ? ac->avail : 0; i > 0; i--)
		if (!fn(ac->entry[i - 1], arg))
			return false;
	return true;
}

void for_each_stocked_object(struct kmem_cache *s, bool (*fn)(void *object, void *arg), void *arg)
{
	if (!s)
		return;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		if (!each_entry(s->impl.array[cpu], fn, arg))
			return;
	each_entry(s->impl.nodelist->shared, fn, arg);
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
	const struct slab *slab = slab_of(page);
	unsigned int index = obj_to_index(s, slab, object);
	struct search search = {object, false};

	if (index < s->impl.num && slab->chain[index] != BUFCTL_ACTIVE)
		return true;
	for_each_stocked_object(s, is_wanted, &search);
	return search.found;
}

static unsigned long count_slabs(const struct list_head *list)
{
	unsigned long count = 0;

	for (const struct list_head *at = list; is_linked(at) && at->next != list; at = at->next)
		count++;
	return count;
}

/* As Linux counts: what is stocked is active. */
static bool count_object(void *object __maybe_unused, void *arg)
{
	++*(unsigned long *)arg;
	return true;
}

void get_slabinfo(struct kmem_cache *s, struct slabinfo *info)
{
	const struct kmem_list3 *l3;
	unsigned long active, slabs, stocked = 0;

	*info = (struct slabinfo){0};
	if (!s)
		return;
	l3 = s->impl.nodelist;
	active = count_slabs(&l3->slabs_partial) + count_slabs(&l3->slabs_full);
	slabs = active + count_slabs(&l3->slabs_free);
	for_each_stocked_object(s, count_object, &stocked);
	*info = (struct slabinfo){
		.num_slabs = slabs,
		.active_slabs = active,
		.num_objs = slabs * s->impl.num,
		.active_objs = slabs * s->impl.num - l3->free_objects - stocked,
		.objects_per_slab = s->impl.num,
		.order = s->impl.gfporder,
		.limit = s->impl.limit,
		.batchcount = s->impl.batchcount,
		.shared = s->impl.shared,
		.shared_avail = l3->shared ? l3->shared->avail : 0,
	};
}

static void array_words(const struct array_cache *ac, void (*fn)(u32 word, void *arg), void *arg)
{
	fn(ac ? ac->avail : 0, arg);
	fn(ac ? ac->limit : 0, arg);
	fn(ac ? ac->batchcount : 0, arg);
	fn(ac ? ac->touched : 0, arg);
}

void for_each_kmem_word(struct kmem_cache *s, void (*fn)(u32 word, void *arg), void *arg)
{
	const struct kmem_list3 *l3;

	if (!s)
		return;
	l3 = s->impl.nodelist;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		array_words(s->impl.array[cpu], fn, arg);
	array_words(l3->shared, fn, arg);
	fn(l3->free_objects, arg);
	fn(l3->free_limit, arg);
	fn(l3->colour_next, arg);
	fn(l3->next_reap - reap_clock, arg);
	fn(l3->free_touched, arg);
	fn(s->impl.num, arg);
	fn(s->impl.gfporder, arg);
	fn(s->impl.slab_size, arg);
	fn(s->impl.colour, arg);
	fn(s->impl.colour_off, arg);
	fn(s->impl.limit, arg);
	fn(s->impl.batchcount, arg);
	fn(s->impl.shared, arg);
}

/* ---- what must hold ------------------------------------------------------------------------- */

struct recount {
	struct kmem_cache *cache;
	unsigned long free;
	const char *fault;
};

static const char *chain_fault(const struct kmem_cache *s, const struct slab *slab)
{
	unsigned int num = s->impl.num, length = 0, active = 0;

	for (kmem_bufctl i = slab->free; i != BUFCTL_END; i = slab->chain[i]) {
		if (i >= num)
			return "a chain leads out of its slab";
		if (++length > num)
			return "a chain has no end";
	}
	for (unsigned int i = 0; i < num; i++)
		active += slab->chain[i] == BUFCTL_ACTIVE;
	if (length + slab->inuse != num)
		return "a chain is not as long as inuse says";
	return active == slab->inuse ? NULL : "an object is neither in use nor on the chain";
}

static const char *pages_fault(const struct kmem_cache *s, const struct slab *slab)
{
	struct page *page = virt_to_page((char *)slab->s_mem - s->red_left - slab->colouroff);

	for (unsigned int i = 0; i < 1u << s->impl.gfporder; i++) {
		if (!page_flag(page + i, PG_slab) || page[i].slab_cache != s)
			return "a page of a slab is not marked as the cache's";
		if (page_flag(page + i, PG_tail) != (i > 0))
			return "a page of a slab is wrongly marked as a later one";
		if (slab_of(page + i) != slab)
			return "a page of a slab does not lead to its descriptor";
	}
	return NULL;
}

/* What places the objects: colour, red zone, alignment, and the end of the pages. */
static const char *place_fault(const struct kmem_cache *s, const struct slab *slab)
{
	unsigned long first = (unsigned long)slab->s_mem - s->red_left;
	unsigned int mgmt = s->impl.slabp_cache ? 0 : s->impl.slab_size;
	unsigned int colour = slab->colouroff - mgmt;

	if (!kmem_address_ok(slab->s_mem) || !IS_ALIGNED(first - slab->colouroff, PAGE_SIZE))
		return "a slab's objects do not begin at its colour";
	if (!IS_ALIGNED((unsigned long)slab->s_mem, s->align))
		return "a slab's objects are not aligned";
	if (colour % s->impl.colour_off || colour / s->impl.colour_off >= max(s->impl.colour, 1u))
		return "a slab has a colour that its cache does not have";
	if (slab->colouroff + s->impl.num * s->size > PAGE_SIZE << s->impl.gfporder)
		return "a slab's objects go beyond its pages";
	if (!s->impl.slabp_cache && (unsigned long)slab != first - slab->colouroff + colour)
		return "a slab's descriptor is not in its place";
	return NULL;
}

static const char *slab_fault(const struct kmem_cache *s, const struct slab *slab,
			      const struct list_head *list)
{
	const struct kmem_list3 *l3 = s->impl.nodelist;
	const struct list_head *right = &l3->slabs_partial;
	const char *fault = place_fault(s, slab);

	if (!fault)
		fault = pages_fault(s, slab);
	if (!fault)
		fault = chain_fault(s, slab);
	if (slab->inuse == s->impl.num)
		right = &l3->slabs_full;
	else if (!slab->inuse)
		right = &l3->slabs_free;
	if (!fault && list != right)
		fault = "a slab is on a list that inuse does not tell";
	return fault;
}

/* Of the slabs of one list. */
static const char *list_fault(struct kmem_cache *s, const struct list_head *list,
			      unsigned long *free)
{
	for (const struct list_head *at = list;; at = at->next) {
		const struct slab *slab = list_entry(at->next, struct slab, list);
		const char *fault;

		if (!is_linked(at))
			return "a list of slabs is broken";
		if (at->next == list)
			return NULL;
		fault = slab_fault(s, slab, list);
		if (fault)
			return fault;
		*free += s->impl.num - slab->inuse;
	}
}

/* Every entry is an object of the cache that its slab counts as in use, and there only once. */
static const char *array_fault(struct kmem_cache *s, const struct array_cache *ac)
{
	if (ac->avail > ac->limit)
		return "an array holds more than its limit";
	if (ac->batchcount > ac->limit)
		return "an array's batch is larger than its limit";
	for (unsigned int i = 0; i < ac->avail; i++) {
		const void *object = ac->entry[i];
		const struct page *page = slab_page_of(object);
		unsigned int index;

		if (!page || page->slab_cache != s)
			return "an array holds what is no object of the cache";
		index = obj_to_index(s, slab_of(page), object);
		if (index >= s->impl.num || index_to_obj(s, slab_of(page), index) != object)
			return "an array holds what is no object";
		if (slab_of(page)->chain[index] != BUFCTL_ACTIVE)
			return "an array holds an object that its slab has free";
		for (unsigned int j = 0; j < i; j++)
			if (ac->entry[j] == object)
				return "an array holds an object twice";
	}
	return NULL;
}

/* All arrays: the CPUs', and the shared one. */
static const char *arrays_fault(struct kmem_cache *s)
{
	const char *fault = NULL;

	for (unsigned int cpu = 0; !fault && cpu < NR_CPUS; cpu++)
		fault = array_fault(s, s->impl.array[cpu]);
	if (!fault && s->impl.nodelist->shared)
		fault = array_fault(s, s->impl.nodelist->shared);
	return fault;
}

const char *kmem_cache_fault(struct kmem_cache *s)
{
	const struct kmem_list3 *l3 = s ? s->impl.nodelist : NULL;
	unsigned long free = 0;
	const char *fault;

	if (!s)
		return NULL;
	fault = list_fault(s, &l3->slabs_partial, &free);
	if (!fault)
		fault = list_fault(s, &l3->slabs_full, &free);
	if (!fault)
		fault = list_fault(s, &l3->slabs_free, &free);
	if (!fault)
		fault = arrays_fault(s);
	if (!fault && free != l3->free_objects)
		fault = "free_objects is not what the slabs have free";
	if (!fault && l3->colour_next && l3->colour_next >= s->impl.colour)
		fault = "colour_next is beyond the last colour";
	return fault;
}

u32 *kmem_word_named(struct kmem_cache *s, const char *name)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	struct array_cache *ac = s->impl.array[0];
	const struct {
		const char *name;
		void *word;
	} words[] = {
		{"free_objects", &l3->free_objects},
		{"colour_next", &l3->colour_next},
		{"partial", &l3->slabs_partial.next},
		{"full", &l3->slabs_full.next},
		{"free", &l3->slabs_free.next},
		{"avail", &ac->avail},
		{"limit", &ac->limit},
		{"entry", &ac->entry[0]},
		{"busy", &s->impl.array_lock[0].locked},
		{"num", &s->impl.num},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return words[i].word;
	return NULL;
}
