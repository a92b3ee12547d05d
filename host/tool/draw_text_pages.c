/* Page tables as text: a tree for each space, and the pages that are in several places. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/draw_priv.h"

struct tree_drawing {
	struct text *out;
	const struct page_tables *map;
	struct terminal terminal;
};

static void draw_kind(const struct tree_drawing *d, enum page_kind kind, int columns)
{
	const struct holder *holder = &page_kinds[kind];

	set_colour(d->out, d->terminal, holder);
	text_printf(d->out, "%s", holder->name);
	end_colour(d->out, d->terminal);
	add_letters(d->out, ' ', max(columns - (int)strlen(holder->name), 0));
}

static void end_row(struct text *out)
{
	while (out->size && out->data[out->size - 1] == ' ')
		out->size--;
	text_printf(out, "\n");
}

/* ---- trees --------------------------------------------------------------------------------- */

static void draw_area(const struct tree_drawing *d, const struct drawn_area *area)
{
	char rights[RIGHTS_TEXT];

	if (area)
		text_printf(d->out, "%s %s", rights_text(rights, area->flags), area->name);
	else
		text_printf(d->out, "outside all areas");
}

/* before: what stands left of the branch. */
static void draw_run(const struct tree_drawing *d, const struct drawn_entries *run,
		     const char *before, bool last)
{
	char text[FRAMES_TEXT], shared[SHARED_TEXT];

	text_printf(d->out, "%s%c-- %08lx-%08lx %5lu ", before, last ? '`' : '|', run->start,
		    run->end, run_pages(run));
	draw_kind(d, run->kind, 6);
	text_printf(d->out, "%-4s %c%c %-11s ", run->rights, run->young ? 'y' : '-',
		    run->dirty ? 'd' : '-', frames_text(text, run->pfn, run_pages(run)));
	if (run->count)
		text_printf(d->out, "%5u %4d %-7s ", run->count, run->maps,
			    shared_text(shared, d->map, run));
	else
		add_letters(d->out, ' ', strlen("count maps shared  "));
	draw_area(d, run->area);
	end_row(d->out);
}

static void draw_table(const struct tree_drawing *d, const struct drawn_table *table, bool last)
{
	u64 start = (u64)table->slot << PGDIR_SHIFT;

	text_printf(d->out, "%c-- %08llx-%08llx slot %u: page table %05lx with %lu entr%s\n",
		    last ? '`' : '|', start, start + PGDIR_SIZE, table->slot, table->pfn,
		    table->entries, table->entries == 1 ? "y" : "ies");
	for (size_t i = 0; i < table->nr_runs; i++)
		draw_run(d, &d->map->runs[table->first_run + i], last ? "    " : "|   ",
			 i == table->nr_runs - 1);
}

static void draw_tree(const struct tree_drawing *d, size_t number)
{
	const struct drawn_tree *tree = &d->map->trees[number];
	char text[SPACE_WORDS];

	describe_space(text, sizeof(text), &d->map->spaces, &d->map->spaces.spaces[number]);
	text_printf(d->out, "\n%s\n", text);
	describe_tree(text, sizeof(text), tree);
	text_printf(d->out, "%s\n", text);
	if (tree->nr_tables)
		text_printf(d->out, "        start    end      pages kind  rights  frame       "
				    "count maps shared  area\n");
	for (size_t i = 0; i < tree->nr_tables; i++)
		draw_table(d, &d->map->tables[tree->first_table + i], i == tree->nr_tables - 1);
}

/* ---- sharing ------------------------------------------------------------------------------- */

static void draw_place(const struct tree_drawing *d, const struct drawn_shared *shared,
		       const struct drawn_place *place)
{
	const struct drawn_entries *run = &d->map->runs[place->run];

	text_printf(d->out, "    space %u %08lx-%08lx %-4s ", d->map->trees[place->tree].number,
		    place->address, end_of_place(shared, place), run->rights);
	draw_area(d, run->area);
	end_row(d->out);
}

static void draw_shared(const struct tree_drawing *d, const struct drawn_shared *shared)
{
	char text[TREE_WORDS];

	text_printf(d->out, "#%u ", shared->number);
	draw_kind(d, shared->kind, 0);
	describe_shared(text, sizeof(text), d->map, shared);
	text_printf(d->out, "%s\n", text + strlen(page_kinds[shared->kind].name));
	for (size_t i = 0; i < shared->nr_places; i++)
		draw_place(d, shared, &d->map->places[shared->first_place + i]);
	describe_missing(text, sizeof(text), d->map, shared);
	if (*text)
		text_printf(d->out, "    %s\n", text);
}

static void draw_sharing(const struct tree_drawing *d)
{
	unsigned int spaces;
	unsigned long zero = count_zero(d->map, &spaces);

	text_printf(d->out, "\nshared: pages that more than one entry maps\n");
	for (size_t i = 0; i < d->map->nr_shared; i++)
		draw_shared(d, &d->map->shared[i]);
	if (!d->map->nr_shared)
		text_printf(d->out, "    none\n");
	if (zero)
		text_printf(d->out, "the zero page: %lu entr%s in %u space%s\n", zero,
			    zero == 1 ? "y" : "ies", spaces, spaces == 1 ? "" : "s");
}

static void draw_caches(const struct tree_drawing *d)
{
	char text[TREE_WORDS], frames[FRAMES_TEXT];

	text_printf(d->out, "\nonly in a cache: pages of files that no entry maps\n");
	if (!count_unmapped(d->map, NULL))
		text_printf(d->out, "    none\n");
	for (size_t i = 0; i < d->map->nr_caches; i++) {
		const struct drawn_page_cache *cache = &d->map->caches[i];

		if (!count_unmapped(d->map, cache))
			continue;
		describe_page_cache(text, sizeof(text), d->map, cache);
		text_printf(d->out, "%s\n", text);
		for (size_t j = 0; j < cache->nr_runs; j++) {
			const struct drawn_cached *run = &d->map->cached[cache->first_run + j];

			if (run->maps)
				continue;
			describe_cached(text, sizeof(text), run);
			text_printf(d->out, "    ");
			draw_kind(d, run->kind, 6);
			text_printf(d->out, "%-11s %s\n",
				    frames_text(frames, run->pfn, run->end - run->first), text);
		}
	}
}

void draw_page_tables(struct text *out, const struct page_tables *map, struct terminal terminal)
{
	struct tree_drawing d = {out, map, terminal};

	text_printf(out, "page_tables: directory, page tables and entries of each space; kinds of "
			 "pages:\n");
	for (enum page_kind kind = 0; kind < NR_PAGE_KINDS; kind++) {
		text_printf(out, "  ");
		draw_kind(&d, kind, 0);
		text_printf(out, "%s\n", page_kinds[kind].about);
	}
	text_printf(out,
		    "y: used (young), d: written to (dirty); count: uses of the page; maps: "
		    "entries\nthat map it; #: its number among those that more than one maps\n");
	if (!map->nr_trees)
		text_printf(out, "\nthere is no address space\n");
	for (size_t i = 0; i < map->nr_trees; i++)
		draw_tree(&d, i);
	draw_sharing(&d);
	draw_caches(&d);
}
