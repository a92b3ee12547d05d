/*
 * The vector language: shapes shared by its lexer, parser, interpreter and verbs. docs/vectors.md
 * is the reference for people.
 *
 * A vector is read twice, by the same parser: once to check everything that can be checked without
 * running, then line by line while it runs. Nothing of a vector is stored but its variables, so its
 * length has no limit.
 */
#pragma once

#include "arch/pte.h"
#include "boot/boot_params.h"
#include "phys/gfp.h"
#include "phys/page.h"
#include "top/mm_init.h"
#include "top/rig.h"

#define VEC_MAX_ARGS 8
#define VEC_MAX_VARS 256
#define VEC_NAME_SIZE 64
#define VEC_LINE_SIZE 512

/* ---- lexer --------------------------------------------------------------------------------- */

enum token_kind { TOK_END, TOK_WORD, TOK_STRING, TOK_EQUALS, TOK_ARROW, TOK_BAD };

/* A token points into its line; strings exclude their quotes. */
struct token {
	enum token_kind kind;
	const char *text;
	unsigned int len;
	unsigned int column; /* from 1 */
};

/* A line, NUL-terminated, and where in it the lexer stands. */
struct lexer {
	const char *line;
	const char *at;
};

struct token lex_next(struct lexer *lexer);
bool token_is(const struct token *token, const char *text);
/* Copies the token's text; false when it does not fit. */
bool token_copy(const struct token *token, char *buf, size_t size);

/* ---- where we are, and what is wrong ------------------------------------------------------- */

struct vec_source {
	const char *name;
	const char *text, *end;
	const char *next; /* start of the next line */
	unsigned int line_number;
	unsigned int bad_column; /* of the line's first control character; 0: it has none */
	char line[VEC_LINE_SIZE];
};

void source_open(struct vec_source *source, const struct rig_module *module);
/*
 * The next line into source->line: 1; 0 at the end of the text; -EINVAL for one with a control
 * character (but for tabs, and a CR before LF), -E2BIG for one that is too long: read on behind
 * them.
 */
int source_next(struct vec_source *source);

/* Reports "file:line:column: found ..., expected ..." and returns -EINVAL. */
int vec_error(const struct vec_source *source, unsigned int column, const char *fmt, ...)
	__printf(3, 4);
int vec_unexpected(const struct vec_source *source, const struct token *token,
		   const char *expected);

/* ---- variables and statements -------------------------------------------------------------- */

enum var_type { VAR_NONE, VAR_PAGE, VAR_PGD, VAR_CACHE, VAR_OBJECT, VAR_POOL, VAR_TASK, VAR_FILE };

struct var {
	char name[VEC_NAME_SIZE];
	enum var_type type;
	union {
		struct page *page; /* NULL: the allocation failed */
		pgd_t *pgd;
		struct kmem_cache *cache;
		struct mempool *pool;
		struct task_struct *task; /* NULL: it ended, or never was */
		struct file *file;	  /* a reference of the variable's, or NULL */
		struct {		  /* of kmem_cache_alloc(), kmalloc(), mempool_alloc() */
			void *object;
			struct kmem_cache *of; /* NULL: kmalloc's */
			struct mempool *from;  /* whose element it is, or NULL */
			u32 size;	       /* bytes that may be used */
			bool live;	       /* not freed yet */
		};
		void *value;
	};
};

/*
 * An argument's type is a letter of its verb's signature:
 *   n  number, 32 bits        N  number, 64 bits          z  size in bytes, K M G allowed
 *   g  gfp flags              r  page rights              w  word
 *   p  page variable          d  page-directory variable, or swapper
 *   c  cache variable         o  object variable          k  flags of a cache
 *   m  memory-pool variable   t  task variable
 *   f  file variable, or none
 *   x  constants of system calls: Linux's names and numbers, joined by |
 * "name:letter"; a "?" behind it makes it and the ones after it optional.
 */
struct arg {
	char type; /* 0: left out */
	u64 number;
	struct var *var; /* NULL for swapper, or none */
	char word[VEC_NAME_SIZE];
};

struct stmt;

struct verb {
	const char *name;
	const char *signature; /* "order:n gfp:g?" */
	enum var_type makes;   /* type of the variable to assign, VAR_NONE for none */
	enum mm_stage stage;   /* the earliest in which it may run */
	enum mm_stage last;    /* the latest */
	void (*run)(struct stmt *stmt);
	const char *help;
};

#define VEC_RESULT_SIZE 256

struct stmt {
	const struct verb *verb;
	struct var *assigned;
	struct arg args[VEC_MAX_ARGS];
	unsigned int nr_args;
	unsigned int expected_column;	/* 0: no expectation is stated */
	char expected[VEC_RESULT_SIZE]; /* text behind "=>" */
	char result[VEC_RESULT_SIZE];
};

/* NULL, or the verb of that name. Verbs live in tables, one a subject: verbs_*.c. */
const struct verb *verb_find(const struct token *name);
void for_each_verb(void (*fn)(const struct verb *verb));

struct verb_table {
	const struct verb *verbs;
	unsigned int count;
};
extern const struct verb_table boot_verbs, page_verbs, zone_verbs, mmu_verbs, kmem_verbs,
	show_verbs, tamper_verbs, leak_verbs, fault_verbs, mempool_verbs, kasan_verbs, task_verbs,
	file_verbs, mmap_verbs, access_verbs, rmap_verbs, syscall_verbs;

/* Runs a statement's verb: where stack traces end (base/stacktrace.h). */
void trace_root_verb(struct stmt *stmt);

/* Sets a statement's result. */
void __printf(2, 3) stmt_result(struct stmt *stmt, const char *fmt, ...);
/* "ok", or the error's name: "-ENOMEM". */
void stmt_result_err(struct stmt *stmt, int err);
const char *errno_name(int err);

void vars_clear(void);
/* The variable of that name, made if need be; NULL when the table is full. */
struct var *var_get(const struct token *name);
struct var *var_find(const struct token *name);
void for_each_var(void (*fn)(struct var *var, void *arg), void *arg);

/*
 * Parses a statement of source->line, from the lexer's first token on. Returns 0, or -EINVAL with
 * the error reported. Variables are declared as they are assigned.
 */
int stmt_parse(const struct vec_source *source, struct lexer *lexer, struct stmt *stmt);

/* The bits of constants, "PROT_READ|0x10": 0, or -EINVAL for what is none. top/vec_constants.c */
int parse_constants(const struct token *token, u64 *bits);

/* ---- vectors ------------------------------------------------------------------------------- */

/*
 * Parses one header line into params; 1 if it was none (a statement), 0, or -EINVAL, reported.
 * *seen keeps which headers a vector has had: most may come once.
 */
int header_parse(const struct vec_source *source, struct boot_params *params, u32 *seen);

enum vec_event {
	VEC_EOF,
	VEC_ERROR,  /* reported; reading goes on behind the line */
	VEC_BEGIN,  /* reader->name */
	VEC_STMT,   /* reader->stmt */
	VEC_OUTPUT, /* reader->output: a line that the statement before is to print */
	VEC_END,
};

/* Reads modules as a row of events, header lines and blank ones taken in on the way. */
struct vec_reader {
	struct vec_source source;
	enum { OUTSIDE, IN_HEADER, IN_STEPS } where;
	char name[VEC_NAME_SIZE];
	unsigned int name_line, name_column;
	struct boot_params params; /* complete at the first VEC_STMT */
	u32 headers_seen;
	struct stmt stmt;
	const char *output;
};

void vec_open(struct vec_reader *reader, const struct rig_module *module);
enum vec_event vec_read(struct vec_reader *reader);

/*
 * Reads all modules without running them. Returns how many vectors match the glob `only` ("*" and
 * "?", NULL for all), or -EINVAL when there is any error, each reported.
 */
int vec_check(const struct rig_config *config, const char *only);

bool glob_matches(const char *glob, const char *name);

struct run_options {
	const char *only;
	bool verify_steps; /* mm_verify() after each step, else only at the end of a vector */
	bool no_digest;	   /* steps are said without the state's digest, which nobody compares */
	bool sweep;	   /* each vector once for each of its allocations: top/vec_sweep.h */
	bool unjudged;	   /* what steps say is not compared with what the vector expects */
	const char *dump;  /* "NAME:LINE": print show_state() after that step, or NULL */
};

/* Runs all matching vectors of checked modules. */
void vec_run(const struct rig_config *config, const struct run_options *options);

/* Are vectors run for what shadow memory says alone? Its memory is where they know others'. */
bool vec_is_unjudged(void);

/* Runs one parsed statement against the live memory manager; its output goes to the console. */
int vec_run_interactive(struct stmt *stmt, const struct vec_source *source);

/* ---- matching ------------------------------------------------------------------------------ */

/*
 * Does text match pattern, word by word? In a pattern "*" stands for any one word, "..." for any
 * rest.
 */
bool vec_matches(const char *pattern, const char *text);
