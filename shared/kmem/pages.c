#include "kmem/pages.h"

#include "kmem/kasan.h"
#include "phys/page_alloc.h"
#include "phys/vmstat.h"

static enum vm_item slab_counter(const struct kmem_cache *s)
{
	return s->flags & SLAB_RECLAIM_ACCOUNT ? NR_SLAB_RECLAIMABLE : NR_SLAB_UNRECLAIMABLE;
}

struct page *slab_alloc_pages(struct kmem_cache *s, gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages((gfp & ~__GFP_ZERO) | s->allocflags, order);

	if (!page)
		return NULL;
	for (unsigned int i = 0; i < 1u << order; i++) {
		set_page_flag(page + i, PG_slab);
		page[i].slab_cache = s;
		if (i) {
			set_page_flag(page + i, PG_tail);
			page[i].first_page = page;
		}
	}
	page->counters = 0;
	page->freelist = NULL;
	if (CONFIG_KASAN)
		kasan_poison_slab(page, order);
	mod_vm_counter(slab_counter(s), 1l << order);
	return page;
}

void slab_free_pages(struct kmem_cache *s, struct page *page, unsigned int order)
{
	mod_vm_counter(slab_counter(s), -(1l << order));
	for (unsigned int i = 0; i < 1u << order; i++) {
		clear_page_flag(page + i, PG_slab);
		page[i].slab_cache = NULL;
		page[i].counters = 0;
		page[i].freelist = NULL;
		if (i)
			clear_page_flag(page + i, PG_tail);
	}
	__free_pages(page, order);
}

struct page *slab_page_of(const void *p)
{
	struct page *page;

	if (!kmem_address_ok(p))
		return NULL;
	page = slab_head(virt_to_page(p));
	return page_flag(page, PG_slab) ? page : NULL;
}
