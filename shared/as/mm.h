/*
 * The life of an address space. Corresponds to Linux include/linux/sched/mm.h, kernel/fork.c and
 * include/asm-i386/mmu_context.h.
 *
 * Two counts: mm_users are those who need the areas; when the last of them leaves, the areas and
 * all that they map go (paging/exit.h, mmput()). mm_count are those who need the structure and its
 * page directory: all users together, and each kernel thread that borrows it. The last of these
 * frees both (mmdrop()).
 */
#pragma once

#include "as/mm_types.h"
#include "base/bug.h"

/* The kernel's own: no areas, swapper_pg_dir. Never freed. */
extern struct mm_struct init_mm;

/* All spaces but init_mm, the newest last, by mmlist; under mmlist_lock. */
extern struct list_head mm_list;

void mm_init_spaces(void);

/*
 * A space without areas, with one user, whose page directory has the kernel's half; limits of
 * nothing and layout of nowhere: arch_pick_mmap_layout() is next. NULL: no memory. May sleep.
 */
struct mm_struct *__must_check mm_alloc(void);

/*
 * Where mmap() looks for free addresses: top-down from below the room for a stack of current's
 * RLIMIT_STACK, or with sysctl_legacy_va_layout bottom-up from a third of the space. As x86 does
 * (arch/x86/mm/mmap.c): a limit of infinity is a large room, not the legacy layout.
 */
void arch_pick_mmap_layout(struct mm_struct *mm);

#define TASK_UNMAPPED_BASE ALIGN(TASK_SIZE / 3, PAGE_SIZE)
/* At least so much below TASK_SIZE is the stack's, at most so much. */
#define MIN_STACK_ROOM (128ul << 20)
#define MAX_STACK_ROOM (TASK_SIZE / 6 * 5)
/* One more user; there is one already. */
static inline struct mm_struct *mmget(struct mm_struct *mm)
{
	u32 users = __atomic_add_fetch(&mm->mm_users, 1, __ATOMIC_RELAXED);

	BUG_ON(users < 2, "mm_users of %p wraps, or came back from 0", (void *)mm);
	return mm;
}

/* One more reference to the structure; the caller knows that there is one. */
static inline struct mm_struct *mmgrab(struct mm_struct *mm)
{
	u32 count = __atomic_add_fetch(&mm->mm_count, 1, __ATOMIC_RELAXED);

	BUG_ON(count < 2, "mm_count of %p wraps, or came back from 0", (void *)mm);
	return mm;
}

/* Drops a reference; the last one frees structure and page directory, which is loaded nowhere. */
void mmdrop(struct mm_struct *mm);

/*
 * Nobody runs in the space any more. If current still borrows it, as a task that exits does, it
 * borrows the kernel's own instead: with mm loaded nowhere, what it maps goes without a flush.
 */
void leave_mm(struct mm_struct *mm);

/* Loads next's page directory unless it is loaded. */
void switch_mm(struct mm_struct *prev, struct mm_struct *next);
/* The same for a space that never ran. */
void activate_mm(struct mm_struct *prev, struct mm_struct *next);
