/*
 * Page faults, copy-on-write and fork: out of ring 3, and at the level of their functions. A fault
 * out of ring 3 is an access's time with the fault less that of the same access without.
 */
#include "top/bench_priv.h"

#include "arch/machine.h"
#include "as/mm.h"
#include "as/mman.h"
#include "as/task.h"
#include "as/vma.h"
#include "paging/brk.h"
#include "paging/fault.h"
#include "paging/fork.h"

#define AREA 0x20000000ul
#define HEAP 0x10000000ul
/* 8 MiB: what PEERS' fork has touched. */
#define MANY_PAGES (CONFIG_CHECKED ? 64u : 2048u)
#define FEW_PAGES 32u

#define RIGHTS (PROT_READ | PROT_WRITE)

/* A new space with an area of so many pages. */
static bool make_area(unsigned int pages)
{
	if (do_exec(PAGE_SIZE))
		return false;
	current->mm->start_brk = current->mm->brk = HEAP;
	return bench_map(AREA, pages, RIGHTS);
}

/* An access at CPL 3 to each page; the ticks, 0 if one is refused. */
static u32 access_all(unsigned int pages, unsigned long stride, enum access_kind kind)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < pages; i++) {
		struct access access = {.kind = kind, .address = AREA + i * stride, .size = 4};

		if (machine_user_access(&access))
			return 0;
	}
	return ticks_since(start);
}

/* The faults of these accesses alone: once more, and they take none. */
static u32 faults_of(unsigned int pages, unsigned long stride, enum access_kind kind)
{
	u32 with = access_all(pages, stride, kind), without = access_all(pages, stride, kind);

	return with && without && with > without ? with - without : 0;
}

static u32 write_faults(unsigned int pages)
{
	return make_area(pages) ? faults_of(pages, PAGE_SIZE, ACCESS_STORE) : 0;
}

static u32 read_faults(unsigned int pages)
{
	return make_area(pages) ? faults_of(pages, PAGE_SIZE, ACCESS_LOAD) : 0;
}

static u32 zero_page_copies(unsigned int pages)
{
	if (!make_area(pages) || !access_all(pages, PAGE_SIZE, ACCESS_LOAD))
		return 0;
	return faults_of(pages, PAGE_SIZE, ACCESS_STORE);
}

static u32 copies_after_fork(unsigned int pages)
{
	struct mm_struct *child;
	u32 ticks;

	if (!make_area(pages) || !access_all(pages, PAGE_SIZE, ACCESS_STORE) || dup_mm(&child))
		return 0;
	ticks = faults_of(pages, PAGE_SIZE, ACCESS_STORE);
	mmput(child);
	return ticks;
}

/* Whose page it was, when the other is gone: no copy. */
static u32 last_uses(unsigned int pages)
{
	struct mm_struct *child;

	if (!make_area(pages) || !access_all(pages, PAGE_SIZE, ACCESS_STORE) || dup_mm(&child))
		return 0;
	mmput(child);
	return faults_of(pages, PAGE_SIZE, ACCESS_STORE);
}

static u32 handle(unsigned int pages, unsigned int flags)
{
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned int ret = 0;
	u64 start;

	if (!make_area(pages))
		return 0;
	mm = current->mm;
	down_read(&mm->mmap_sem);
	vma = vma_lookup(mm, AREA);
	start = arch_ticks();
	for (unsigned int i = 0; i < pages; i++)
		ret |= handle_mm_fault(vma, AREA + i * PAGE_SIZE, flags);
	u32 ticks = ticks_since(start);
	up_read(&mm->mmap_sem);
	return ret & VM_FAULT_ERROR ? 0 : ticks;
}

static u32 handle_writes(unsigned int pages)
{
	return handle(pages, FAULT_FLAG_WRITE);
}

static u32 handle_reads(unsigned int pages)
{
	return handle(pages, 0);
}

static u32 touched_munmap(unsigned int pages)
{
	u64 start;

	if (!make_area(pages) || !access_all(pages, PAGE_SIZE, ACCESS_STORE))
		return 0;
	start = arch_ticks();
	return bench_unmap(AREA, pages) ? ticks_since(start) : 0;
}

/* Less what as many accesses take that do not fault. */
static u32 brk_touch(unsigned int repeats)
{
	u32 plain;
	u64 start;

	if (!make_area(1) || sys_brk(HEAP + PAGE_SIZE) != HEAP + PAGE_SIZE ||
	    !access_all(1, PAGE_SIZE, ACCESS_STORE))
		return 0;
	plain = access_all(repeats, 0, ACCESS_STORE);
	start = arch_ticks();
	for (unsigned int i = 0; i < repeats; i++) {
		struct access access = {
			.kind = ACCESS_STORE, .address = HEAP + PAGE_SIZE, .size = 4};

		if (sys_brk(HEAP + 2 * PAGE_SIZE) != HEAP + 2 * PAGE_SIZE ||
		    machine_user_access(&access) || sys_brk(HEAP + PAGE_SIZE) != HEAP + PAGE_SIZE)
			return 0;
	}
	u32 ticks = ticks_since(start);
	return ticks > plain ? ticks - plain : 0;
}

/* Fork, the child's exit, and the parent's flushes, at the level of their functions. */
static u32 fork_exit(unsigned int pages)
{
	u64 start;

	if (!make_area(pages) || !access_all(pages, PAGE_SIZE, ACCESS_STORE))
		return 0;
	start = arch_ticks();
	for (unsigned int i = 0; i < 10; i++) {
		struct task_struct *parent = current, *child;

		if (do_fork(0, &child))
			return 0;
		context_switch(child);
		do_exit();
		context_switch(parent);
	}
	return ticks_since(start);
}

static u32 one_page_areas(unsigned int areas)
{
	if (!make_area(1))
		return 0;
	for (unsigned int i = 1; i < areas; i++)
		if (!bench_map(AREA + (unsigned long)i * 2 * PAGE_SIZE, 1, RIGHTS))
			return 0;
	return faults_of(areas, 2 * PAGE_SIZE, ACCESS_STORE);
}

const struct bench_row fault_rows[] = {
	{"anonymous write fault, ring 3", write_faults, MANY_PAGES, MANY_PAGES, 1400, 3374},
	{"by handle_mm_fault()", handle_writes, MANY_PAGES, MANY_PAGES, 0, 0},
	{"anonymous read fault, ring 3", read_faults, MANY_PAGES, MANY_PAGES, 250, 1086},
	{"by handle_mm_fault()", handle_reads, MANY_PAGES, MANY_PAGES, 0, 0},
	{"zero page copied, ring 3", zero_page_copies, MANY_PAGES, MANY_PAGES, 1500, 3900},
	{"copy-on-write after fork, ring 3", copies_after_fork, MANY_PAGES, MANY_PAGES, 1600, 4364},
	{"the same of the last user", last_uses, MANY_PAGES, MANY_PAGES, 0, 0},
	{"munmap, per touched page", touched_munmap, MANY_PAGES, MANY_PAGES, 250, 1220},
	{"brk grow + touch + shrink", brk_touch, REPEATS, REPEATS, 3000, 17524},
	{"fork + exit, small", fork_exit, FEW_PAGES, 10, 25000, 101885},
	{"fork + exit, 8 MiB touched", fork_exit, MANY_PAGES, 10, 200000, 772111},
	{"4000 one-page areas, fault each", one_page_areas, 4000, 4000, 1800, 5125},
	{NULL, NULL, 0, 0, 0, 0},
};
