#include "tool/as_vectors.h"

#include <stdio.h>
#include <string.h>

#include "tool/as_model.h"
#include "tool/as_names.h"
#include "tool/as_syscall.h"

/* A walk over the lines of vectors, with the model as it is behind the line. */
struct walk {
	struct as_model model;
	bool inside; /* a vector */
	bool lost;   /* the model could not say what a step of it did */
	u64 ram;
	const char *line; /* and its length, without the end of the line */
	size_t length;
	unsigned int number;
	struct as_step step;
	enum as_answer answer;
	char result[128];
	struct text printed; /* by the last step */
	const char *unread;  /* the rest of it, that no "|" line has been compared with; or NULL */
};

static void start(struct walk *walk, u64 ram)
{
	as_model_free(&walk->model);
	as_model_init(&walk->model, ram);
	walk->ram = ram;
	walk->lost = false;
	walk->unread = NULL;
}

/* Takes the line to the model. */
static void perform(struct walk *walk)
{
	const char *line = walk->line + strspn(walk->line, " \t");
	struct as_step *step = &walk->step;
	u64 ram;

	walk->answer = AS_SILENT;
	if (*line == '|' || !as_step_parse(step, walk->line, walk->length))
		return;
	walk->unread = NULL;
	if (strcmp(step->word[0], "vector") == 0) {
		start(walk, 0);
		walk->inside = true;
	} else if (strcmp(step->word[0], "end") == 0) {
		walk->inside = false;
	} else if (strcmp(step->word[0], "ram") == 0) {
		if (step->words == 2 && as_number(step->word[1], &ram))
			start(walk, ram);
	} else if (walk->inside) {
		bool syscall = strcmp(step->word[0], "syscall") == 0;

		if (walk->lost)
			walk->answer = AS_UNKNOWN;
		else if (syscall)
			walk->answer = as_syscall_step(&walk->model, step, walk->result);
		else
			walk->answer = as_model_step(&walk->model, step, walk->result);
		if (walk->answer == AS_UNKNOWN && (syscall || as_model_is_verb(step->word[0])))
			walk->lost = true;
		else if (walk->answer == AS_UNKNOWN)
			walk->answer = AS_SILENT;
	}
	if (walk->answer == AS_ANSWERED) {
		text_free(&walk->printed);
		if (as_model_prints(&walk->model, step, &walk->printed))
			walk->unread = walk->printed.data ? walk->printed.data : "";
	}
}

static bool next(struct walk *walk, const struct text *text)
{
	const char *end = text->data + text->size, *newline;

	walk->line = walk->number ? walk->line + walk->length + 1 : text->data;
	if (!walk->line || walk->line >= end)
		return false;
	newline = memchr(walk->line, '\n', end - walk->line);
	walk->length = (newline ? newline : end) - walk->line;
	walk->number++;
	perform(walk);
	return true;
}

static void finish(struct walk *walk)
{
	as_model_free(&walk->model);
	text_free(&walk->printed);
}

/* ---- judging -------------------------------------------------------------------------------- */

/* Word by word: "*" is any one, in the text one that the model does not know; "..." any rest. */
static bool matches(const char *pattern, size_t pattern_length, const char *text, size_t length)
{
	const char *p = pattern, *t = text, *p_end = p + pattern_length, *t_end = t + length;

	for (;;) {
		while (p < p_end && strchr(" \t\r", *p))
			p++;
		while (t < t_end && strchr(" \t\r", *t))
			t++;
		size_t pn = 0, tn = 0;

		while (p + pn < p_end && !strchr(" \t\r", p[pn]))
			pn++;
		while (t + tn < t_end && !strchr(" \t\r", t[tn]))
			tn++;
		if (pn == 3 && memcmp(p, "...", 3) == 0)
			return true;
		if (!pn || !tn)
			return pn == tn;
		if (!(pn == 1 && *p == '*') && !(tn == 1 && *t == '*') &&
		    (pn != tn || memcmp(p, t, pn) != 0))
			return false;
		p += pn;
		t += tn;
	}
}

static void differ(const struct walk *walk, const char *file, struct as_tally *tally,
		   const char *expected, int length, const char *result, int result_length)
{
	tally->differ++;
	printf("%s:%u: expected \"%.*s\", the model says \"%.*s\"\n", file, walk->number, length,
	       expected, result_length, result);
}

static void judge_result(const struct walk *walk, const char *file, struct as_tally *tally)
{
	const char *expected = walk->step.expected, *result = walk->result;

	if (walk->answer == AS_UNKNOWN)
		tally->unknown++;
	if (walk->answer != AS_ANSWERED || !expected)
		return;
	tally->judged++;
	if (!matches(expected, strlen(expected), result, strlen(result)))
		differ(walk, file, tally, expected, (int)strlen(expected), result,
		       (int)strlen(result));
}

/* A "|" line behind a step that the model can print as well. */
static void judge_line(struct walk *walk, const char *file, struct as_tally *tally)
{
	const char *line = walk->line + strspn(walk->line, " \t");
	const char *text = walk->unread;
	size_t length = walk->line + walk->length - line, text_length;

	if (!walk->length || *line != '|' || !text)
		return;
	line++;
	length--;
	text_length = strcspn(text, "\n");
	if (matches("...", 3, line, length) && length >= 3 &&
	    !strncmp(line + length - 3, "...", 3) && strspn(line, " ") + 3 == length) {
		walk->unread = NULL;
		return;
	}
	tally->judged++;
	if (!matches(line, length, text, text_length))
		differ(walk, file, tally, line, (int)length, text, (int)text_length);
	walk->unread = text[text_length] ? text + text_length + 1 : "";
}

void as_vectors_judge(const struct rig_module *file, struct as_tally *tally)
{
	static struct walk walk;
	struct text text = {0};

	walk = (struct walk){0};
	text_add(&text, file->text, file->size);
	while (next(&walk, &text)) {
		judge_result(&walk, file->name, tally);
		judge_line(&walk, file->name, tally);
	}
	finish(&walk);
	text_free(&text);
}

/* ---- writing -------------------------------------------------------------------------------- */

static bool is_output(const struct walk *walk)
{
	const char *line = walk->line + strspn(walk->line, " \t");

	return line < walk->line + walk->length && *line == '|';
}

/* The lines that a step prints, in place of the vector's own. */
static void write_printed(struct walk *walk, struct text *out)
{
	while (*walk->unread) {
		size_t length = strcspn(walk->unread, "\n");

		text_printf(out, "| %.*s\n", (int)length, walk->unread);
		walk->unread += length + (walk->unread[length] == '\n');
	}
}

void as_vectors_rewrite(const struct text *vectors, struct text *out)
{
	static struct walk walk;

	walk = (struct walk){0};
	while (next(&walk, vectors)) {
		const char *arrow = memmem(walk.line, walk.length, "=>", 2);
		size_t length = walk.length;

		if (is_output(&walk) && walk.unread) {
			write_printed(&walk, out);
			continue;
		}
		if (walk.answer != AS_SILENT && arrow)
			length = arrow - walk.line;
		text_add(out, walk.line, length);
		if (walk.answer == AS_ANSWERED && arrow)
			text_printf(out, "=> %s", walk.result);
		text_add(out, "\n", 1);
	}
	finish(&walk);
}
