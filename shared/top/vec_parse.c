/* The parser: one line in, one statement or header field out, every mistake named with its place.
 */
#include "top/vec.h"

#include "arch/arch.h"
#include "base/errno.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "kmem/slab.h"
#include "top/ktap.h"

/* ---- errors -------------------------------------------------------------------------------- */

int vec_error(const struct vec_source *source, unsigned int column, const char *fmt, ...)
{
	char text[200];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	ktap_say("# error %s:%u:%u: %s\n", source->name, source->line_number, column, text);
	return -EINVAL;
}

int vec_unexpected(const struct vec_source *source, const struct token *token, const char *expected)
{
	if (token->kind == TOK_END)
		return vec_error(source, token->column, "found the end of the line, expected %s",
				 expected);
	if (token->kind == TOK_BAD)
		return vec_error(source, token->column, "found a string without its closing quote");
	return vec_error(source, token->column, "found \"%.*s\", expected %s", (int)token->len,
			 token->text, expected);
}

/* ---- variables ----------------------------------------------------------------------------- */

static struct var vars[VEC_MAX_VARS];
static unsigned int nr_vars;

void vars_clear(void)
{
	nr_vars = 0;
}

struct var *var_find(const struct token *name)
{
	for (unsigned int i = 0; i < nr_vars; i++)
		if (token_is(name, vars[i].name))
			return &vars[i];
	return NULL;
}

struct var *var_get(const struct token *name)
{
	struct var *var = var_find(name);

	if (var || nr_vars == VEC_MAX_VARS)
		return var;
	var = &vars[nr_vars];
	*var = (struct var){0};
	if (!token_copy(name, var->name, sizeof(var->name)))
		return NULL;
	nr_vars++;
	return var;
}

void for_each_var(void (*fn)(struct var *var, void *arg), void *arg)
{
	for (unsigned int i = 0; i < nr_vars; i++)
		fn(&vars[i], arg);
}

/* ---- verbs --------------------------------------------------------------------------------- */

static const struct verb_table *const verb_tables[] = {
	&boot_verbs,   &page_verbs, &zone_verbs,   &mmu_verbs,	   &kmem_verbs,	   &show_verbs,
	&tamper_verbs, &leak_verbs, &fault_verbs,  &mempool_verbs, &kasan_verbs,   &task_verbs,
	&file_verbs,   &mmap_verbs, &access_verbs, &rmap_verbs,	   &syscall_verbs,
};

void for_each_verb(void (*fn)(const struct verb *verb))
{
	for (unsigned int i = 0; i < ARRAY_SIZE(verb_tables); i++)
		for (unsigned int j = 0; j < verb_tables[i]->count; j++)
			fn(&verb_tables[i]->verbs[j]);
}

const struct verb *verb_find(const struct token *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(verb_tables); i++)
		for (unsigned int j = 0; j < verb_tables[i]->count; j++)
			if (token_is(name, verb_tables[i]->verbs[j].name))
				return &verb_tables[i]->verbs[j];
	return NULL;
}

/* ---- arguments ----------------------------------------------------------------------------- */

struct flag_name {
	const char *name;
	u32 bits;
};

static const struct flag_name gfp_names[] = {
	{"GFP_ATOMIC", GFP_ATOMIC},
	{"GFP_NOWAIT", GFP_NOWAIT},
	{"GFP_NOIO", GFP_NOIO},
	{"GFP_NOFS", GFP_NOFS},
	{"GFP_TEMPORARY", GFP_TEMPORARY},
	{"GFP_HIGHUSER_MOVABLE", GFP_HIGHUSER_MOVABLE},
	{"GFP_KERNEL", GFP_KERNEL},
	{"GFP_USER", GFP_USER},
	{"GFP_HIGHUSER", GFP_HIGHUSER},
	{"GFP_DMA", GFP_DMA},
	{"__GFP_ZERO", __GFP_ZERO},
	{"__GFP_HIGH", __GFP_HIGH},
	{"__GFP_WAIT", __GFP_WAIT},
	{"__GFP_DMA", __GFP_DMA},
	{"__GFP_IO", __GFP_IO},
	{"__GFP_FS", __GFP_FS},
	{"__GFP_NOWARN", __GFP_NOWARN},
	{"__GFP_HIGHMEM", __GFP_HIGHMEM},
	{"__GFP_RECLAIMABLE", __GFP_RECLAIMABLE},
	{"__GFP_MOVABLE", __GFP_MOVABLE},
	{"__GFP_COLD", __GFP_COLD},
	{"__GFP_REPEAT", __GFP_REPEAT},
	{"__GFP_NOFAIL", __GFP_NOFAIL},
	{"__GFP_NORETRY", __GFP_NORETRY},
	{"__GFP_NOMEMALLOC", __GFP_NOMEMALLOC},
	{NULL, 0},
};

static const struct flag_name right_names[] = {
	{"ro", _PAGE_PRESENT},
	{"rw", _PAGE_PRESENT | _PAGE_RW},
	{"user", _PAGE_PRESENT | _PAGE_USER},
	{NULL, 0},
};

static const struct flag_name slab_names[] = {
	{"none", 0},
	{"SLAB_CONSISTENCY_CHECKS", SLAB_CONSISTENCY_CHECKS},
	{"SLAB_RED_ZONE", SLAB_RED_ZONE},
	{"SLAB_POISON", SLAB_POISON},
	{"SLAB_HWCACHE_ALIGN", SLAB_HWCACHE_ALIGN},
	{"SLAB_CACHE_DMA", SLAB_CACHE_DMA},
	{"SLAB_STORE_USER", SLAB_STORE_USER},
	{"SLAB_RECLAIM_ACCOUNT", SLAB_RECLAIM_ACCOUNT},
	{"SLAB_PANIC", SLAB_PANIC},
	{"SLAB_TRACE", SLAB_TRACE},
	{"SLAB_NOLEAKTRACE", SLAB_NOLEAKTRACE},
	{"SLAB_FAILSLAB", SLAB_FAILSLAB},
	{NULL, 0},
};

/* Names joined by "|", as in C. */
static int parse_flags(const struct token *token, const struct flag_name *names, u64 *bits)
{
	const char *at = token->text, *end = at + token->len;

	*bits = 0;
	while (at <= end) {
		const struct flag_name *name = names;
		unsigned int len = 0;

		while (at + len < end && at[len] != '|')
			len++;
		while (name->name &&
		       (strlen(name->name) != len || strncmp(name->name, at, len) != 0))
			name++;
		if (!name->name)
			return -EINVAL;
		*bits |= name->bits;
		at += len + 1;
	}
	return 0;
}

static int parse_number(const struct vec_source *source, const struct token *token, char type,
			u64 *value)
{
	char text[VEC_NAME_SIZE];
	const char *end;
	int err;

	if (token->kind != TOK_WORD || !token_copy(token, text, sizeof(text)))
		return vec_unexpected(source, token, "a number");
	err = type == 'z' ? memparse(text, value, &end) : parse_u64(text, value, &end);
	if (err == -EINVAL || (!err && *end))
		return vec_unexpected(source, token, type == 'z' ? "a size" : "a number");
	if (err == -ERANGE || (type == 'n' && *value >> 32))
		return vec_error(source, token->column,
				 "%s is out of range: expected at most %u bits", text,
				 type == 'n' ? 32 : 64);
	return 0;
}

static int parse_var(const struct vec_source *source, const struct token *token, enum var_type type,
		     struct arg *arg)
{
	static const char *const kinds[] = {
		[VAR_PAGE] = "a page variable",		[VAR_PGD] = "a page directory or swapper",
		[VAR_CACHE] = "a cache variable",	[VAR_OBJECT] = "an object variable",
		[VAR_POOL] = "a memory-pool variable",	[VAR_TASK] = "a task variable",
		[VAR_FILE] = "a file variable or none",
	};
	const char *kind = kinds[type];

	if (type == VAR_PGD && token_is(token, "swapper"))
		return 0;
	if (type == VAR_FILE && token_is(token, "none"))
		return 0;
	arg->var = token->kind == TOK_WORD ? var_find(token) : NULL;
	if (!arg->var)
		return vec_unexpected(source, token, kind);
	if (arg->var->type != type)
		return vec_error(source, token->column, "%s is of another kind, expected %s",
				 arg->var->name, kind);
	return 0;
}

static int parse_arg(const struct vec_source *source, const struct token *token, char type,
		     struct arg *arg)
{
	arg->type = type;
	switch (type) {
	case 'g':
		if (token->kind != TOK_WORD || parse_flags(token, gfp_names, &arg->number))
			return vec_unexpected(source, token, "gfp flags");
		return 0;
	case 'r':
		if (token->kind != TOK_WORD || parse_flags(token, right_names, &arg->number))
			return vec_unexpected(source, token, "rights: ro, rw, user, joined by |");
		return 0;
	case 'p':
		return parse_var(source, token, VAR_PAGE, arg);
	case 'd':
		return parse_var(source, token, VAR_PGD, arg);
	case 'c':
		return parse_var(source, token, VAR_CACHE, arg);
	case 'o':
		return parse_var(source, token, VAR_OBJECT, arg);
	case 'm':
		return parse_var(source, token, VAR_POOL, arg);
	case 't':
		return parse_var(source, token, VAR_TASK, arg);
	case 'f':
		return parse_var(source, token, VAR_FILE, arg);
	case 'x':
		if (token->kind != TOK_WORD || parse_constants(token, &arg->number))
			return vec_unexpected(source, token,
					      "constants: Linux's names or numbers, joined by |");
		return 0;
	case 'k':
		if (token->kind != TOK_WORD || parse_flags(token, slab_names, &arg->number))
			return vec_unexpected(source, token, "flags of a cache, or none");
		return 0;
	case 'w':
		if (token->kind != TOK_WORD || !token_copy(token, arg->word, sizeof(arg->word)))
			return vec_unexpected(source, token, "a word");
		return 0;
	default:
		return parse_number(source, token, type, &arg->number);
	}
}

static bool ends_args(const struct token *token)
{
	return token->kind == TOK_END || token->kind == TOK_ARROW;
}

/* Walks the signature and the line side by side; *token is the first one after the arguments. */
static int parse_args(const struct vec_source *source, struct lexer *lexer, struct stmt *stmt,
		      struct token *token)
{
	const char *at = stmt->verb->signature;
	bool optional = false;

	*token = lex_next(lexer);
	while (*at) {
		const char *name = at;
		unsigned int len = strchr(at, ':') - at;

		at += len + 2;
		optional |= *at == '?';
		if (optional && ends_args(token))
			break;
		if (ends_args(token)) {
			char expected[VEC_NAME_SIZE];

			scnprintf(expected, sizeof(expected), "argument \"%.*s\" of %s", (int)len,
				  name, stmt->verb->name);
			return vec_unexpected(source, token, expected);
		}
		if (parse_arg(source, token, name[len + 1], &stmt->args[stmt->nr_args++]))
			return -EINVAL;
		*token = lex_next(lexer);
		while (*at == '?' || *at == ' ')
			at++;
	}
	return 0;
}

/* ---- statements ---------------------------------------------------------------------------- */

static int parse_assignment(const struct vec_source *source, const struct token *name,
			    struct stmt *stmt)
{
	struct var *var;

	if (!stmt->verb->makes)
		return vec_error(source, name->column, "%s makes nothing to assign",
				 stmt->verb->name);
	if (token_is(name, "swapper") || token_is(name, "none"))
		return vec_error(source, name->column, "%.*s is taken, expected another name",
				 (int)name->len, name->text);
	var = var_get(name);
	if (!var)
		return vec_error(source, name->column,
				 "expected at most %u variables, of names below %u characters",
				 VEC_MAX_VARS, VEC_NAME_SIZE);
	if (var->type && var->type != stmt->verb->makes)
		return vec_error(source, name->column, "%s is of another kind already", var->name);
	var->type = stmt->verb->makes;
	stmt->assigned = var;
	return 0;
}

static int parse_verb(const struct vec_source *source, struct lexer *lexer, struct stmt *stmt)
{
	struct token first = lex_next(lexer), verb = first;
	struct lexer ahead = *lexer;
	bool assigns = lex_next(&ahead).kind == TOK_EQUALS;

	if (assigns) {
		*lexer = ahead;
		verb = lex_next(lexer);
	}
	stmt->verb = verb.kind == TOK_WORD ? verb_find(&verb) : NULL;
	if (!stmt->verb)
		return vec_unexpected(source, &verb, "a verb");
	if (!assigns && stmt->verb->makes)
		return vec_error(source, verb.column,
				 "expected \"name = %s ...\": its result is kept",
				 stmt->verb->name);
	return assigns ? parse_assignment(source, &first, stmt) : 0;
}

/* The rest of the line up to a comment, taken as it stands. */
static int parse_expected(const struct vec_source *source, struct lexer *lexer, struct stmt *stmt)
{
	const char *start = lexer->at, *end = start;
	struct token first = lex_next(lexer);

	if (first.kind == TOK_END)
		return vec_unexpected(source, &first, "a result after \"=>\"");
	while (*end && !(*end == '#' && is_space(end[-1])))
		end++;
	while (is_space(end[-1]))
		end--;
	first.len = end - first.text;
	stmt->expected_column = first.column;
	if (!token_copy(&first, stmt->expected, sizeof(stmt->expected)))
		return vec_error(source, first.column, "expected a result below %u characters",
				 VEC_RESULT_SIZE);
	return 0;
}

int stmt_parse(const struct vec_source *source, struct lexer *lexer, struct stmt *stmt)
{
	struct token token;

	*stmt = (struct stmt){0};
	if (parse_verb(source, lexer, stmt) || parse_args(source, lexer, stmt, &token))
		return -EINVAL;
	if (token.kind == TOK_END)
		return 0;
	if (token.kind != TOK_ARROW)
		return vec_unexpected(source, &token, "\"=>\" or the end of the line");
	return parse_expected(source, lexer, stmt);
}

/* ---- header -------------------------------------------------------------------------------- */

static int parse_e820_type(const struct vec_source *source, const struct token *token, u32 *type)
{
	static const struct flag_name names[] = {
		{"usable", E820_RAM}, {"reserved", E820_RESERVED}, {"acpi", E820_ACPI},
		{"nvs", E820_NVS},    {"unusable", E820_UNUSABLE}, {NULL, 0},
	};
	u64 value;

	if (token->kind == TOK_WORD && parse_flags(token, names, &value) == 0) {
		*type = value;
		return 0;
	}
	if (token->kind != TOK_WORD || !is_digit(*token->text))
		return vec_unexpected(source, token,
				      "usable, reserved, acpi, nvs, unusable or a number");
	if (parse_number(source, token, 'n', &value))
		return -EINVAL;
	*type = value;
	return 0;
}

static int add_e820(const struct vec_source *source, unsigned int column,
		    struct boot_params *params, struct e820_entry entry)
{
	if (params->nr_e820 == FIRMWARE_E820_MAX)
		return vec_error(source, column, "expected at most %u e820 lines",
				 FIRMWARE_E820_MAX);
	params->e820[params->nr_e820++] = entry;
	return 0;
}

/* e820 START SIZE TYPE */
static int header_e820(const struct vec_source *source, struct lexer *lexer,
		       struct boot_params *params)
{
	struct token start = lex_next(lexer), size = lex_next(lexer), type = lex_next(lexer);
	u64 addr, bytes;
	u32 kind = 0;

	if (parse_number(source, &start, 'z', &addr) || parse_number(source, &size, 'z', &bytes) ||
	    parse_e820_type(source, &type, &kind))
		return -EINVAL;
	return add_e820(source, start.column, params, (struct e820_entry){addr, bytes, kind});
}

/* ram SIZE: a plain PC with so much memory. */
static int header_ram(const struct vec_source *source, struct lexer *lexer,
		      struct boot_params *params)
{
	struct token token = lex_next(lexer);
	u64 size;

	if (parse_number(source, &token, 'z', &size))
		return -EINVAL;
	if (size <= IMAGE_END || size > 0xE0000000)
		return vec_error(source, token.column, "expected a size between 5M and 3584M");
	if (add_e820(source, token.column, params, (struct e820_entry){0, 0xA0000, E820_RAM}))
		return -EINVAL;
	return add_e820(source, token.column, params,
			(struct e820_entry){IMAGE_START, size - IMAGE_START, E820_RAM});
}

static int header_upper(const struct vec_source *source, struct lexer *lexer,
			struct boot_params *params)
{
	struct token token = lex_next(lexer);
	u64 kib;

	if (parse_number(source, &token, 'n', &kib))
		return -EINVAL;
	params->mem_upper_kib = kib;
	return 0;
}

static int header_cmdline(const struct vec_source *source, struct lexer *lexer,
			  struct boot_params *params)
{
	struct token token = lex_next(lexer);

	if (token.kind != TOK_STRING)
		return vec_unexpected(source, &token, "a string");
	if (!token_copy(&token, params->command_line, sizeof(params->command_line)))
		return vec_error(source, token.column, "expected at most %u characters",
				 COMMAND_LINE_SIZE - 1);
	return 0;
}

/* Prose for the reader. */
static int header_text(const struct vec_source *source, struct lexer *lexer,
		       struct boot_params *params __maybe_unused)
{
	struct token token = lex_next(lexer);

	return token.kind == TOK_STRING ? 0 : vec_unexpected(source, &token, "a string");
}

int header_parse(const struct vec_source *source, struct boot_params *params, u32 *seen)
{
	static const struct {
		const char *word;
		bool repeats;
		int (*parse)(const struct vec_source *source, struct lexer *lexer,
			     struct boot_params *params);
	} headers[] = {
		{"about", false, header_text},	    {"source", true, header_text},
		{"e820", true, header_e820},	    {"ram", false, header_ram},
		{"upper_kib", false, header_upper}, {"cmdline", false, header_cmdline},
	};
	struct lexer lexer = {source->line, source->line};
	struct token word = lex_next(&lexer), rest;

	for (unsigned int i = 0; i < ARRAY_SIZE(headers); i++) {
		if (!token_is(&word, headers[i].word))
			continue;
		if (!headers[i].repeats && *seen >> i & 1)
			return vec_error(source, word.column, "found a second \"%s\", expected one",
					 headers[i].word);
		*seen |= 1u << i;
		if (headers[i].parse(source, &lexer, params))
			return -EINVAL;
		rest = lex_next(&lexer);
		return rest.kind == TOK_END ? 0
					    : vec_unexpected(source, &rest, "the end of the line");
	}
	return 1;
}
