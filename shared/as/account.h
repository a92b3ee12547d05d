/*
 * Who may have how much: commitments, rlimits, and the counters of a space. Corresponds to Linux
 * mm/util.c (__vm_enough_memory()) and mm/mmap.c (may_expand_vm()). All figures are pages.
 *
 * Memory that is private and can be written may come to need a page of RAM or swap for each page of
 * address. The promise is counted in vm_committed_as when it is made; whether it can be kept is
 * asked then, by sysctl_overcommit_memory, and never again.
 */
#pragma once

#include "as/mm_types.h"

/* Pages promised; Committed_AS in /proc/meminfo. Changed by atomic operations. */
extern unsigned long vm_committed_as;

/* What OVERCOMMIT_NEVER promises at most; CommitLimit in /proc/meminfo. */
unsigned long vm_commit_limit(void);

/*
 * Promises so many more pages to a space; -ENOMEM where that is too much, and nothing is promised.
 * Linux: security_vm_enough_memory_mm().
 */
int __must_check vm_enough_memory(const struct mm_struct *mm, unsigned long pages);
/* The same for an area's pages, if they count: nobody asks for the others. */
static inline int __must_check vm_charge(const struct mm_struct *mm, unsigned long vm_flags,
					 unsigned long pages)
{
	return vm_flags & VM_ACCOUNT ? vm_enough_memory(mm, pages) : 0;
}

/* The same where others, of so many promised pages, are about to go: it is as if they were gone. */
int __must_check vm_charge_instead(const struct mm_struct *mm, unsigned long vm_flags,
				   unsigned long pages, unsigned long going);

/* Takes a space's areas in [start, end) off *figures, a copy of the space's own; returns how many
 * of their pages are promised. mmap_sem is held. */
unsigned long figures_without(struct mm_struct *figures, struct mm_struct *mm, unsigned long start,
			      unsigned long end);

/* Takes a promise back. */
void vm_unacct_memory(unsigned long pages);
static inline void vm_uncharge(unsigned long vm_flags, unsigned long pages)
{
	if (vm_flags & VM_ACCOUNT)
		vm_unacct_memory(pages);
}

/* Promises without asking: what was promised to somebody else before. */
void vm_acct_memory(unsigned long pages);

/* Do areas with these flags count, writable as they are? Shared memory counts with its object. */
bool accountable_mapping(unsigned long vm_flags);

/* May a space have so many more pages of areas with these flags, by RLIMIT_AS and RLIMIT_DATA? */
bool may_expand_vm(const struct mm_struct *mm, unsigned long vm_flags, unsigned long pages);

/* May current lock memory at all? */
bool can_do_mlock(void);
/* -EAGAIN when VM_LOCKED is among the flags and so many bytes more are beyond RLIMIT_MEMLOCK. */
int mlock_future_check(const struct mm_struct *mm, unsigned long vm_flags, unsigned long len);

/* Writable and private, and no stack: RLIMIT_DATA's. */
static inline bool is_data_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) == VM_WRITE;
}

/* Counts pages of areas with these flags; negative: takes them off. mmap_sem for writing. */
static inline void vm_stat_account(struct mm_struct *mm, unsigned long vm_flags, long pages)
{
	mm->total_vm += pages;
	if ((vm_flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) == VM_EXEC)
		mm->exec_vm += pages;
	else if (vm_flags & VM_GROWSDOWN)
		mm->stack_vm += pages;
	else if (is_data_mapping(vm_flags))
		mm->data_vm += pages;
}
