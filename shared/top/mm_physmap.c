#include "top/mm_physmap.h"

#include "base/printk.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "phys/zone.h"

enum holder {
	HELD_HOLE,
	HELD_BOOT,
	HELD_TEXT,
	HELD_DATA,
	HELD_FREE, /* this one and the next with the migrate type of the page block */
	HELD_USED,
	HELD_PCP,
	HELD_TABLE,
};

struct held {
	enum holder holder;
	unsigned int zone, type;
};

static bool is_ram(unsigned long pfn)
{
	for (unsigned int i = 0; i < e820.nr_map; i++) {
		const struct e820_entry *entry = &e820.map[i];

		if (entry->type == E820_RAM && entry->addr <= PFN_PHYS(pfn) &&
		    PFN_PHYS(pfn + 1) <= entry->addr + entry->size)
			return true;
	}
	return false;
}

static enum holder reserved_by(unsigned long pfn)
{
	unsigned long addr = PFN_PHYS(pfn);

	if (addr >= IMAGE_START && addr < IMAGE_END)
		return addr >= IMAGE_TEXT_START && addr < IMAGE_TEXT_END ? HELD_TEXT : HELD_DATA;
	return is_ram(pfn) ? HELD_BOOT : HELD_HOLE;
}

/* Who holds the page at pfn, the first of its block; *pages is how many pages the block has. */
static struct held held_by(unsigned long pfn, unsigned long *pages)
{
	const struct page *page = pfn_to_page(pfn);
	struct held held = {.zone = page_zonenum(page), .type = page_migratetype(page)};

	*pages = 1;
	if (page_flag(page, PG_reserved)) {
		held.holder = reserved_by(pfn);
	} else if (page_flag(page, PG_buddy)) {
		held.holder = HELD_FREE;
		*pages = 1ul << page->private;
	} else if (page_flag(page, PG_table)) {
		held.holder = HELD_TABLE;
	} else {
		held.holder = page->_count ? HELD_USED : HELD_PCP;
		*pages = 1ul << page_order_in_use(page);
	}
	if (held.holder != HELD_FREE && held.holder != HELD_USED)
		held.type = 0;
	return held;
}

static void print_run(unsigned long start, unsigned long end, struct held held)
{
	static const char *const names[] = {
		[HELD_HOLE] = "hole", [HELD_BOOT] = "boot",   [HELD_TEXT] = "text",
		[HELD_DATA] = "data", [HELD_FREE] = "free",   [HELD_USED] = "used",
		[HELD_PCP] = "pcp",   [HELD_TABLE] = "table",
	};
	bool typed = held.holder == HELD_FREE || held.holder == HELD_USED;

	printk("%05lx - %05lx %s %s%s%s\n", start, end, zone_name(held.zone), names[held.holder],
	       typed ? " " : "", typed ? migratetype_name(held.type) : "");
}

void show_physmap(void)
{
	unsigned long start = 0, pages;
	struct held run = {0};

	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn += pages) {
		struct held held = held_by(pfn, &pages);

		if (pfn &&
		    (held.holder != run.holder || held.zone != run.zone || held.type != run.type)) {
			print_run(start, pfn, run);
			start = pfn;
		}
		run = held;
	}
	print_run(start, memory.max_pfn, run);
}
