/*
 * Verbs of tasks, of their limits, and of the kernel's own mappings. A verb about a task
 * is what the task does: it runs, so its space is loaded.
 */
#include "top/verbs.h"

#include "as/mm.h"
#include "as/mman.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "base/string.h"
#include "paging/brk.h"
#include "paging/fork.h"
#include "paging/memory.h"
#include "paging/mmap.h"
#include "top/mm_spaces.h"

/* What exec maps of a stack before arguments are there: Linux's, after it made room. */
#define DEFAULT_STACK_SIZE 0x21000u

struct task_struct *run_task(struct stmt *stmt)
{
	struct task_struct *task = stmt->args[0].var->task;

	if (task)
		context_switch(task);
	else
		stmt_result_err(stmt, -ESRCH);
	return task;
}

struct mm_struct *run_in_space(struct stmt *stmt)
{
	struct task_struct *task = run_task(stmt);

	if (task && !task->mm)
		stmt_result_err(stmt, -EINVAL);
	return task ? task->mm : NULL;
}

/* ---- tasks --------------------------------------------------------------------------------- */

static void result_task(struct stmt *stmt, int err, struct task_struct *task)
{
	stmt->assigned->task = err ? NULL : task;
	stmt_result_err(stmt, err);
}

static void run_spawn(struct stmt *stmt)
{
	struct task_struct *task = alloc_task(&init_task), *former = current;

	watch_page_pins();
	if (!task) {
		result_task(stmt, -ENOMEM, NULL);
		return;
	}
	context_switch(task);
	if (do_exec(0) == 0) {
		result_task(stmt, 0, task);
		return;
	}
	context_switch(former);
	free_task(task);
	result_task(stmt, -ENOMEM, NULL);
}

static void run_kthread(struct stmt *stmt)
{
	struct task_struct *task = alloc_task(&init_task);

	result_task(stmt, task ? 0 : -ENOMEM, task);
}

static void run_fork(struct stmt *stmt)
{
	struct task_struct *parent = run_task(stmt), *child = NULL;
	unsigned long flags = stmt->nr_args > 1 ? stmt->args[1].number : 0;
	int err = -EINVAL;

	if (!parent) {
		stmt->assigned->task = NULL;
		return;
	}
	if (!(flags & ~(unsigned long)CLONE_VM))
		err = do_fork(flags, &child);
	result_task(stmt, err, child);
}

static void run_exec(struct stmt *stmt)
{
	u64 size = stmt->nr_args > 1 ? stmt->args[1].number : DEFAULT_STACK_SIZE;

	if (!run_task(stmt))
		return;
	if (!size || !IS_ALIGNED(size, PAGE_SIZE) || size > TASK_SIZE - mmap_min_addr)
		stmt_result_err(stmt, -EINVAL);
	else
		stmt_result_err(stmt, do_exec(size));
}

static void forget_task(struct var *var, void *task)
{
	if (var->type == VAR_TASK && var->task == task)
		var->task = NULL;
}

static void run_exit(struct stmt *stmt)
{
	struct task_struct *task = run_task(stmt);

	if (!task)
		return;
	do_exit();
	for_each_var(forget_task, task);
	stmt_result(stmt, "ok");
}

static void run_switch(struct stmt *stmt)
{
	if (run_task(stmt))
		stmt_result(stmt, "ok");
}

/* ---- what a task may ----------------------------------------------------------------------- */

/* The others are not about memory. */
static bool is_memory_limit(u64 kind)
{
	return kind == RLIMIT_DATA || kind == RLIMIT_STACK || kind == RLIMIT_MEMLOCK ||
	       kind == RLIMIT_AS;
}

static void run_setrlimit(struct stmt *stmt)
{
	u64 kind = stmt->args[1].number, cur = stmt->args[2].number;
	u64 max = stmt->nr_args > 3 ? stmt->args[3].number : RLIM_INFINITY;

	if (!run_task(stmt))
		return;
	if (!is_memory_limit(kind) || cur > max) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	current->rlim[kind] = (struct rlimit){cur, max};
	stmt_result(stmt, "ok");
}

static void run_capable(struct stmt *stmt)
{
	if (!run_task(stmt))
		return;
	current->cap_effective = stmt->args[1].number;
	stmt_result(stmt, "ok");
}

static void run_sysctl(struct stmt *stmt)
{
	stmt_result_err(stmt, vm_sysctl(stmt->args[0].word, stmt->args[1].number));
}

/* ---- areas from elsewhere ------------------------------------------------------------------ */

static unsigned long *mm_field(struct mm_struct *mm, u64 number)
{
	switch (number) {
	case PR_SET_MM_START_CODE:
		return &mm->start_code;
	case PR_SET_MM_END_CODE:
		return &mm->end_code;
	case PR_SET_MM_START_DATA:
		return &mm->start_data;
	case PR_SET_MM_END_DATA:
		return &mm->end_data;
	case PR_SET_MM_START_STACK:
		return &mm->start_stack;
	case PR_SET_MM_START_BRK:
		return &mm->start_brk;
	case PR_SET_MM_BRK:
		return &mm->brk;
	case PR_SET_MM_ARG_START:
		return &mm->arg_start;
	case PR_SET_MM_ARG_END:
		return &mm->arg_end;
	case PR_SET_MM_ENV_START:
		return &mm->env_start;
	case PR_SET_MM_ENV_END:
		return &mm->env_end;
	default:
		return NULL;
	}
}

static void run_set_mm(struct stmt *stmt)
{
	u64 addr = stmt->args[2].number;
	struct mm_struct *mm = run_in_space(stmt);
	unsigned long *field = mm ? mm_field(mm, stmt->args[1].number) : NULL;

	if (!mm)
		return;
	if (!field || addr >= TASK_SIZE || addr < mmap_min_addr) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	*field = addr;
	stmt_result(stmt, "ok");
}

static const char *special_name(const char *word)
{
	static const char *const names[] = {"[vdso]", "[vvar]", "[vvar_vclock]", "[sigpage]"};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], word) == 0)
			return names[i];
	return NULL;
}

static void run_special(struct stmt *stmt)
{
	unsigned long addr = stmt->args[1].number, len = stmt->args[2].number;
	unsigned long vm_flags = calc_vm_prot_bits(stmt->args[3].number);
	const char *name = special_name(stmt->args[4].word);
	struct mm_struct *mm = run_in_space(stmt);

	if (!mm)
		return;
	if (!name || !len || !IS_ALIGNED(addr | len, PAGE_SIZE) || len > TASK_SIZE ||
	    addr > TASK_SIZE - len) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	stmt_result_err(stmt, install_special_mapping(mm, addr, len,
						      vm_flags | VM_MAYACCESS | VM_PFNMAP, name));
}

static void run_insert_page(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	struct vm_area_struct *vma;
	int err = -EFAULT;

	if (!mm)
		return;
	if (!page_arg_usable(&stmt->args[2]) || page_order_in_use(stmt->args[2].var->page)) {
		stmt_result_err(stmt, -EINVAL);
		return;
	}
	down_write(&mm->mmap_sem);
	vma = vma_lookup(mm, stmt->args[1].number);
	if (vma)
		err = vm_insert_page(vma, stmt->args[1].number, stmt->args[2].var->page);
	up_write(&mm->mmap_sem);
	stmt_result_err(stmt, err);
}

static const struct verb verbs[] = {
	{"spawn", "", VAR_TASK, MM_AS, MM_LAST, run_spawn, "a task with an empty space"},
	{"kthread", "", VAR_TASK, MM_AS, MM_LAST, run_kthread, "a kernel thread"},
	{"fork", "task:t flags:x?", VAR_TASK, MM_AS, MM_LAST, run_fork,
	 "a child with a copy of the space, or the space itself: CLONE_VM"},
	{"execve", "task:t stack:z?", VAR_NONE, MM_AS, MM_LAST, run_exec,
	 "a new space with a stack of so many bytes"},
	{"exit", "task:t", VAR_NONE, MM_AS, MM_LAST, run_exit, "the end of a task"},
	{"switch", "task:t", VAR_NONE, MM_AS, MM_LAST, run_switch, "let a task run"},
	{"setrlimit", "task:t limit:x cur:x max:x?", VAR_NONE, MM_AS, MM_LAST, run_setrlimit,
	 "a limit of the task, in bytes"},
	{"capable", "task:t caps:x", VAR_NONE, MM_AS, MM_LAST, run_capable,
	 "the capabilities of the task, all of them"},
	{"sysctl", "name:w value:n", VAR_NONE, MM_AS, MM_LAST, run_sysctl, "set one of vm.*"},
	{"set_mm", "task:t field:x addr:n", VAR_NONE, MM_AS, MM_LAST, run_set_mm,
	 "say where code, data, heap and so on are: PR_SET_MM_*"},
	{"special", "task:t addr:n len:n prot:x name:w", VAR_NONE, MM_AS, MM_LAST, run_special,
	 "a mapping of the kernel's own: [vdso]"},
	{"vm_insert_page", "task:t addr:n page:p", VAR_NONE, MM_AS, MM_LAST, run_insert_page,
	 "map a page in an area of the task"},
};

const struct verb_table task_verbs = {verbs, ARRAY_SIZE(verbs)};
