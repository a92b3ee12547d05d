/* Verbs of the detectors that remember who allocated: page owners, kmemleak. */
#include "top/verbs.h"

#include "base/errno.h"
#include "phys/page_owner.h"

static void run_page_owner(struct stmt *stmt)
{
	const struct page *page;

	if (!stmt->nr_args) {
		stmt_result(stmt, "%lu blocks", print_page_owners());
		return;
	}
	page = stmt->args[0].var->page;
	stmt_result_err(stmt, page ? print_page_owner(page) : -EINVAL);
}

static const struct verb verbs[] = {
	{"page_owner", "page:p?", VAR_NONE, MM_UP, MM_KMEM, run_page_owner,
	 "who allocated the page, and who freed it last; all blocks in use unless given"},
};

const struct verb_table leak_verbs = {verbs, ARRAY_SIZE(verbs)};
