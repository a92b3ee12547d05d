#include "tool/vector_cut.h"

#include <stdio.h>
#include <string.h>

#include "tool/judge.h"
#include "tool/tool.h"
#include "top/vec.h"

/* Where a vector stands, and the line of it that is asked for. */
struct place {
	const char *file;
	const char *start, *line, *cut; /* of the vector; of the line; behind the line */
	unsigned int first, end;	/* the numbers of its first line and of its "end" */
	bool wants_output;		/* the cut comes behind a "|" line */
};

/* A line of the vector that is copied. */
static void note_line(struct place *place, const struct token *first, const char *at,
		      const struct vec_source *source)
{
	place->line = at;
	place->cut = min(source->next, source->end);
	if (first->kind != TOK_END)
		place->wants_output = *first->text == '|';
}

/* Looks for the vector in one file; returns how many of that name there are. */
static unsigned int find(struct place *place, const struct rig_module *module, const char *name,
			 unsigned int line)
{
	static struct vec_source source;
	unsigned int count = 0;
	bool inside = false;
	const char *at;

	source_open(&source, module);
	for (at = source.next; source_next(&source); at = source.next) {
		struct lexer lexer = {source.line, source.line};
		struct token word = lex_next(&lexer), next = lex_next(&lexer);

		if (token_is(&word, "vector") && token_is(&next, name)) {
			*place = (struct place){
				.file = module->name, .start = at, .first = source.line_number};
			inside = true;
			count++;
		} else if (token_is(&word, "end") && inside) {
			place->end = source.line_number;
			inside = false;
		}
		if (inside && source.line_number <= line)
			note_line(place, &word, at, &source);
	}
	if (inside)
		place->end = source.line_number + 1;
	return count;
}

/* The line without what is expected of it. */
static size_t step_length(const struct place *place)
{
	size_t len = place->cut - place->line;
	const char *arrow = place->wants_output ? NULL : memmem(place->line, len, "=>", 2);

	return arrow ? arrow - place->line : len;
}

static void copy(struct vector_cut *cut, const struct place *place, unsigned int line)
{
	for (unsigned int i = 1; i < place->first; i++)
		text_add(&cut->text, "\n", 1);
	text_add(&cut->text, place->start, place->line - place->start);
	text_add(&cut->text, place->line, step_length(place));
	if (cut->text.data[cut->text.size - 1] != '\n')
		text_add(&cut->text, "\n", 1);
	cut->last_line = line;
	if (place->wants_output) {
		text_printf(&cut->text, "| ...\n");
		cut->last_line++;
	}
}

int vector_cut(struct vector_cut *cut, const char *name, unsigned int line, char *const *paths,
	       unsigned int count)
{
	struct rig_module *modules = modules_read(paths, count);
	struct place place = {0};
	unsigned int found = 0;

	if (!modules)
		return EXIT_USAGE;
	for (unsigned int i = 0; i < count; i++)
		found += find(&place, &modules[i], name, line);
	if (found != 1) {
		fprintf(stderr, "pagetwin show: %s vector \"%s\" in these files\n",
			found ? "more than one" : "no", name);
		return VERDICT_FAIL;
	}
	if (line <= place.first || line >= place.end) {
		fprintf(stderr, "pagetwin show: vector \"%s\" has its steps in lines %u to %u\n",
			name, place.first + 1, place.end - 1);
		return VERDICT_FAIL;
	}
	*cut = (struct vector_cut){.file = place.file};
	copy(cut, &place, line);
	return 0;
}
