/* Verbs of the page allocator. */
#include "top/vec.h"

#include "base/errno.h"
#include "base/fault.h"
#include "base/string.h"
#include "boot/setup.h"
#include "phys/page_alloc.h"
#include "phys/poison.h"
#include "phys/vmstat.h"
#include "top/verbs.h"

/*
 * Blocks that the verb hoard holds, linked by lru, newest first; empty again in each vector. Their
 * mapping names it, so that nobody else can free them.
 */
static __mm_state struct list_head hoard;

bool page_arg_usable(const struct arg *arg)
{
	const struct page *page = arg->var->page;

	const u32 taken = 1u << PG_reserved | 1u << PG_table | 1u << PG_slab | 1u << PG_kmalloc;

	return page && page->_count && !(page->flags & taken);
}

static void result_page(struct stmt *stmt, struct page *page)
{
	stmt->assigned->page = page;
	if (page)
		stmt_result(stmt, "pfn %05lx", page_to_pfn(page));
	else
		stmt_result_err(stmt, -ENOMEM);
}

static gfp_t gfp_arg(const struct stmt *stmt, unsigned int index)
{
	return stmt->nr_args > index ? (gfp_t)stmt->args[index].number : GFP_KERNEL;
}

static void run_alloc_pages(struct stmt *stmt)
{
	gfp_t gfp = gfp_arg(stmt, 1);

	stmt->assigned->page = NULL;
	if (gfp_is_sound(gfp))
		result_page(stmt, alloc_pages(gfp, stmt->args[0].number));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void result_address(struct stmt *stmt, unsigned long addr)
{
	stmt->assigned->page = addr ? virt_to_page((void *)addr) : NULL;
	if (addr)
		stmt_result(stmt, "%08lx", addr);
	else
		stmt_result_err(stmt, -ENOMEM);
}

static void run_get_free_pages(struct stmt *stmt)
{
	gfp_t gfp = gfp_arg(stmt, 1);

	stmt->assigned->page = NULL;
	if (gfp & __GFP_HIGHMEM || !gfp_is_sound(gfp))
		stmt_result_err(stmt, -EINVAL);
	else
		result_address(stmt, __get_free_pages(gfp, stmt->args[0].number));
}

static void run_get_zeroed_page(struct stmt *stmt)
{
	gfp_t gfp = gfp_arg(stmt, 0);

	stmt->assigned->page = NULL;
	if (gfp & __GFP_HIGHMEM || !gfp_is_sound(gfp))
		stmt_result_err(stmt, -EINVAL);
	else
		result_address(stmt, get_zeroed_page(gfp));
}

static void run_pfn_to_page(struct stmt *stmt)
{
	unsigned long pfn = stmt->args[0].number;

	stmt->assigned->page = pfn_valid(pfn) ? pfn_to_page(pfn) : NULL;
	stmt_result_err(stmt, pfn_valid(pfn) ? 0 : -EINVAL);
}

/* Afterwards the page may not say any more what it was. */
static int drop_use(struct page *page, unsigned int order, bool cold)
{
	int err;

	if (!page)
		return -EINVAL;
	note_page_pins(page, -1);
	err = cold ? free_cold_page(page) : __free_pages(page, order);
	if (err)
		note_page_pins(page, 1);
	return err;
}

static void run_free_pages(struct stmt *stmt)
{
	unsigned int order = stmt->nr_args > 1 ? stmt->args[1].number : 0;

	stmt_result_err(stmt, drop_use(stmt->args[0].var->page, order, false));
}

static void run_free_cold_page(struct stmt *stmt)
{
	stmt_result_err(stmt, drop_use(stmt->args[0].var->page, 0, true));
}

static void run_split_page(struct stmt *stmt)
{
	struct page *page = stmt->args[0].var->page;

	stmt_result_err(stmt, page ? split_page(page, stmt->args[1].number) : -EINVAL);
}

static void run_alloc_exact(struct stmt *stmt)
{
	gfp_t gfp = gfp_arg(stmt, 1);

	stmt->assigned->page = NULL;
	if (gfp & __GFP_HIGHMEM || !gfp_is_sound(gfp) || stmt->args[0].number >> 32)
		stmt_result_err(stmt, -EINVAL);
	else
		result_address(stmt, alloc_pages_exact(stmt->args[0].number, gfp));
}

static void run_free_exact(struct stmt *stmt)
{
	u64 size = stmt->args[1].number;

	stmt_result_err(stmt, size >> 32 ? -EINVAL : free_pages_exact(stmt->args[0].number, size));
}

static void run_free_address(struct stmt *stmt)
{
	stmt_result_err(stmt, free_pages(stmt->args[0].number, stmt->args[1].number));
}

static void run_get_page(struct stmt *stmt)
{
	if (!page_arg_usable(&stmt->args[0])) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	get_page(stmt->args[0].var->page);
	note_page_pins(stmt->args[0].var->page, 1);
	stmt_result(stmt, "count %u", stmt->args[0].var->page->_count);
}

/* ---- contents ------------------------------------------------------------------------------ */

/* The word at a byte offset of a page of low memory, or NULL. */
static u32 *page_word(const struct stmt *stmt)
{
	const struct arg *page = &stmt->args[0];
	u64 offset = stmt->args[1].number;

	if (!page_arg_usable(page) || is_highmem(page_zone(page->var->page)) ||
	    offset % sizeof(u32) || offset >= PAGE_SIZE << page_order_in_use(page->var->page))
		return NULL;
	return (u32 *)page_address(page->var->page) + offset / sizeof(u32);
}

static void run_poke(struct stmt *stmt)
{
	u32 *word = page_word(stmt);

	if (word)
		*word = stmt->args[2].number;
	stmt_result_err(stmt, word ? 0 : -EINVAL);
}

static void run_peek(struct stmt *stmt)
{
	u32 *word = page_word(stmt);

	if (word)
		stmt_result(stmt, "%08x", *word);
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_is_zero(struct stmt *stmt)
{
	const u32 *word;
	unsigned long words, i = 0;

	stmt->args[1].number = 0;
	word = page_word(stmt);
	if (!word) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	words = WORDS_PER_PAGE << page_order_in_use(stmt->args[0].var->page);
	while (i < words && word[i] == 0)
		i++;
	stmt_result(stmt, i == words ? "yes" : "no");
}

/* ---- many ---------------------------------------------------------------------------------- */

/*
 * Without a limit, goes on until there is no block, or until reclaim had to help: what that frees
 * may be the hoard's own, and would come back for ever. Nothing of it fails on purpose: it is how
 * vectors make memory scarce.
 */
static void run_hoard(struct stmt *stmt)
{
	gfp_t gfp = gfp_arg(stmt, 1) | __GFP_NOWARN;
	u64 limit = stmt->nr_args > 2 ? stmt->args[2].number : ~0ull;
	unsigned int order = stmt->args[0].number;
	unsigned long count = 0, stalls = vm_counters[ALLOCSTALL];
	struct page *page;

	if (!gfp_is_sound(gfp)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	if (!hoard.next)
		list_init(&hoard);
	fault_pause();
	while (count < limit && (page = order ? alloc_pages(gfp, order) : alloc_page(gfp))) {
		list_add(&page->lru, &hoard);
		page->mapping = &hoard;
		count++;
		if (limit == ~0ull && vm_counters[ALLOCSTALL] != stalls)
			break;
	}
	fault_resume();
	stmt_result(stmt, "%lu blocks", count);
}

static bool drop_hoarded(struct page *page)
{
	list_del(&page->lru);
	page->mapping = NULL;
	return __free_pages(page, page_order_in_use(page)) == 0;
}

bool hoard_is_empty(void)
{
	return !hoard.next || list_empty(&hoard);
}

unsigned long hoard_drop_newest(void)
{
	struct page *page = list_first_entry(&hoard, struct page, lru);
	unsigned long pages = page->_count == 1 ? 1ul << page_order_in_use(page) : 0;

	drop_hoarded(page);
	return pages;
}

/* Frees every step-th block of the hoard, the newest first; 1 frees all. */
static void run_release(struct stmt *stmt)
{
	u64 step = stmt->nr_args > 0 ? stmt->args[0].number : 1;
	unsigned long freed = 0, seen = 0;

	if (!step) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	for (struct list_head *at = hoard.next, *next; at && at != &hoard; at = next) {
		struct page *page = list_entry(at, struct page, lru);

		next = at->next;
		if (seen++ % step)
			continue;
		freed += drop_hoarded(page);
	}
	stmt_result(stmt, "%lu blocks", freed);
}

static void run_nr_free_pages(struct stmt *stmt)
{
	stmt_result(stmt, "%lu", nr_free_pages());
}

static const struct verb verbs[] = {
	{"alloc_pages", "order:n gfp:g?", VAR_PAGE, MM_UP, MM_LAST, run_alloc_pages,
	 "allocate 2^order pages; GFP_KERNEL unless given"},
	{"get_free_pages", "order:n gfp:g?", VAR_PAGE, MM_UP, MM_LAST, run_get_free_pages,
	 "the same by address: __get_free_pages()"},
	{"get_zeroed_page", "gfp:g?", VAR_PAGE, MM_UP, MM_LAST, run_get_zeroed_page,
	 "allocate a page of zeroes"},
	{"pfn_to_page", "pfn:n", VAR_PAGE, MM_ZONES, MM_LAST, run_pfn_to_page,
	 "name the page of a frame, whoever has it"},
	{"free_pages", "page:p order:n?", VAR_NONE, MM_UP, MM_LAST, run_free_pages,
	 "drop a use of a block: __free_pages()"},
	{"free_address", "addr:n order:n", VAR_NONE, MM_UP, MM_LAST, run_free_address,
	 "drop a use of a block by its address: free_pages()"},
	{"free_cold_page", "page:p", VAR_NONE, MM_UP, MM_LAST, run_free_cold_page,
	 "drop a use of a page that will not be needed soon"},
	{"split_page", "page:p order:n", VAR_NONE, MM_UP, MM_LAST, run_split_page,
	 "make single pages of a block"},
	{"alloc_pages_exact", "size:z gfp:g?", VAR_PAGE, MM_UP, MM_LAST, run_alloc_exact,
	 "allocate as many pages as hold size bytes"},
	{"free_pages_exact", "addr:n size:z", VAR_NONE, MM_UP, MM_LAST, run_free_exact,
	 "free them again, by address"},
	{"get_page", "page:p", VAR_NONE, MM_UP, MM_LAST, run_get_page, "one more use of a page"},
	{"poke", "page:p offset:n value:n", VAR_NONE, MM_UP, MM_LAST, run_poke,
	 "write a word into a page of low memory"},
	{"peek", "page:p offset:n", VAR_NONE, MM_UP, MM_LAST, run_peek,
	 "read a word of a page of low memory"},
	{"is_zero", "page:p", VAR_NONE, MM_UP, MM_LAST, run_is_zero, "is the whole block zero?"},
	{"hoard", "order:n gfp:g? limit:n?", VAR_NONE, MM_UP, MM_LAST, run_hoard,
	 "allocate blocks until none is left, or limit"},
	{"release", "step:n?", VAR_NONE, MM_UP, MM_LAST, run_release,
	 "free every step-th block of the hoard, the newest first"},
	{"nr_free_pages", "", VAR_NONE, MM_UP, MM_LAST, run_nr_free_pages, "count free pages"},
};

const struct verb_table page_verbs = {verbs, ARRAY_SIZE(verbs)};
