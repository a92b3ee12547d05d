/* The texts that tell of kernel objects: /proc/slabinfo, and what /sys/kernel/slab has. */
#include "base/printk.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "top/mm_proc.h"

void show_slabinfo(void)
{
	struct kmem_cache *s;

	printk("slabinfo - version: 2.1\n");
	printk("# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>"
	       " : tunables <limit> <batchcount> <sharedfactor>"
	       " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	for (unsigned int n = 0; (s = kmem_cache_nth(n)); n++) {
		struct slabinfo info;

		get_slabinfo(s, &info);
		printk("%-17s %6lu %6lu %6u %4u %4u : tunables %4u %4u %4u : slabdata %6lu %6lu "
		       "%6lu\n",
		       s->name, info.active_objs, info.num_objs, s->size, info.objects_per_slab,
		       1u << info.order, info.limit, info.batchcount, info.shared,
		       info.active_slabs, info.num_slabs, info.shared_avail);
	}
}

/* ---- one cache ------------------------------------------------------------------------------ */

static void count_place(const struct slab_view *slab, void *arg)
{
	((unsigned long *)arg)[slab->place]++;
}

void show_cache_stat(struct kmem_cache *s)
{
	unsigned long places[NR_SLAB_PLACES] = {0};
	struct slabinfo info;

	get_slabinfo(s, &info);
	for_each_listed_slab(s, count_place, places);
	printk("object_size %u\nslab_size %u\nalign %u\n", s->object_size, s->size, s->align);
	printk("objs_per_slab %u\norder %u\n", info.objects_per_slab, info.order);
	printk("objects %lu\ntotal_objects %lu\n", info.active_objs, info.num_objs);
	printk("slabs %lu\npartial %lu\n", info.num_slabs, places[SLAB_PARTIAL]);
	printk("cpu_slabs %lu\nslabs_cpu_partial %lu\n", places[SLAB_CPU],
	       places[SLAB_CPU_PARTIAL]);
	printk("aliases %d\nctor %s\n", s->refcount - 1, s->ctor ? "yes" : "no");
	printk("cache_dma %d\nhwcache_align %d\nreclaim_account %d\n",
	       !!(s->flags & SLAB_CACHE_DMA), !!(s->flags & SLAB_HWCACHE_ALIGN),
	       !!(s->flags & SLAB_RECLAIM_ACCOUNT));
	printk("sanity_checks %d\nred_zone %d\npoison %d\nstore_user %d\ntrace %d\n",
	       !!(s->flags & SLAB_CONSISTENCY_CHECKS), !!(s->flags & SLAB_RED_ZONE),
	       !!(s->flags & SLAB_POISON), !!(s->flags & SLAB_STORE_USER),
	       !!(s->flags & SLAB_TRACE));
}
