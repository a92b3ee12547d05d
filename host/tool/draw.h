/* Drawings as text for terminals, and as SVG. */
#pragma once

#include "tool/drawing.h"
#include "tool/page_tables.h"
#include "tool/slab_map.h"
#include "tool/space_map.h"

/* ---- text ---------------------------------------------------------------------------------- */

struct terminal {
	unsigned int columns;
	bool colours;
};

/*
 * What stdout is: columns by COLUMNS, else as the terminal says, else 80; colours on a terminal
 * that has them, unless NO_COLOR is set.
 */
struct terminal terminal_of_stdout(void);

/* Each zone's free pages by order, as bars of a letter for so many pages of a type. */
void draw_free_areas(struct text *out, const struct free_areas *areas, struct terminal terminal);

/*
 * Each zone's pages as rows of letters, one for a cell of a power of two of pages, and how many
 * pages each holder has.
 */
void draw_page_map(struct text *out, const struct page_map *map, struct terminal terminal);

/* Each cache's slabs, a row a slab, by place: a letter for so many objects. Caches without slabs
 * and objects only if they are all there is. */
void draw_slabs(struct text *out, const struct slab_map *map, struct terminal terminal);

/* Each space's figures, and a row for each area and for what is free between areas. */
void draw_spaces(struct text *out, const struct space_map *map, struct terminal terminal);

/* Each space's page tables and entries as a tree; then the pages that are in several places, and
 * those of files that are in none. */
void draw_page_tables(struct text *out, const struct page_tables *map, struct terminal terminal);

/* ---- SVG ----------------------------------------------------------------------------------- */

/* A document that grows downward. All zero: empty. */
struct svg {
	struct text body;
	unsigned int height;
};

void svg_free_areas(struct svg *svg, const struct free_areas *areas);
void svg_page_map(struct svg *svg, const struct page_map *map);
void svg_slabs(struct svg *svg, const struct slab_map *map);
void svg_spaces(struct svg *svg, const struct space_map *map);
void svg_page_tables(struct svg *svg, const struct page_tables *map);

/* Appends the whole document. */
void svg_finish(struct text *out, const struct svg *svg, const char *title);
