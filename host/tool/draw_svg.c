/*
 * Drawings as SVG 1.1. Sections stand one below the other. What is to scale is drawn in units of a
 * page: a group scales them to the picture, so that the figures in the file are those of the state.
 */
#include "tool/draw.h"

#include <stdio.h>
#include <string.h>

#include "tool/draw_priv.h"
#include "tool/xml.h"
#include "top/mm_kmem.h"

void add_text(struct svg *svg, double x, double y, const char *attributes, const char *text)
{
	text_printf(&svg->body, "<text x=\"%g\" y=\"%g\"%s>", x, y, attributes);
	xml_add(&svg->body, text, strlen(text));
	text_printf(&svg->body, "</text>\n");
}

void add_heading(struct svg *svg, const char *text)
{
	svg->height += 30;
	add_text(svg, MARGIN, svg->height, " font-size=\"16\" font-weight=\"bold\"", text);
	svg->height += 12;
}

void add_vertical(struct svg *svg, double x, double top, double bottom, const char *colour)
{
	text_printf(&svg->body, "<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\"/>\n",
		    x, top, x, bottom, colour);
}

void open_scaled(struct svg *svg, double left, double top, double width_of_page, double height)
{
	text_printf(&svg->body, "<g transform=\"translate(%g %g) scale(%.9g %g)\">\n", left, top,
		    width_of_page, height);
}

void close_group(struct svg *svg)
{
	text_printf(&svg->body, "</g>\n");
}

void open_held(struct svg *svg, const struct holder *holder)
{
	text_printf(&svg->body, "<g class=\"%s\" fill=\"#%06x\"><title>", holder->name,
		    holder->colour);
}

void add_rect(struct svg *svg, u64 x, double y, u64 width, double height)
{
	text_printf(&svg->body, "<rect x=\"%llu\" y=\"%g\" width=\"%llu\" height=\"%g\"/>", x, y,
		    width, height);
}

void add_swatch(struct svg *svg, double x, double y, const struct holder *holder)
{
	text_printf(&svg->body,
		    "<rect class=\"legend\" x=\"%g\" y=\"%g\" width=\"12\" height=\"12\" "
		    "fill=\"#%06x\" stroke=\"#666666\" stroke-width=\"0.5\"/>\n",
		    x, y, holder->colour);
}

void add_parts_legend(struct svg *svg, const struct holder *parts, unsigned int nr_parts,
		      unsigned int in_row, const char *const *notes, unsigned int nr_notes)
{
	char text[64];

	for (unsigned int i = 0; i < nr_parts; i++) {
		double x = MARGIN + i % in_row * (double)((WIDTH - 2 * MARGIN) / in_row);
		double y = svg->height + i / in_row * LINE;

		snprintf(text, sizeof(text), "%s%s", parts[i].name, parts[i].about);
		add_swatch(svg, x, y, &parts[i]);
		add_text(svg, x + 18, y + 10, "", text);
	}
	svg->height += (nr_parts + in_row - 1) / in_row * LINE + 10;
	for (unsigned int i = 0; i < nr_notes; i++, svg->height += 14)
		add_text(svg, MARGIN, svg->height, SMALL, notes[i]);
	svg->height -= 14;
}

/* ---- the free areas ------------------------------------------------------------------------ */

#define BARS_LEFT 110
#define BARS_WIDTH 760
#define BAR_TICKS 8

static void add_order(struct svg *svg, const struct zone_areas *areas, unsigned int order)
{
	u64 x = 0;

	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		unsigned long blocks = areas->blocks[order][type];
		char size[SIZE_TEXT];

		if (!blocks)
			continue;
		open_held(svg, &holders[HOLDER_FREE + type]);
		text_printf(&svg->body,
			    "zone %s, order %u (%s), %s: %lu blocks, %llu pages</title>",
			    zone_name(areas->zone), order, size_text(size, 1ull << order),
			    migratetype_name(type), blocks, (u64)blocks << order);
		add_rect(svg, x, order + 0.15, (u64)blocks << order, 0.7);
		close_group(svg);
		x += (u64)blocks << order;
	}
}

/* What stands left of a bar, and at its end. */
static void label_order(struct svg *svg, const struct zone_areas *areas, unsigned int order,
			double top, double width_of_page)
{
	u64 pages = pages_of_order(areas, order);
	double y = top + order * LINE + LINE - 5;
	char text[64], size[SIZE_TEXT];

	snprintf(text, sizeof(text), "%u", order);
	add_text(svg, BARS_LEFT - 50, y, TO_RIGHT, text);
	add_text(svg, BARS_LEFT - 8, y, TO_RIGHT, size_text(size, 1ull << order));
	text_printf(&svg->body, "<text x=\"%g\" y=\"%g\"%s>%llu block%s</text>\n",
		    BARS_LEFT + pages * width_of_page + 5, y, SMALL, pages >> order,
		    pages >> order == 1 ? "" : "s");
}

static void add_bar_axis(struct svg *svg, double top, u64 longest, double width_of_page)
{
	double bottom = top + MAX_ORDER * LINE;
	u64 step = round_unit(longest, BAR_TICKS, 1);
	char text[64];

	for (u64 pages = 0; pages <= longest; pages += step) {
		double x = BARS_LEFT + pages * width_of_page;

		add_vertical(svg, x, top, bottom + 4, pages ? "#dddddd" : "#444444");
		snprintf(text, sizeof(text), "%llu", pages);
		add_text(svg, x, bottom + 16, SMALL CENTRED, text);
	}
	add_text(svg, BARS_LEFT - 50, top - 4, SMALL TO_RIGHT, "order");
	add_text(svg, BARS_LEFT - 8, top - 4, SMALL TO_RIGHT, "block");
	add_text(svg, BARS_LEFT + BARS_WIDTH, bottom + 30, SMALL TO_RIGHT, "pages");
}

static void add_zone_areas(struct svg *svg, const struct zone_areas *areas)
{
	char text[96], size[SIZE_TEXT];
	u64 pages = pages_of_zone(areas), longest = 1;
	double top;

	for (unsigned int order = 0; order < MAX_ORDER; order++)
		longest = max(longest, pages_of_order(areas, order));
	double width_of_page = (double)BARS_WIDTH / longest;

	snprintf(text, sizeof(text), "zone %s: %llu pages free (%s)", zone_name(areas->zone), pages,
		 size_text(size, pages));
	svg->height += LINE;
	add_text(svg, MARGIN, svg->height, " font-weight=\"bold\"", text);
	top = svg->height += 22;
	add_bar_axis(svg, top, longest, width_of_page);
	open_scaled(svg, BARS_LEFT, top, width_of_page, LINE);
	for (unsigned int order = 0; order < MAX_ORDER; order++)
		add_order(svg, areas, order);
	close_group(svg);
	for (unsigned int order = 0; order < MAX_ORDER; order++)
		label_order(svg, areas, order, top, width_of_page);
	svg->height += MAX_ORDER * LINE + 40;
}

void svg_free_areas(struct svg *svg, const struct free_areas *areas)
{
	add_heading(svg, "Buddy: free pages by zone and order");
	svg->height += 4;
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		double x = MARGIN + type * 130;

		add_swatch(svg, x, svg->height, &holders[HOLDER_FREE + type]);
		add_text(svg, x + 18, svg->height + 10, "", migratetype_name(type));
	}
	svg->height += 24;
	for (unsigned int i = 0; i < areas->nr_zones; i++)
		add_zone_areas(svg, &areas->zones[i]);
}

/* ---- the map ------------------------------------------------------------------------------- */

#define MAP_ROWS 64
#define MAP_LEFT 84
#define MAP_WIDTH 840
#define MAP_LINE 12
#define MIN_ROW 16 /* pages */
#define LEGEND_COLUMNS 2

/* A run, cut where rows end. */
static void add_run(struct svg *svg, const struct page_run *run, unsigned long row)
{
	char size[SIZE_TEXT];
	unsigned long pages = run->end - run->start;

	open_held(svg, &holders[run->holder]);
	text_printf(&svg->body, "pfn %05lx - %05lx, zone %s, %s: %lu pages (%s)</title>",
		    run->start, run->end, zone_name(run->zone), holders[run->holder].name, pages,
		    size_text(size, pages));
	for (unsigned long pfn = run->start, stop; pfn < run->end; pfn = stop) {
		stop = min(ALIGN_DOWN(pfn, row) + row, run->end);
		add_rect(svg, pfn % row, pfn / row, stop - pfn, 0.8);
	}
	close_group(svg);
}

/* A mark where a zone begins, and its name at the right. */
static void mark_zone(struct svg *svg, const struct page_run *run, double top, unsigned long row)
{
	double x = MAP_LEFT + (double)(run->start % row) * MAP_WIDTH / row;
	double y = top + (double)(run->start / row) * MAP_LINE;

	add_vertical(svg, x, y - 1, y + MAP_LINE - 1, "#000000");
	add_text(svg, MAP_LEFT + MAP_WIDTH + 6, y + 9, " font-size=\"10\"", zone_name(run->zone));
}

/* Offsets above the rows, addresses at the left. */
static void add_map_axes(struct svg *svg, double top, unsigned long row, unsigned long rows)
{
	char text[64], size[SIZE_TEXT];

	for (unsigned int quarter = 0; quarter <= 4; quarter++) {
		double x = MAP_LEFT + quarter * MAP_WIDTH / 4.0;

		snprintf(text, sizeof(text), quarter ? "+%lu (%s)" : "+0", row * quarter / 4,
			 size_text(size, row * quarter / 4));
		add_text(svg, x, top - 8, SMALL CENTRED, text);
		add_vertical(svg, x, top - 5, top - 1, "#444444");
	}
	add_text(svg, MARGIN, top - 8, SMALL, "address");
	for (unsigned long i = 0; i < rows; i++) {
		snprintf(text, sizeof(text), "%08llx", (u64)i * row << PAGE_SHIFT);
		add_text(svg, MAP_LEFT - 8, top + i * MAP_LINE + 9, SMALL TO_RIGHT MONO, text);
	}
}

static void add_legend(struct svg *svg, const struct page_map *map)
{
	unsigned long pages[NR_HOLDERS];
	char text[160], size[SIZE_TEXT];
	unsigned int shown = 0;

	page_map_count(map, pages);
	for (unsigned int i = 0; i < NR_HOLDERS; i++) {
		double x = MARGIN + shown % LEGEND_COLUMNS * (WIDTH - MARGIN) / LEGEND_COLUMNS;
		double y = svg->height + shown / LEGEND_COLUMNS * LINE;

		if (!pages[i])
			continue;
		snprintf(text, sizeof(text), "%s, %lu pages (%s)%s%s", holders[i].name, pages[i],
			 size_text(size, pages[i]), *holders[i].about ? ": " : "",
			 holders[i].about);
		add_swatch(svg, x, y, &holders[i]);
		add_text(svg, x + 18, y + 10, "", text);
		shown++;
	}
	svg->height += (shown + LEGEND_COLUMNS - 1) / LEGEND_COLUMNS * LINE;
}

void svg_page_map(struct svg *svg, const struct page_map *map)
{
	unsigned long row = round_unit(map->max_pfn, MAP_ROWS, MIN_ROW);
	unsigned long rows = (map->max_pfn + row - 1) / row;
	char text[128], size[SIZE_TEXT], row_size[SIZE_TEXT];

	add_heading(svg, "Physical memory: who holds each page");
	snprintf(text, sizeof(text), "%lu pages (%s) in %zu runs; a row is %lu pages (%s)",
		 map->max_pfn, size_text(size, map->max_pfn), map->nr_runs, row,
		 size_text(row_size, row));
	svg->height += 8;
	add_text(svg, MARGIN, svg->height, "", text);
	svg->height += 16;
	add_legend(svg, map);
	double top = svg->height += 26;

	add_map_axes(svg, top, row, rows);
	open_scaled(svg, MAP_LEFT, top, (double)MAP_WIDTH / row, MAP_LINE);
	for (size_t i = 0; i < map->nr_runs; i++)
		add_run(svg, &map->runs[i], row);
	close_group(svg);
	for (size_t i = 0; i < map->nr_runs; i++)
		if (i == 0 || map->runs[i].zone != map->runs[i - 1].zone)
			mark_zone(svg, &map->runs[i], top, row);
	svg->height += rows * MAP_LINE;
}

/* ---- slabs --------------------------------------------------------------------------------- */

#define SLABS_LEFT 150
#define SLABS_WIDTH 720
#define SLABS_LINE 12
#define SLABS_GAP 3    /* between slabs */
#define MAX_IN_ROW 128 /* objects; of slob's pages four times as many units */
/* A cell is at most so wide, but for a slab that would be narrower than this. */
#define MAX_CELL_WIDTH 24
#define MIN_SLAB_WIDTH 160

/*
 * How a cache's slabs are laid out. In the scaled group x counts bytes, y lines. Slabs of one row
 * are there as a whole; of others, objects alone, behind their colour.
 */
struct slab_layout {
	const struct slab_map *map;
	const struct drawn_cache *cache;
	unsigned int per_row, rows; /* objects of a row; rows of a slab */
	unsigned int width;	    /* of the widest slab, in bytes */
	double slab_height;	    /* in lines, the gap included */
	double width_of_byte;
};

/* Bytes left of the first object; bytes of a row. */
static unsigned int slab_indent(const struct slab_layout *l, const struct drawn_slab *slab)
{
	return l->rows == 1 ? slab->at : slab->colour;
}

static unsigned int slab_width(const struct slab_layout *l, const struct drawn_slab *slab)
{
	return l->rows == 1 ? PAGE_SIZE << slab->order : slab->colour + l->per_row * l->cache->size;
}

static struct slab_layout layout_slabs(const struct slab_map *map, const struct drawn_cache *cache)
{
	unsigned int most = most_objects(map, cache), in_row = MAX_IN_ROW;
	struct slab_layout l = {.map = map, .cache = cache};

	if (is_shared(map, cache))
		in_row *= 4;
	l.per_row = min(most, in_row);
	l.rows = (most + l.per_row - 1) / l.per_row;
	l.slab_height = l.rows + (double)SLABS_GAP / SLABS_LINE;
	for (size_t i = 0; i < cache->slabs; i++)
		l.width = max(l.width, slab_width(&l, &map->slabs[cache->first_slab + i]));
	double widest = max((double)MAX_CELL_WIDTH / cache->size, (double)MIN_SLAB_WIDTH / l.width);

	l.width_of_byte = min((double)SLABS_WIDTH / l.width, widest);
	return l;
}

static void open_part(struct svg *svg, const struct slab_layout *l, const struct drawn_slab *slab,
		      enum slab_part part)
{
	open_held(svg, &slab_parts[part]);
	text_printf(&svg->body, "cache %s, slab %05lx, %s: ", l->cache->name, slab->pfn,
		    slab_place_name(slab->place));
	if (part == SLAB_COLOUR)
		text_printf(&svg->body, "colour %u</title>", slab->colour);
	else if (part == SLAB_REST)
		text_printf(&svg->body, "order %u, %u %ss from byte %u on</title>", slab->order,
			    slab->objects, object_word(l->map, l->cache), slab->at);
	else
		text_printf(&svg->body, "%u of %u %s</title>", slab->count[part], slab->objects,
			    slab_parts[part].name);
}

/* What lies below the objects: all bytes of the slab, as far as rows show them, and its colour. */
static void add_slab_ground(struct svg *svg, const struct slab_layout *l,
			    const struct drawn_slab *slab, double y)
{
	open_part(svg, l, slab, SLAB_REST);
	add_rect(svg, 0, y, slab_width(l, slab), l->rows);
	close_group(svg);
	if (!slab->colour)
		return;
	open_part(svg, l, slab, SLAB_COLOUR);
	add_rect(svg, 0, y, slab->colour, l->rows);
	close_group(svg);
}

/* A cell for each object; units are no objects, and get one for a run of them in a row. */
static void add_cells(struct svg *svg, const struct slab_layout *l, const struct drawn_slab *slab,
		      unsigned int first, unsigned int count, double y)
{
	bool units = is_shared(l->map, l->cache);
	unsigned int size = l->cache->size, gap = units ? 0 : size / 8;

	for (unsigned int i = first, n; i < first + count; i += n) {
		unsigned int column = i % l->per_row;

		n = units ? min(first + count - i, l->per_row - column) : 1;
		add_rect(svg, slab_indent(l, slab) + (u64)column * size, y + i / l->per_row + 0.1,
			 (u64)n * size - gap, 0.8);
	}
}

static void add_slab(struct svg *svg, const struct slab_layout *l, const struct drawn_slab *slab,
		     double y)
{
	add_slab_ground(svg, l, slab, y);
	for (unsigned int state = 0; state < NR_OBJECT_STATES; state++) {
		unsigned int first = 0;

		if (!slab->count[state])
			continue;
		open_part(svg, l, slab, state);
		for (size_t i = 0; i < slab->nr_runs; i++) {
			const struct object_run *run = &l->map->runs[slab->first_run + i];

			if (run->state == state)
				add_cells(svg, l, slab, first, run->count, y);
			first += run->count;
		}
		close_group(svg);
	}
}

/* Place and page frame at the left, what is in use at the right. */
static void label_slab(struct svg *svg, const struct drawn_slab *slab, bool first_of_place,
		       double y)
{
	unsigned int right = SLABS_LEFT + SLABS_WIDTH + 6;
	char text[64];

	if (first_of_place)
		add_text(svg, MARGIN, y, " font-size=\"10\"", slab_place_name(slab->place));
	snprintf(text, sizeof(text), "%05lx", slab->pfn);
	add_text(svg, SLABS_LEFT - 8, y, SMALL TO_RIGHT MONO, text);
	snprintf(text, sizeof(text), "%u/%u", slab->count[OBJECT_USED], slab->objects);
	add_text(svg, right, y, SMALL, text);
	if (!slab->colour)
		return;
	snprintf(text, sizeof(text), "+%u", slab->colour);
	add_text(svg, right + 60, y, SMALL, text);
}

static void add_cache(struct svg *svg, const struct slab_map *map, const struct drawn_cache *cache)
{
	const struct drawn_slab *slabs = map->slabs + cache->first_slab;
	char text[160];

	describe_cache(text, sizeof(text), map, cache);
	svg->height += LINE + 4;
	add_text(svg, MARGIN, svg->height, " font-weight=\"bold\"", text);
	svg->height += 8;
	if (!cache->slabs)
		return;
	struct slab_layout layout = layout_slabs(map, cache);
	double slab_pixels = layout.slab_height * SLABS_LINE;

	open_scaled(svg, SLABS_LEFT, svg->height, layout.width_of_byte, SLABS_LINE);
	for (size_t i = 0; i < cache->slabs; i++)
		add_slab(svg, &layout, &slabs[i], i * layout.slab_height);
	close_group(svg);
	for (size_t i = 0; i < cache->slabs; i++)
		label_slab(svg, &slabs[i], !i || slabs[i].place != slabs[i - 1].place,
			   svg->height + i * slab_pixels + 9);
	svg->height += cache->slabs * slab_pixels;
}

static void add_slab_legend(struct svg *svg)
{
	static const unsigned int columns[NR_SLAB_PARTS] = {0, 70, 220, 290, 540};
	char text[96];

	for (unsigned int i = 0; i < NR_SLAB_PARTS; i++) {
		snprintf(text, sizeof(text), "%s%s", slab_parts[i].name, slab_parts[i].about);
		add_swatch(svg, MARGIN + columns[i], svg->height, &slab_parts[i]);
		add_text(svg, MARGIN + columns[i] + 18, svg->height + 10, "", text);
	}
	svg->height += LINE;
}

void svg_slabs(struct svg *svg, const struct slab_map *map)
{
	char text[96];

	snprintf(text, sizeof(text), "Slabs: kernel objects by %s", map->allocator);
	add_heading(svg, text);
	add_slab_legend(svg);
	for (size_t i = 0; i < map->nr_caches; i++)
		if (map->nr_caches == 1 || !cache_is_empty(&map->caches[i]))
			add_cache(svg, map, &map->caches[i]);
}

/* ---- the document -------------------------------------------------------------------------- */

void svg_finish(struct text *out, const struct svg *svg, const char *title)
{
	struct svg document = {0};
	unsigned int height = svg->height + 44 + MARGIN;

	text_printf(out,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<svg xmlns=\"http://www.w3.org/2000/svg\" version=\"1.1\" width=\"%d\" "
		    "height=\"%u\" viewBox=\"0 0 %d %u\" font-family=\"sans-serif\" "
		    "font-size=\"12\">\n<title>",
		    WIDTH, height, WIDTH, height);
	xml_add(out, title, strlen(title));
	text_printf(out,
		    "</title>\n<rect class=\"paper\" width=\"%d\" height=\"%u\" "
		    "fill=\"#ffffff\"/>\n",
		    WIDTH, height);
	add_text(&document, MARGIN, 32, " font-size=\"20\"", title);
	text_add(out, document.body.data, document.body.size);
	text_printf(out, "<g transform=\"translate(0 40)\">\n");
	text_add(out, svg->body.data, svg->body.size);
	text_printf(out, "</g>\n</svg>\n");
	text_free(&document.body);
}
