#include "phys/poison.h"

#include "base/bug.h"
#include "base/string.h"
#include "phys/zone.h"

#if CONFIG_CHECKED

void poison_pages(struct page *page, unsigned int order)
{
	if (is_highmem(page_zone(page)))
		return;
	fill_words(page_address(page), PAGE_POISON, WORDS_PER_PAGE << order);
	for (unsigned long i = 0; i < 1ul << order; i++)
		set_page_flag(page + i, PG_poison);
}

void unpoison_pages(struct page *page, unsigned int order)
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

#endif
