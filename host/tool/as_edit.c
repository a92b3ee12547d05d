/* What becomes of pages, and of the places where VMAs begin. */
#include <errno.h>

#include "tool/as_calls.h"

bool as_is_whole(const struct as_call *call, const struct as_page *page)
{
	return call->model->files[page->file].kind == AS_KERNELS;
}

bool as_is_memory(const struct as_page *page)
{
	return page->file == 0;
}

u32 as_mapped_in(const struct as_space *space, u32 from, u32 to, u32 flags)
{
	struct as_area area;
	u32 pages = 0;

	for (u32 n = from; as_find(space, n, &area) && area.from < to; n = area.to)
		if (area.page.flags & flags)
			pages += (area.to < to ? area.to : to) -
				 (area.from > from ? area.from : from);
	return pages;
}

static bool alike(struct as_page a, struct as_page b)
{
	return a.flags == b.flags && a.shift == b.shift && a.file == b.file &&
	       !(a.flags & AS_SPECIAL);
}

bool as_joins_below(const struct as_space *space, u32 n, struct as_page page)
{
	return n > 0 && alike(as_get(space, n - 1), page);
}

bool as_joins_above(const struct as_space *space, u32 n, struct as_page page)
{
	return n < AS_PAGES && alike(as_get(space, n), page);
}

void as_map(struct as_space *space, u32 from, u32 to, struct as_page page)
{
	page.begin = !as_joins_below(space, from, page);
	as_set(space, from, to, page);
	if (as_joins_above(space, to, page))
		as_set_begin(space, to, false);
}

/* A VMA of the kernel's own goes as a whole or not at all. */
static bool would_split(const struct as_call *call, u32 n)
{
	struct as_page page = n < AS_PAGES ? as_get(&call->mm->space, n) : (struct as_page){0};

	return page.flags && !page.begin && as_is_whole(call, &page);
}

int as_unmap(const struct as_call *call, u32 from, u32 to)
{
	struct as_space *space = &call->mm->space;
	struct as_area area;

	if (!as_find(space, from, &area) || area.from >= to)
		return 0;
	/* A hole within one VMA makes two of it. */
	if (area.from < from && area.to > to && !as_may_split(call))
		return -ENOMEM;
	if (would_split(call, from) || would_split(call, to))
		return -EINVAL;
	as_set_begin(space, to, true);
	as_set(space, from, to, (struct as_page){0});
	return 0;
}

/* May a part of a VMA become a VMA: does it take so many cuts? */
static int may_cut(const struct as_call *call, const struct as_area *area, u32 cuts)
{
	u32 most = call->model->sysctl.max_map_count;
	int areas = (int)as_count(&call->mm->space)->areas;

	if (!cuts)
		return 0;
	if (areas >= (int)most)
		return -ENOMEM;
	if (as_is_whole(call, &area->page))
		return -EINVAL;
	return areas + (int)cuts - 1 >= (int)most ? -ENOMEM : 0;
}

int as_change(const struct as_call *call, const struct as_area *area, u32 from, u32 to, u32 flags)
{
	struct as_space *space = &call->mm->space;
	struct as_page page = area->page;

	page.flags = flags;
	/* What joins a neighbour is part of that one from now on: nothing has to be split. */
	bool below = from == area->from && as_joins_below(space, from, page);
	bool above = to == area->to && as_joins_above(space, to, page);
	int error = below || above ? 0 : may_cut(call, area, (from > area->from) + (to < area->to));

	if (error)
		return error;
	as_set_flags(space, from, to, ~0u, flags);
	as_set_begin(space, from, !below);
	as_set_begin(space, to, !above);
	return 0;
}
