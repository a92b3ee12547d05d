/* Random steps on address spaces: tasks, files, and what they may do. */
#include "tool/fuzz_as_priv.h"

/* ---- tasks, limits -------------------------------------------------------------------------- */

void fuzz_as_step_task(struct fuzz_as *f)
{
	unsigned int n = draw(f, NR_TASKS);
	const struct as_task *task = fuzz_as_task(f, n), *parent;

	if (task) {
		switch (draw(f, 8)) {
		case 0:
			fuzz_as_emit(f, "execve %s", task->name);
			fuzz_as_sum(f, task);
			break;
		case 1:
			fuzz_as_emit(f, "execve %s %u", task->name, (1 + draw(f, 64)) * PAGE);
			fuzz_as_sum(f, task);
			break;
		case 2:
		case 3:
		case 4:
			fuzz_as_emit(f, "switch %s", task->name);
			break;
		default:
			fuzz_as_emit(f, "exit %s", task->name);
		}
		return;
	}
	if (draw(f, 6) == 0) {
		fuzz_as_emit(f, "a%u = spawn", n);
	} else {
		parent = fuzz_as_some_task(f);
		if (fuzz_as_task(f, n)) /* it was the last, and had to be made */
			return;
		fuzz_as_emit(f, "a%u = fork %s%s", n, parent->name, draw(f, 5) ? "" : " CLONE_VM");
	}
	task = fuzz_as_task(f, n);
	if (task)
		fuzz_as_sum(f, task);
}

void fuzz_as_step_limit(struct fuzz_as *f)
{
	static const char *const names[] = {"AS", "DATA", "STACK", "MEMLOCK"};
	const struct as_task *task = fuzz_as_some_task(f);
	const struct as_counts *counts = as_count(&task->mm->space);
	const u32 now[] = {counts->total, counts->data, 16, counts->locked};
	unsigned int which = draw(f, 4);
	u32 limit = (now[which] + draw(f, 12)) * PAGE + draw(f, 2) * draw(f, PAGE);

	if (which == 3 && draw(f, 5) == 0)
		limit = 0;
	if (draw(f, 2))
		fuzz_as_emit(f, "setrlimit %s RLIMIT_%s 0xffffffff", task->name, names[which]);
	else if (which == 1 && draw(f, 4) == 0)
		fuzz_as_emit(f, "setrlimit %s RLIMIT_DATA 0 %u", task->name, limit);
	else
		fuzz_as_emit(f, "setrlimit %s RLIMIT_%s %u", task->name, names[which], limit);
}

void fuzz_as_step_capable(struct fuzz_as *f)
{
	static const char *const words[] = {"0",
					    "0",
					    "0",
					    "CAP_IPC_LOCK",
					    "CAP_SYS_ADMIN",
					    "CAP_SYS_RAWIO",
					    "CAP_IPC_LOCK|CAP_SYS_ADMIN|CAP_SYS_RAWIO"};

	fuzz_as_emit(f, "capable %s %s", fuzz_as_some_task(f)->name, words[draw(f, 7)]);
}

static void step_overcommit(struct fuzz_as *f, const struct as_task *task)
{
	u32 committed = 0;

	for (unsigned int n = 0; n < NR_TASKS; n++) {
		const struct as_task *other = fuzz_as_task(f, n);

		committed += other && other->mm ? as_count(&other->mm->space)->accounted : 0;
	}
	(void)task;
	fuzz_as_emit(f, "sysctl overcommit_kbytes %u", (committed + 1 + draw(f, 200)) * 4);
	fuzz_as_emit(f, "sysctl admin_reserve_kbytes %u", draw(f, 3) * 40);
	fuzz_as_emit(f, "sysctl user_reserve_kbytes %u", draw(f, 3) * 40);
	fuzz_as_emit(f, "sysctl overcommit_memory 2");
}

void fuzz_as_step_sysctl(struct fuzz_as *f)
{
	static const u32 least[] = {65536, 65536, 0, 4096, 0x12000};
	static const u32 gaps[] = {256, 256, 0, 1, 4};
	const struct as_task *task = fuzz_as_some_task(f);

	switch (draw(f, 6)) {
	case 0:
		step_overcommit(f, task);
		break;
	case 1:
		fuzz_as_emit(f, "sysctl overcommit_memory %u", draw(f, 2));
		break;
	case 2:
		fuzz_as_emit(f, "sysctl max_map_count %u",
			     draw(f, 2) ? 65530 : as_count(&task->mm->space)->areas + draw(f, 8));
		break;
	case 3:
		fuzz_as_emit(f, "sysctl mmap_min_addr %u", least[draw(f, 5)]);
		break;
	case 4:
		fuzz_as_emit(f, "sysctl stack_guard_gap %u", gaps[draw(f, 5)]);
		break;
	default:
		fuzz_as_emit(f, "sysctl legacy_va_layout %u", draw(f, 3) == 0);
	}
}

void fuzz_as_new_file(struct fuzz_as *f, unsigned int n)
{
	static const char *const modes[NR_FILES][2] = {
		{"rw", "rw"}, {"rw", "r"}, {"r", "w"}, {"rw", "rwa"}};

	fuzz_as_emit(f, "f%u = file file%u 0x%x %s %s", n, f->names++, draw(f, 17) * PAGE,
		     modes[n][draw(f, 2)], draw(f, 2) ? "ramfs" : "shmem");
}

void fuzz_as_step_file(struct fuzz_as *f)
{
	unsigned int n = draw(f, NR_FILES);

	fuzz_as_emit(f, "fput f%u", n);
	if (draw(f, 2))
		fuzz_as_emit(f, "f%u = open file%u %s", n, f->names - 1 - draw(f, 4),
			     draw(f, 3) ? "rw" : "r");
	else
		fuzz_as_new_file(f, n);
}
