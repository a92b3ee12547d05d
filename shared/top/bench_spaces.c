/*
 * Address spaces: system calls at the level of their functions, in spaces of few and of many areas.
 * Neighbours have different rights, so that they stay as many as they are.
 */
#include "top/bench_priv.h"

#include "as/mm.h"
#include "as/mman.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "as/vma.h"
#include "paging/brk.h"
#include "paging/fork.h"
#include "paging/mmap.h"
#include "paging/mprotect.h"
#include "paging/mremap.h"
#include "paging/munmap.h"

#define ANONYMOUS (MAP_PRIVATE | MAP_ANONYMOUS)
/* Where the areas that are measured are: below all others. */
#define WORKBENCH 0x20000000ul
#define HEAP 0x10000000ul
#define NR_LOOKUPS 1000u
/* Checked builds look at everything: with fewer areas the rows just run. */
#define MANY (CONFIG_CHECKED ? 600u : 60000u)

static unsigned int nr_areas; /* in current's space, when it is the benchmark's */
static unsigned long lookups[NR_LOOKUPS];
static volatile unsigned long sink;

static u32 next_random(u32 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

bool bench_map(unsigned long addr, unsigned long pages, unsigned long prot)
{
	unsigned long at;

	return vm_mmap_pgoff(NULL, addr, pages << PAGE_SHIFT, prot,
			     ANONYMOUS | (addr ? MAP_FIXED : 0), 0, &at) == 0;
}

bool bench_unmap(unsigned long addr, unsigned long pages)
{
	struct mm_struct *mm = current->mm;
	int err;

	down_write(&mm->mmap_sem);
	err = do_munmap(mm, addr, pages << PAGE_SHIFT);
	up_write(&mm->mmap_sem);
	return !err;
}

/* A space of n areas of a page each, whose order of making is that of their addresses, downward. */
static bool make_space(unsigned int n)
{
	u32 random = 2463534242u;

	if (nr_areas == n)
		return true;
	if (do_exec(PAGE_SIZE))
		return false;
	nr_areas = 1;
	current->mm->start_brk = current->mm->brk = HEAP;
	for (; nr_areas < n; nr_areas++)
		if (!bench_map(0, 1, nr_areas & 1 ? PROT_READ : PROT_READ | PROT_WRITE))
			return false;
	for (unsigned int i = 0; i < NR_LOOKUPS; i++)
		lookups[i] = current->mm->mmap_base - (next_random(&random) % n << PAGE_SHIFT);
	return true;
}

static u32 find_random(unsigned int n)
{
	struct mm_struct *mm = current->mm;
	u64 start;

	if (!make_space(n))
		return 0;
	mm = current->mm;
	down_read(&mm->mmap_sem);
	start = arch_ticks();
	for (unsigned int i = 0; i < NR_LOOKUPS; i++)
		sink += (unsigned long)find_vma(mm, lookups[i]);
	u32 ticks = ticks_since(start);
	up_read(&mm->mmap_sem);
	return ticks;
}

static u32 mmap_munmap(unsigned int n)
{
	u64 start;

	if (!make_space(n))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < REPEATS; i++) {
		unsigned long at;

		/* Of no neighbour's kind. */
		if (vm_mmap_pgoff(NULL, 0, PAGE_SIZE, PROT_READ | PROT_EXEC, ANONYMOUS, 0, &at) ||
		    !bench_unmap(at, 1))
			return 0;
	}
	return ticks_since(start);
}

static u32 mprotect_twice(unsigned int n)
{
	u64 start;

	if (!make_space(n) || !bench_map(WORKBENCH, 16, PROT_READ | PROT_WRITE))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < REPEATS; i++)
		if (do_mprotect(WORKBENCH + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ) ||
		    do_mprotect(WORKBENCH + 4 * PAGE_SIZE, PAGE_SIZE, PROT_READ | PROT_WRITE))
			return 0;
	u32 ticks = ticks_since(start);
	return bench_unmap(WORKBENCH, 16) ? ticks : 0;
}

static u32 mremap_grow_shrink(unsigned int n)
{
	unsigned long at;
	u64 start;

	if (!make_space(n) || !bench_map(WORKBENCH, 16, PROT_READ | PROT_WRITE))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < REPEATS; i++)
		if (do_mremap(WORKBENCH, 16 * PAGE_SIZE, 32 * PAGE_SIZE, 0, 0, &at) ||
		    do_mremap(WORKBENCH, 32 * PAGE_SIZE, 16 * PAGE_SIZE, 0, 0, &at))
			return 0;
	u32 ticks = ticks_since(start);
	return bench_unmap(WORKBENCH, 16) ? ticks : 0;
}

static u32 brk_grow_shrink(unsigned int n)
{
	u64 start;

	if (!make_space(n) || sys_brk(HEAP + PAGE_SIZE) != HEAP + PAGE_SIZE)
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < REPEATS; i++)
		if (sys_brk(HEAP + 17 * PAGE_SIZE) != HEAP + 17 * PAGE_SIZE ||
		    sys_brk(HEAP + PAGE_SIZE) != HEAP + PAGE_SIZE)
			return 0;
	u32 ticks = ticks_since(start);
	return sys_brk(HEAP) == HEAP ? ticks : 0;
}

/* Areas one by one, which come to be n more, and go again in the order in which they came. */
static u32 many(unsigned int n, bool unmapping)
{
	u64 start = arch_ticks();
	u32 ticks;

	if (!make_space(10))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < n; i++)
		if (!bench_map(WORKBENCH + (unsigned long)i * 2 * PAGE_SIZE, 1, PROT_READ))
			return 0;
	ticks = ticks_since(start);
	start = arch_ticks();
	for (unsigned int i = 0; i < n; i++)
		if (!bench_unmap(WORKBENCH + (unsigned long)i * 2 * PAGE_SIZE, 1))
			return 0;
	return unmapping ? ticks_since(start) : ticks;
}

static u32 many_mmaps(unsigned int n)
{
	return many(n, false);
}

static u32 many_munmaps(unsigned int n)
{
	return many(n, true);
}

static u32 fork_exit(unsigned int n)
{
	struct mm_struct *mm;
	u64 start;

	if (!make_space(n))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < REPEATS / 10; i++) {
		if (dup_mm(&mm))
			return 0;
		mmput(mm);
	}
	return ticks_since(start);
}

const struct bench_row as_rows[] = {
	{"find_vma, random, of 10", find_random, 10, NR_LOOKUPS, 0, 0},
	{"find_vma, random, of 1000", find_random, 1000, NR_LOOKUPS, 0, 0},
	{"find_vma, random, of 60000", find_random, MANY, NR_LOOKUPS, 200, 663},
	{"mmap + munmap, 10 areas", mmap_munmap, 10, REPEATS, 1200, 11008},
	{"mmap + munmap, 1000 areas", mmap_munmap, 1000, REPEATS, 0, 0},
	{"mmap + munmap, 60000 areas", mmap_munmap, MANY, REPEATS, 0, 0},
	{"mprotect twice, 10 areas", mprotect_twice, 10, REPEATS, 2500, 16360},
	{"mprotect twice, 1000 areas", mprotect_twice, 1000, REPEATS, 0, 0},
	{"mprotect twice, 60000 areas", mprotect_twice, MANY, REPEATS, 0, 0},
	{"mremap grow + shrink, 10 areas", mremap_grow_shrink, 10, REPEATS, 3000, 16516},
	{"mremap grow + shrink, 1000 areas", mremap_grow_shrink, 1000, REPEATS, 0, 0},
	{"mremap grow + shrink, 60000 areas", mremap_grow_shrink, MANY, REPEATS, 0, 0},
	{"brk grow + shrink, 10 areas", brk_grow_shrink, 10, REPEATS, 3000, 17524},
	{"brk grow + shrink, 1000 areas", brk_grow_shrink, 1000, REPEATS, 0, 0},
	{"brk grow + shrink, 60000 areas", brk_grow_shrink, MANY, REPEATS, 0, 0},
	{"4000 one-page areas, mmap each", many_mmaps, 4000, 4000, 1500, 9694},
	{"then munmap each", many_munmaps, 4000, 4000, 1500, 11041},
	{"space copied and ended, 10 areas", fork_exit, 10, REPEATS / 10, 0, 0},
	{NULL, NULL, 0, 0, 0, 0},
};

bool bench_task_begin(void)
{
	struct task_struct *task = alloc_task(&init_task);

	nr_areas = 0;
	if (task)
		context_switch(task);
	return task;
}
