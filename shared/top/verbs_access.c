/* Verbs of what a program does to its memory, and of what that did to its entries. */
#include "top/verbs.h"

#include "arch/machine.h"
#include "as/rmap.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/memory.h"
#include "pgtable/pgtable.h"
#include "pgtable/tlb.h"
#include "top/mm_page_map.h"
#include "top/mm_spaces.h"

const char *fault_signal_name(enum fault_signal signal)
{
	static const char *const names[] = {
		[FAULT_NONE] = "",
		[SEGV_MAPERR] = "SEGV_MAPERR",
		[SEGV_ACCERR] = "SEGV_ACCERR",
		[BUS_ADRERR] = "BUS_ADRERR",
		[FAULT_OOM] = "OOM",
	};

	return names[signal];
}

/* ---- page after page ----------------------------------------------------------------------- */

/* A run of accesses of one kind, to the first word of each page. */
struct run {
	unsigned long addr;
	unsigned long pages, done;
	u32 value, sum;
	bool refused;
	unsigned long refused_at;
};

static void perform(struct run *run, enum access_kind kind)
{
	for (; run->done < run->pages && !run->refused; run->done++) {
		struct access access = {
			.kind = kind,
			.address = run->addr + (run->done << PAGE_SHIFT),
			.size = sizeof(u32),
			.value = run->value,
		};

		current->fault = FAULT_NONE;
		if (machine_user_access(&access)) {
			run->refused = true;
			run->refused_at = access.fault.address;
			return;
		}
		run->sum += access.value;
	}
}

/* false: no task, or no range; the result says so. */
static bool begin(struct stmt *stmt, struct run *run)
{
	u64 addr = stmt->args[1].number, len = stmt->args[2].number;

	if (!run_in_space(stmt))
		return false;
	if (!IS_ALIGNED(addr, PAGE_SIZE) || addr + len > 1ull << 32) {
		stmt_result_err(stmt, -EINVAL);
		return false;
	}
	*run = (struct run){.addr = addr, .pages = PFN_UP(len)};
	return true;
}

static void run_touch(struct stmt *stmt)
{
	struct run run;

	if (!begin(stmt, &run))
		return;
	run.value = stmt->nr_args > 3 ? stmt->args[3].number : 1;
	perform(&run, ACCESS_STORE);
	if (run.refused)
		stmt_result(stmt, "%lu pages, then %s at %08lx", run.done,
			    fault_signal_name(current->fault), run.refused_at);
	else
		stmt_result(stmt, "%lu pages", run.done);
}

static void run_sum(struct stmt *stmt)
{
	struct run run;

	if (!begin(stmt, &run))
		return;
	perform(&run, ACCESS_LOAD);
	if (run.refused)
		stmt_result(stmt, "%lu pages sum %u, then %s at %08lx", run.done, run.sum,
			    fault_signal_name(current->fault), run.refused_at);
	else
		stmt_result(stmt, "%lu pages sum %u", run.done, run.sum);
}

/* ---- figures ------------------------------------------------------------------------------- */

static void run_faults(struct stmt *stmt)
{
	if (run_task(stmt))
		stmt_result(stmt, "minor %lu major %lu", current->min_flt, current->maj_flt);
}

static void run_rss(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);

	if (mm)
		stmt_result(stmt, "file %ld anon %ld swap %ld shmem %ld tables %lu",
			    mm->rss_stat[MM_FILEPAGES], mm->rss_stat[MM_ANONPAGES],
			    mm->rss_stat[MM_SWAPENTS], mm->rss_stat[MM_SHMEMPAGES],
			    count_tables(mm));
}

static void result_entry(struct stmt *stmt, const struct vm_area_struct *vma, pte_t pte)
{
	const struct page *page = vma ? vm_normal_page(vma, pte) : NULL;
	const char *rights = "none";

	if (pte_val(pte) & _PAGE_PRESENT)
		rights = pte_write(pte) ? "rw" : "ro";
	if (pte_none(pte))
		stmt_result(stmt, "none");
	else if (!page)
		stmt_result(stmt, "zero %s %s %s", rights, pte_young(pte) ? "young" : "old",
			    pte_dirty(pte) ? "dirty" : "clean");
	else
		stmt_result(stmt, "%s %s %s %s count %u maps %d", page_kind(page), rights,
			    pte_young(pte) ? "young" : "old", pte_dirty(pte) ? "dirty" : "clean",
			    page->_count, page->_mapcount + 1);
}

static void run_pte(struct stmt *stmt)
{
	unsigned long addr = stmt->args[1].number;
	struct mm_struct *mm = run_in_space(stmt);

	if (!mm)
		return;
	if (addr >= TASK_SIZE) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	down_read(&mm->mmap_sem);
	result_entry(stmt, vma_lookup(mm, addr), pte_at(mm->pgd, addr));
	up_read(&mm->mmap_sem);
}

static void run_tlb_flushes(struct stmt *stmt)
{
	stmt_result(stmt, "one %lu all %lu", tlb_flushes.one, tlb_flushes.all);
	tlb_flushes = (struct tlb_flushes){0, 0};
}

static const struct verb verbs[] = {
	{"touch", "task:t addr:x len:x value:x?", VAR_NONE, MM_AS, MM_LAST, run_touch,
	 "store to the first word of each page, at CPL 3"},
	{"sum", "task:t addr:x len:x", VAR_NONE, MM_AS, MM_LAST, run_sum,
	 "load the first word of each page, at CPL 3, and add them up"},
	{"faults", "task:t", VAR_NONE, MM_AS, MM_LAST, run_faults,
	 "page faults of the task that were resolved"},
	{"rss", "task:t", VAR_NONE, MM_AS, MM_LAST, run_rss, "resident pages by kind, page tables"},
	{"pte", "task:t addr:x", VAR_NONE, MM_AS, MM_LAST, run_pte, "what is mapped at an address"},
	{"tlb_flushes", "", VAR_NONE, MM_UP, MM_LAST, run_tlb_flushes,
	 "flushes of one page and of a space, since last asked"},
};

const struct verb_table access_verbs = {verbs, ARRAY_SIZE(verbs)};
