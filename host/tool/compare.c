#include "tool/compare.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/junit.h"
#include "tool/log.h"
#include "tool/process.h"
#include "tool/twin_run.h"

/* Lines of a state that are shown to differ; the rest is counted. */
#define MAX_STATE_LINES 40
/* Options of ci/boot besides its files. */
#define BOOT_ARGS 20

void compare_defaults(struct compare_job *job)
{
	static char build[PATH_MAX], boot[PATH_MAX + 32];
	ssize_t len = readlink("/proc/self/exe", build, sizeof(build) - 1);

	build[len > 0 ? len : 0] = '\0';
	*strrchr(build, '/') = '\0';
	snprintf(boot, sizeof(boot), "%s/../../ci/boot", build);
	job->build = build;
	job->boot = boot;
	job->mem = "1100M";
	job->words = "";
	job->seconds = 600;
}

/* ---- running ------------------------------------------------------------------------------- */

static enum verdict run_twin(const struct compare_job *job, const char *words, struct text *log,
			     struct judgement *judgement)
{
	struct twin_job twin = {.nr_modules = job->nr_files};
	struct text line = {0};
	const char *nonce = fresh_nonce();

	twin.modules = modules_read(job->files, job->nr_files);
	if (!twin.modules) {
		*judgement = (struct judgement){.verdict = VERDICT_USAGE};
		return VERDICT_USAGE;
	}
	text_printf(&line, "nonce=%s %s %s", nonce, job->words, words);
	twin.command_line = line.data;
	enum run_end end = twin_run_child(&twin, log, job->seconds);

	judge(log, nonce, end, judgement);
	text_free(&line);
	return judgement->verdict;
}

static enum verdict run_image(const struct compare_job *job, const char *words, struct text *log,
			      struct judgement *judgement)
{
	const char **argv = calloc(BOOT_ARGS + 2 * job->nr_files, sizeof(*argv));
	struct text line = {0}, seconds = {0};
	unsigned int n = 0;
	int status;

	text_printf(&line, "%s %s", job->words, words);
	text_printf(&seconds, "%u", job->seconds);
	argv[n++] = job->boot;
	argv[n++] = "--direct";
	argv[n++] = "--build";
	argv[n++] = job->build;
	argv[n++] = "--mem";
	argv[n++] = job->mem;
	argv[n++] = "--timeout";
	argv[n++] = seconds.data;
	argv[n++] = "--append";
	argv[n++] = line.data;
	for (unsigned int i = 0; i < job->nr_files; i++) {
		argv[n++] = "--module";
		argv[n++] = job->files[i];
	}
	status = process_run(argv, log, job->seconds + 60);
	*judgement = (struct judgement){.verdict = status < 0 ? VERDICT_HANG
						   : status > VERDICT_WRONG_NONCE
							   ? VERDICT_USAGE
							   : (enum verdict)status};
	snprintf(judgement->why, sizeof(judgement->why), "ci/boot ended with %d", status);
	free(argv);
	text_free(&line);
	text_free(&seconds);
	return judgement->verdict;
}

/* ---- saying what differs ------------------------------------------------------------------- */

static void print_line(const char *who, const struct transcript *transcript, size_t index)
{
	if (index < transcript->count)
		printf("  %-6s %.*s\n", who, (int)transcript->lines[index].len,
		       transcript->lines[index].text);
	else
		printf("  %-6s (nothing more)\n", who);
}

/* The "state" lines of a log, which has at most one dump. */
static void state_lines(const struct text *log, struct transcript *state)
{
	struct transcript all;

	transcript_read(&all, log);
	*state = (struct transcript){.copy = all.copy};
	state->lines = calloc(all.count + 1, sizeof(*state->lines));
	for (size_t i = 0; i < all.count; i++) {
		const char *mark = memmem(all.lines[i].text, all.lines[i].len, " state ", 7);

		if (mark && log_line_number(&all.lines[i]))
			state->lines[state->count++] = (struct log_line){
				mark + 7, all.lines[i].text + all.lines[i].len - mark - 7, ""};
	}
	free(all.lines);
}

static bool contains(const struct transcript *transcript, const struct log_line *line)
{
	for (size_t i = 0; i < transcript->count; i++)
		if (transcript->lines[i].len == line->len &&
		    memcmp(transcript->lines[i].text, line->text, line->len) == 0)
			return true;
	return false;
}

static void print_only_in(const char *who, const struct transcript *a, const struct transcript *b)
{
	size_t more = 0;

	for (size_t i = 0; i < a->count; i++) {
		if (contains(b, &a->lines[i]))
			continue;
		if (more++ < MAX_STATE_LINES)
			printf("  only in the %s: %.*s\n", who, (int)a->lines[i].len,
			       a->lines[i].text);
	}
	if (more > MAX_STATE_LINES)
		printf("  and %zu more lines only in the %s\n", more - MAX_STATE_LINES, who);
}

static void explain_state(const struct compare_job *job, const char *vector, unsigned int line)
{
	struct text words = {0}, twin_log = {0}, image_log = {0};
	struct transcript twin, image;
	struct judgement ignored;

	text_printf(&words, "only=%s dump=%s:%u", vector, vector, line);
	run_twin(job, words.data, &twin_log, &ignored);
	run_image(job, words.data, &image_log, &ignored);
	state_lines(&twin_log, &twin);
	state_lines(&image_log, &image);
	printf("state after that step:\n");
	print_only_in("twin", &twin, &image);
	print_only_in("image", &image, &twin);
	transcript_free(&twin);
	transcript_free(&image);
	text_free(&words);
	text_free(&twin_log);
	text_free(&image_log);
}

static void explain(const struct compare_job *job, const struct transcript *twin,
		    const struct transcript *image, size_t at)
{
	const struct transcript *longer = at < twin->count ? twin : image;
	const struct log_line *line = &longer->lines[at];
	unsigned int number = log_line_number(line);

	printf("difference in vector \"%s\", at its line %u:\n", line->vector, number);
	print_line("twin", twin, at);
	print_line("image", image, at);
	if (number && *line->vector)
		explain_state(job, line->vector, number);
	fflush(stdout);
}

/* Copies the build id that a log names, "" for none. */
static void build_of(const struct text *log, char *id, size_t size)
{
	const char *line = log->data ? strstr(log->data, "\n# pagetwin ") : NULL;
	const char *at = line ? strstr(line, " build=") : NULL;
	size_t len = at ? strcspn(at + 7, " \r\n") : 0;

	snprintf(id, size, "%.*s", (int)len, at ? at + 7 : "");
}

/* A twin and an image of different sources may differ, or agree, for no reason at all. */
static bool same_build(const struct text *twin, const struct text *image)
{
	char a[64], b[64];

	build_of(twin, a, sizeof(a));
	build_of(image, b, sizeof(b));
	if (*a && strcmp(a, b) == 0)
		return true;
	fprintf(stderr,
		"pagetwin: the twin is build %s, the image is build \"%s\": build both anew\n", a,
		b);
	return false;
}

/* The vector that a side was in when it went wrong: the last one begun, or the first "not ok". */
static void find_failing(const struct transcript *transcript, struct text *failing)
{
	const char *name = transcript->count ? transcript->lines[transcript->count - 1].vector : "";

	for (size_t i = 0; i < transcript->count; i++)
		if (strncmp(transcript->lines[i].text, "not ok ", 7) == 0) {
			name = transcript->lines[i].vector;
			break;
		}
	text_printf(failing, "%s", name);
}

/* The image's log as JUnit XML; differing, unless NULL, has at line `at` what the sides do not
 * share. */
static void print_junit(const struct text *log, enum verdict verdict,
			const struct transcript *differing, long at)
{
	struct judgement judgement;
	struct text xml = {0};

	judge(log, NULL, verdict == VERDICT_FAIL ? END_FAIL : END_PASS, &judgement);
	judgement.verdict = verdict;
	if (differing)
		snprintf(judgement.why, sizeof(judgement.why),
			 "twin and image differ in vector \"%s\", at its line %u",
			 differing->lines[at].vector, log_line_number(&differing->lines[at]));
	junit_write(log, &judgement, "compare", &xml);
	fwrite(xml.data, 1, xml.size, stdout);
	text_free(&xml);
}

enum verdict compare_run(const struct compare_job *job, struct text *failing)
{
	struct text twin_log = {0}, image_log = {0};
	struct transcript twin, image;
	struct judgement twin_judged, image_judged;
	enum verdict verdict = run_image(job, "", &image_log, &image_judged);
	long at;

	if (verdict == VERDICT_USAGE)
		return verdict;
	if (run_twin(job, "", &twin_log, &twin_judged) == VERDICT_USAGE)
		return VERDICT_USAGE;
	/* A pass that names no build is no pass; other verdicts may have come before the head. */
	if (verdict == VERDICT_PASS && image_log.size && !same_build(&twin_log, &image_log))
		return VERDICT_USAGE;
	transcript_read(&twin, &twin_log);
	transcript_read(&image, &image_log);
	at = transcript_difference(&twin, &image);
	if (!job->quiet)
		printf("twin: %s: %s\nimage: %s: %s\n", verdict_name(twin_judged.verdict),
		       twin_judged.why, verdict_name(image_judged.verdict), image_judged.why);
	if (verdict == VERDICT_PASS)
		verdict = twin_judged.verdict;
	if (verdict == VERDICT_PASS && !image.count)
		verdict = VERDICT_TRUNCATED; /* whatever the command was, it booted no image */
	if (verdict == VERDICT_PASS && at >= 0)
		verdict = VERDICT_DIFFERENT;
	if (at >= 0 && failing)
		text_printf(failing, "%s",
			    ((size_t)at < twin.count ? &twin : &image)->lines[at].vector);
	else if (verdict != VERDICT_PASS && failing)
		find_failing(&image, failing);
	if (at >= 0 && !job->quiet)
		explain(job, &twin, &image, at);
	else if (verdict == VERDICT_PASS && !job->quiet)
		printf("same: %zu transcript lines\n", twin.count);
	if (job->junit)
		print_junit(&image_log, verdict,
			    at >= 0 ? (size_t)at < twin.count ? &twin : &image : NULL, at);
	transcript_free(&twin);
	transcript_free(&image);
	text_free(&twin_log);
	text_free(&image_log);
	return verdict;
}
