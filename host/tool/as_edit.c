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

/* May a stretch like page join a VMA like vma? */
static bool alike(const struct as_call *call, struct as_page vma, struct as_page page)
{
	return vma.flags == page.flags && vma.shift == page.shift && vma.file == page.file &&
	       !(vma.flags & AS_SPECIAL) &&
	       as_anon_joins(&call->model->memory, page.anon, vma.anon);
}

bool as_joins_below(const struct as_call *call, u32 n, struct as_page page)
{
	return n > 0 && alike(call, as_get(&call->mm->space, n - 1), page);
}

/* What a stretch is part of once it is there: the VMA below, the one above, or both. */
struct joins {
	bool below, above;
	u32 anon_below, anon, anon_above;
};

static struct joins find_joins(const struct as_call *call, u32 from, u32 to, struct as_page page)
{
	const struct as_space *space = &call->mm->space;
	struct joins joins = {.below = as_joins_below(call, from, page)};

	if (joins.below)
		joins.anon_below = as_get(space, from - 1).anon;
	joins.above = to < AS_PAGES && alike(call, as_get(space, to), page);
	if (joins.above)
		joins.anon_above = as_get(space, to).anon;
	/* Both, if these two fit together as well. */
	if (joins.below && joins.above &&
	    !as_anon_pairs(&call->model->memory, joins.anon_below, joins.anon_above))
		joins.above = false;
	if (!joins.above)
		joins.anon_above = 0;
	joins.anon = joins.anon_below ? joins.anon_below : page.anon ? page.anon : joins.anon_above;
	return joins;
}

/* The stretch is there, with joins->anon: now its neighbours are the same VMA. */
static void join(const struct as_call *call, u32 from, u32 to, const struct joins *joins)
{
	struct as_space *space = &call->mm->space;
	struct as_area area;

	if (joins->below && joins->anon_below != joins->anon) {
		area = as_area_of(space, from - 1);
		as_set_anon(space, area.from, from, joins->anon);
	}
	if (joins->above && joins->anon_above != joins->anon) {
		area = as_area_of(space, to);
		as_set_anon(space, to, area.to, joins->anon);
	}
	as_set_begin(space, from, !joins->below);
	as_set_begin(space, to, !joins->above);
}

void as_map(const struct as_call *call, u32 from, u32 to, struct as_page page)
{
	struct joins joins = find_joins(call, from, to, page);

	page.anon = joins.anon;
	page.begin = true;
	as_set(&call->mm->space, from, to, page);
	join(call, from, to, &joins);
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
	struct joins joins = find_joins(call, from, to, page);
	int error = joins.below || joins.above
			    ? 0
			    : may_cut(call, area, (from > area->from) + (to < area->to));

	if (error)
		return error;
	as_set_flags(space, from, to, ~0u, flags);
	if (joins.anon != page.anon)
		as_set_anon(space, from, to, joins.anon);
	join(call, from, to, &joins);
	return 0;
}
