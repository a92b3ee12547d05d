#include "top/vec.h"

#include "base/errno.h"
#include "base/parse.h"
#include "base/string.h"

/* A comment runs from "#" to the end of the line, unless in a string. */
#define COMMENT '#'

static struct token make_token(const struct lexer *lexer, enum token_kind kind, const char *end)
{
	return (struct token){kind, lexer->at, end - lexer->at, lexer->at - lexer->line + 1};
}

static struct token lex_string(struct lexer *lexer)
{
	const char *start = lexer->at, *end = strchr(start + 1, '"');
	struct token token;

	if (!end) {
		token = make_token(lexer, TOK_BAD, start + strlen(start));
		lexer->at = start + strlen(start);
		return token;
	}
	token = (struct token){TOK_STRING, start + 1, end - start - 1, start - lexer->line + 1};
	lexer->at = end + 1;
	return token;
}

static bool ends_word(const char *at)
{
	return *at == '\0' || is_space(*at) || *at == COMMENT || *at == '"' || *at == '=';
}

struct token lex_next(struct lexer *lexer)
{
	const char *end;
	struct token token;

	while (is_space(*lexer->at))
		lexer->at++;
	end = lexer->at;
	if (*end == '\0' || *end == COMMENT)
		return make_token(lexer, TOK_END, end);
	if (*end == '"')
		return lex_string(lexer);
	if (*end == '=') {
		end += end[1] == '>' ? 2 : 1;
		token = make_token(lexer, end[-1] == '>' ? TOK_ARROW : TOK_EQUALS, end);
	} else {
		while (!ends_word(end))
			end++;
		token = make_token(lexer, TOK_WORD, end);
	}
	lexer->at = end;
	return token;
}

bool token_is(const struct token *token, const char *text)
{
	return token->kind == TOK_WORD && strlen(text) == token->len &&
	       strncmp(token->text, text, token->len) == 0;
}

bool token_copy(const struct token *token, char *buf, size_t size)
{
	if (token->len >= size)
		return false;
	memcpy(buf, token->text, token->len);
	buf[token->len] = '\0';
	return true;
}

/* ---- lines --------------------------------------------------------------------------------- */

void source_open(struct vec_source *source, const struct rig_module *module)
{
	source->name = module->name;
	source->text = source->next = module->text;
	source->end = module->text + module->size;
	source->line_number = 0;
	source->line[0] = '\0';
}

int source_next(struct vec_source *source)
{
	unsigned int len = 0;
	bool fits = true;

	if (source->next >= source->end)
		return 0;
	source->line_number++;
	source->bad_column = 0;
	for (; source->next < source->end && *source->next != '\n'; source->next++) {
		char c = *source->next;

		if (c == '\r' && source->next + 1 < source->end && source->next[1] == '\n')
			continue;
		if (!source->bad_column && ((u8)c < ' ' || c == 0x7F) && c != '\t')
			source->bad_column = len + 1;
		if (len + 1 < sizeof(source->line))
			source->line[len++] = c;
		else
			fits = false;
	}
	source->next++; /* behind the line, also behind one that is too long */
	source->line[len] = '\0';
	if (source->bad_column)
		return -EINVAL;
	return fits ? 1 : -E2BIG;
}

/* ---- matching ------------------------------------------------------------------------------ */

static const char *skip_spaces(const char *s)
{
	while (is_space(*s))
		s++;
	return s;
}

static unsigned int word_length(const char *s)
{
	unsigned int n = 0;

	while (s[n] && !is_space(s[n]))
		n++;
	return n;
}

bool vec_matches(const char *pattern, const char *text)
{
	for (;;) {
		pattern = skip_spaces(pattern);
		text = skip_spaces(text);
		unsigned int p = word_length(pattern), t = word_length(text);

		if (p == 3 && strncmp(pattern, "...", 3) == 0)
			return true;
		if (p == 0 || t == 0)
			return p == t;
		if (!(p == 1 && *pattern == '*') && (p != t || strncmp(pattern, text, p) != 0))
			return false;
		pattern += p;
		text += t;
	}
}
