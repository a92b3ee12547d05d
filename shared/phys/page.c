#include "phys/page.h"

#include "base/printk.h"
#include "boot/bootmem.h"
#include "boot/setup.h"
#include "phys/zone.h"

__mm_state struct page *mem_map;

bool pfn_valid(unsigned long pfn)
{
	return pfn < memory.max_pfn;
}

void alloc_mem_map(unsigned long nr_pages)
{
	mem_map = alloc_bootmem_pages(nr_pages * sizeof(struct page));
}

void memmap_init_zone(unsigned long start_pfn, unsigned long end_pfn, unsigned int zone)
{
	u32 flags = zone << PAGE_FLAGS_ZONE_SHIFT | 1u << PG_reserved;

	/* Zeroed by bootmem; what is not zero follows. */
	for (struct page *page = pfn_to_page(start_pfn); page < pfn_to_page(end_pfn); page++) {
		page->flags = flags;
		page->_mapcount = -1;
	}
}

void print_page(const struct page *page, char *buf, size_t size)
{
	static const char *const names[NR_PAGEFLAGS] = {
		[PG_reserved] = " reserved",
		[PG_buddy] = " buddy",
		[PG_table] = " table",
	};
	int n = scnprintf(buf, size, "page %05lx zone %s flags", page_to_pfn(page),
			  zone_name(page_zonenum(page)));

	for (int i = 0; i < NR_PAGEFLAGS; i++)
		if (names[i] && page_flag(page, i))
			n += scnprintf(buf + n, size - n, "%s", names[i]);
	scnprintf(buf + n, size - n, " count %u mapcount %d private %lu", page->_count,
		  page->_mapcount, page->private);
}

void bad_page(const struct page *page, const char *why)
{
	char text[160];

	print_page(page, text, sizeof(text));
	printk("Bad page state: %s: %s\n", why, text);
}
