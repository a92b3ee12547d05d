/* The reader: lines to events, and the check of whole files before anything runs. */
#include "top/vec.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/parse.h"
#include "base/string.h"
#include "top/ktap.h"

void vec_open(struct vec_reader *reader, const struct rig_module *module)
{
	source_open(&reader->source, module);
	reader->where = OUTSIDE;
}

static enum vec_event begin_vector(struct vec_reader *reader, struct lexer *lexer)
{
	struct token name = lex_next(lexer), rest = lex_next(lexer);

	if (name.kind != TOK_WORD || !token_copy(&name, reader->name, sizeof(reader->name)))
		return vec_unexpected(&reader->source, &name, "the vector's name"), VEC_ERROR;
	if (rest.kind != TOK_END)
		return vec_unexpected(&reader->source, &rest, "the end of the line"), VEC_ERROR;
	reader->name_line = reader->source.line_number;
	reader->name_column = name.column;
	reader->where = IN_HEADER;
	reader->params = (struct boot_params){0};
	reader->headers_seen = 0;
	vars_clear();
	return VEC_BEGIN;
}

static enum vec_event read_outside(struct vec_reader *reader)
{
	struct lexer lexer = {reader->source.line, reader->source.line};
	struct token word = lex_next(&lexer);

	if (!token_is(&word, "vector"))
		return vec_unexpected(&reader->source, &word, "\"vector\""), VEC_ERROR;
	return begin_vector(reader, &lexer);
}

static enum vec_event end_vector(struct vec_reader *reader, struct lexer *lexer)
{
	struct token rest = lex_next(lexer);
	bool empty = reader->where == IN_HEADER;

	reader->where = OUTSIDE;
	if (rest.kind != TOK_END)
		return vec_unexpected(&reader->source, &rest, "the end of the line"), VEC_ERROR;
	if (empty)
		return vec_error(&reader->source, 1, "found \"end\", expected a step first"),
		       VEC_ERROR;
	return VEC_END;
}

/* Header lines are taken in here: -1 stands for "no event, go on". */
static int read_inside(struct vec_reader *reader)
{
	struct vec_source *source = &reader->source;
	struct lexer lexer = {source->line, source->line};
	struct token word = lex_next(&lexer);

	if (token_is(&word, "end"))
		return end_vector(reader, &lexer);
	if (token_is(&word, "vector"))
		return vec_unexpected(source, &word, "\"end\" of the vector before"), VEC_ERROR;
	if (reader->where == IN_HEADER) {
		int header = header_parse(source, &reader->params, &reader->headers_seen);

		if (header <= 0)
			return header ? VEC_ERROR : -1;
		reader->where = IN_STEPS;
	}
	lexer.at = source->line;
	return stmt_parse(source, &lexer, &reader->stmt) ? VEC_ERROR : VEC_STMT;
}

static int read_line(struct vec_reader *reader)
{
	struct vec_source *source = &reader->source;
	const char *at = source->line;
	struct lexer lexer = {at, at};

	while (is_space(*at))
		at++;
	if (*at == '|') {
		struct token bar = {TOK_WORD, at, 1, at - source->line + 1};

		if (reader->where != IN_STEPS)
			return vec_unexpected(source, &bar, "a step before its output"), VEC_ERROR;
		reader->output = at + 1;
		return VEC_OUTPUT;
	}
	if (lex_next(&lexer).kind == TOK_END)
		return -1;
	return reader->where == OUTSIDE ? (int)read_outside(reader) : read_inside(reader);
}

enum vec_event vec_read(struct vec_reader *reader)
{
	for (;;) {
		int more = source_next(&reader->source), event;

		if (more == -EINVAL)
			return vec_error(&reader->source, reader->source.bad_column,
					 "found a control character, expected text"),
			       VEC_ERROR;
		if (more < 0)
			return vec_error(&reader->source, VEC_LINE_SIZE,
					 "expected lines below %u characters", VEC_LINE_SIZE),
			       VEC_ERROR;
		if (more == 0 && reader->where == OUTSIDE)
			return VEC_EOF;
		if (more == 0) {
			reader->where = OUTSIDE;
			return vec_error(&reader->source, 1,
					 "found the end of the file, expected \"end\" of %s",
					 reader->name),
			       VEC_ERROR;
		}
		event = read_line(reader);
		if (event >= 0)
			return event;
	}
}

/* ---- checking ------------------------------------------------------------------------------ */

bool glob_matches(const char *glob, const char *name)
{
	for (; *glob; glob++, name++) {
		if (*glob == '*') {
			while (!glob_matches(glob + 1, name))
				if (!*name++)
					return false;
			return true;
		}
		if (!*name || (*glob != '?' && *glob != *name))
			return false;
	}
	return !*name;
}

/* Names are compared by reading them again: O(n^2) over a few hundred vectors. */
static bool name_seen_before(const struct rig_config *config, unsigned int module,
			     const struct vec_reader *seen)
{
	for (unsigned int i = 0; i <= module; i++) {
		static struct vec_source source;

		source_open(&source, &config->modules[i]);
		while (source_next(&source)) {
			struct lexer lexer = {source.line, source.line};
			struct token word = lex_next(&lexer), name;

			if (i == module && source.line_number >= seen->name_line)
				break;
			name = lex_next(&lexer);
			if (token_is(&word, "vector") && token_is(&name, seen->name))
				return true;
		}
	}
	return false;
}

int vec_check(const struct rig_config *config, const char *only)
{
	static struct vec_reader reader;
	unsigned int errors = 0, matching = 0;

	for (unsigned int i = 0; i < config->nr_modules; i++) {
		enum vec_event event;

		vec_open(&reader, &config->modules[i]);
		while ((event = vec_read(&reader)) != VEC_EOF) {
			errors += event == VEC_ERROR;
			if (event != VEC_BEGIN)
				continue;
			matching += !only || glob_matches(only, reader.name);
			if (name_seen_before(config, i, &reader)) {
				vec_error(&reader.source, reader.name_column,
					  "found a second vector \"%s\", expected another name",
					  reader.name);
				errors++;
			}
		}
	}
	return errors ? -EINVAL : (int)matching;
}
