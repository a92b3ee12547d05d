/* Which VMAs have an anon_vma, and which have the same. */
#include <stdlib.h>
#include <string.h>

#include "tool/as_calls.h"

bool as_anon_joins(const struct as_memory *memory, u32 stretch, u32 vma)
{
	const struct as_anon *anons = memory->anons;

	if (anons[stretch].owner == anons[vma].owner)
		return true;
	/* What came by fork from somewhere else is left alone. */
	return !stretch && anons[vma].links == 1;
}

bool as_anon_pairs(const struct as_memory *memory, u32 below, u32 above)
{
	return !below || !above || memory->anons[below].owner == memory->anons[above].owner;
}

/* A record with an anon_vma of its own, behind its ancestors'. */
static u32 new_anon(struct as_memory *memory, u32 parent)
{
	u32 n = memory->nr_anons++, links = memory->anons[parent].links;
	struct as_anon *anon;

	if (n == memory->room_anons) {
		memory->room_anons *= 2;
		memory->anons = as_need(
			realloc(memory->anons, memory->room_anons * sizeof(*memory->anons)));
	}
	anon = &memory->anons[n];
	*anon = (struct as_anon){
		.owner = n, .parent = memory->anons[parent].owner, .links = links + 1};
	anon->chain = as_need(malloc((links + 1) * sizeof(*anon->chain)));
	if (links)
		memcpy(anon->chain, memory->anons[parent].chain, links * sizeof(*anon->chain));
	anon->chain[links] = n;
	return n;
}

/* May two VMAs, side by side, have the same anon_vma, so that they can be one some day? */
static bool compatible(const struct as_page *a, const struct as_page *b)
{
	return a->file == b->file && a->shift == b->shift && !((a->flags ^ b->flags) & ~AS_ACCESS);
}

/* A neighbour's, if it can be taken over; 0: it cannot. */
static u32 from_neighbour(const struct as_model *model, const struct as_mm *mm,
			  const struct as_area *area, u32 n)
{
	struct as_page page = n < AS_PAGES ? as_get(&mm->space, n) : (struct as_page){0};

	if (!page.flags || model->memory.anons[page.anon].links != 1 ||
	    !compatible(&page, &area->page))
		return 0;
	return page.anon;
}

void as_anon_prepare(struct as_model *model, struct as_mm *mm, u32 n)
{
	struct as_area area;
	u32 anon;

	if (as_get(&mm->space, n).anon)
		return;
	area = as_area_of(&mm->space, n);
	anon = from_neighbour(model, mm, &area, area.to);
	if (!anon)
		anon = from_neighbour(model, mm, &area, area.from - 1);
	if (!anon)
		anon = new_anon(&model->memory, 0);
	as_set_anon(&mm->space, area.from, area.to, anon);
}

/* ---- fork ----------------------------------------------------------------------------------- */

/* Every VMA that has one as its own, every one that is linked to it, and who came of it by fork. */
static void count_all(const struct as_model *model, struct as_forking *forking)
{
	const struct as_memory *memory = &model->memory;
	u32 n = memory->nr_anons;
	struct as_area area;

	forking->counted = true;
	forking->room = n;
	forking->active = as_need(calloc(3 * n, sizeof(u32)));
	forking->links = forking->active + n;
	forking->children = forking->links + n;
	for (unsigned int i = 0; i < AS_TASKS; i++) {
		const struct as_mm *mm = model->tasks[i].mm;
		bool seen = !mm;

		for (unsigned int j = 0; j < i; j++)
			seen |= model->tasks[j].mm == mm;
		for (u32 at = 0; !seen && as_find(&mm->space, at, &area); at = area.to) {
			const struct as_anon *anon = &memory->anons[area.page.anon];

			forking->active[anon->owner]++;
			for (u32 k = 0; k < anon->links; k++)
				forking->links[anon->chain[k]]++;
		}
	}
	for (u32 k = 1; k < n; k++)
		if (memory->anons[k].owner == k && forking->links[k])
			forking->children[memory->anons[k].parent ? memory->anons[k].parent : k]++;
}

/* An ancestor's that nobody has as his own any more, and that has no more than one offspring. */
static u32 idle_ancestor(const struct as_forking *forking, const struct as_anon *anon)
{
	for (u32 k = 0; k < anon->links; k++) {
		u32 n = anon->chain[k];

		if (n < forking->room && !forking->active[n] && forking->children[n] < 2)
			return n;
	}
	return 0;
}

u32 as_anon_fork(struct as_model *model, struct as_forking *forking, u32 parent)
{
	struct as_memory *memory = &model->memory;
	u32 idle, links = memory->anons[parent].links, child;

	if (links < 2) /* it has none but one that is in use */
		return new_anon(memory, parent);
	if (!forking->counted)
		count_all(model, forking);
	idle = idle_ancestor(forking, &memory->anons[parent]);
	child = new_anon(memory, parent);
	if (idle) {
		memory->anons[child].owner = idle;
		memory->anons[child].links = links;
		forking->active[idle]++;
	}
	return child;
}

void as_anon_forked(struct as_forking *forking)
{
	free(forking->active);
}
