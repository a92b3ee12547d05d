/*
 * Address spaces as SVG: at the left a ladder to scale, in units of a page; beside it the same rows
 * stretched, so that each can be read, and what there is to say of it. A page has STRETCHED_PAGE
 * pixels there, and twice as many pages STRETCHED_TWICE more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/draw_priv.h"
#include "tool/xml.h"

#define STRETCHED_PAGE 16
#define STRETCHED_TWICE 2
#define MIN_HEIGHT 130 /* of a ladder: room for its ticks */
#define TICK (512ul << 20)

#define LADDER_LEFT 78
#define LADDER_WIDTH 30
#define BOX_LEFT 236
#define BOX_WIDTH 180
#define BOX_LETTERS 28
/* Columns of texts. */
#define SIZE_RIGHT 480
#define RIGHTS_LEFT 488
#define FILL_LEFT 524
#define FILL_WIDTH 50
#define PRESENT_RIGHT 618
#define FLAGS_LEFT 626
#define FLAGS_LETTERS 12
#define OFFSET_RIGHT 776
#define LARGEST_RIGHT 832
#define DEPTH_RIGHT 868
#define MARK_LEFT 876

struct ladder {
	struct svg *svg;
	const struct space_map *map;
	const struct drawn_space *space;
	struct space_row *rows;
	size_t nr_rows;
	double top, height;
	double stretch; /* of rows, besides what is said above */
};

static double row_height(const struct ladder *l, const struct space_row *row)
{
	return (STRETCHED_PAGE + STRETCHED_TWICE * doublings(row_pages(row))) * l->stretch;
}

/* Where an address is in the ladder that is to scale. */
static double y_of(const struct ladder *l, unsigned long address)
{
	return l->top + (double)(l->map->end - address) / l->map->end * l->height;
}

/* At most so many letters: the first, or the last, and dots for the others. */
static const char *shortened(char *buf, size_t letters, const char *text, bool last)
{
	size_t len = strlen(text);

	if (len <= letters)
		snprintf(buf, letters + 1, "%s", text);
	else if (last)
		snprintf(buf, letters + 1, "...%s", text + len - (letters - 3));
	else
		snprintf(buf, letters + 1, "%.*s...", (int)letters - 3, text);
	return buf;
}

/* ---- to scale ------------------------------------------------------------------------------ */

static void add_line(struct svg *svg, double x, double y, double x2, const char *colour)
{
	text_printf(&svg->body, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\"/>\n",
		    x, y, x2, y, colour);
}

static void add_ticks(const struct ladder *l)
{
	char text[16];

	for (u64 address = 0; address <= l->map->end; address += TICK) {
		double y = y_of(l, address);

		add_line(l->svg, LADDER_LEFT - 4, y, LADDER_LEFT, "#444444");
		snprintf(text, sizeof(text), "%08llx", address);
		add_text(l->svg, LADDER_LEFT - 7, y + 3.5, SMALL TO_RIGHT MONO, text);
	}
}

/* What is smaller than a pixel gets a line as high as one. */
static void add_small(const struct ladder *l, const struct space_row *row)
{
	char colour[8];

	snprintf(colour, sizeof(colour), "#%06x", space_parts[row->part].colour);
	add_line(l->svg, LADDER_LEFT, (y_of(l, row->start) + y_of(l, row->end)) / 2,
		 LADDER_LEFT + LADDER_WIDTH, colour);
}

static void open_row(const struct ladder *l, const struct space_row *row)
{
	char size[SIZE_TEXT];

	open_held(l->svg, &space_parts[row->part]);
	text_printf(&l->svg->body, "space %u, %08lx-%08lx, %s, %lu pages (%s)", l->space->number,
		    row->start, row->end, space_parts[row->part].name, row_pages(row),
		    size_text(size, row_pages(row)));
}

static void add_scaled(const struct ladder *l)
{
	open_scaled(l->svg, LADDER_LEFT, l->top, LADDER_WIDTH,
		    l->height / (l->map->end >> PAGE_SHIFT));
	for (size_t i = 0; i < l->nr_rows; i++) {
		const struct space_row *row = &l->rows[i];

		open_row(l, row);
		text_printf(&l->svg->body, "</title>");
		add_rect(l->svg, 0, (l->map->end - row->end) >> PAGE_SHIFT, 1, row_pages(row));
		close_group(l->svg);
	}
	close_group(l->svg);
	for (size_t i = 0; i < l->nr_rows; i++)
		if (l->rows[i].part != SPACE_FREE)
			add_small(l, &l->rows[i]);
}

/* ---- stretched ----------------------------------------------------------------------------- */

/* Where the base is in a row, from the row's top; outside of the row: 0. */
static double base_in_row(const struct ladder *l, const struct space_row *row, double height)
{
	if (l->space->base <= row->start || l->space->base > row->end)
		return 0;
	return height * (row->end - l->space->base) / (row->end - row->start);
}

/* The middle of a row, or of the greater part of it that the base leaves. */
static double middle_of(const struct ladder *l, const struct space_row *row, double height)
{
	double base = base_in_row(l, row, height);

	return base > height / 2 ? base / 2 : (base + height) / 2;
}

/* From the ladder to the row. */
static void add_lens(const struct ladder *l, const struct space_row *row, double y, double height)
{
	unsigned int right = LADDER_LEFT + LADDER_WIDTH;

	text_printf(&l->svg->body,
		    "<polygon points=\"%u,%g %d,%g %d,%g %u,%g\" fill=\"#%06x\" "
		    "fill-opacity=\"0.2\"/>\n",
		    right, y_of(l, row->end), BOX_LEFT, y, BOX_LEFT, y + height, right,
		    y_of(l, row->start), space_parts[row->part].colour);
}

/* The tooltip: all that the verb said of the area. */
static void add_about(const struct ladder *l, const struct drawn_area *area)
{
	struct text *body = &l->svg->body;
	char words[AREA_WORDS], size[SIZE_TEXT];

	text_printf(body, ", %lu present; %s", area->present, rights_text(words, area->flags));
	text_printf(body, ", flags %08lx %s; ", area->flags, flags_text(words, area->flags));
	if (area->file)
		text_printf(body, "file %u from %llx; ", area->file, area->offset);
	text_printf(body, "gap below %s, ", gap_text(size, area->gap));
	text_printf(body, "largest of the subtree %s, depth %u", gap_text(size, area->largest),
		    area->depth);
	if (*area->name) {
		text_printf(body, "; ");
		xml_add(body, area->name, strlen(area->name));
	}
}

static void add_box(const struct ladder *l, const struct space_row *row, double y, double height)
{
	struct text *body = &l->svg->body;
	double middle = y + middle_of(l, row, height), part;

	open_row(l, row);
	if (row->part < NR_AREA_KINDS)
		add_about(l, row->area);
	text_printf(body, "</title>");
	text_printf(body, "<rect x=\"%d\" y=\"%g\" width=\"%d\" height=\"%g\" stroke=\"#ffffff\"/>",
		    BOX_LEFT, y, BOX_WIDTH, height);
	if (row->part < NR_AREA_KINDS && row->area->present) {
		part = (double)row->area->present / row_pages(row);
		text_printf(body, "<rect x=\"%d\" y=\"%g\" width=\"%g\" height=\"8\"/>", FILL_LEFT,
			    middle - 4, max(part * FILL_WIDTH, 1.0));
	}
	close_group(l->svg);
	if (row->part < NR_AREA_KINDS)
		text_printf(body,
			    "<rect class=\"frame\" x=\"%d\" y=\"%g\" width=\"%d\" height=\"8\" "
			    "fill=\"none\" stroke=\"#999999\" stroke-width=\"0.5\"/>\n",
			    FILL_LEFT, middle - 4, FILL_WIDTH);
}

static void add_figures(const struct ladder *l, const struct drawn_area *area, double y)
{
	char text[AREA_WORDS], part[FLAGS_LETTERS + 1], size[SIZE_TEXT];

	add_text(l->svg, RIGHTS_LEFT, y, SMALL MONO, rights_text(text, area->flags));
	snprintf(text, sizeof(text), "%lu", area->present);
	add_text(l->svg, PRESENT_RIGHT, y, SMALL TO_RIGHT MONO, text);
	add_text(l->svg, FLAGS_LEFT, y, SMALL MONO,
		 shortened(part, FLAGS_LETTERS, flags_text(text, area->flags), false));
	if (area->file) {
		snprintf(text, sizeof(text), "%llx", area->offset);
		add_text(l->svg, OFFSET_RIGHT, y, SMALL TO_RIGHT MONO, text);
	}
	add_text(l->svg, LARGEST_RIGHT, y, SMALL TO_RIGHT MONO, gap_text(size, area->largest));
	snprintf(text, sizeof(text), "%u", area->depth);
	add_text(l->svg, DEPTH_RIGHT, y, SMALL TO_RIGHT MONO, text);
}

/* The name in the box, figures at the right; the address where the row ends above. */
static void label_row(const struct ladder *l, const struct space_row *row, double y, double height)
{
	const struct holder *part = &space_parts[row->part];
	bool area = row->part < NR_AREA_KINDS;
	char text[BOX_LETTERS + 1], size[SIZE_TEXT];
	double middle = y + middle_of(l, row, height) + 3.5;

	snprintf(text, sizeof(text), "%08lx", row->end);
	add_text(l->svg, BOX_LEFT - 5, y + 3.5, SMALL TO_RIGHT MONO, text);
	shortened(text, BOX_LETTERS, area && *row->area->name ? row->area->name : part->name, true);
	add_text(l->svg, BOX_LEFT + 5, middle,
		 is_bright(part) ? " font-size=\"10\"" MONO
				 : " font-size=\"10\" fill=\"#ffffff\"" MONO,
		 text);
	add_text(l->svg, SIZE_RIGHT, middle, SMALL TO_RIGHT MONO, size_text(size, row_pages(row)));
	if (area)
		add_figures(l, row->area, middle);
}

/* A line through both ladders, which the base is at or, if it is within the row, in. */
static void mark_base(const struct ladder *l, const struct space_row *row, double y, double height)
{
	unsigned long base = l->space->base;
	char text[40];

	if (base <= row->start || base > row->end)
		return;
	y += base_in_row(l, row, height);
	add_line(l->svg, LADDER_LEFT - 2, y_of(l, base), LADDER_LEFT + LADDER_WIDTH + 2, "#000000");
	add_line(l->svg, BOX_LEFT - 2, y, BOX_LEFT + BOX_WIDTH, "#000000");
	add_line(l->svg, BOX_LEFT + BOX_WIDTH, y, MARK_LEFT - 4, "#bbbbbb");
	text_printf(&l->svg->body, "<path class=\"base\" d=\"M%d %g l8 0 l-4 %d z\"/>\n", MARK_LEFT,
		    l->space->down ? y - 1 : y + 1, l->space->down ? 7 : -7);
	snprintf(text, sizeof(text), "mmap base, %s", l->space->down ? "down" : "up");
	add_text(l->svg, MARK_LEFT + 12, y + 3.5, SMALL, text);
}

static void add_stretched(const struct ladder *l)
{
	double y = l->top;

	for (size_t i = 0; i < l->nr_rows; i++) {
		double height = row_height(l, &l->rows[i]);

		if (l->rows[i].part != SPACE_FREE)
			add_lens(l, &l->rows[i], y, height);
		add_box(l, &l->rows[i], y, height);
		y += height;
	}
	y = l->top;
	for (size_t i = 0; i < l->nr_rows; i++) {
		double height = row_height(l, &l->rows[i]);

		mark_base(l, &l->rows[i], y, height);
		label_row(l, &l->rows[i], y, height);
		y += height;
	}
	add_text(l->svg, BOX_LEFT - 5, y + 3.5, SMALL TO_RIGHT MONO, "00000000");
}

/* ---- spaces -------------------------------------------------------------------------------- */

static void add_columns(struct svg *svg)
{
	static const struct {
		unsigned int x;
		const char *attributes, *text;
	} columns[] = {
		{LADDER_LEFT, SMALL, "to scale"},
		{BOX_LEFT, SMALL, "stretched"},
		{SIZE_RIGHT, SMALL TO_RIGHT, "size"},
		{RIGHTS_LEFT, SMALL, "rights"},
		{FILL_LEFT, SMALL, "pages there"},
		{FLAGS_LEFT, SMALL, "flags"},
		{OFFSET_RIGHT, SMALL TO_RIGHT, "offset"},
		{LARGEST_RIGHT, SMALL TO_RIGHT, "largest"},
		{DEPTH_RIGHT, SMALL TO_RIGHT, "depth"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		add_text(svg, columns[i].x, svg->height, columns[i].attributes, columns[i].text);
}

static void add_space(struct svg *svg, const struct space_map *map, const struct drawn_space *space)
{
	struct ladder l = {.svg = svg, .map = map, .space = space, .stretch = 1};
	char text[SPACE_WORDS];

	describe_space(text, sizeof(text), map, space);
	svg->height += LINE + 8;
	add_text(svg, MARGIN, svg->height, " font-weight=\"bold\"", text);
	svg->height += LINE - 2;
	describe_pages(text, sizeof(text), space);
	strcat(text, "; ");
	describe_present(text + strlen(text), sizeof(text) - strlen(text), map, space);
	add_text(svg, MARGIN, svg->height, "", text);
	svg->height += LINE + 2;
	add_columns(svg);
	l.top = svg->height += 10;
	l.nr_rows = space_rows(map, space, &l.rows);
	for (size_t i = 0; i < l.nr_rows; i++)
		l.height += row_height(&l, &l.rows[i]);
	l.stretch = max(1.0, MIN_HEIGHT / l.height);
	l.height *= l.stretch;
	add_ticks(&l);
	add_scaled(&l);
	add_stretched(&l);
	free(l.rows);
	svg->height += l.height + 8;
}

#define IN_LEGEND_ROW 5

static void add_space_legend(struct svg *svg)
{
	static const char *const notes[] = {
		"To scale: what is smaller than a pixel is drawn as a line. Stretched: the height "
		"of rows goes by the logarithm of their size. Bars: the part of the pages that is "
		"there.",
		"Flags: as in smaps, but for what the rights tell; -mw: must not become w. "
		"Largest: the largest gap below an area of the subtree; depth: in the tree.",
	};

	add_parts_legend(svg, space_parts, NR_SPACE_PARTS, IN_LEGEND_ROW, notes, ARRAY_SIZE(notes));
}

void svg_spaces(struct svg *svg, const struct space_map *map)
{
	add_heading(svg, "Address spaces");
	add_space_legend(svg);
	if (!map->nr_spaces) {
		svg->height += LINE + 8;
		add_text(svg, MARGIN, svg->height, "", "There is no address space.");
	}
	for (size_t i = 0; i < map->nr_spaces; i++)
		add_space(svg, map, &map->spaces[i]);
}
