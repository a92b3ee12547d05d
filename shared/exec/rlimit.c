/* setrlimit(), getrlimit(), prlimit64(). Corresponds to Linux kernel/sys.c. */
#include "as/task.h"
#include "exec/syscall.h"
#include "exec/syscall_priv.h"

/* prlimit64()'s shape of a limit. */
struct rlimit64 {
	u64 rlim_cur, rlim_max;
};
#define RLIM64_INFINITY (~0ull)

/* What a program that is older than 32-bit limits is told at most. */
#define OLD_LIMIT_MAX 0x7FFFFFFFul

static unsigned long from_64(u64 limit)
{
	return limit >= RLIM_INFINITY ? RLIM_INFINITY : (unsigned long)limit;
}

static u64 to_64(unsigned long limit)
{
	return limit == RLIM_INFINITY ? RLIM64_INFINITY : limit;
}

static struct task_struct *find_task(int pid)
{
	if (!pid)
		return current;
	list_for_each (at, &task_list) {
		struct task_struct *task = list_entry(at, struct task_struct, tasks);

		if (task->pid == pid)
			return task;
	}
	return NULL;
}

/* Tells the old limit, then sets the new one; either may be NULL. -EINVAL: no such limit, or one
 * above its own most. -EPERM: more than the most so far, without CAP_SYS_RESOURCE. */
static int do_prlimit(struct task_struct *task, u32 kind, const struct rlimit *new,
		      struct rlimit *old)
{
	struct rlimit *limit;

	if (kind >= RLIM_NLIMITS || (new &&new->rlim_cur > new->rlim_max))
		return -EINVAL;
	limit = &task->rlim[kind];
	if (new &&new->rlim_max > limit->rlim_max && !capable(CAP_SYS_RESOURCE))
		return -EPERM;
	if (old)
		*old = *limit;
	if (new)
		*limit = *new;
	return 0;
}

long sys_setrlimit(struct syscall_regs *regs)
{
	struct rlimit limit;
	int err = get_user_bytes(&limit, regs->ecx, sizeof(limit));

	return err ? err : do_prlimit(current, regs->ebx, &limit, NULL);
}

long sys_ugetrlimit(struct syscall_regs *regs)
{
	struct rlimit limit;
	int err = do_prlimit(current, regs->ebx, NULL, &limit);

	return err ? err : put_user_bytes(regs->ecx, &limit, sizeof(limit));
}

long sys_getrlimit(struct syscall_regs *regs)
{
	struct rlimit limit;
	int err = do_prlimit(current, regs->ebx, NULL, &limit);

	if (err)
		return err;
	limit.rlim_cur = min(limit.rlim_cur, OLD_LIMIT_MAX);
	limit.rlim_max = min(limit.rlim_max, OLD_LIMIT_MAX);
	return put_user_bytes(regs->ecx, &limit, sizeof(limit));
}

/* All tasks are of one user, so each may change the limits of each. */
long sys_prlimit64(struct syscall_regs *regs)
{
	struct task_struct *task;
	struct rlimit new, old;
	struct rlimit64 wide;
	int err;

	if (regs->edx) {
		err = get_user_bytes(&wide, regs->edx, sizeof(wide));
		if (err)
			return err;
		new = (struct rlimit){from_64(wide.rlim_cur), from_64(wide.rlim_max)};
	}
	task = find_task((int)regs->ebx);
	if (!task)
		return -ESRCH;
	err = do_prlimit(task, regs->ecx, regs->edx ? &new : NULL, &old);
	if (err || !regs->esi)
		return err;
	wide = (struct rlimit64){to_64(old.rlim_cur), to_64(old.rlim_max)};
	return put_user_bytes(regs->esi, &wide, sizeof(wide));
}
