#include "top/mm_slabs.h"

#include "base/bitops.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/setup.h"
#include "top/mm_kmem.h"

/* ---- the objects of one slab --------------------------------------------------------------- */

/* The rig's own: no slab has more objects. */
#define MAX_OBJECTS 32768u
static u32 free_objects[MAX_OBJECTS / BITS_PER_WORD];
static u32 stocked_objects[MAX_OBJECTS / BITS_PER_WORD];

struct marking {
	const struct slab_view *slab;
	u32 *bits;
};

static bool mark_object(void *object, void *arg)
{
	const struct marking *m = arg;
	unsigned long offset = (char *)object - (char *)m->slab->first;
	unsigned long index = offset / m->slab->cache->size;

	if ((char *)object >= (char *)m->slab->first && index < m->slab->objects)
		set_bit(index, m->bits);
	return true;
}

/* slob's units: a free block tells where it begins, and any unit whether it is in one. */
static void mark_units(const struct slab_view *slab)
{
	const u16 *units = slab->first;

	for (unsigned int i = 0; i < slab->objects; i++)
		if (kmem_object_is_free(NULL, slab->page, &units[i]))
			set_bit(i, free_objects);
}

static void mark_objects(const struct slab_view *slab)
{
	struct marking free = {slab, free_objects}, stocked = {slab, stocked_objects};
	size_t bytes = DIV_ROUND_UP(slab->objects, BITS_PER_WORD) * sizeof(u32);

	memset(free_objects, 0, bytes);
	memset(stocked_objects, 0, bytes);
	if (!slab->cache) {
		mark_units(slab);
		return;
	}
	for_each_free_object(slab, mark_object, &free);
	for_each_stocked_object(slab->cache, mark_object, &stocked);
}

static char object_letter(unsigned int index)
{
	if (test_bit(index, free_objects))
		return 'f';
	return test_bit(index, stocked_objects) ? 's' : 'u';
}

static void show_runs(unsigned int objects)
{
	unsigned int runs = 0, start = 0;

	for (unsigned int i = 1; i <= objects; i++) {
		if (i < objects && object_letter(i) == object_letter(start))
			continue;
		runs++;
		printk(" %c%u%s", object_letter(start), i - start,
		       i == objects || runs % RUNS_PER_LINE == 0 ? "\n" : "");
		start = i;
	}
}

/* ---- slabs --------------------------------------------------------------------------------- */

static void show_slab(const struct slab_view *slab)
{
	mark_objects(slab);
	printk("slab %05lx order %u %s objects %u inuse %u at %lu colour %u\n",
	       page_to_pfn(slab->page), slab->order, slab_place_name(slab->place), slab->objects,
	       slab->inuse, (unsigned long)((char *)slab->first - (char *)page_address(slab->page)),
	       slab->colour);
	show_runs(slab->objects);
}

static void show_listed(const struct slab_view *slab, void *arg __maybe_unused)
{
	set_page_flag(slab->page, PG_seen);
	show_slab(slab);
}

/* Those that no list has led to; takes the marks off again. */
static void show_unlisted(const struct kmem_cache *s)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		struct page *page = pfn_to_page(pfn);
		struct slab_view slab;

		if (page_flag(page, PG_seen))
			clear_page_flag(page, PG_seen);
		else if (slab_of_page(page, &slab) && slab.cache == s)
			show_slab(&slab);
	}
}

static void show_cache_slabs(struct kmem_cache *s)
{
	struct slabinfo info;

	get_slabinfo(s, &info);
	printk("cache %s size %u slabs %lu objects %lu in_use %lu\n", s ? s->name : SHARED_SLABS,
	       s ? s->size : (unsigned int)sizeof(u16), info.num_slabs, info.num_objs,
	       info.active_objs);
	for_each_listed_slab(s, show_listed, NULL);
	show_unlisted(s);
}

/* Only slob has slabs that are of no cache. */
static bool has_shared_slabs(void)
{
	struct slabinfo info;

	get_slabinfo(NULL, &info);
	return info.objects_per_slab;
}

int show_slabs(const char *name)
{
	struct kmem_cache *s = name ? find_kmem_cache(name) : NULL;
	bool shared = has_shared_slabs() && (!name || strcmp(name, SHARED_SLABS) == 0);

	if (name && !s && !shared)
		return -ENOENT;
	printk("kernel objects by %s\n", kmem_allocator_name);
	if (s || name) {
		show_cache_slabs(s);
		return 0;
	}
	if (shared)
		show_cache_slabs(NULL);
	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++)
		show_cache_slabs(s);
	return 0;
}
