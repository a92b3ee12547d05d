/*
 * Tasks, as far as memory cares: whose space is loaded, what they may use of it. Corresponds to
 * Linux include/linux/sched.h.
 *
 * A task that has a space of its own runs in it: active_mm == mm. A kernel thread has none, mm ==
 * NULL, and runs in the space of whoever ran before it: active_mm, of which it holds a reference,
 * so that the page tables stay (lazy TLB: CR3 need not be loaded to go there and back).
 */
#pragma once

#include "as/mm_types.h"

enum rlimit_kind { RLIMIT_DATA = 2, RLIMIT_STACK = 3, RLIMIT_MEMLOCK = 8, RLIMIT_AS = 9 };
#define RLIM_NLIMITS 16
#define RLIM_INFINITY 0xFFFFFFFFul

struct rlimit {
	unsigned long rlim_cur, rlim_max; /* bytes, or RLIM_INFINITY */
};

/* Linux's numbers. */
enum capability {
	CAP_IPC_LOCK = 14,
	CAP_SYS_RAWIO = 17,
	CAP_SYS_ADMIN = 21,
	CAP_SYS_RESOURCE = 24,
};

/* Why a program's access was refused: the signal that it gets, and its si_code. */
enum fault_signal {
	FAULT_NONE,
	SEGV_MAPERR, /* SIGSEGV: nothing is mapped there */
	SEGV_ACCERR, /* SIGSEGV: the area does not allow it */
	BUS_ADRERR,  /* SIGBUS: the area's file, or owner, has nothing there */
	FAULT_OOM,   /* SIGKILL: memory is short */
};

struct task_struct {
	int pid, ppid;	      /* ppid: who forked it; init_task's, 0, once that one ended */
	struct mm_struct *mm; /* NULL: a kernel thread, or exited */
	struct mm_struct
		*active_mm; /* mm; without one, that which it borrows while it runs, or NULL */
	u32 cap_effective;  /* bit n: capability n */
	struct rlimit rlim[RLIM_NLIMITS];
	unsigned long min_flt,
		maj_flt;	 /* page faults that were resolved, without and with a wait */
	enum fault_signal fault; /* why the last one of its own was not */
	struct list_head tasks;	 /* in task_list */
};

/* All tasks, init_task first. One task runs at a time, so nobody else looks. */
extern struct list_head task_list;
extern struct task_struct init_task;

/* Who runs. */
extern struct task_struct *current_task;
#define current current_task

void task_init(void);

/* A task that has not run yet, child of from, with its limits and capabilities and no space. NULL:
 * no memory. May sleep. */
struct task_struct *__must_check alloc_task(const struct task_struct *from);
/* Frees one that is not current and has no space. Its children are init_task's from now on. */
void free_task(struct task_struct *task);

static inline bool capable(enum capability cap)
{
	return current->cap_effective >> cap & 1;
}

/* Bytes. */
static inline unsigned long rlimit(enum rlimit_kind kind)
{
	return current->rlim[kind].rlim_cur;
}

/* next runs from now on. CR3 is loaded if its space is not. */
void context_switch(struct task_struct *next);

/*
 * current runs in mm from now on, of which it takes over a use; the space it had before, or
 * borrowed, is no longer loaded. Returns the former mm, whose use is the caller's now: mmput().
 * Linux: exec_mmap().
 */
struct mm_struct *exec_mmap(struct mm_struct *mm);

/* current gives up its space, which it goes on borrowing as a kernel thread does; returns it, for
 * mmput(), or NULL. Linux: exit_mm(). */
struct mm_struct *exit_mm(void);
