#include "phys/page_owner.h"

#include "base/errno.h"
#include "base/printk.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "phys/gfp.h"
#include "phys/pcp.h"
#include "phys/watermark.h"

__mm_state struct page_owner *page_owners;

static struct page_owner *owner_of(const struct page *page)
{
	return &page_owners[page_to_pfn(page)];
}

void page_owner_init(unsigned long nr_pages)
{
	unsigned long size = nr_pages * sizeof(struct page_owner);

	if (!memory.options.page_owner)
		return;
	page_owners = __alloc_bootmem_nopanic(size, PAGE_SIZE, MAX_DMA_ADDRESS);
	if (!page_owners)
		printk("page_owner: off: no memory for a table of %lu KiB\n", size >> 10);
}

void page_owner_start(void)
{
	if (page_owners)
		close_alloc_marks(CLOSED_FOR_OWNER, true);
}

/* ---- what the allocator tells -------------------------------------------------------------- */

void watch_new_pages(struct page *page, unsigned int order, gfp_t gfp, unsigned long caller)
{
	struct page_owner *owner;

	if (!(alloc_marks_closed & (CLOSED_FOR_OWNER | CLOSED_FOR_POISON)))
		return;
	set_page_flag(page, PG_watched);
	if (!page_owners)
		return;
	owner = owner_of(page);
	*owner = (struct page_owner){.in_use = true, .order = order, .gfp = gfp};
	stack_trace_save(&owner->alloc_trace, caller);
}

void watch_free_pages(struct page *page, unsigned int order, unsigned long caller)
{
	struct page_owner *owner;

	clear_page_flag(page, PG_watched);
	if (!page_owners)
		return;
	owner = owner_of(page);
	owner->in_use = false;
	owner->freed = true;
	owner->order = order;
	stack_trace_save(&owner->free_trace, caller);
}

void watch_split_pages(struct page *page, unsigned int order)
{
	for (unsigned long i = 1; i < 1ul << order; i++)
		set_page_flag(page + i, PG_watched);
	if (!page_owners)
		return;
	owner_of(page)->order = 0;
	for (unsigned long i = 1; i < 1ul << order; i++)
		*owner_of(page + i) = *owner_of(page);
}

/* ---- text ---------------------------------------------------------------------------------- */

static enum migratetype requested_type(gfp_t gfp)
{
	return alloc_classes[gfp_class(gfp)].type;
}

int print_page_owner(const struct page *page)
{
	const struct page_owner *owner;

	if (!page_owners)
		return -EINVAL;
	owner = owner_of(page);
	if (!owner->in_use && !owner->freed)
		return -ENOENT;
	printk("Page %sallocated via order %u, mask 0x%x\n", owner->in_use ? "" : "last ",
	       owner->order, owner->gfp);
	printk("PFN %lu type %s Block %lu type %s\n", page_to_pfn(page),
	       migratetype_name(requested_type(owner->gfp)), page_to_pfn(page) / pageblock_nr_pages,
	       migratetype_name(page_migratetype(page)));
	stack_trace_print(&owner->alloc_trace);
	if (owner->in_use)
		return 0;
	printk("Page last freed\n");
	stack_trace_print(&owner->free_trace);
	return 0;
}

unsigned long print_page_owners(void)
{
	unsigned long count = 0;

	for (unsigned long pfn = 0; page_owners && pfn < memory.max_pfn; pfn++) {
		if (!page_owners[pfn].in_use)
			continue;
		print_page_owner(pfn_to_page(pfn));
		printk("\n");
		count++;
	}
	return count;
}
