/* The model's mremap. */
#include <errno.h>

#include "tool/as_calls.h"

#define MAYMOVE 1u
#define FIXED 2u
#define DONTUNMAP 4u
#define MAP_FIXED 0x10u

/* What is asked for; lengths are whole pages. */
struct move {
	u32 addr, old_len, new_len, flags, new_addr;
};

/*
 * Could the VMA at move->addr be of the new length, wherever that is? 0 and the VMA, or the error.
 */
static int may_resize(const struct as_call *call, const struct move *move, struct as_area *area)
{
	const struct as_space *space = &call->mm->space;
	u32 n = move->addr / AS_PAGE, grow = move->new_len - move->old_len;

	if (move->addr >= AS_TASK_SIZE || !as_find(space, n, area) || area->from > n)
		return -EFAULT;
	u32 flags = area->page.flags, fixed_size = flags & (AS_DONTEXPAND | AS_PFNMAP);

	/* Length 0 stands for a second mapping of the same, which is nothing for private memory. */
	if (!move->old_len && !(flags & (AS_SHARED | AS_MAYSHARE)))
		return -EINVAL;
	if ((move->flags & DONTUNMAP) && fixed_size)
		return -EINVAL;
	if (move->old_len > area->to * AS_PAGE - move->addr)
		return -EFAULT;
	if (!grow)
		return 0;
	u32 pgoff = n + area->page.shift;

	if (pgoff + move->new_len / AS_PAGE < pgoff)
		return -EINVAL;
	if (fixed_size)
		return -EFAULT;
	if (!as_may_lock(call, flags, grow / AS_PAGE))
		return -EAGAIN;
	return as_may_expand(call, flags, grow / AS_PAGE, 0) ? 0 : -ENOMEM;
}

/* The old place of what was moved stays mapped, but is not locked any more; nothing is merged. */
static void keep_old(const struct as_call *call, u32 from, u32 to)
{
	struct as_space *space = &call->mm->space;

	if (!(as_get(space, from).flags & AS_ANY_LOCK))
		return;
	as_set_begin(space, from, true);
	as_set_begin(space, to, true);
	as_set_flags(space, from, to, AS_ANY_LOCK, 0);
}

/* What was at the old place is at the new one, and what is missing there comes if it is locked. */
static void move_pages(const struct as_call *call, const struct move *move, bool locked, u32 to)
{
	struct as_mm *mm = call->mm;
	u32 old = move->old_len / AS_PAGE, new = move->new_len / AS_PAGE;

	as_zap_range(call, to / AS_PAGE, to / AS_PAGE + new);
	as_move_entries(&call->model->memory, &mm->entries, move->addr / AS_PAGE, to / AS_PAGE,
			old);
	if (locked && new > old)
		as_populate(call, to + move->old_len, move->new_len - move->old_len, true);
}

/* Moves to where nothing is. */
static as_result move_to(const struct as_call *call, const struct move *move,
			 const struct as_area *area, u32 to)
{
	struct as_space *space = &call->mm->space;
	u32 n = move->addr / AS_PAGE, old = move->old_len / AS_PAGE, new = move->new_len / AS_PAGE;
	struct as_page page = area->page;
	bool keep = (move->flags & DONTUNMAP) != 0;

	/* Room for what may become of the VMAs: a new one, and the old one in three pieces. */
	if ((int)as_count(space)->areas >= (int)call->model->sysctl.max_map_count - 3)
		return -ENOMEM;
	if (as_is_whole(call, &page) && (n != area->from || n + old != area->to))
		return -EINVAL;
	if ((page.flags & AS_ACCOUNT) && as_charge(call, keep ? new : new - old))
		return -ENOMEM;
	/* The offset moves along, but that of memory without private pages, which is the address.
	 */
	if (as_is_memory(&page) && !page.anon)
		page.shift = 0;
	else
		page.shift += n - to / AS_PAGE;
	as_map(call, to / AS_PAGE, to / AS_PAGE + new, page);
	if (keep)
		keep_old(call, n, n + old);
	else if (old)
		as_unmap(call, n, n + old);
	/* There are no private pages any more. */
	if (keep && n == area->from && n + old == area->to && page.anon)
		as_set_anon(space, n, n + old, 0);
	move_pages(call, move, page.flags & AS_LOCKED, to);
	return to;
}

/* The end of the old place, where that is longer, goes. */
static int cut_tail(struct as_call *call, const struct move *move)
{
	u32 addr = move->addr + move->new_len, len = move->old_len - move->new_len;

	if (addr > AS_TASK_SIZE || len > AS_TASK_SIZE - addr)
		return -EINVAL;
	return as_unmap(call, addr / AS_PAGE, (addr + len) / AS_PAGE);
}

/* What is at the new place goes, and what is too much at the old one. */
static int make_room(struct as_call *call, struct move *move)
{
	u32 from = move->new_addr / AS_PAGE, to = from + move->new_len / AS_PAGE;
	int error = 0;

	if (move->flags & FIXED)
		error = as_unmap(call, from, to);
	if (!error && move->old_len > move->new_len)
		error = cut_tail(call, move);
	if (move->old_len > move->new_len)
		move->old_len = move->new_len;
	return error;
}

static as_result fixed(struct as_call *call, struct move *move)
{
	u32 addr = move->addr, to = move->new_addr;
	u32 map_flags = move->flags & FIXED ? MAP_FIXED : 0;
	struct as_area area;
	as_result at;
	int error;

	if (to % AS_PAGE || move->new_len > AS_TASK_SIZE || to > AS_TASK_SIZE - move->new_len)
		return -EINVAL;
	if (addr + move->old_len > to && to + move->new_len > addr)
		return -EINVAL;
	if ((int)as_count(&call->mm->space)->areas + 2 >=
	    (int)call->model->sysctl.max_map_count - 3)
		return -ENOMEM;
	error = make_room(call, move);
	if (!error)
		error = may_resize(call, move, &area);
	if (error)
		return error;
	if ((move->flags & DONTUNMAP) &&
	    !as_may_expand(call, area.page.flags, move->old_len / AS_PAGE, 0))
		return -ENOMEM;
	at = as_unmapped_area(call, to, move->new_len, map_flags);
	return at < 0 ? at : move_to(call, move, &area, map_flags ? to : (u32)at);
}

/* All or nothing: what was unmapped to make room comes back when the rest fails. */
static as_result fixed_or_nothing(struct as_call *call, struct move *move)
{
	static struct as_space before;
	u32 from = move->addr / AS_PAGE, old = move->old_len / AS_PAGE;
	u32 new = move->new_len / AS_PAGE;
	as_result result;

	as_copy(&before, &call->mm->space);
	result = fixed(call, move);
	if (result < 0)
		as_copy(&call->mm->space, &before);
	else if (old > new)
		as_zap_range(call, from + new, from + old);
	as_clear(&before);
	return result;
}

/* Grows where it is; false if it cannot. *result is what comes of it. */
static bool grow_in_place(const struct as_call *call, const struct move *move,
			  const struct as_area *area, as_result *result)
{
	struct as_space *space = &call->mm->space;
	u32 grow = (move->new_len - move->old_len) / AS_PAGE, start = area->from * AS_PAGE;
	u64 end = (u64)area->to + grow;
	struct as_page page = area->page;

	if (move->addr + move->old_len != area->to * AS_PAGE || end > AS_PAGES)
		return false;
	if (as_any(space, area->to, (u32)end) ||
	    as_unmapped_area(call, start, (u32)end * AS_PAGE - start, MAP_FIXED) < 0)
		return false;
	*result = -ENOMEM;
	if ((page.flags & AS_ACCOUNT) && as_charge(call, grow))
		return true;
	if (page.flags & AS_SPECIAL) /* nothing can be joined to it */
		return true;
	as_map(call, area->to, (u32)end, page);
	if (page.flags & AS_LOCKED)
		as_populate(call, move->addr + move->old_len, grow * AS_PAGE, true);
	*result = move->addr;
	return true;
}

static as_result shrink(struct as_call *call, const struct move *move)
{
	struct as_area area;
	u32 n = move->addr / AS_PAGE;

	if (move->addr >= AS_TASK_SIZE || !as_find(&call->mm->space, n, &area) || area.from > n)
		return -EFAULT;
	if (move->old_len == move->new_len)
		return move->addr;
	as_result result =
		as_munmap(call, move->addr + move->new_len, move->old_len - move->new_len);

	return result < 0 ? result : move->addr;
}

as_result as_mremap(struct as_call *call, u32 addr, u32 old_len, u32 new_len, u32 flags,
		    u32 new_addr)
{
	struct move move = {addr, as_round_up(old_len), as_round_up(new_len), flags, new_addr};
	struct as_area area;
	as_result result;

	if ((flags & ~(FIXED | MAYMOVE | DONTUNMAP)) || ((flags & FIXED) && !(flags & MAYMOVE)))
		return -EINVAL;
	if ((flags & DONTUNMAP) && (!(flags & MAYMOVE) || old_len != new_len))
		return -EINVAL;
	if (addr % AS_PAGE || !move.new_len)
		return -EINVAL;
	if (addr >= AS_TASK_SIZE || !as_get(&call->mm->space, addr / AS_PAGE).flags)
		return -EFAULT;
	if (flags & (FIXED | DONTUNMAP))
		return fixed_or_nothing(call, &move);
	if (move.old_len >= move.new_len)
		return shrink(call, &move);
	result = may_resize(call, &move, &area);
	if (result < 0 || grow_in_place(call, &move, &area, &result))
		return result;
	if (!(flags & MAYMOVE))
		return -ENOMEM;
	result = as_unmapped_area(call, 0, move.new_len, 0);
	return result < 0 ? result : move_to(call, &move, &area, (u32)result);
}
