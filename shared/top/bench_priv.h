/* What the parts of the benchmark share. */
#pragma once

#include "arch/arch.h"

/* Checked builds fill and check every page: their figures are no figures, the row just has to run.
 */
#define REPEATS (CONFIG_CHECKED ? 10u : 1000u)

struct bench_row {
	const char *name;
	u32 (*ticks)(unsigned int arg); /* for all operations of a round; 0: it failed */
	unsigned int arg;
	unsigned int operations;
	unsigned int goal, linux_ticks; /* 0: there is none */
};

/* Kernel objects: bench_kmem.c. Ends with a row without a name. */
extern const struct bench_row kmem_rows[];
/* The tree by itself: bench_rbtree.c. */
extern const struct bench_row rbtree_rows[];
/* Address spaces: bench_spaces.c. They are run by a task of their own. */
extern const struct bench_row as_rows[];
/* Private memory of current's at addr (0: anywhere), of so many pages; and its end. */
bool bench_map(unsigned long addr, unsigned long pages, unsigned long prot);
bool bench_unmap(unsigned long addr, unsigned long pages);
bool bench_task_begin(void);
/* Page faults, copy-on-write and fork, of that task: bench_faults.c. */
extern const struct bench_row fault_rows[];
/* System calls out of ring 3, of that task: bench_syscall.c. */
extern const struct bench_row syscall_rows[];

/* At least 1: 0 stands for failure. */
static inline u32 ticks_since(u64 start)
{
	return max((u32)(arch_ticks() - start), 1u);
}
