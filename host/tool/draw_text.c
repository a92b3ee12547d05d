#include "tool/draw.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tool/draw_priv.h"
#include "top/mm_kmem.h"

/* Room for AREA_COLUMNS and a letter for each migrate type; more is no use to anyone. */
#define MIN_COLUMNS 40
#define MAX_COLUMNS 400

/* A map has at most so many rows, but for those that the begin of a zone cuts in two. */
#define MAP_ROWS 32
#define MIN_CELLS 16 /* in a row: what fits into MIN_COLUMNS */

/* ---- the terminal -------------------------------------------------------------------------- */

static unsigned int terminal_columns(void)
{
	const char *said = getenv("COLUMNS");
	long columns = said ? strtol(said, NULL, 10) : 0;
	struct winsize size;

	if (columns <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		columns = size.ws_col;
	return columns <= 0 ? 80 : min(max(columns, MIN_COLUMNS), MAX_COLUMNS);
}

struct terminal terminal_of_stdout(void)
{
	const char *term = getenv("TERM");

	return (struct terminal){
		.columns = terminal_columns(),
		.colours = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term &&
			   strcmp(term, "dumb") != 0,
	};
}

/* Index in the 6x6x6 colour cube of 256-colour terminals: levels 0, 95, 135, 175, 215, 255. */
static unsigned int cube_level(unsigned int byte)
{
	return byte < 48 ? 0 : byte < 115 ? 1 : (byte - 35) / 40;
}

bool is_bright(const struct holder *holder)
{
	unsigned int red = holder->colour >> 16, green = holder->colour >> 8 & 255,
		     blue = holder->colour & 255;

	return 299 * red + 587 * green + 114 * blue > 110 * 1000;
}

void set_colour(struct text *out, struct terminal terminal, const struct holder *holder)
{
	unsigned int red = holder->colour >> 16, green = holder->colour >> 8 & 255,
		     blue = holder->colour & 255;

	if (terminal.colours)
		text_printf(out, "\033[38;5;%u;48;5;%um", is_bright(holder) ? 16 : 231,
			    16 + 36 * cube_level(red) + 6 * cube_level(green) + cube_level(blue));
}

void end_colour(struct text *out, struct terminal terminal)
{
	if (terminal.colours)
		text_printf(out, "\033[m");
}

void add_letters(struct text *out, char letter, u64 count)
{
	while (count--)
		text_add(out, &letter, 1);
}

/* ---- the free areas ------------------------------------------------------------------------ */

#define AREA_HEADING "order   size  blocks     pages"
#define AREA_COLUMNS 31 /* of figures, left of the bar */

static char type_letter(unsigned int type)
{
	return holders[HOLDER_USED + type].whole;
}

static u64 bar_part(const struct zone_areas *areas, unsigned int order, unsigned int type,
		    u64 pages_per_letter)
{
	u64 pages = (u64)areas->blocks[order][type] << order;

	return (pages + pages_per_letter - 1) / pages_per_letter;
}

static u64 longest_bar(const struct zone_areas *areas, u64 pages_per_letter)
{
	u64 longest = 0;

	for (unsigned int order = 0; order < MAX_ORDER; order++) {
		u64 length = 0;

		for (unsigned int type = 0; type < MIGRATE_TYPES; type++)
			length += bar_part(areas, order, type, pages_per_letter);
		longest = max(longest, length);
	}
	return longest;
}

static void draw_order(struct text *out, const struct zone_areas *areas, unsigned int order,
		       u64 pages_per_letter, struct terminal terminal)
{
	char size[SIZE_TEXT];
	u64 pages = pages_of_order(areas, order);

	text_printf(out, "%5u %6s %7llu %9llu", order, size_text(size, 1ull << order),
		    pages >> order, pages);
	if (pages)
		text_printf(out, " ");
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		u64 length = bar_part(areas, order, type, pages_per_letter);

		if (!length)
			continue;
		set_colour(out, terminal, &holders[HOLDER_FREE + type]);
		add_letters(out, type_letter(type), length);
		end_colour(out, terminal);
	}
	text_printf(out, "\n");
}

static void draw_zone_areas(struct text *out, const struct zone_areas *areas,
			    struct terminal terminal)
{
	char free[SIZE_TEXT], letter[SIZE_TEXT];
	u64 pages = pages_of_zone(areas), pages_per_letter = 1;

	while (longest_bar(areas, pages_per_letter) > terminal.columns - AREA_COLUMNS)
		pages_per_letter *= 2;
	text_printf(out, "zone %s: %llu pages free (%s); a letter is up to %llu pages (%s)\n%s\n",
		    zone_name(areas->zone), pages, size_text(free, pages), pages_per_letter,
		    size_text(letter, pages_per_letter), AREA_HEADING);
	for (unsigned int order = 0; order < MAX_ORDER; order++)
		draw_order(out, areas, order, pages_per_letter, terminal);
}

void draw_free_areas(struct text *out, const struct free_areas *areas, struct terminal terminal)
{
	text_printf(out, "buddy: free blocks by zone and order; letters are migrate types:\n");
	for (unsigned int type = 0; type < MIGRATE_TYPES; type++) {
		text_printf(out, "  ");
		set_colour(out, terminal, &holders[HOLDER_FREE + type]);
		text_printf(out, "%c", type_letter(type));
		end_colour(out, terminal);
		text_printf(out, " %s", migratetype_name(type));
	}
	text_printf(out, "\n");
	for (unsigned int i = 0; i < areas->nr_zones; i++)
		draw_zone_areas(out, &areas->zones[i], terminal);
}

/* ---- the map ------------------------------------------------------------------------------- */

struct map_drawing {
	struct text *out;
	const struct page_map *map;
	struct terminal terminal;
	unsigned long cell, row; /* in pages */
	size_t run;		 /* the run of the page that is drawn next */
};

static bool is_free(unsigned int holder)
{
	return holder - HOLDER_FREE < MIGRATE_TYPES;
}

/*
 * Whom a cell is drawn for: of those who hold pages of it, the one with most, but free pages only
 * count where there are no others. So nothing that is held is lost among free pages around it.
 */
static const struct holder *cell_holder(const unsigned long pages[NR_HOLDERS])
{
	unsigned int best = NR_HOLDERS;

	for (unsigned int i = 0; i < NR_HOLDERS; i++) {
		if (!pages[i])
			continue;
		if (best == NR_HOLDERS || is_free(best) > is_free(i) ||
		    (is_free(best) == is_free(i) && pages[i] > pages[best]))
			best = i;
	}
	return &holders[best];
}

/* Draws pages start to end, of one zone; returns the holder that the colour is set for. */
static const struct holder *draw_cell(struct map_drawing *d, unsigned long start, unsigned long end,
				      const struct holder *colour)
{
	unsigned long pages[NR_HOLDERS] = {0};
	const struct holder *holder;
	char letter;

	for (unsigned long pfn = start; pfn < end;) {
		const struct page_run *run = &d->map->runs[d->run];
		unsigned long stop = min(run->end, end);

		pages[run->holder] += stop - pfn;
		pfn = stop;
		d->run += run->end == pfn;
	}
	holder = cell_holder(pages);
	letter = pages[holder - holders] == end - start ? holder->whole : holder->part;
	if (holder != colour)
		set_colour(d->out, d->terminal, holder);
	text_add(d->out, &letter, 1);
	return holder;
}

static void draw_row(struct map_drawing *d, unsigned long start, unsigned long end)
{
	const struct holder *colour = NULL;

	text_printf(d->out, "%08llx ", (u64)start << PAGE_SHIFT);
	for (unsigned long pfn = start; pfn < end;) {
		unsigned long stop = min(ALIGN_DOWN(pfn, d->cell) + d->cell, end);

		colour = draw_cell(d, pfn, stop, colour);
		pfn = stop;
	}
	end_colour(d->out, d->terminal);
	text_printf(d->out, "\n");
}

/* Draws the zone that the next page is of; returns the page behind it. */
static unsigned long draw_zone(struct map_drawing *d, unsigned long start)
{
	unsigned int zone = d->map->runs[d->run].zone;
	size_t last = d->run;

	while (last + 1 < d->map->nr_runs && d->map->runs[last + 1].zone == zone)
		last++;
	unsigned long end = d->map->runs[last].end;

	text_printf(d->out, "zone %s\n", zone_name(zone));
	for (unsigned long pfn = start, stop; pfn < end; pfn = stop) {
		stop = min(ALIGN_DOWN(pfn, d->row) + d->row, end);
		draw_row(d, pfn, stop);
	}
	return end;
}

static void draw_total(struct text *out, unsigned long pages, const char *what)
{
	char size[SIZE_TEXT];

	text_printf(out, "%9lu %9s  %s\n", pages, size_text(size, pages), what);
}

static void draw_legend(struct text *out, const struct page_map *map, struct terminal terminal)
{
	unsigned long pages[NR_HOLDERS];
	char what[96];

	page_map_count(map, pages);
	text_printf(out, "sign: a free cell; capital: all of the cell is this holder's;\n"
			 "small letter: of what is not free in the cell, this holder has most\n"
			 "        pages      size  holder\n");
	for (unsigned int i = 0; i < NR_HOLDERS; i++) {
		const struct holder *holder = &holders[i];

		if (!pages[i])
			continue;
		set_colour(out, terminal, holder);
		text_printf(out, "%c%c", holder->whole,
			    holder->part == holder->whole ? ' ' : holder->part);
		end_colour(out, terminal);
		snprintf(what, sizeof(what), "%s%s%s", holder->name, *holder->about ? ": " : "",
			 holder->about);
		text_printf(out, "  ");
		draw_total(out, pages[i], what);
	}
	snprintf(what, sizeof(what), "all, up to max_pfn %05lx", map->max_pfn);
	text_printf(out, "    ");
	draw_total(out, map->max_pfn, what);
}

void draw_page_map(struct text *out, const struct page_map *map, struct terminal terminal)
{
	struct map_drawing d = {.out = out, .map = map, .terminal = terminal};
	unsigned long cells = MIN_CELLS;
	char cell[SIZE_TEXT], row[SIZE_TEXT];

	while (cells * 2 + strlen("00000000 ") <= terminal.columns)
		cells *= 2;
	d.row = round_unit(map->max_pfn, MAP_ROWS, cells);
	d.cell = d.row / cells;
	text_printf(out, "map: who holds each page; a letter is %lu pages (%s), a row %lu (%s)\n",
		    d.cell, size_text(cell, d.cell), d.row, size_text(row, d.row));
	for (unsigned long pfn = 0; pfn < map->max_pfn;)
		pfn = draw_zone(&d, pfn);
	draw_legend(out, map, terminal);
}

/* ---- slabs --------------------------------------------------------------------------------- */

#define SLAB_HEADING "    pfn  used stock colour"
#define SLAB_COLUMNS 27 /* of figures, and a blank */

struct slab_drawing {
	struct text *out;
	const struct slab_map *map;
	struct terminal terminal;
	unsigned int objects_per_letter;
};

/* A letter for some objects: as in the map, free ones count only where there are no others. */
static const struct holder *draw_objects(struct slab_drawing *d,
					 const unsigned int count[NR_OBJECT_STATES],
					 const struct holder *colour)
{
	unsigned int state = OBJECT_FREE, objects = 0;

	for (unsigned int i = 0; i < NR_OBJECT_STATES; i++)
		objects += count[i];
	if (count[OBJECT_USED] || count[OBJECT_STOCKED])
		state = count[OBJECT_USED] >= count[OBJECT_STOCKED] ? OBJECT_USED : OBJECT_STOCKED;
	const struct holder *part = &slab_parts[state];
	char letter = count[state] == objects ? part->whole : part->part;

	if (part != colour)
		set_colour(d->out, d->terminal, part);
	text_add(d->out, &letter, 1);
	return part;
}

static void draw_slab(struct slab_drawing *d, const struct drawn_slab *slab)
{
	unsigned int count[NR_OBJECT_STATES] = {0}, inside = 0;
	const struct holder *colour = NULL;

	text_printf(d->out, "  %05lx %5u %5u %6u ", slab->pfn, slab->count[OBJECT_USED],
		    slab->count[OBJECT_STOCKED], slab->colour);
	for (size_t i = 0; i < slab->nr_runs; i++) {
		struct object_run run = d->map->runs[slab->first_run + i];

		while (run.count) {
			unsigned int taken = min(run.count, d->objects_per_letter - inside);

			count[run.state] += taken;
			run.count -= taken;
			inside += taken;
			if (inside < d->objects_per_letter)
				continue;
			colour = draw_objects(d, count, colour);
			memset(count, 0, sizeof(count));
			inside = 0;
		}
	}
	if (inside)
		draw_objects(d, count, colour);
	end_colour(d->out, d->terminal);
	text_printf(d->out, "\n");
}

static void draw_cache(struct slab_drawing *d, const struct drawn_cache *cache)
{
	const struct drawn_slab *slabs = d->map->slabs + cache->first_slab;
	char text[160], size[SIZE_TEXT];

	describe_cache(text, sizeof(text), d->map, cache);
	text_printf(d->out, "%s", text);
	if (!cache->slabs) {
		text_printf(d->out, "\n");
		return;
	}
	d->objects_per_letter =
		round_unit(most_objects(d->map, cache), d->terminal.columns - SLAB_COLUMNS, 1);
	text_printf(d->out, " of %s\n", size_text(size, 1ull << slabs[0].order));
	text_printf(d->out, SLAB_HEADING " a letter is %s%u %s%s\n",
		    d->objects_per_letter > 1 ? "up to " : "", d->objects_per_letter,
		    object_word(d->map, cache), d->objects_per_letter > 1 ? "s" : "");
	for (size_t i = 0; i < cache->slabs; i++) {
		if (!i || slabs[i].place != slabs[i - 1].place)
			text_printf(d->out, " %s\n", slab_place_name(slabs[i].place));
		draw_slab(d, &slabs[i]);
	}
}

void draw_slabs(struct text *out, const struct slab_map *map, struct terminal terminal)
{
	struct slab_drawing d = {.out = out, .map = map, .terminal = terminal};

	text_printf(out, "slabs: kernel objects by %s, slab by slab; letters are objects:\n",
		    map->allocator);
	for (unsigned int i = 0; i < NR_OBJECT_STATES; i++) {
		const struct holder *part = &slab_parts[i];

		text_printf(out, "  ");
		set_colour(out, terminal, part);
		text_printf(out, "%c", part->whole);
		end_colour(out, terminal);
		text_printf(out, " %s%s", part->name, part->about);
	}
	text_printf(out, "\nsmall letter: of what is not free, most\n");
	for (size_t i = 0; i < map->nr_caches; i++)
		if (map->nr_caches == 1 || !cache_is_empty(&map->caches[i]))
			draw_cache(&d, &map->caches[i]);
}
