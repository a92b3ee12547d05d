/* Verbs that look at the state. What they print is output, to be expected with "|" lines. */
#include "top/vec.h"

#include "base/errno.h"
#include "pgtable/pgtable.h"
#include "top/mm_page_map.h"
#include "top/mm_show.h"
#include "top/mm_slabs.h"
#include "top/mm_space_map.h"
#include "top/mm_verify.h"
#include "top/verbs.h"

static void run_memory_map(struct stmt *stmt)
{
	show_memory_map();
	stmt_result(stmt, "ok");
}

static void run_zones(struct stmt *stmt)
{
	show_zones();
	stmt_result(stmt, "ok");
}

static void run_free_lists(struct stmt *stmt)
{
	show_free_lists();
	stmt_result(stmt, "ok");
}

static void run_page(struct stmt *stmt)
{
	struct page *page = stmt->args[0].var->page;

	if (page)
		show_page(page);
	stmt_result_err(stmt, page ? 0 : -EINVAL);
}

static void run_walk(struct stmt *stmt)
{
	struct var *var = stmt->args[0].var;
	pgd_t *pgd = var ? var->pgd : swapper_pg_dir;

	if (pgd)
		show_walk(pgd, stmt->args[1].number);
	stmt_result_err(stmt, pgd ? 0 : -EINVAL);
}

static void run_slab_map(struct stmt *stmt)
{
	stmt_result_err(stmt, show_slabs(stmt->nr_args ? stmt->args[0].word : NULL));
}

/* Without a number all of them, so that 0 has to be refused here. */
static void run_space_map(struct stmt *stmt)
{
	u64 number = stmt->nr_args ? stmt->args[0].number : 0;

	if (stmt->nr_args && !number)
		stmt_result_err(stmt, -ENOENT);
	else
		stmt_result_err(stmt, show_space_map(number));
}

static void run_page_map(struct stmt *stmt)
{
	u64 number = stmt->nr_args ? stmt->args[0].number : 0;

	if (stmt->nr_args && !number)
		stmt_result_err(stmt, -ENOENT);
	else
		stmt_result_err(stmt, show_page_map(number));
}

static void run_state(struct stmt *stmt)
{
	show_state();
	stmt_result(stmt, "ok");
}

static void run_verify(struct stmt *stmt)
{
	unsigned int violations = mm_verify(true);

	if (!violations)
		tamper_seen();
	if (violations)
		stmt_result(stmt, "%u violations", violations);
	else
		stmt_result(stmt, "ok");
}

static const struct verb verbs[] = {
	{"memory_map", "", VAR_NONE, MM_RESET, MM_LAST, run_memory_map, "the map and its limits"},
	{"zones", "", VAR_NONE, MM_ZONES, MM_LAST, run_zones, "the zones and their pages"},
	{"free_lists", "", VAR_NONE, MM_ZONES, MM_LAST, run_free_lists,
	 "every free block, in the order of the lists"},
	{"page", "page:p", VAR_NONE, MM_ZONES, MM_LAST, run_page, "the fields of a struct page"},
	{"walk", "space:d va:n", VAR_NONE, MM_RESET, MM_LAST, run_walk,
	 "the page-table entries for an address"},
	{"slab_map", "cache:w?", VAR_NONE, MM_KMEM, MM_LAST, run_slab_map,
	 "each slab with the states of its objects; of all caches unless one is named"},
	{"space_map", "space:n?", VAR_NONE, MM_AS, MM_LAST, run_space_map,
	 "each area of an address space; of all spaces unless one is named by its number"},
	{"page_map", "space:n?", VAR_NONE, MM_AS, MM_LAST, run_page_map,
	 "each page table and its entries, of all spaces or of one; and the pages of files"},
	{"state", "", VAR_NONE, MM_RESET, MM_LAST, run_state, "all that the digest covers"},
	{"verify", "", VAR_NONE, MM_RESET, MM_LAST, run_verify, "mm_verify(), poison included"},
};

const struct verb_table show_verbs = {verbs, ARRAY_SIZE(verbs)};
