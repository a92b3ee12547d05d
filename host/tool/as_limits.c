/* What a task may have: limits, overcommit, locked memory, and the places where there is room. */
#include <errno.h>

#include "tool/as_calls.h"

bool as_capable(const struct as_call *call, u32 cap)
{
	return (call->task->caps & cap) != 0;
}

u32 as_limit_pages(const struct as_call *call, enum as_limit limit)
{
	return call->task->limit[limit] / AS_PAGE;
}

/* ---- overcommit ----------------------------------------------------------------------------- */

/* Every address space once, whoever has it. */
static bool first_of(const struct as_model *model, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (model->tasks[i].mm == model->tasks[n].mm)
			return false;
	return true;
}

u32 as_committed(struct as_model *model)
{
	bool used[AS_FILES] = {false};
	u32 pages = 0;

	for (unsigned int i = 0; i < AS_TASKS; i++) {
		struct as_mm *mm = model->tasks[i].mm;

		if (!mm || !first_of(model, i))
			continue;
		const struct as_counts *counts = as_count(&mm->space);

		pages += counts->accounted;
		for (unsigned int f = 1; f < AS_FILES; f++)
			used[f] |= counts->files[f];
	}
	for (unsigned int f = 1; f < AS_FILES; f++)
		if (used[f] && model->files[f].kind == AS_ZERO)
			pages += model->files[f].charged;
	return pages;
}

/* What may be committed in all, if there are ram pages of it. */
static int commit_limit(const struct as_call *call, u32 ram)
{
	const struct as_sysctls *sysctl = &call->model->sysctl;
	const u32 page_kbytes = AS_PAGE / 1024;
	u32 allowed = sysctl->overcommit_kbytes / page_kbytes;
	u32 reserve = sysctl->user_reserve_kbytes / page_kbytes;
	u32 share = as_count(&call->mm->space)->total / 32;

	if (!sysctl->overcommit_kbytes)
		allowed = (u32)((u64)ram * sysctl->overcommit_ratio / 100);
	if (!as_capable(call, AS_CAP_SYS_ADMIN))
		allowed -= sysctl->admin_reserve_kbytes / page_kbytes;
	return (int)(allowed - (share < reserve ? share : reserve));
}

static bool fits(const struct as_call *call, u32 pages, u32 ram)
{
	switch (call->model->sysctl.overcommit_memory) {
	case 0:
		return pages <= ram;
	case 1:
		return true;
	default:
		return (int)(as_committed(call->model) + pages) < commit_limit(call, ram);
	}
}

int as_charge(const struct as_call *call, u32 pages)
{
	bool least = fits(call, pages, call->model->ram_low);

	if (least != fits(call, pages, call->model->ram_high))
		call->model->unclear = true;
	return least ? 0 : -ENOMEM;
}

/* ---- limits --------------------------------------------------------------------------------- */

bool as_may_expand(const struct as_call *call, u32 flags, u32 pages, u32 gone)
{
	const struct as_counts *counts = as_count(&call->mm->space);
	u32 limit = call->task->limit[AS_LIMIT_DATA];

	pages -= gone;
	if (counts->total + pages > as_limit_pages(call, AS_LIMIT_AS))
		return false;
	if ((flags & (AS_WRITE | AS_SHARED | AS_GROWSDOWN)) != AS_WRITE)
		return true;
	/* A limit of 0 is one that was set to see what happens: the hard one counts. */
	if (!limit)
		limit = call->task->limit_max[AS_LIMIT_DATA];
	return counts->data + pages <= limit / AS_PAGE;
}

bool as_may_lock(const struct as_call *call, u32 flags, u32 pages)
{
	if (!(flags & AS_LOCKED) || as_capable(call, AS_CAP_IPC_LOCK))
		return true;
	return as_count(&call->mm->space)->locked + pages <= as_limit_pages(call, AS_LIMIT_MEMLOCK);
}

bool as_may_lock_any(const struct as_call *call)
{
	return call->task->limit[AS_LIMIT_MEMLOCK] || as_capable(call, AS_CAP_IPC_LOCK);
}

bool as_may_split(const struct as_call *call)
{
	return (int)as_count(&call->mm->space)->areas < (int)call->model->sysctl.max_map_count;
}

/* ---- places --------------------------------------------------------------------------------- */

u32 as_guard_start(const struct as_call *call, const struct as_area *area)
{
	u32 start = area->from * AS_PAGE, gap = call->model->sysctl.stack_guard_gap * AS_PAGE;

	if (!(area->page.flags & AS_GROWSDOWN))
		return start;
	return start < gap ? 0 : start - gap;
}

/* The page that a mapping below page n must end at or before. */
static u32 room_end(const struct as_call *call, u32 n)
{
	struct as_area above;

	return as_find(&call->mm->space, n, &above) ? as_guard_start(call, &above) / AS_PAGE
						    : AS_PAGES;
}

/* The lowest place for so many pages in [low, high); AS_PAGES: there is none. */
static u32 lowest(const struct as_call *call, u32 low, u32 high, u32 pages)
{
	const struct as_space *space = &call->mm->space;

	for (u32 n = as_first(space, low, false); n < high; n = as_first(space, n, false)) {
		u32 end = room_end(call, n);

		if (end > high)
			end = high;
		if (end >= n && end - n >= pages)
			return n;
		n = as_first(space, n, true);
	}
	return AS_PAGES;
}

/* The highest one. */
static u32 highest(const struct as_call *call, u32 low, u32 high, u32 pages)
{
	const struct as_space *space = &call->mm->space;
	struct as_area below;

	while (high > low) {
		bool any = as_find_below(space, high, &below);
		u32 end = room_end(call, high), from = low;

		if (any && below.to > low)
			from = below.to;
		if (end > high)
			end = high;
		if (end >= from && end - from >= pages)
			return end - pages;
		if (!any)
			break;
		high = below.from;
	}
	return AS_PAGES;
}

static as_result search(const struct as_call *call, u32 pages)
{
	u32 base = call->mm->mmap_base / AS_PAGE, n = AS_PAGES;
	u32 least = as_round_up(call->model->sysctl.mmap_min_addr) / AS_PAGE;

	if (!call->mm->bottom_up) {
		n = highest(call, least ? least : 1, base, pages);
		base = AS_TASK_SIZE / 3 / AS_PAGE;
	}
	if (n == AS_PAGES)
		n = lowest(call, base, AS_PAGES, pages);
	return n == AS_PAGES ? -ENOMEM : (as_result)n * AS_PAGE;
}

/* Can a mapping be where its caller would like it? */
static bool hint_fits(const struct as_call *call, u32 addr, u32 len)
{
	if (addr < call->model->sysctl.mmap_min_addr || addr > AS_TASK_SIZE - len)
		return false;
	return !as_get(&call->mm->space, addr / AS_PAGE).flags &&
	       (u64)addr + len <= (u64)room_end(call, addr / AS_PAGE) * AS_PAGE;
}

as_result as_unmapped_area(const struct as_call *call, u32 addr, u32 len, u32 flags)
{
	const u32 map_fixed = 0x10;
	u32 least = call->model->sysctl.mmap_min_addr;
	as_result at = addr;

	if (len > AS_TASK_SIZE || len > AS_TASK_SIZE - least)
		return -ENOMEM;
	if (!(flags & map_fixed)) {
		u32 hint = as_round_up(addr);

		at = addr && hint_fits(call, hint, len) ? hint
							: search(call, as_round_up(len) / AS_PAGE);
	}
	if (at < 0)
		return at;
	if (at > AS_TASK_SIZE - len)
		return -ENOMEM;
	if (at % AS_PAGE)
		return -EINVAL;
	if (at < least && !as_capable(call, AS_CAP_SYS_RAWIO))
		return -EPERM;
	return at;
}
