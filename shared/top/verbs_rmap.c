/* Verbs of programs' pages as the kernel has them: gotten, aged, cleaned, unmapped. */
#include "top/verbs.h"

#include "arch/machine.h"
#include "as/rmap.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "base/string.h"
#include "paging/gup.h"
#include "paging/memory.h"
#include "phys/page_alloc.h"
#include "phys/page_lock.h"
#include "top/mm_spaces.h"
#include "top/vec_sweep.h"

/* Uses that verbs have taken of programs' and files' pages. */
static __mm_state unsigned long page_pins;

static unsigned long count_page_pins(void)
{
	return page_pins;
}

void watch_page_pins(void)
{
	set_page_pins(count_page_pins);
}

void note_page_pins(const struct page *page, long uses)
{
	watch_page_pins();
	if (page_flag(page, PG_uptodate))
		page_pins += uses;
}

/* ---- get_user_pages() ---------------------------------------------------------------------- */

/* The race: after which fault another task of the space throws the page away. 0: it does not. */
static __mm_state unsigned long race_after, faults_seen;

static void race(struct vm_area_struct *vma, unsigned long address)
{
	if (++faults_seen == race_after)
		zap_page_range(vma, address & PAGE_MASK, (address & PAGE_MASK) + PAGE_SIZE);
}

static int gup_flags(const char *word, unsigned int *flags)
{
	static const struct {
		const char *word;
		unsigned int flags;
	} known[] = {
		{"read", 0},
		{"write", FOLL_WRITE},
		{"force", FOLL_FORCE},
		{"force-write", FOLL_WRITE | FOLL_FORCE},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (strcmp(known[i].word, word) == 0) {
			*flags = known[i].flags;
			return 0;
		}
	return -EINVAL;
}

static void run_get_user_page(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	unsigned int flags;
	struct page *page;
	long got;

	sweep_may_keep();
	stmt->assigned->page = NULL;
	if (!mm)
		return;
	if (gup_flags(stmt->args[2].word, &flags)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	race_after = stmt->nr_args > 3 ? stmt->args[3].number : 0;
	faults_seen = 0;
	gup_after_fault = race;
	down_read(&mm->mmap_sem);
	got = get_user_pages(mm, stmt->args[1].number, 1, flags, &page);
	up_read(&mm->mmap_sem);
	gup_after_fault = NULL;
	if (got < 0) {
		stmt_result_err(stmt, got);
		return;
	}
	/* The zero page is not counted, and not to be written to. */
	if (!page_flag(page, PG_reserved)) {
		stmt->assigned->page = page;
		note_page_pins(page, 1);
	}
	stmt_result(stmt, "%lu faults", faults_seen);
}

static void run_get_user_pages(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	unsigned int flags;
	long got;

	sweep_may_keep();
	if (!mm)
		return;
	if (gup_flags(stmt->args[3].word, &flags)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	down_read(&mm->mmap_sem);
	got = get_user_pages(mm, stmt->args[1].number, stmt->args[2].number, flags, NULL);
	up_read(&mm->mmap_sem);
	if (got < 0)
		stmt_result_err(stmt, got);
	else
		stmt_result(stmt, "%ld pages", got);
}

/* ---- pages --------------------------------------------------------------------------------- */

static struct page *page_arg(struct stmt *stmt)
{
	if (page_arg_usable(&stmt->args[0]))
		return stmt->args[0].var->page;
	stmt_result_err(stmt, -EINVAL);
	return NULL;
}

static void run_put_page(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);

	if (!page)
		return;
	/* Entries and the cache have theirs. */
	if (page->_count <= (u32)(page->_mapcount + 1) + (page->mapping && !page_is_anon(page))) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	note_page_pins(page, -1);
	stmt->args[0].var->page = NULL;
	put_page(page);
	stmt_result(stmt, "ok");
}

static void run_page_referenced(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);

	if (page)
		stmt_result(stmt, "%u", page_referenced(page));
}

static void run_try_to_unmap(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);
	bool unmapped;

	if (!page)
		return;
	lock_page(page);
	unmapped = try_to_unmap(page);
	unlock_page(page);
	stmt_result_err(stmt, unmapped ? 0 : -EBUSY);
}

static void run_page_mkclean(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);
	unsigned int cleaned;

	if (!page)
		return;
	lock_page(page);
	cleaned = page_mkclean(page);
	unlock_page(page);
	stmt_result(stmt, "%u", cleaned);
}

static void run_page_state(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);

	if (page)
		stmt_result(stmt, "count %u maps %d%s%s%s", page->_count, page->_mapcount + 1,
			    page_flag(page, PG_dirty) ? " dirty" : "",
			    page_flag(page, PG_referenced) ? " referenced" : "",
			    page_is_anon(page) ? " anon"
			    : page->mapping    ? " cached"
					       : "");
}

/* So many more uses, or fewer, at once: as if somebody had asked for them one by one. */
static void run_page_uses(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);
	s32 uses = (s32)stmt->args[1].number;

	if (!page)
		return;
	page->_count += uses;
	note_page_pins(page, uses);
	stmt_result(stmt, "count %u", page->_count);
}

/* ---- waiting ------------------------------------------------------------------------------- */

static __mm_state unsigned int waits;

static void unlock_for_waiter(struct page *page)
{
	waits++;
	unlock_page(page);
}

/* Somebody has the page locked, until the access waits for it. */
static void run_load_locked(struct stmt *stmt)
{
	struct page *page = page_arg(stmt);
	struct access access = {
		.kind = ACCESS_LOAD, .address = stmt->args[1].number, .size = sizeof(u32)};
	int err;

	if (!page)
		return;
	waits = 0;
	page_lock_wait = unlock_for_waiter;
	lock_page(page);
	err = machine_user_access(&access);
	if (!waits)
		unlock_page(page);
	page_lock_wait = NULL;
	if (err)
		stmt_result_err(stmt, err);
	else
		stmt_result(stmt, "0x%08x, waited %u", access.value, waits);
}

static const struct verb verbs[] = {
	{"load_locked", "page:p va:n", VAR_NONE, MM_AS, MM_LAST, run_load_locked,
	 "load at CPL 3 while somebody has the page locked, until he is waited for"},
	{"get_user_page", "task:t addr:x how:w race:n?", VAR_PAGE, MM_AS, MM_LAST,
	 run_get_user_page,
	 "get a page of a program's: read, write, force, force-write; race: MADV_DONTNEED strikes "
	 "after the n-th fault"},
	{"get_user_pages", "task:t addr:x pages:x how:w", VAR_NONE, MM_AS, MM_LAST,
	 run_get_user_pages, "have pages of a program's in place"},
	{"put_page", "page:p", VAR_NONE, MM_UP, MM_LAST, run_put_page, "drop a use of a page"},
	{"page_referenced", "page:p", VAR_NONE, MM_AS, MM_LAST, run_page_referenced,
	 "how many entries used it since last asked"},
	{"try_to_unmap", "page:p", VAR_NONE, MM_AS, MM_LAST, run_try_to_unmap,
	 "take all entries of a file's page away"},
	{"page_mkclean", "page:p", VAR_NONE, MM_AS, MM_LAST, run_page_mkclean,
	 "make all shared entries of a file's page clean and read-only"},
	{"page_state", "page:p", VAR_NONE, MM_AS, MM_LAST, run_page_state,
	 "users, mappings and flags of a page"},
	{"page_uses", "page:p uses:n", VAR_NONE, MM_AS, MM_LAST, run_page_uses,
	 "add so many uses, modulo 2^32"},
};

const struct verb_table rmap_verbs = {verbs, ARRAY_SIZE(verbs)};
