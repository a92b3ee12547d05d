/* A step that is being performed, for the files that know what verbs mean. */
#pragma once

#include "tool/as_calls.h"

struct as_doing {
	struct as_call call;
	const struct as_step *step;
	u32 value[AS_WORDS]; /* of the words that are constants */
	bool has[AS_WORDS];
	char *result;
};

enum as_answer as_say(struct as_doing *d, const char *word);
enum as_answer as_say_error(struct as_doing *d, as_result result);
/* What the model does not know is as the vector says. */
enum as_answer as_follow(struct as_doing *d);
/* The file that a variable holds; 0: none. */
u32 as_named_file(const struct as_model *model, const char *variable);

/* ---- as_pages.c ----------------------------------------------------------------------------- */

enum as_answer as_do_load(struct as_doing *d);
enum as_answer as_do_store(struct as_doing *d);
enum as_answer as_do_exec(struct as_doing *d);
enum as_answer as_do_copy(struct as_doing *d);
enum as_answer as_do_touch(struct as_doing *d);
enum as_answer as_do_sum(struct as_doing *d);
enum as_answer as_do_faults(struct as_doing *d);
enum as_answer as_do_rss(struct as_doing *d);
enum as_answer as_do_pte(struct as_doing *d);
enum as_answer as_do_mincore(struct as_doing *d);
enum as_answer as_do_insert_page(struct as_doing *d);

/* ---- as_files.c ----------------------------------------------------------------------------- */

enum as_answer as_do_file(struct as_doing *d);
enum as_answer as_do_open(struct as_doing *d);
enum as_answer as_do_fput(struct as_doing *d);
enum as_answer as_do_file_write(struct as_doing *d);
enum as_answer as_do_file_read(struct as_doing *d);
enum as_answer as_do_ftruncate(struct as_doing *d);
enum as_answer as_do_file_pages(struct as_doing *d);
