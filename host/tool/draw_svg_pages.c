/*
 * Page tables as SVG, low addresses first. From the left: the page directory to scale, a box for
 * each page table with a cell for each of its entries, 32 in a row, and a line for each run of
 * equal entries. Pages that are in several places have the same number and colour in each of them;
 * below all spaces stands what they are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/draw_priv.h"
#include "tool/xml.h"

#define DIRECTORY_LEFT 78
#define DIRECTORY_WIDTH 24
#define MIN_HEIGHT 130 /* of a directory: room for its ticks */
#define TICK (512ul << 20)

#define GRID_LEFT 170
#define IN_GRID_ROW 32
#define CELL 4
#define GRID_SIZE (IN_GRID_ROW * CELL)
#define GRID_TOP 28 /* below a table's top, where its words are */
#define TABLE_GAP 14

#define RUN_LINE 15
#define RUN_LEFT 330 /* the swatch of its kind */
#define RUN_SWATCH 10
/* Columns of texts. */
#define ADDRESS_LEFT 346
#define PAGES_RIGHT 482
#define KIND_LEFT 490
#define RIGHTS_LEFT 524
#define YOUNG_LEFT 562
#define DIRTY_LEFT 600
#define FRAME_LEFT 646
#define COUNT_RIGHT 750
#define MAPS_RIGHT 786
#define SHARED_LEFT 796
#define SHARED_WIDTH 44
#define AREA_LEFT 848
#define AREA_LETTERS 21

struct forest {
	struct svg *svg;
	const struct page_tables *map;
	const struct drawn_tree *tree;
	double top, height; /* of the directory */
};

/* Dark enough for white letters. */
static const char *shared_colour(unsigned int number)
{
	static const char *const colours[] = {"#c0392b", "#1f618d", "#1e8449", "#7d3c98",
					      "#a04000", "#0e6655", "#c2185b", "#283593",
					      "#6d6d00", "#5d4037"};

	return colours[(number - 1) % ARRAY_SIZE(colours)];
}

static double table_height(const struct drawn_table *table)
{
	return max((double)GRID_TOP + GRID_SIZE, RUN_LINE * (double)table->nr_runs) + TABLE_GAP;
}

static double y_of(const struct forest *f, u64 address)
{
	return f->top + (double)address / f->map->spaces.end * f->height;
}

/* ---- the directory ------------------------------------------------------------------------- */

static void add_line(struct svg *svg, double x, double y, double x2, const char *colour)
{
	text_printf(&svg->body, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\"/>\n",
		    x, y, x2, y, colour);
}

static void add_lens(struct svg *svg, const double x[2], const double left[2],
		     const double right[2], unsigned int colour)
{
	text_printf(&svg->body,
		    "<polygon points=\"%g,%g %g,%g %g,%g %g,%g\" fill=\"#%06x\" "
		    "fill-opacity=\"0.2\"/>\n",
		    x[0], left[0], x[1], right[0], x[1], right[1], x[0], left[1], colour);
}

static void open_table(const struct forest *f, const struct drawn_table *table)
{
	u64 start = (u64)table->slot << PGDIR_SHIFT;

	text_printf(&f->svg->body,
		    "<g class=\"table\" fill=\"#%06x\"><title>space %u, slot %u, %08llx-%08llx, "
		    "page table %05lx, %lu entr%s</title>",
		    holders[HOLDER_TABLE].colour, f->tree->number, table->slot, start,
		    start + PGDIR_SIZE, table->pfn, table->entries,
		    table->entries == 1 ? "y" : "ies");
}

static void add_ticks(const struct forest *f)
{
	char text[16];

	for (u64 address = 0; address <= f->map->spaces.end; address += TICK) {
		double y = y_of(f, address);

		add_line(f->svg, DIRECTORY_LEFT - 4, y, DIRECTORY_LEFT, "#444444");
		snprintf(text, sizeof(text), "%08llx", address);
		add_text(f->svg, DIRECTORY_LEFT - 7, y + 3.5, SMALL TO_RIGHT MONO, text);
	}
}

/* All slots of the user half, and in units of a slot those that have a table. */
static void add_directory(const struct forest *f)
{
	unsigned int slots = f->map->spaces.end >> PGDIR_SHIFT;

	text_printf(&f->svg->body,
		    "<rect class=\"frame\" x=\"%d\" y=\"%g\" width=\"%d\" height=\"%g\" "
		    "fill=\"#f4f4f4\" stroke=\"#999999\" stroke-width=\"0.5\"/>\n",
		    DIRECTORY_LEFT, f->top, DIRECTORY_WIDTH, f->height);
	open_scaled(f->svg, DIRECTORY_LEFT, f->top, DIRECTORY_WIDTH, f->height / slots);
	for (size_t i = 0; i < f->tree->nr_tables; i++) {
		const struct drawn_table *table = &f->map->tables[f->tree->first_table + i];

		open_table(f, table);
		add_rect(f->svg, 0, table->slot, 1, 1);
		close_group(f->svg);
	}
	close_group(f->svg);
	add_ticks(f);
}

/* ---- a table ------------------------------------------------------------------------------- */

/* Cells [first, end) of a grid: rectangles, one for each row or for rows that are whole. A
 * stripe is the lower half of each cell. */
static void add_cells(struct svg *svg, unsigned int first, unsigned int end, bool stripe)
{
	while (first < end) {
		unsigned int column = first % IN_GRID_ROW, row = first / IN_GRID_ROW;
		unsigned int cells = min(end - first, IN_GRID_ROW - column), rows = 1;

		if (!column && cells == IN_GRID_ROW && !stripe)
			rows = (end - first) / IN_GRID_ROW;
		add_rect(svg, column, row + (stripe ? 0.5 : 0), cells, stripe ? 0.5 : rows);
		first += cells * rows;
	}
}

static unsigned int cell_of(const struct drawn_table *table, unsigned long address)
{
	return (address - ((unsigned long)table->slot << PGDIR_SHIFT)) >> PAGE_SHIFT;
}

/* Opens the group of a run's shapes; the tooltip is all that the verb said of it. */
static void open_run(const struct forest *f, const struct drawn_entries *run)
{
	struct text *body = &f->svg->body;
	char text[FRAMES_TEXT], rights[RIGHTS_TEXT];

	open_held(f->svg, &page_kinds[run->kind]);
	text_printf(body, "space %u, %08lx-%08lx, %lu page%s, %s %s %s %s", f->tree->number,
		    run->start, run->end, run_pages(run), run_pages(run) == 1 ? "" : "s",
		    page_kinds[run->kind].name, run->rights, run->young ? "young" : "old",
		    run->dirty ? "dirty" : "clean");
	if (run->pfn)
		text_printf(body, ", frame %s", frames_text(text, run->pfn, run_pages(run)));
	if (run->count)
		text_printf(body, ", count %u, maps %d", run->count, run->maps);
	if (run->area) {
		text_printf(body, "; area %08lx-%08lx %s", run->area->start, run->area->end,
			    rights_text(rights, run->area->flags));
		if (*run->area->name)
			text_printf(body, " ");
		xml_add(body, run->area->name, strlen(run->area->name));
	}
	text_printf(body, "</title>");
}

/* A stripe in each cell that has a shared page of the run. */
static void add_stripes(const struct forest *f, const struct drawn_table *table,
			const struct drawn_entries *run)
{
	size_t count;
	const struct drawn_shared *shared = shared_of_run(f->map, run, &count);

	for (; count--; shared++) {
		unsigned long first = max(shared->pfn, run->pfn) - run->pfn;
		unsigned long end = min(shared->pfn + shared->pages - run->pfn, run_pages(run));
		unsigned int cell = cell_of(table, run->start);

		text_printf(&f->svg->body, "<g fill=\"%s\">", shared_colour(shared->number));
		add_cells(f->svg, cell + first, cell + end, true);
		close_group(f->svg);
	}
}

static void add_grid(const struct forest *f, const struct drawn_table *table, double y)
{
	text_printf(&f->svg->body,
		    "<rect class=\"frame\" x=\"%d\" y=\"%g\" width=\"%d\" height=\"%d\" "
		    "fill=\"#f4f4f4\" stroke=\"#%06x\"/>\n",
		    GRID_LEFT, y, GRID_SIZE, GRID_SIZE, holders[HOLDER_TABLE].colour);
	open_scaled(f->svg, GRID_LEFT, y, CELL, CELL);
	for (size_t i = 0; i < table->nr_runs; i++) {
		const struct drawn_entries *run = &f->map->runs[table->first_run + i];
		unsigned int first = cell_of(table, run->start);

		open_run(f, run);
		add_cells(f->svg, first, first + run_pages(run), false);
		close_group(f->svg);
		add_stripes(f, table, run);
	}
	close_group(f->svg);
}

/* ---- runs ---------------------------------------------------------------------------------- */

static void add_number(struct svg *svg, double x, double y, double width, unsigned int number,
		       const char *text)
{
	text_printf(&svg->body,
		    "<rect class=\"shared\" x=\"%g\" y=\"%g\" width=\"%g\" height=\"12\" rx=\"3\" "
		    "fill=\"%s\"/>\n",
		    x, y, width, shared_colour(number));
	add_text(svg, x + width / 2, y + 9.5,
		 CENTRED " font-size=\"10\" fill=\"#ffffff\" font-weight=\"bold\"", text);
}

/* At most so many letters of a name: the last ones. */
static void add_name(struct svg *svg, double x, double y, const char *name)
{
	size_t len = strlen(name);
	char text[AREA_LETTERS + 1];

	if (len <= AREA_LETTERS)
		snprintf(text, sizeof(text), "%s", name);
	else
		snprintf(text, sizeof(text), "...%s", name + len - (AREA_LETTERS - 3));
	add_text(svg, x, y, SMALL MONO, text);
}

static void add_figures(const struct forest *f, const struct drawn_entries *run, double y)
{
	char text[FRAMES_TEXT];
	size_t count;
	const struct drawn_shared *shared = shared_of_run(f->map, run, &count);

	add_text(f->svg, FRAME_LEFT, y, SMALL MONO, frames_text(text, run->pfn, run_pages(run)));
	if (!run->count)
		return;
	snprintf(text, sizeof(text), "%u", run->count);
	add_text(f->svg, COUNT_RIGHT, y, SMALL TO_RIGHT MONO, text);
	snprintf(text, sizeof(text), "%d", run->maps);
	add_text(f->svg, MAPS_RIGHT, y, SMALL TO_RIGHT MONO, text);
	if (shared)
		add_number(f->svg, SHARED_LEFT, y - 9.5, SHARED_WIDTH, shared->number,
			   shared_text(text, f->map, run));
}

/* y: of the letters' feet. */
static void add_run(const struct forest *f, const struct drawn_entries *run, double y)
{
	char text[32];

	open_run(f, run);
	text_printf(&f->svg->body, "<rect x=\"%d\" y=\"%g\" width=\"%d\" height=\"%d\"/>", RUN_LEFT,
		    y - 9, RUN_SWATCH, RUN_SWATCH);
	close_group(f->svg);
	snprintf(text, sizeof(text), "%08lx-%08lx", run->start, run->end);
	add_text(f->svg, ADDRESS_LEFT, y, SMALL MONO, text);
	snprintf(text, sizeof(text), "%lu", run_pages(run));
	add_text(f->svg, PAGES_RIGHT, y, SMALL TO_RIGHT MONO, text);
	add_text(f->svg, KIND_LEFT, y, SMALL MONO, page_kinds[run->kind].name);
	add_text(f->svg, RIGHTS_LEFT, y, SMALL MONO, run->rights);
	add_text(f->svg, YOUNG_LEFT, y, SMALL MONO, run->young ? "young" : "old");
	add_text(f->svg, DIRTY_LEFT, y, SMALL MONO, run->dirty ? "dirty" : "clean");
	add_figures(f, run, y);
	if (!run->area)
		add_name(f->svg, AREA_LEFT, y, "outside all areas");
	else if (*run->area->name)
		add_name(f->svg, AREA_LEFT, y, run->area->name);
}

/* From a run's first and last row of cells to its line. */
static void add_run_lens(const struct forest *f, const struct drawn_table *table,
			 const struct drawn_entries *run, double grid, double y)
{
	unsigned int first = cell_of(table, run->start) / IN_GRID_ROW;
	unsigned int last = (cell_of(table, run->start) + run_pages(run) - 1) / IN_GRID_ROW;
	const double x[] = {GRID_LEFT + GRID_SIZE, RUN_LEFT};
	const double left[] = {grid + CELL * first, grid + CELL * (last + 1)};
	const double right[] = {y - 9, y + 1};

	add_lens(f->svg, x, left, right, page_kinds[run->kind].colour);
}

static void add_table(const struct forest *f, const struct drawn_table *table, double y)
{
	u64 start = (u64)table->slot << PGDIR_SHIFT;
	const double x[] = {DIRECTORY_LEFT + DIRECTORY_WIDTH, GRID_LEFT};
	const double left[] = {y_of(f, start), y_of(f, start + PGDIR_SIZE)};
	const double right[] = {y + GRID_TOP, y + GRID_TOP + GRID_SIZE};
	char text[64];

	add_lens(f->svg, x, left, right, holders[HOLDER_TABLE].colour);
	add_line(f->svg, DIRECTORY_LEFT, (left[0] + left[1]) / 2, DIRECTORY_LEFT + DIRECTORY_WIDTH,
		 "#d55e00");
	snprintf(text, sizeof(text), "slot %u: %08llx", table->slot, start);
	add_text(f->svg, GRID_LEFT, y + 10, " font-size=\"10\" font-weight=\"bold\"" MONO, text);
	snprintf(text, sizeof(text), "table %05lx, %lu entr%s", table->pfn, table->entries,
		 table->entries == 1 ? "y" : "ies");
	add_text(f->svg, GRID_LEFT, y + 22, SMALL MONO, text);
	add_grid(f, table, y + GRID_TOP);
	for (size_t i = 0; i < table->nr_runs; i++)
		add_run_lens(f, table, &f->map->runs[table->first_run + i], y + GRID_TOP,
			     y + RUN_LINE * (i + 1.0) - 4);
	for (size_t i = 0; i < table->nr_runs; i++)
		add_run(f, &f->map->runs[table->first_run + i], y + RUN_LINE * (i + 1.0) - 4);
}

/* ---- spaces -------------------------------------------------------------------------------- */

static void add_columns(struct svg *svg)
{
	static const struct {
		unsigned int x;
		const char *attributes, *text;
	} columns[] = {
		{DIRECTORY_LEFT - 24, SMALL, "page directory"},
		{GRID_LEFT, SMALL, "page tables"},
		{ADDRESS_LEFT, SMALL, "entries"},
		{PAGES_RIGHT, SMALL TO_RIGHT, "pages"},
		{KIND_LEFT, SMALL, "kind"},
		{RIGHTS_LEFT, SMALL, "rights"},
		{YOUNG_LEFT, SMALL, "used"},
		{DIRTY_LEFT, SMALL, "written"},
		{FRAME_LEFT, SMALL, "frames"},
		{COUNT_RIGHT, SMALL TO_RIGHT, "count"},
		{MAPS_RIGHT, SMALL TO_RIGHT, "maps"},
		{SHARED_LEFT, SMALL, "shared"},
		{AREA_LEFT, SMALL, "area"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		add_text(svg, columns[i].x, svg->height, columns[i].attributes, columns[i].text);
}

static void add_tree(struct svg *svg, const struct page_tables *map, size_t number)
{
	struct forest f = {.svg = svg, .map = map, .tree = &map->trees[number]};
	const struct drawn_table *tables = map->tables + f.tree->first_table;
	char text[SPACE_WORDS];
	double y;

	describe_space(text, sizeof(text), &map->spaces, &map->spaces.spaces[number]);
	svg->height += LINE + 8;
	add_text(svg, MARGIN, svg->height, " font-weight=\"bold\"", text);
	svg->height += LINE - 2;
	describe_tree(text, sizeof(text), f.tree);
	add_text(svg, MARGIN, svg->height, "", text);
	svg->height += LINE + 2;
	if (!f.tree->nr_tables)
		return;
	add_columns(svg);
	y = f.top = svg->height += 10;
	for (size_t i = 0; i < f.tree->nr_tables; i++)
		f.height += table_height(&tables[i]);
	f.height = max(f.height, (double)MIN_HEIGHT);
	add_directory(&f);
	for (size_t i = 0; i < f.tree->nr_tables; y += table_height(&tables[i++]))
		add_table(&f, &tables[i], y);
	svg->height += f.height + 8;
}

/* ---- sharing ------------------------------------------------------------------------------- */

#define PLACE_COLUMN 232
#define PLACES_IN_ROW 4

static void add_place(struct svg *svg, const struct page_tables *map,
		      const struct drawn_shared *shared, size_t i)
{
	const struct drawn_place *place = &map->places[shared->first_place + i];
	char text[64];

	snprintf(text, sizeof(text), "space %u %08lx-%08lx %s", map->trees[place->tree].number,
		 place->address, end_of_place(shared, place), map->runs[place->run].rights);
	add_text(svg, MARGIN + 50 + i % PLACES_IN_ROW * PLACE_COLUMN,
		 svg->height + i / PLACES_IN_ROW * 14, SMALL MONO, text);
}

static void add_shared(struct svg *svg, const struct page_tables *map,
		       const struct drawn_shared *shared)
{
	char text[TREE_WORDS], number[16];

	snprintf(number, sizeof(number), "#%u", shared->number);
	svg->height += LINE;
	add_number(svg, MARGIN, svg->height - 10, 40, shared->number, number);
	describe_shared(text, sizeof(text), map, shared);
	add_text(svg, MARGIN + 50, svg->height, "", text);
	svg->height += 15;
	for (size_t i = 0; i < shared->nr_places; i++)
		add_place(svg, map, shared, i);
	svg->height += (shared->nr_places + PLACES_IN_ROW - 1) / PLACES_IN_ROW * 14;
	describe_missing(text, sizeof(text), map, shared);
	if (*text) {
		add_text(svg, MARGIN + 50, svg->height, SMALL, text);
		svg->height += 14;
	}
}

static void add_sharing(struct svg *svg, const struct page_tables *map)
{
	unsigned int spaces;
	unsigned long zero = count_zero(map, &spaces);
	char text[96];

	add_heading(svg, "Shared: pages that more than one entry maps");
	for (size_t i = 0; i < map->nr_shared; i++)
		add_shared(svg, map, &map->shared[i]);
	if (!map->nr_shared) {
		svg->height += LINE;
		add_text(svg, MARGIN, svg->height, "", "None.");
	}
	if (zero) {
		svg->height += LINE;
		snprintf(text, sizeof(text), "The zero page: %lu entr%s in %u space%s.", zero,
			 zero == 1 ? "y" : "ies", spaces, spaces == 1 ? "" : "s");
		add_text(svg, MARGIN, svg->height, "", text);
	}
}

static void add_cache(struct svg *svg, const struct page_tables *map,
		      const struct drawn_page_cache *cache)
{
	char text[TREE_WORDS], frames[FRAMES_TEXT];

	describe_page_cache(text, sizeof(text), map, cache);
	svg->height += LINE;
	add_text(svg, MARGIN, svg->height, "", text);
	for (size_t i = 0; i < cache->nr_runs; i++) {
		const struct drawn_cached *run = &map->cached[cache->first_run + i];

		if (run->maps)
			continue;
		svg->height += LINE;
		add_swatch(svg, MARGIN + 50, svg->height - 10, &page_kinds[run->kind]);
		describe_cached(text, sizeof(text), run);
		add_text(svg, MARGIN + 68, svg->height, SMALL MONO,
			 frames_text(frames, run->pfn, run->end - run->first));
		add_text(svg, MARGIN + 150, svg->height, SMALL MONO, text);
	}
}

static void add_caches(struct svg *svg, const struct page_tables *map)
{
	add_heading(svg, "Only in a cache: pages of files that no entry maps");
	for (size_t i = 0; i < map->nr_caches; i++)
		if (count_unmapped(map, &map->caches[i]))
			add_cache(svg, map, &map->caches[i]);
	if (!count_unmapped(map, NULL)) {
		svg->height += LINE;
		add_text(svg, MARGIN, svg->height, "", "None.");
	}
}

#define IN_LEGEND_ROW 4

static void add_page_legend(struct svg *svg)
{
	static const char *const notes[] = {
		"Low addresses first. A cell of a page table is an entry, 32 in a row. Lines of "
		"entries: equal neighbours in one area. Used and written: A and D of the entry.",
		"Count: uses of each page; maps: entries that map it. Pages with several have a "
		"number, a colour for it, and a stripe of that colour in each cell.",
	};

	add_parts_legend(svg, page_kinds, NR_PAGE_KINDS, IN_LEGEND_ROW, notes, ARRAY_SIZE(notes));
}

void svg_page_tables(struct svg *svg, const struct page_tables *map)
{
	add_heading(svg, "Page tables");
	add_page_legend(svg);
	if (!map->nr_trees) {
		svg->height += LINE + 8;
		add_text(svg, MARGIN, svg->height, "", "There is no address space.");
	}
	for (size_t i = 0; i < map->nr_trees; i++)
		add_tree(svg, map, i);
	add_sharing(svg, map);
	add_caches(svg, map);
}
