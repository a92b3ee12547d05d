/*
 * The model's calls, for as_model.c: each performs one for a task that has an address space.
 * Addresses are numbers below 2^32 in a u64, errors negative; lengths wrap as they do in 32 bits.
 */
#pragma once

#include "tool/as_model.h"

#define AS_PAGE 4096u
#define AS_TASK_SIZE 0xC0000000u
#define AS_INFINITY 0xFFFFFFFFu

typedef long long as_result;

/* Who calls, on what. */
struct as_call {
	struct as_model *model;
	struct as_task *task;
	struct as_mm *mm;
};

/* What do_mmap() is told. */
struct as_mapping {
	u32 addr, len, prot, flags;
	u32 file, pgoff;
};

static inline u32 as_round_up(u32 bytes)
{
	return (bytes + AS_PAGE - 1) & ~(AS_PAGE - 1);
}

/* ---- as_limits.c: what may be had, and where ------------------------------------------------ */

bool as_capable(const struct as_call *call, u32 cap);
u32 as_limit_pages(const struct as_call *call, enum as_limit limit);
u32 as_committed(struct as_model *model);
/* May a mapping of such flags grow by so many pages, less those that go? */
bool as_may_expand(const struct as_call *call, u32 flags, u32 pages, u32 gone);
/* May so many pages more be charged? 0 or -ENOMEM. */
int as_charge(const struct as_call *call, u32 pages);
/* May so many pages more be locked? Always, if flags do not say that they are. */
bool as_may_lock(const struct as_call *call, u32 flags, u32 pages);
/* May the task lock at all? */
bool as_may_lock_any(const struct as_call *call);
/* Is there room for another VMA where one is split? */
bool as_may_split(const struct as_call *call);
/* Bytes from which a VMA keeps others away below: its start, or the guard gap's. */
u32 as_guard_start(const struct as_call *call, const struct as_area *area);
as_result as_unmapped_area(const struct as_call *call, u32 addr, u32 len, u32 flags);

/* ---- as_edit.c: mapping, unmapping and changing runs of pages ------------------------------- */

/* Would page n - 1 and page n, that becomes so, be of one VMA? */
bool as_joins_below(const struct as_call *call, u32 n, struct as_page page);
/* Maps [from, to), where nothing is, and merges it with what it fits to. */
void as_map(const struct as_call *call, u32 from, u32 to, struct as_page page);
int as_unmap(const struct as_call *call, u32 from, u32 to);
/* A part of one VMA gets other flags. -ENOMEM, -EINVAL: it cannot be split. */
int as_change(const struct as_call *call, const struct as_area *area, u32 from, u32 to, u32 flags);
/* May a VMA be split at all? */
bool as_is_whole(const struct as_call *call, const struct as_page *page);
/* Pages of [from, to) that are mapped with some of these flags. */
u32 as_mapped_in(const struct as_space *space, u32 from, u32 to, u32 flags);
/* Is it nothing but memory: no file, no object, nothing of the kernel's? */
bool as_is_memory(const struct as_page *page);

/* ---- as_fault.c: pages ---------------------------------------------------------------------- */

enum as_refusal { AS_GRANTED, AS_MAPERR, AS_ACCERR, AS_ADRERR };

/* A program reads or writes there; page faults are resolved, and counted. */
enum as_refusal as_access(const struct as_call *call, u32 addr, bool write);
/*
 * Brings in what is missing in a range, private memory that can be written as if it was. A hole is
 * passed over, and with ignore, the rest of a VMA that cannot be had; without, -EFAULT.
 */
int as_populate(const struct as_call *call, u64 addr, u64 len, bool ignore);
/* The same for a part of one VMA: reading or writing, whatever it may. 0 or -EFAULT. */
int as_populate_part(const struct as_call *call, u32 from, u32 to, bool write);
void as_zap_range(const struct as_call *call, u32 from, u32 to);
/* The child's VMAs get their parents' anon_vmas and pages. */
void as_fork_pages(const struct as_call *call, struct as_mm *child);
/* No space maps pages of the file from index first on any more. */
void as_unmap_file(struct as_model *model, u32 inode, u64 first);

/* ---- the calls ------------------------------------------------------------------------------ */

as_result as_mmap(struct as_call *call, const struct as_mapping *mapping);
as_result as_munmap(struct as_call *call, u32 addr, u32 len);
as_result as_brk(struct as_call *call, u32 addr);
as_result as_remap_file_pages(struct as_call *call, const u32 *args);
as_result as_special(struct as_call *call, u32 addr, u32 len, u32 prot, const char *name);
as_result as_expand_stack(struct as_call *call, u32 addr);
as_result as_mremap(struct as_call *call, u32 addr, u32 old_len, u32 new_len, u32 flags,
		    u32 new_addr);
as_result as_mprotect(struct as_call *call, u32 addr, u32 len, u32 prot);
as_result as_madvise(struct as_call *call, u32 addr, u32 len, u32 advice);
as_result as_mlock(struct as_call *call, u32 addr, u32 len, u32 flags);
as_result as_munlock(struct as_call *call, u32 addr, u32 len);
as_result as_mlockall(struct as_call *call, u32 flags);
as_result as_munlockall(struct as_call *call);
as_result as_msync(struct as_call *call, u32 addr, u32 len, u32 flags);
as_result as_mincore(struct as_call *call, u32 addr, u32 len);

/* The sum that vma_sum says. */
u32 as_sum(const struct as_model *model, const struct as_mm *mm);

/* ---- tasks ---------------------------------------------------------------------------------- */

/* A file number that is free; what is no longer mapped or named is forgotten first. */
u32 as_new_file(struct as_model *model, enum as_kind kind, const char *name);
/* What files map, of so many bytes. */
u32 as_new_inode(struct as_model *model, const char *name, u64 size, bool ramfs);
/* Forgets files that are neither named nor mapped, and what they mapped. */
void as_forget_files(struct as_model *model);
int as_fork(struct as_call *call, struct as_task *child, u32 flags);
int as_exec(struct as_call *call, u32 stack_bytes);
struct as_mm *as_new_mm(const struct as_model *model, const struct as_task *task);
void as_drop_mm(struct as_model *model, struct as_task *task);
