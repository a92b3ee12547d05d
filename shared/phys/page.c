#include "phys/page.h"

#include "base/printk.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "phys/zone.h"
#include "phys/page_lock.h"

__mm_state struct page *mem_map;

bool pfn_valid(unsigned long pfn)
{
	return pfn < memory.max_pfn;
}

void alloc_mem_map(unsigned long nr_pages)
{
	mem_map = alloc_bootmem_pages(nr_pages * sizeof(struct page));
}

/* Zeroed by bootmem; what is not zero follows. A few pages a turn: all of RAM passes here. */
void memmap_init(unsigned long start_pfn, unsigned long end_pfn, u32 flags)
{
	struct page *end = mem_map + end_pfn;

	flags |= 1u << PG_reserved;
#pragma GCC unroll 8
	for (struct page *page = mem_map + start_pfn; page < end; page++) {
		page->flags = flags;
		page->_mapcount = -1;
	}
}

void memmap_release(unsigned long start_pfn, unsigned long end_pfn)
{
	struct page *end = mem_map + end_pfn;

#pragma GCC unroll 8
	for (struct page *page = mem_map + start_pfn; page < end; page++)
		page->flags &= ~(1u << PG_reserved);
}

void print_page(const struct page *page, char *buf, size_t size)
{
	static const char *const names[NR_PAGEFLAGS] = {
		[PG_reserved] = " reserved",
		[PG_buddy] = " buddy",
		[PG_table] = " table",
		[PG_slab] = " slab",
		[PG_tail] = " tail",
		[PG_kmalloc] = " kmalloc",
		[PG_locked] = " locked",
		[PG_uptodate] = " uptodate",
		[PG_dirty] = " dirty",
		[PG_referenced] = " referenced",
		[PG_swapbacked] = " swapbacked",
	};
	int n = scnprintf(buf, size, "page %05lx zone %s flags", page_to_pfn(page),
			  zone_name(page_zonenum(page)));

	for (int i = 0; i < NR_PAGEFLAGS; i++)
		if (names[i] && page_flag(page, i))
			n += scnprintf(buf + n, size - n, "%s", names[i]);
	n += scnprintf(buf + n, size - n, " count %u mapcount %d private %lu index %lu",
		       page->_count, page->_mapcount, page->private, page->index);
	if (page_order_in_use(page))
		n += scnprintf(buf + n, size - n, " order %u", page_order_in_use(page));
	if (page_migratetype(page) != MIGRATE_UNMOVABLE)
		n += scnprintf(buf + n, size - n, " type %s",
			       migratetype_name(page_migratetype(page)));
	if (page->mapping)
		scnprintf(buf + n, size - n, " mapping");
}

void bad_page(const struct page *page, const char *why)
{
	char text[160];

	print_page(page, text, sizeof(text));
	printk("Bad page state: %s: %s\n", why, text);
}

/* ---- the lock ------------------------------------------------------------------------------ */

__mm_state void (*page_lock_wait)(struct page *page);

void lock_page_slow(struct page *page)
{
	if (page_lock_wait)
		page_lock_wait(page);
	BUG_ON(!trylock_page(page), "pfn %lx is locked, and there is nobody to wait for",
	       page_to_pfn(page));
}
