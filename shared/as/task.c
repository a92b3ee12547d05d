#include "as/task.h"

#include "as/mm.h"
#include "base/bug.h"
#include "kmem/slab.h"

/* Of a first process: Linux's INIT_RLIMITS. */
#define DEFAULT_STACK_LIMIT (8ul << 20)
#define DEFAULT_MEMLOCK_LIMIT (8ul << 20)

__mm_state struct list_head task_list;
__mm_state struct task_struct init_task;
__mm_state struct task_struct *current_task;
static __mm_state struct kmem_cache *task_cachep;
static __mm_state int last_pid;

void task_init(void)
{
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++)
		init_task.rlim[i] = (struct rlimit){RLIM_INFINITY, RLIM_INFINITY};
	init_task.rlim[RLIMIT_STACK].rlim_cur = DEFAULT_STACK_LIMIT;
	init_task.rlim[RLIMIT_MEMLOCK].rlim_cur = DEFAULT_MEMLOCK_LIMIT;
	init_task.active_mm = mmgrab(&init_mm);
	list_init(&task_list);
	list_add_tail(&init_task.tasks, &task_list);
	current = &init_task;
	task_cachep =
		kmem_cache_create("task_struct", sizeof(struct task_struct), 0, SLAB_PANIC, NULL);
}

struct task_struct *alloc_task(const struct task_struct *from)
{
	struct task_struct *task = kmem_cache_alloc(task_cachep, GFP_KERNEL);

	if (!task)
		return NULL;
	*task = *from;
	task->pid = ++last_pid;
	task->ppid = from->pid;
	task->mm = task->active_mm = NULL;
	task->min_flt = task->maj_flt = 0;
	task->fault = FAULT_NONE;
	list_add_tail(&task->tasks, &task_list);
	return task;
}

static void adopt_children(const struct task_struct *parent)
{
	list_for_each (at, &task_list) {
		struct task_struct *task = list_entry(at, struct task_struct, tasks);

		if (task->ppid == parent->pid)
			task->ppid = init_task.pid;
	}
}

void free_task(struct task_struct *task)
{
	BUG_ON(task == current || task->mm || task->active_mm, "task %d is in use", task->pid);
	adopt_children(task);
	list_del(&task->tasks);
	kmem_cache_free(task_cachep, task);
}

/*
 * A space that is borrowed has a reference of the borrower's, which is dropped once another space
 * is loaded, or handed on to the next borrower.
 */
void context_switch(struct task_struct *next)
{
	struct task_struct *prev = current;
	struct mm_struct *borrowed = prev->mm ? NULL : prev->active_mm;

	if (prev == next)
		return;
	if (next->mm) {
		switch_mm(prev->active_mm, next->mm);
		next->active_mm = next->mm;
	} else {
		next->active_mm = mmgrab(prev->active_mm);
	}
	if (!prev->mm)
		prev->active_mm = NULL;
	current = next;
	if (borrowed)
		mmdrop(borrowed);
}

struct mm_struct *exec_mmap(struct mm_struct *mm)
{
	struct mm_struct *old = current->mm, *borrowed = old ? NULL : current->active_mm;

	activate_mm(current->active_mm, mm);
	current->mm = current->active_mm = mm;
	if (borrowed)
		mmdrop(borrowed);
	return old;
}

struct mm_struct *exit_mm(void)
{
	struct mm_struct *mm = current->mm;

	if (mm)
		mmgrab(mm);
	current->mm = NULL;
	return mm;
}
