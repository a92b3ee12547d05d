/* Verbs of page tables, of the fixmap, and of accesses at CPL 3 and CPL 0. */
#include "top/vec.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "as/task.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "paging/uaccess.h"
#include "pgtable/fixmap.h"
#include "pgtable/pgtable.h"
#include "top/vec_sweep.h"
#include "top/verbs.h"

/* What a user copy moves at most: a few pages. */
#define COPY_SIZE (4 * PAGE_SIZE)
static char copy_buffer[COPY_SIZE];

/* The directory an argument names; NULL when it was freed, or never allocated. */
static pgd_t *pgd_arg(const struct arg *arg)
{
	return arg->var ? arg->var->pgd : swapper_pg_dir;
}

/* The same where swapper will not do: it has no user half. */
static pgd_t *user_pgd_arg(const struct arg *arg)
{
	return arg->var ? arg->var->pgd : NULL;
}

static bool mappable(const struct arg *arg)
{
	return page_arg_usable(arg) && page_order_in_use(arg->var->page) == 0;
}

static pgprot_t rights_arg(const struct arg *arg)
{
	return __pgprot((u32)arg->number);
}

/* ---- page tables --------------------------------------------------------------------------- */

static void run_pgd_alloc(struct stmt *stmt)
{
	stmt->assigned->pgd = pgd_alloc();
	if (stmt->assigned->pgd)
		stmt_result(stmt, "pfn %05lx", page_to_pfn(pgd_page(stmt->assigned->pgd)));
	else
		stmt_result_err(stmt, -ENOMEM);
}

static void run_pgd_free(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	int err = pgd ? pgd_free(pgd) : -EINVAL;

	if (!err)
		stmt->args[0].var->pgd = NULL;
	stmt_result_err(stmt, err);
}

static void run_load_cr3(struct stmt *stmt)
{
	pgd_t *pgd = pgd_arg(&stmt->args[0]);

	if (pgd)
		arch_load_cr3(__pa(pgd));
	stmt_result_err(stmt, pgd ? 0 : -EINVAL);
}

static void run_map(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	int err = -EINVAL;

	if (pgd && mappable(&stmt->args[2]))
		err = map_page(pgd, stmt->args[1].number, stmt->args[2].var->page,
			       rights_arg(&stmt->args[3]));
	stmt_result_err(stmt, err);
}

static void run_unmap(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);

	stmt_result_err(stmt, pgd ? unmap_page(pgd, stmt->args[1].number) : -EINVAL);
}

static void run_protect(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	int err = -EINVAL;

	if (pgd)
		err = protect_page(pgd, stmt->args[1].number, rights_arg(&stmt->args[2]));
	stmt_result_err(stmt, err);
}

static void run_replace(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	int err = -EINVAL;

	if (pgd && mappable(&stmt->args[2]))
		err = replace_page(pgd, stmt->args[1].number, stmt->args[2].var->page);
	stmt_result_err(stmt, err);
}

static void run_clear_young(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	int young = pgd ? clear_flush_young(pgd, stmt->args[1].number) : -EINVAL;

	if (young < 0)
		stmt_result_err(stmt, young);
	else
		stmt_result(stmt, young ? "young" : "old");
}

static void run_free_tables(struct stmt *stmt)
{
	pgd_t *pgd = user_pgd_arg(&stmt->args[0]);
	unsigned long start = stmt->args[1].number, end = stmt->args[2].number;

	if (pgd && start <= end && end <= TASK_SIZE)
		stmt_result(stmt, "%u tables", free_empty_tables(pgd, start, end));
	else
		stmt_result_err(stmt, -EINVAL);
}

/* ---- fixmap -------------------------------------------------------------------------------- */

static void run_set_fixmap(struct stmt *stmt)
{
	int err = -EINVAL;

	if (mappable(&stmt->args[1])) {
		pgprot_t prot = rights_arg(&stmt->args[2]);

		prot.bits |= _PAGE_ACCESSED | _PAGE_DIRTY;
		err = set_fixmap(stmt->args[0].number, page_to_phys(stmt->args[1].var->page), prot);
	}
	stmt_result_err(stmt, err);
}

static void run_clear_fixmap(struct stmt *stmt)
{
	stmt_result_err(stmt, clear_fixmap(stmt->args[0].number));
}

/* ---- accesses ------------------------------------------------------------------------------ */

static void result_fault(struct stmt *stmt, const struct fault_record *fault)
{
	u32 code = fault->error_code;

	const char *signal = "";

	/* A program's access ends in a signal; one of no program, at once. */
	if (mm_stage() >= MM_AS && current->mm && code & PF_USER)
		signal = fault_signal_name(current->fault);
	stmt_result(stmt, "fault %08lx %s %s %s%s%s%s%s", fault->address,
		    code & PF_USER ? "user" : "kernel", code & PF_WRITE ? "write" : "read",
		    code & PF_PROT ? "protection" : "not-present",
		    code & PF_RSVD ? " reserved" : "", code & PF_INSTR ? " fetch" : "",
		    *signal ? " " : "", signal);
}

static void do_access(struct stmt *stmt, int (*perform)(struct access *access),
		      enum access_kind kind)
{
	unsigned int last = kind == ACCESS_STORE ? 2 : 1;
	struct access access = {
		.kind = kind,
		.address = stmt->args[0].number,
		.size = stmt->nr_args > last ? stmt->args[last].number : 4,
		.value = kind == ACCESS_STORE ? stmt->args[1].number : 0,
	};
	int err = -EINVAL;

	if (access.size == 1 || access.size == 2 || access.size == 4)
		err = perform(&access);
	if (err == -EFAULT)
		result_fault(stmt, &access.fault);
	else if (err || kind != ACCESS_LOAD)
		stmt_result_err(stmt, err);
	else
		stmt_result(stmt, "0x%0*x", (int)access.size * 2, access.value);
}

static void run_load(struct stmt *stmt)
{
	do_access(stmt, machine_user_access, ACCESS_LOAD);
}

static void run_store(struct stmt *stmt)
{
	do_access(stmt, machine_user_access, ACCESS_STORE);
}

static void run_exec(struct stmt *stmt)
{
	do_access(stmt, machine_user_access, ACCESS_EXEC);
}

static void run_kload(struct stmt *stmt)
{
	do_access(stmt, machine_kernel_access, ACCESS_LOAD);
}

/* Whose the address is, the vector knows by heart: no longer, once a sweep failed an allocation, or
 * where shadow memory takes some. */
static void run_kstore(struct stmt *stmt)
{
	if (sweep_has_fired() || vec_is_unjudged()) {
		stmt_result_err(stmt, -EPERM);
		return;
	}
	do_access(stmt, machine_kernel_access, ACCESS_STORE);
}

/* ---- user copies --------------------------------------------------------------------------- */

static bool copy_range_ok(const struct stmt *stmt)
{
	return stmt->args[1].number <= COPY_SIZE;
}

static void run_copy_to_user(struct stmt *stmt)
{
	size_t size = stmt->args[1].number;

	if (!copy_range_ok(stmt)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	memset(copy_buffer, (int)stmt->args[2].number, size);
	stmt_result(stmt, "%zu left", copy_to_user(stmt->args[0].number, copy_buffer, size));
}

static void run_copy_from_user(struct stmt *stmt)
{
	size_t size = stmt->args[1].number, left;
	u32 sum = 0;

	if (!copy_range_ok(stmt)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	/* What is not copied must not stay what it was. */
	memset(copy_buffer, 0xEE, size);
	left = copy_from_user(copy_buffer, stmt->args[0].number, size);
	for (size_t i = 0; i < size; i++)
		sum += (u8)copy_buffer[i];
	stmt_result(stmt, "%zu left sum %u", left, sum);
}

static void run_clear_user(struct stmt *stmt)
{
	if (copy_range_ok(stmt))
		stmt_result(stmt, "%zu left",
			    clear_user(stmt->args[0].number, stmt->args[1].number));
	else
		stmt_result_err(stmt, -EINVAL);
}

static void run_strncpy_from_user(struct stmt *stmt)
{
	long len;

	if (!copy_range_ok(stmt)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	len = strncpy_from_user(copy_buffer, stmt->args[0].number, stmt->args[1].number);
	if (len < 0)
		stmt_result_err(stmt, len);
	else
		stmt_result(stmt, "%ld bytes", len);
}

static const struct verb verbs[] = {
	{"pgd_alloc", "", VAR_PGD, MM_UP, MM_LAST, run_pgd_alloc, "a new, empty page directory"},
	{"pgd_free", "space:d", VAR_NONE, MM_UP, MM_LAST, run_pgd_free,
	 "free a page directory and all it maps"},
	{"load_cr3", "space:d", VAR_NONE, MM_PAGING, MM_KMEM, run_load_cr3,
	 "switch to a page directory"},
	{"map", "space:d va:n page:p rights:r", VAR_NONE, MM_UP, MM_LAST, run_map, "map a page"},
	{"unmap", "space:d va:n", VAR_NONE, MM_UP, MM_LAST, run_unmap, "unmap a page"},
	{"protect", "space:d va:n rights:r", VAR_NONE, MM_UP, MM_LAST, run_protect,
	 "change the rights of a mapped page"},
	{"replace", "space:d va:n page:p", VAR_NONE, MM_UP, MM_LAST, run_replace,
	 "put another page where one is mapped"},
	{"clear_young", "space:d va:n", VAR_NONE, MM_UP, MM_LAST, run_clear_young,
	 "test and clear the accessed bit"},
	{"free_tables", "space:d start:n end:n", VAR_NONE, MM_UP, MM_LAST, run_free_tables,
	 "free page tables that map nothing"},
	{"set_fixmap", "index:n page:p rights:r", VAR_NONE, MM_UP, MM_LAST, run_set_fixmap,
	 "map a page at a fixmap slot"},
	{"clear_fixmap", "index:n", VAR_NONE, MM_PAGING, MM_LAST, run_clear_fixmap,
	 "unmap a fixmap slot"},
	{"load", "va:n size:n?", VAR_NONE, MM_RESET, MM_LAST, run_load, "load at CPL 3"},
	{"store", "va:n value:n size:n?", VAR_NONE, MM_RESET, MM_LAST, run_store, "store at CPL 3"},
	{"exec", "va:n", VAR_NONE, MM_RESET, MM_LAST, run_exec, "run the bytes CD 81 at CPL 3"},
	{"kload", "va:n size:n?", VAR_NONE, MM_RESET, MM_LAST, run_kload, "load at CPL 0"},
	{"kstore", "va:n value:n size:n?", VAR_NONE, MM_RESET, MM_LAST, run_kstore,
	 "store at CPL 0"},
	{"copy_to_user", "va:n bytes:n fill:n", VAR_NONE, MM_RESET, MM_LAST, run_copy_to_user,
	 "copy bytes of one value to user addresses"},
	{"copy_from_user", "va:n bytes:n", VAR_NONE, MM_RESET, MM_LAST, run_copy_from_user,
	 "copy from user addresses, and sum the bytes"},
	{"clear_user", "va:n bytes:n", VAR_NONE, MM_RESET, MM_LAST, run_clear_user,
	 "clear user addresses"},
	{"strncpy_from_user", "va:n bytes:n", VAR_NONE, MM_RESET, MM_LAST, run_strncpy_from_user,
	 "copy a string of at most so many bytes, and say how long it is"},
};

const struct verb_table mmu_verbs = {verbs, ARRAY_SIZE(verbs)};
