/*
 * slab: slabs. How one is made, taken from, put back to and given up. Corresponds to Linux
 * mm/slab.c.
 *
 *                        take_from_slabs()               take_from_slabs()
 *   cache_grow() --> slabs_free -----------> slabs_partial ------------> slabs_full
 *                     |      ^                |  ^   ^                     |
 *                     |      '----------------'  |   '---------------------'
 *                     |          free_block()    '- to the end with each free
 *                     v
 *                  slabs_destroy(): more than free_limit free objects, or shrinking, reaping
 *
 * A slab that has just got an object back goes to the end of slabs_partial: that gives the rest of
 * its objects the longest time to come back as well.
 *
 * Locking: list_lock for lists, descriptors and counts. The page allocator and the caches of
 * descriptors are called without it: their locks come before it, or they sleep. So slabs to be
 * given up are first put on a list of the caller's.
 */
#include "base/bug.h"
#include "base/string.h"
#include "kmem/debug.h"
#include "kmem/kasan.h"
#include "kmem/kmemleak.h"
#include "kmem/pages.h"
#include "kmem/slab_priv.h"

/* ---- objects out of slabs and back --------------------------------------------------------- */

/* The slab to take from, or NULL. */
static struct slab *first_slab(struct kmem_list3 *l3)
{
	if (!list_empty(&l3->slabs_partial))
		return list_first_entry(&l3->slabs_partial, struct slab, list);
	l3->free_touched = true;
	if (!list_empty(&l3->slabs_free))
		return list_first_entry(&l3->slabs_free, struct slab, list);
	return NULL;
}

/* At least one object of a slab that has some, and up to n. */
static unsigned int take_from_slab(struct kmem_cache *s, struct slab *slab, void **objects,
				   unsigned int n)
{
	kmem_bufctl free = slab->free;
	unsigned int taken = 0;

	do {
		kmem_bufctl next = slab->chain[free];

		MM_ASSERT(free < s->impl.num, "cache %s: a chain leads to object %u", s->name,
			  free);
		objects[taken++] = index_to_obj(s, slab, free);
		slab->chain[free] = BUFCTL_ACTIVE;
		free = next;
	} while (free != BUFCTL_END && taken < n);
	slab->free = free;
	slab->inuse += taken;
	return taken;
}

unsigned int take_from_slabs(struct kmem_cache *s, void **objects, unsigned int most)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned int taken = 0;

	lock_assert_held(&l3->list_lock);
	while (taken < most) {
		struct slab *slab = first_slab(l3);

		if (!slab)
			break;
		taken += take_from_slab(s, slab, objects + taken, most - taken);
		list_del(&slab->list);
		list_add(&slab->list,
			 slab->free == BUFCTL_END ? &l3->slabs_full : &l3->slabs_partial);
	}
	l3->free_objects -= taken;
	return taken;
}

/*
 * A slab has none of its objects in use any more. It is on no list. `pending` objects are counted
 * in free_objects that are not in their slabs yet.
 */
static noinline void slab_became_free(struct kmem_cache *s, struct slab *slab, unsigned int pending,
				      struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;

	if (l3->free_objects - pending > l3->free_limit) {
		l3->free_objects -= s->impl.num;
		list_add_tail(&slab->list, doomed);
	} else {
		list_add(&slab->list, &l3->slabs_free);
	}
}

/* The check of a checked build: it would take a tenth of the instructions of a free. */
static bool is_out_of_slab(const struct kmem_cache *s, const struct slab *slab, unsigned int index)
{
	return index < s->impl.num && slab->chain[index] == BUFCTL_ACTIVE;
}

void free_block(struct kmem_cache *s, void **objects, unsigned int n, struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	const struct page *pages = mem_map - PFN_DOWN(PAGE_OFFSET); /* by addresses */

	lock_assert_held(&l3->list_lock);
	l3->free_objects += n;
	for (void **end = objects + n; objects < end; objects++) {
		struct slab *slab = slab_of(pages + PFN_DOWN((unsigned long)*objects));
		unsigned int index = obj_to_index(s, slab, *objects);

		if (CONFIG_CHECKED && unlikely(!is_out_of_slab(s, slab, index))) {
			kmem_report(s, *objects, "free of what is free already");
			l3->free_objects--;
			continue;
		}
		slab->chain[index] = slab->free;
		slab->free = index;
		list_del(&slab->list);
		if (likely(--slab->inuse))
			list_add_tail(&slab->list, &l3->slabs_partial);
		else
			slab_became_free(s, slab, end - objects - 1, doomed);
	}
}

void drain_objects(struct kmem_cache *s, struct array_cache *ac, unsigned int n,
		   struct list_head *doomed)
{
	if (!n)
		return;
	free_block(s, ac->entry, n, doomed);
	ac->avail -= n;
	memmove(ac->entry, ac->entry + n, ac->avail * sizeof(ac->entry[0]));
}

/* ---- the end of a slab --------------------------------------------------------------------- */

void take_free_slabs(struct kmem_cache *s, unsigned int most, struct list_head *doomed)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags = spin_lock_irqsave(&l3->list_lock);

	for (; most && !list_empty(&l3->slabs_free); most--) {
		struct list_head *last = l3->slabs_free.prev;

		list_del(last);
		list_add_tail(last, doomed);
		l3->free_objects -= s->impl.num;
	}
	spin_unlock_irqrestore(&l3->list_lock, flags);
}

/* The head page of a slab that is not free to be looked up by its descriptor alone. */
static struct page *page_of_slab(const struct kmem_cache *s, const struct slab *slab)
{
	return virt_to_page((char *)slab->s_mem - s->red_left - slab->colouroff);
}

unsigned int slabs_destroy(struct kmem_cache *s, struct list_head *doomed)
{
	unsigned int count = 0;

	while (!list_empty(doomed)) {
		struct slab *slab = list_first_entry(doomed, struct slab, list);
		struct page *page = page_of_slab(s, slab);

		if (kmem_debugged(s))
			debug_end_slab(&(struct debug_slab){s, page, slab->s_mem, s->impl.num});
		/* An on-slab descriptor goes with the pages. */
		list_del_first(doomed);
		slab_free_pages(s, page, s->impl.gfporder);
		if (s->impl.slabp_cache)
			kmem_cache_free(s->impl.slabp_cache, slab);
		count++;
	}
	return count;
}

/* ---- a new slab ---------------------------------------------------------------------------- */

/* The shift of the next slab, in bytes. Takes list_lock. */
static unsigned int next_colour(struct kmem_cache *s)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned long flags = spin_lock_irqsave(&l3->list_lock);
	unsigned int colour = l3->colour_next++;

	if (l3->colour_next >= s->impl.colour)
		l3->colour_next = 0;
	spin_unlock_irqrestore(&l3->list_lock, flags);
	return colour * s->impl.colour_off;
}

/* A descriptor for those pages, with all but the chain filled; NULL when memory is short. */
static struct slab *alloc_slabmgmt(struct kmem_cache *s, struct page *page, unsigned int colour,
				   gfp_t gfp)
{
	char *start = page_address(page);
	struct slab *slab = (struct slab *)(start + colour);

	if (s->impl.slabp_cache) {
		slab = kmem_cache_alloc(s->impl.slabp_cache, gfp);
		if (!slab)
			return NULL;
		/* s_mem is not a use of the first object. */
		kmemleak_scan_area(&slab->list, sizeof(slab->list), gfp);
	} else {
		colour += s->impl.slab_size;
	}
	slab->colouroff = colour;
	slab->s_mem = start + colour + s->red_left;
	slab->inuse = 0;
	slab->free = 0;
	return slab;
}

/* Links the pages to the descriptor, and makes all objects, in the order of addresses. */
static void cache_init_objs(struct kmem_cache *s, struct page *page, struct slab *slab)
{
	for (unsigned int i = 0; i < 1u << s->impl.gfporder; i++)
		page[i].freelist = slab;
	if (kmem_debugged(s))
		debug_init_slab(&(struct debug_slab){s, page, slab->s_mem, s->impl.num});
	for (unsigned int i = 0; i < s->impl.num; i++) {
		void *object = index_to_obj(s, slab, i);

		if (CONFIG_KASAN)
			kasan_init_slab_obj(s, object);
		if (s->ctor)
			kmem_construct(s, object);
		slab->chain[i] = i + 1;
	}
	slab->chain[s->impl.num - 1] = BUFCTL_END;
}

/* Zones, mobility and contents are the cache's business; effort is the caller's. */
#define GFP_GROW_MASK (GFP_KNOWN & ~(GFP_ZONEMASK | GFP_MOBILITY_MASK | __GFP_ZERO | __GFP_COLD))

bool cache_grow(struct kmem_cache *s, gfp_t gfp)
{
	struct kmem_list3 *l3 = s->impl.nodelist;
	unsigned int colour = next_colour(s);
	unsigned long flags;
	struct page *page;
	struct slab *slab;

	gfp &= GFP_GROW_MASK;
	page = slab_alloc_pages(s, gfp, s->impl.gfporder);
	if (!page)
		return false;
	slab = alloc_slabmgmt(s, page, colour, gfp);
	if (!slab) {
		slab_free_pages(s, page, s->impl.gfporder);
		return false;
	}
	cache_init_objs(s, page, slab);
	flags = spin_lock_irqsave(&l3->list_lock);
	list_add_tail(&slab->list, &l3->slabs_free);
	l3->free_objects += s->impl.num;
	spin_unlock_irqrestore(&l3->list_lock, flags);
	return true;
}
