#include "phys/poison.h"

#include "base/bug.h"
#include "base/string.h"
#include "boot/setup.h"
#include "phys/pcp.h"
#include "phys/watermark.h"
#include "phys/zone.h"

__mm_state bool page_poisoning;

void page_poison_start(void)
{
	page_poisoning = memory.options.page_poison;
	if (page_poisoning && !CONFIG_CHECKED)
		close_alloc_marks(CLOSED_FOR_POISON, true);
}

void fill_poison(struct page *page, unsigned int order)
{
	if (is_highmem(page_zone(page)))
		return;
	fill_words(page_address(page), PAGE_POISON, WORDS_PER_PAGE << order);
	for (unsigned long i = 0; i < 1ul << order; i++)
		set_page_flag(page + i, PG_poison);
}

void check_poison(struct page *page, unsigned int order)
{
	for (unsigned long i = 0; i < 1ul << order; i++) {
		const u32 *words;

		if (!page_flag(page + i, PG_poison))
			continue;
		words = page_address(page + i);
		for (unsigned int w = 0; w < WORDS_PER_PAGE; w++)
			BUG_ON(words[w] != PAGE_POISON,
			       "pfn %lx was written while free: word %u is %08x",
			       page_to_pfn(page + i), w, words[w]);
		clear_page_flag(page + i, PG_poison);
	}
}
