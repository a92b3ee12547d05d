/* show: a state in words and in pictures, without the protocol around it. */
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/draw.h"
#include "tool/look.h"
#include "tool/tool.h"
#include "tool/twin_run.h"
#include "tool/vector_cut.h"

static const char usage[] =
	"usage: pagetwin show [--ram SIZE] [--svg FILE] WHAT...\n"
	"       pagetwin show --vector NAME --line N [--svg FILE] [DRAWING...] FILE...\n"
	"\n"
	"Boots a memory manager and shows WHAT of its state; or runs a vector up to a line and\n"
	"shows the state there, drawn, or the whole of it in words.\n"
	"drawings:\n"
	"  buddy          the free areas of each zone and order, by migrate type\n"
	"  map            physical memory: who holds each page\n"
	"  slabs[=CACHE,...]  kernel objects: the slabs of all caches, or of some, object by "
	"object\n"
	"  spaces[=N,...]  address spaces: the areas of all, or of some, and what is free between\n"
	"  page_tables[=N,...]  page tables of all spaces, or of some, and which pages they share\n"
	"texts:\n"
	"  memory_map, iomem, zones, zoneinfo, watermarks, meminfo, vmstat\n"
	"  buddyinfo, pagetypeinfo, free_lists, pcp_lists, pageblocks, physmap, slabinfo, "
	"slab_map, space_map,\n"
	"  page_map, state\n"
	"  walk ADDRESS   the page-table entries for an address\n"
	"options:\n"
	"  --ram SIZE     memory of the machine (default 64M)\n"
	"  --vector NAME  a vector of the files; --line N: a line of its file\n"
	"  --svg FILE     write the drawings to a file as SVG; \"-\" is standard output\n"
	"Colours, on a terminal only: not if NO_COLOR is set. COLUMNS is the width of drawings.\n";

/* ---- what is shown ------------------------------------------------------------------------- */

enum item_kind {
	ITEM_BUDDY,
	ITEM_MAP,
	ITEM_SLABS,
	ITEM_SPACES,
	ITEM_PAGE_TABLES,
	NR_DRAWINGS,
	ITEM_TEXT = NR_DRAWINGS
};

/* Those with a verb draw what it prints, and the other one, if there is one, behind it: of all, or
 * of each that is named behind "=". */
static const struct {
	const char *word, *verb, *other;
} drawing_words[NR_DRAWINGS] = {
	[ITEM_BUDDY] = {"buddy", NULL, NULL},
	[ITEM_MAP] = {"map", NULL, NULL},
	[ITEM_SLABS] = {"slabs", "slab_map", NULL},
	[ITEM_SPACES] = {"spaces", "space_map", NULL},
	[ITEM_PAGE_TABLES] = {"page_tables", "space_map", "page_map"},
};

/* What a word asks for, and the lines of the steps whose output shows it. */
struct item {
	enum item_kind kind;
	unsigned int line, lines;
};

struct show {
	const char *title;
	const char *svg; /* the file, or NULL for text */
	struct look look;
	struct item *items;
	unsigned int nr_items;
};

static enum item_kind kind_of(const char *word)
{
	enum item_kind kind = 0;

	for (; kind < NR_DRAWINGS; kind++) {
		size_t len = strlen(drawing_words[kind].word);

		if (strncmp(word, drawing_words[kind].word, len) == 0 &&
		    (!word[len] || (word[len] == '=' && drawing_words[kind].verb)))
			break;
	}
	return kind;
}

/* Are names where the word says there are? "slabs=" and "slabs=a,,b" are mistakes; spaces have
 * numbers. */
static bool names_are_there(const char *word)
{
	const char *at = kind_of(word) != ITEM_TEXT ? strchr(word, '=') : NULL;

	for (size_t len; at; at = at[len + 1] ? at + len + 1 : NULL) {
		len = strcspn(at + 1, ",");
		if (!len || (kind_of(word) != ITEM_SLABS && strspn(at + 1, "0123456789") != len))
			return false;
	}
	return true;
}

static void add_item(struct show *show, enum item_kind kind, unsigned int line)
{
	show->items = realloc(show->items, (show->nr_items + 1) * sizeof(*show->items));
	if (!show->items)
		abort();
	show->items[show->nr_items++] = (struct item){kind, line, 1};
}

/* The steps that show one, or with an empty name all. */
static void add_steps(struct show *show, struct item *item, const char *name, int len)
{
	const char *verbs[] = {drawing_words[item->kind].verb, drawing_words[item->kind].other};

	for (unsigned int i = 0; i < ARRAY_SIZE(verbs) && verbs[i]; i++) {
		unsigned int line =
			len ? look_add(&show->look, "%s %.*s => ok", verbs[i], len, name)
			    : look_add(&show->look, "%s", verbs[i]);

		if (!item->lines++)
			item->line = line;
	}
}

/* "slabs=CACHE,CACHE": steps for each. */
static void add_named(struct show *show, enum item_kind kind, const char *word)
{
	const char *name = strchr(word, '=');
	struct item *item;

	add_item(show, kind, 0);
	item = &show->items[show->nr_items - 1];
	item->lines = 0;
	if (!name)
		add_steps(show, item, "", 0);
	for (size_t len; name && *name; name += len) {
		len = strcspn(++name, ",");
		add_steps(show, item, name, len);
	}
}

static void add_drawing(struct show *show, const char *word)
{
	enum item_kind kind = kind_of(word);

	if (drawing_words[kind].verb) {
		add_named(show, kind, word);
	} else if (kind == ITEM_BUDDY) {
		add_item(show, kind, look_add(&show->look, "pagetypeinfo"));
	} else {
		add_item(show, kind, look_add(&show->look, "memory_map"));
		look_add(&show->look, "physmap");
		show->items[show->nr_items - 1].lines++;
	}
}

/* ---- showing ------------------------------------------------------------------------------- */

static int draw_buddy(const struct text *pagetypeinfo, struct text *out, struct svg *svg)
{
	struct free_areas areas;

	if (free_areas_read(&areas, pagetypeinfo))
		return VERDICT_FAIL;
	if (svg)
		svg_free_areas(svg, &areas);
	else
		draw_free_areas(out, &areas, terminal_of_stdout());
	return 0;
}

static int draw_map(const struct text *memory_map, const struct text *physmap, struct text *out,
		    struct svg *svg)
{
	struct page_map map;

	if (page_map_read(&map, memory_map, physmap))
		return VERDICT_FAIL;
	if (svg)
		svg_page_map(svg, &map);
	else
		draw_page_map(out, &map, terminal_of_stdout());
	page_map_free(&map);
	return 0;
}

static int draw_slab_map(const struct text *texts, unsigned int count, struct text *out,
			 struct svg *svg)
{
	struct slab_map map = {0};
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++)
		err = slab_map_read(&map, &texts[i]) ? VERDICT_FAIL : 0;
	if (!err && svg)
		svg_slabs(svg, &map);
	else if (!err)
		draw_slabs(out, &map, terminal_of_stdout());
	slab_map_free(&map);
	return err;
}

static int draw_space_map(const struct text *texts, unsigned int count, struct text *out,
			  struct svg *svg)
{
	struct space_map map = {0};
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i++)
		err = space_map_read(&map, &texts[i]) ? VERDICT_FAIL : 0;
	if (!err && svg)
		svg_spaces(svg, &map);
	else if (!err)
		draw_spaces(out, &map, terminal_of_stdout());
	space_map_free(&map);
	return err;
}

/* Two texts for each space or for all. */
static int draw_tables(const struct text *texts, unsigned int count, struct text *out,
		       struct svg *svg)
{
	struct page_tables map = {.all = 0};
	int err = 0;

	for (unsigned int i = 0; i < count && !err; i += 2)
		err = page_tables_read(&map, &texts[i], &texts[i + 1]) ? VERDICT_FAIL : 0;
	if (!err)
		page_tables_share(&map);
	if (!err && svg)
		svg_page_tables(svg, &map);
	else if (!err)
		draw_page_tables(out, &map, terminal_of_stdout());
	page_tables_free(&map);
	return err;
}

/* The run has been complained of; a death has more to tell. */
static int nothing_to_show(const struct look *look)
{
	fprintf(stderr, "pagetwin show: nothing to show\n");
	if (look->judgement.verdict != VERDICT_FAIL)
		fputs(look->log.data, stderr);
	return VERDICT_FAIL;
}

/* Adds one item to out, or to svg unless that is NULL. Drawings have blank lines around them. */
static int show_item(const struct show *show, const struct item *item, struct text *out,
		     struct svg *svg)
{
	struct text *texts = calloc(item->lines, sizeof(*texts));
	bool complete = true;
	int err = 0;

	if (!texts)
		abort();
	if (out->size && (item->kind != ITEM_TEXT || item[-1].kind != ITEM_TEXT))
		text_add(out, "\n", 1);
	for (unsigned int i = 0; i < item->lines; i++)
		complete &= look_output(&show->look, item->line + i, &texts[i]);
	if (!complete)
		err = nothing_to_show(&show->look);
	else if (item->kind == ITEM_BUDDY)
		err = draw_buddy(&texts[0], out, svg);
	else if (item->kind == ITEM_MAP)
		err = draw_map(&texts[0], &texts[1], out, svg);
	else if (item->kind == ITEM_SLABS)
		err = draw_slab_map(texts, item->lines, out, svg);
	else if (item->kind == ITEM_SPACES)
		err = draw_space_map(texts, item->lines, out, svg);
	else if (item->kind == ITEM_PAGE_TABLES)
		err = draw_tables(texts, item->lines, out, svg);
	else if (texts[0].size)
		text_add(out, texts[0].data, texts[0].size);
	for (unsigned int i = 0; i < item->lines; i++)
		text_free(&texts[i]);
	free(texts);
	return err;
}

static int write_out(const struct show *show, const struct text *out)
{
	bool to_stdout = !show->svg || strcmp(show->svg, "-") == 0;

	return (to_stdout ? stdout_write(out) : file_write(show->svg, out)) ? EXIT_USAGE : 0;
}

/*
 * A run that did not pass, say because the state is damaged, is shown if all steps came to their
 * end, but it is no success.
 */
static int run_and_show(struct show *show)
{
	struct text out = {0};
	struct svg svg = {0};
	int err = 0;

	look_run(&show->look);
	bool passed = show->look.judgement.verdict == VERDICT_PASS;

	if (!passed)
		look_complain(&show->look);
	for (unsigned int i = 0; i < show->nr_items && !err; i++)
		err = show_item(show, &show->items[i], &out, show->svg ? &svg : NULL);
	if (err)
		return err;
	if (show->svg)
		svg_finish(&out, &svg, show->title);
	err = write_out(show, &out);
	return err || passed ? err : VERDICT_FAIL;
}

/* ---- which state --------------------------------------------------------------------------- */

static bool any_text(char **words, int count)
{
	for (int i = 0; i < count; i++)
		if (kind_of(words[i]) == ITEM_TEXT)
			return true;
	return false;
}

/* Adds what words[0] asks for; returns how many words that took. */
static int add_word(struct show *show, char **words, int count)
{
	bool walk = strcmp(words[0], "walk") == 0 && count > 1;

	if (kind_of(words[0]) != ITEM_TEXT)
		add_drawing(show, words[0]);
	else if (walk)
		add_item(show, ITEM_TEXT, look_add(&show->look, "walk swapper %s", words[1]));
	else
		add_item(show, ITEM_TEXT, look_add(&show->look, "%s", words[0]));
	return walk ? 2 : 1;
}

static int show_fresh(struct show *show, const char *ram, char **words, int count)
{
	struct look *look = &show->look;
	struct text title = {0};
	unsigned int boot;

	if (show->svg && any_text(words, count)) {
		fprintf(stderr, "pagetwin show: --svg draws buddy, map, slabs, spaces and "
				"page_tables, and no texts\n");
		return EXIT_USAGE;
	}
	text_printf(&title, "pagetwin: %s of memory after boot", ram);
	show->title = title.data;
	look->file = "show";
	look_add(look, "vector show");
	look_add(look, "ram %s", ram);
	boot = look_add(look, "boot");
	if (any_text(words, count))
		add_item(show, ITEM_TEXT, boot); /* the kernel's messages */
	for (int i = 0; i < count;)
		i += add_word(show, words + i, count - i);
	return run_and_show(show);
}

static int draw_vector(struct show *show, const char *name, unsigned int line, char **words,
		       int drawings, int count)
{
	struct text title = {0};
	struct vector_cut cut;
	int err = vector_cut(&cut, name, line, words + drawings, count - drawings);

	if (err)
		return err;
	text_printf(&title, "pagetwin: vector %s, after line %u", name, line);
	show->title = title.data;
	show->look = (struct look){.file = cut.file, .vector = cut.text, .lines = cut.last_line};
	for (int i = 0; i < drawings; i++)
		add_drawing(show, words[i]);
	return run_and_show(show);
}

/* The whole state in words: what stands behind " state " in the lines that have it. */
static int print_state(const struct text *log, const struct judgement *judgement)
{
	static const char mark[] = " state ";
	struct text out = {0};

	for (const char *line = log->data; *line;) {
		size_t len = strcspn(line, "\n");
		const char *at = memmem(line, len, mark, strlen(mark));

		if (at && line[0] == '#') {
			at += strlen(mark);
			text_printf(&out, "%.*s\n", (int)(line + len - at), at);
		}
		line += len + (line[len] == '\n');
	}
	if (out.size)
		return stdout_write(&out) ? EXIT_USAGE : 0;
	fprintf(stderr, "pagetwin show: nothing to show: %s\n%s", judgement->why, log->data);
	return VERDICT_FAIL;
}

static int dump_vector(const char *name, unsigned int line, char **files, int count)
{
	struct twin_job job = {.modules = modules_read(files, count), .nr_modules = count};
	struct text command_line = {0}, log = {0};
	struct judgement judgement;

	if (!job.modules)
		return EXIT_USAGE;
	text_printf(&command_line, "only=%s dump=%s:%u", name, name, line);
	job.command_line = command_line.data;
	enum run_end end = twin_run_child(&job, &log, 600);

	judge(&log, NULL, end, &judgement);
	return print_state(&log, &judgement);
}

static int show_vector(struct show *show, const char *name, unsigned int line, char **words,
		       int count)
{
	int drawings = 0;

	while (drawings < count && kind_of(words[drawings]) != ITEM_TEXT)
		drawings++;
	if (drawings == count) {
		fprintf(stderr, "pagetwin show: --vector needs the file that the vector is in\n");
		return EXIT_USAGE;
	}
	if (drawings)
		return draw_vector(show, name, line, words, drawings, count);
	if (show->svg) {
		fprintf(stderr, "pagetwin show: --svg needs to know what to draw: buddy, map, "
				"slabs, spaces, page_tables\n");
		return EXIT_USAGE;
	}
	return dump_vector(name, line, words, count);
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {
		{"ram", 1, NULL, 'r'}, {"vector", 1, NULL, 'v'}, {"line", 1, NULL, 'l'},
		{"svg", 1, NULL, 's'}, {"help", 0, NULL, 'h'},	 {NULL, 0, NULL, 0},
	};
	const char *ram = "64M", *vector = NULL;
	struct show show = {0};
	u64 line = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r' && parse_ram(optarg))
			ram = optarg;
		else if (option == 'v')
			vector = optarg;
		else if (option == 'l' &&
			 parse_number("--line", optarg, 1, UINT_MAX - 8, &line) == 0)
			;
		else if (option == 's' && *optarg)
			show.svg = optarg;
		else if (option == 'h')
			return fputs(usage, stdout), 0;
		else
			return fputs(usage, stderr), EXIT_USAGE;
	}
	for (int i = optind; i < argc; i++)
		if (!names_are_there(argv[i]))
			return fputs(usage, stderr), EXIT_USAGE;
	if (optind == argc || !vector != !line)
		return fputs(usage, stderr), EXIT_USAGE;
	if (vector)
		return show_vector(&show, vector, line, argv + optind, argc - optind);
	return show_fresh(&show, ram, argv + optind, argc - optind);
}
