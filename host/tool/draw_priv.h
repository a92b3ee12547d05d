/* What drawings of several subjects are made of. */
#pragma once

#include "tool/draw.h"

/* Is black legible on the holder's colour? Else white is. */
bool is_bright(const struct holder *holder);

/* ---- text ---------------------------------------------------------------------------------- */

/* Letters to come stand on the holder's colour, black or white. */
void set_colour(struct text *out, struct terminal terminal, const struct holder *holder);
void end_colour(struct text *out, struct terminal terminal);
void add_letters(struct text *out, char letter, u64 count);

/* ---- SVG ----------------------------------------------------------------------------------- */

/* All in pixels. */
#define WIDTH 1000
#define MARGIN 20
#define LINE 18

/* Attributes of texts. */
#define SMALL " font-size=\"10\" fill=\"#444444\""
#define CENTRED " text-anchor=\"middle\""
#define TO_RIGHT " text-anchor=\"end\""
#define MONO " font-family=\"monospace\""

void add_text(struct svg *svg, double x, double y, const char *attributes, const char *text);
/* Of what comes below. */
void add_heading(struct svg *svg, const char *text);
void add_vertical(struct svg *svg, double x, double top, double bottom, const char *colour);
void add_swatch(struct svg *svg, double x, double y, const struct holder *holder);
/* What each colour stands for, so many in a row, and notes below, a line each. */
void add_parts_legend(struct svg *svg, const struct holder *parts, unsigned int nr_parts,
		      unsigned int in_row, const char *const *notes, unsigned int nr_notes);

/* Opens a group in which x counts pages from `left` on and y rows of `height` from `top` on. */
void open_scaled(struct svg *svg, double left, double top, double width_of_page, double height);
/* Opens a group of one holder's rectangles; "free Movable" makes two classes. */
void open_held(struct svg *svg, const struct holder *holder);
void add_rect(struct svg *svg, u64 x, double y, u64 width, double height);
void close_group(struct svg *svg);
