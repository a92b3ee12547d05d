/* Address spaces as text: a row for each area, and for what is free between them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/draw_priv.h"

/* The longest bar takes a letter for a page, and one for each doubling up to below 4 GiB. */
#define LONGEST_BAR 20
#define SHORTEST_BAR 5
#define ROW_COLUMNS 55	/* of a row but for its bar and the words behind */
#define WORD_COLUMNS 10 /* wanted for these */

struct space_drawing {
	struct text *out;
	const struct space_map *map;
	const struct drawn_space *space;
	struct terminal terminal;
	unsigned int steps;	 /* doublings of a letter of a bar */
	unsigned int bar, flags; /* columns */
};

static unsigned int bar_length(const struct space_drawing *d, unsigned long pages)
{
	return doublings(pages) / d->steps + 1;
}

/* Of a bar, in proportion: all of it only if all pages are there, none only if none is. */
static unsigned int present_length(unsigned int length, unsigned long present, unsigned long pages)
{
	unsigned int letters = (u64)length * present / pages;

	return !letters && present && length > 1 ? 1 : letters;
}

static void draw_bar(struct space_drawing *d, const struct space_row *row)
{
	const struct holder *part = &space_parts[row->part];
	unsigned int length = bar_length(d, row_pages(row)), present = 0;

	if (row->part < NR_AREA_KINDS)
		present = present_length(length, row->area->present, row_pages(row));
	set_colour(d->out, d->terminal, part);
	add_letters(d->out, part->whole, present);
	add_letters(d->out, part->part, length - present);
	end_colour(d->out, d->terminal);
	add_letters(d->out, ' ', d->bar - length);
}

/* Behind the figures of an area: flags, name, offset. */
static void draw_words(struct space_drawing *d, const struct drawn_area *area)
{
	char flags[AREA_WORDS];

	flags_text(flags, area->flags);
	text_printf(d->out, " %-*s", d->flags, flags);
	if (*area->name)
		text_printf(d->out, " %s", area->name);
	if (area->offset)
		text_printf(d->out, " from %llx", area->offset);
}

static void end_row(struct text *out)
{
	while (out->size && out->data[out->size - 1] == ' ')
		out->size--;
	text_printf(out, "\n");
}

static void draw_row(struct space_drawing *d, const struct space_row *row)
{
	char size[SIZE_TEXT], rights[RIGHTS_TEXT];

	text_printf(d->out, "%08lx-%08lx %8s ", row->start, row->end,
		    size_text(size, row_pages(row)));
	if (row->part < NR_AREA_KINDS) {
		rights_text(rights, row->area->flags);
		text_printf(d->out, "%s %7lu ", rights, row->area->present);
		draw_bar(d, row);
		text_printf(d->out, " %8s %5u", gap_text(size, row->area->largest),
			    row->area->depth);
		draw_words(d, row->area);
	} else {
		add_letters(d->out, ' ', strlen("rwxp present "));
		draw_bar(d, row);
		text_printf(d->out, " %s", space_parts[row->part].name);
	}
	end_row(d->out);
}

/* Above the row that the base is in, or right above. */
static void mark_base(struct space_drawing *d, const struct space_row *row)
{
	unsigned long base = d->space->base;

	if (row->start < base && base <= row->end)
		text_printf(d->out, "%08lx ---- mmap base, %s%s\n", base,
			    d->space->down ? "down" : "up",
			    base < row->end ? ", in the row below" : "");
}

/* The widest flags of a space. */
static unsigned int columns_of_flags(const struct space_drawing *d)
{
	unsigned int columns = strlen("flags");
	char flags[AREA_WORDS];

	for (size_t i = 0; i < d->space->nr_areas; i++) {
		flags_text(flags, d->map->areas[d->space->first_area + i].flags);
		columns = max(columns, strlen(flags));
	}
	return columns;
}

static void draw_space(struct space_drawing *d)
{
	struct space_row *rows;
	size_t count = space_rows(d->map, d->space, &rows);
	char text[SPACE_WORDS];

	describe_space(text, sizeof(text), d->map, d->space);
	text_printf(d->out, "\n%s\n", text);
	describe_pages(text, sizeof(text), d->space);
	text_printf(d->out, "  %s\n", text);
	describe_present(text, sizeof(text), d->map, d->space);
	text_printf(d->out, "  %s\n", text);
	d->flags = columns_of_flags(d);
	text_printf(d->out,
		    "start    end          size rwxp present %-*s  largest depth %-*s name\n",
		    d->bar, "bar", d->flags, "flags");
	for (size_t i = 0; i < count; i++) {
		mark_base(d, &rows[i]);
		draw_row(d, &rows[i]);
	}
	free(rows);
}

static void draw_space_legend(const struct space_drawing *d)
{
	for (unsigned int i = 0; i < NR_SPACE_PARTS; i++) {
		const struct holder *part = &space_parts[i];

		text_printf(d->out, "  ");
		set_colour(d->out, d->terminal, part);
		text_printf(d->out, "%c", part->whole);
		end_colour(d->out, d->terminal);
		text_printf(d->out, " %s", part->name);
	}
	text_printf(d->out, "\ncapital: the part of the pages that is there; ");
	if (d->steps == 1)
		text_printf(d->out, "a letter more: twice the size\n");
	else
		text_printf(d->out, "a letter more: %u times the size\n", 1u << d->steps);
	text_printf(d->out,
		    "largest: the largest gap below an area of the subtree; depth: in the tree\n"
		    "flags: as in smaps, but for what the rights tell; -mw: must not become w\n");
}

void draw_spaces(struct text *out, const struct space_map *map, struct terminal terminal)
{
	struct space_drawing d = {.out = out, .map = map, .terminal = terminal, .steps = 1};
	unsigned int room = SHORTEST_BAR;

	if (terminal.columns > ROW_COLUMNS + WORD_COLUMNS + SHORTEST_BAR)
		room = terminal.columns - ROW_COLUMNS - WORD_COLUMNS;
	while ((LONGEST_BAR - 1) / d.steps + 1 > room)
		d.steps++;
	d.bar = (LONGEST_BAR - 1) / d.steps + 1;
	text_printf(out, "spaces: address spaces, high addresses first; letters are areas:\n");
	draw_space_legend(&d);
	if (!map->nr_spaces)
		text_printf(out, "\nthere is no address space\n");
	for (size_t i = 0; i < map->nr_spaces; i++) {
		d.space = &map->spaces[i];
		draw_space(&d);
	}
}
