/*
 * fuzz: random vectors in batches. A batch that does not pass is searched for the vector at fault,
 * and that vector is shrunk: ever smaller runs of steps are left out for as long as it still goes
 * wrong (Zeller's ddmin, one granularity after the other).
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/as_vectors.h"
#include "tool/compare.h"
#include "tool/fuzz_gen.h"
#include "tool/tool.h"
#include "tool/twin_run.h"

static const char usage[] =
	"usage: pagetwin fuzz [OPTION...]\n"
	"\n"
	"Runs random vectors and shrinks one that goes wrong, into fuzz-SEED.vec.\n"
	"  --seed N       of the first vector (default 1); the next ones count up\n"
	"  --steps M      random steps in all (default 10000)\n"
	"  --length L     steps a vector (default 500)\n"
	"  --kind KIND    kernel: pages, objects, page tables; as: address spaces, each step with\n"
	"                 what a model expects; all: a quarter as, the rest kernel (default)\n"
	"  --both         run the image too, and compare\n"
	"  --print        print the vectors instead of running them\n"
	"  --tlb MODE     as for pagetwin run\n"
	"  --save DIR     where to write the shrunk vector (default .)\n"
	"  --build DIR, --boot COMMAND, --mem SIZE\n"
	"                 as for pagetwin compare\n";

/* Steps that go into one run: a boot of the image, or a fork of the twin. */
#define BATCH_STEPS 10000
#define SHRINK_TIMEOUT 60
/* A vector is text in memory; the number of vectors fits 32 bits. */
#define MAX_LENGTH 100000
#define MAX_STEPS 1000000000

struct fuzz {
	enum fuzz_kind kind;
	u64 seed, steps, length;
	bool both, print;
	const char *save;
	struct compare_job compare;
};

/* ---- running one text ---------------------------------------------------------------------- */

static enum verdict run_twin(const struct text *vectors, struct text *failing)
{
	struct rig_module module = {"fuzz.vec", vectors->data, vectors->size};
	struct twin_job job = {.modules = &module, .nr_modules = 1, .command_line = "digest=none"};
	struct judgement judgement;
	struct text log = {0};
	enum run_end end = twin_run_child(&job, &log, 1800);
	const char *last = NULL;

	judge(&log, NULL, end, &judgement);
	/* Vectors run one after the other: the first to fail, or the last to begin. */
	const char *at = judgement.verdict == VERDICT_PASS ? NULL : log.data;

	for (; at && (at = strstr(at, "# vector ")); at++) {
		const char *bad = strstr(at, "\nnot ok "), *next = strstr(at + 1, "# vector ");

		last = at;
		if (bad && (!next || bad < next))
			break;
	}
	if (failing && judgement.verdict != VERDICT_PASS && last) {
		last += strlen("# vector ");
		text_add(failing, last, strcspn(last, " \n"));
		printf("%s: %s\n", verdict_name(judgement.verdict), judgement.why);
	}
	text_free(&log);
	return judgement.verdict;
}

static enum verdict run_both(const struct fuzz *fuzz, const struct text *vectors,
			     struct text *failing)
{
	char path[] = "/tmp/pagetwin-fuzz-XXXXXX";
	char *files[] = {path};
	struct compare_job job = fuzz->compare;
	int fd = mkstemp(path);
	enum verdict verdict = VERDICT_USAGE;

	if (fd < 0) {
		perror("pagetwin fuzz");
		return VERDICT_USAGE;
	}
	close(fd);
	job.files = files;
	job.nr_files = 1;
	job.quiet = failing == NULL;
	if (file_write(path, vectors) == 0)
		verdict = compare_run(&job, failing);
	unlink(path);
	return verdict;
}

static enum verdict run(const struct fuzz *fuzz, const struct text *vectors, struct text *failing)
{
	return fuzz->both ? run_both(fuzz, vectors, failing) : run_twin(vectors, failing);
}

/* ---- shrinking ----------------------------------------------------------------------------- */

/* A vector as lines, some left out. */
struct lines {
	char **text;
	bool *left_out;
	size_t count;
};

static void split_lines(struct lines *lines, char *text)
{
	size_t room = 0;

	*lines = (struct lines){0};
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (lines->count == room) {
			room = room * 2 + 64;
			lines->text = realloc(lines->text, room * sizeof(*lines->text));
		}
		lines->text[lines->count++] = line;
	}
	lines->left_out = calloc(lines->count, sizeof(*lines->left_out));
}

/* What is expected of a step depends on those before it: the model writes it anew. */
static struct text join_lines(const struct lines *lines)
{
	struct text text = {0}, judged = {0};

	for (size_t i = 0; i < lines->count; i++)
		if (!lines->left_out[i])
			text_printf(&text, "%s\n", lines->text[i]);
	as_vectors_rewrite(&text, &judged);
	text_free(&text);
	return judged;
}

/*
 * Leaving out an assignment makes its uses errors, and an erroneous vector fails as well: that is
 * not the failure that was found. A vector that does not even parse never counts.
 */
static bool still_parses(const struct text *vector)
{
	struct rig_module module = {"fuzz.vec", vector->data, vector->size};
	struct twin_job job = {.modules = &module, .nr_modules = 1, .command_line = "digest=none"};
	struct text log = {0};
	bool parses;

	twin_run_child(&job, &log, SHRINK_TIMEOUT);
	parses = !strstr(log.data, "\n# error ");
	text_free(&log);
	return parses;
}

static bool still_fails(const struct fuzz *fuzz, const struct lines *lines, enum verdict verdict)
{
	struct text vector = join_lines(lines);
	bool fails = still_parses(&vector) && run(fuzz, &vector, NULL) == verdict;

	text_free(&vector);
	return fails;
}

/* Tries to leave out the lines [at, end) that are left; true if it still goes wrong without them.
 */
static bool leave_out(const struct fuzz *fuzz, struct lines *lines, enum verdict verdict, size_t at,
		      size_t end)
{
	size_t size = (end - at) * sizeof(*lines->left_out);
	bool *saved = malloc(size), gone = false;

	if (saved && memchr(lines->left_out + at, 0, size)) {
		memcpy(saved, lines->left_out + at, size);
		memset(lines->left_out + at, 1, size);
		gone = still_fails(fuzz, lines, verdict);
		if (!gone)
			memcpy(lines->left_out + at, saved, size);
	}
	free(saved);
	return gone;
}

/* The header and "boot" stay: without them a vector fails for another reason. */
static size_t first_step(const struct lines *lines)
{
	size_t i = 0;

	while (i < lines->count && strcmp(lines->text[i], "boot") != 0 &&
	       strcmp(lines->text[i], "boot_to kmem") != 0 &&
	       strcmp(lines->text[i], "boot_to up") != 0)
		i++;
	return i + 1;
}

/*
 * Halves, quarters and so on down to single lines; those again and again until none can go, since a
 * line may be needed only by one after it.
 */
static void shrink(const struct fuzz *fuzz, struct lines *lines, enum verdict verdict)
{
	size_t first = first_step(lines), last = lines->count - 1; /* "end" */
	size_t chunk = max((last - first) / 2, 1u);

	for (;;) {
		bool any = false;

		for (size_t at = first; at < last; at += chunk)
			any |= leave_out(fuzz, lines, verdict, at, min(at + chunk, last));
		if (chunk > 1)
			chunk /= 2;
		else if (!any)
			return;
	}
}

/* What comes of the vector without those that ran before it, or beside it. */
static enum verdict run_alone(const struct fuzz *fuzz, const struct lines *lines)
{
	struct text vector = join_lines(lines);
	enum verdict verdict = run(fuzz, &vector, NULL);

	text_free(&vector);
	return verdict;
}

static void report(const struct fuzz *fuzz, unsigned long long seed)
{
	struct text vector = {0}, path = {0}, shrunk;
	struct lines lines;
	enum verdict verdict;

	fuzz_generate(&vector, fuzz->kind, "fuzz/shrunk", seed, fuzz->length);
	split_lines(&lines, vector.data);
	verdict = run_alone(fuzz, &lines);
	if (verdict != VERDICT_PASS) {
		printf("seed %llu goes wrong (%s); shrinking %zu lines\n", seed,
		       verdict_name(verdict), lines.count);
		fflush(stdout);
		shrink(fuzz, &lines, verdict);
	} else {
		printf("seed %llu goes wrong, but alone it passes\n", seed);
	}
	shrunk = join_lines(&lines);
	text_printf(&path, "%s/fuzz-%llu.vec", fuzz->save, seed);
	if (file_write(path.data, &shrunk) == 0)
		printf("%s:\n%s", path.data, shrunk.data);
}

/* ---- the run ------------------------------------------------------------------------------- */

static int run_batch(const struct fuzz *fuzz, unsigned long long seed, unsigned int vectors)
{
	struct text text = {0}, failing = {0};
	enum verdict verdict;

	for (unsigned int i = 0; i < vectors; i++) {
		struct text name = {0};

		text_printf(&name, "fuzz/%llu", seed + i);
		fuzz_generate(&text, fuzz->kind, name.data, seed + i, (unsigned int)fuzz->length);
		text_free(&name);
	}
	if (fuzz->print) {
		fwrite(text.data, 1, text.size, stdout);
		return VERDICT_PASS;
	}
	verdict = run(fuzz, &text, &failing);
	text_free(&text);
	if (verdict == VERDICT_USAGE || verdict == VERDICT_PASS)
		return verdict;
	if (failing.size > 5)
		report(fuzz, strtoull(failing.data + 5, NULL, 10));
	return verdict;
}

static int fuzz_all(const struct fuzz *fuzz)
{
	unsigned int length = min(fuzz->length, fuzz->steps), done = 0;
	unsigned int vectors = DIV_ROUND_UP(fuzz->steps, length);
	unsigned int batch = max(BATCH_STEPS / length, 1u);
	struct fuzz run_as = *fuzz;

	run_as.length = length;
	while (done < vectors) {
		unsigned int now = min(batch, vectors - done);
		int verdict = run_batch(&run_as, fuzz->seed + done, now);

		if (verdict != VERDICT_PASS)
			return verdict;
		done += now;
		if (isatty(STDERR_FILENO))
			fprintf(stderr, "\r%u of %u vectors", done, vectors);
	}
	if (isatty(STDERR_FILENO))
		fputc('\n', stderr);
	if (!fuzz->print)
		printf("%u vectors of %u random steps: no failure\n", done, length);
	return VERDICT_PASS;
}

static int parse_kind(const char *word, enum fuzz_kind *kind)
{
	static const char *const words[] = {"all", "kernel", "as"};

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
		if (strcmp(words[i], word) == 0) {
			*kind = (enum fuzz_kind)i;
			return 0;
		}
	fprintf(stderr, "pagetwin: --kind is all, kernel or as, not \"%s\"\n", word);
	return EXIT_USAGE;
}

int cmd_fuzz(int argc, char **argv)
{
	static const struct option options[] = {
		{"seed", 1, NULL, 's'}, {"steps", 1, NULL, 'n'}, {"length", 1, NULL, 'l'},
		{"both", 0, NULL, 'b'}, {"print", 0, NULL, 'p'}, {"tlb", 1, NULL, 't'},
		{"save", 1, NULL, 'o'}, {"build", 1, NULL, 'd'}, {"boot", 1, NULL, 'c'},
		{"mem", 1, NULL, 'm'},	{"help", 0, NULL, 'h'},	 {"kind", 1, NULL, 'k'},
		{NULL, 0, NULL, 0},
	};
	struct fuzz fuzz = {.seed = 1, .steps = 10000, .length = 500, .save = "."};
	struct twin_options twin = TWIN_OPTIONS_INIT;
	int option, mode = twin.tlb, bad = 0;

	compare_defaults(&fuzz.compare);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 's')
			bad |= parse_number("--seed", optarg, 0, UINT64_MAX, &fuzz.seed);
		else if (option == 'n')
			bad |= parse_number("--steps", optarg, 1, MAX_STEPS, &fuzz.steps);
		else if (option == 'l')
			bad |= parse_number("--length", optarg, 1, MAX_LENGTH, &fuzz.length);
		else if (option == 'k')
			bad |= parse_kind(optarg, &fuzz.kind);
		else if (option == 'b')
			fuzz.both = true;
		else if (option == 'p')
			fuzz.print = true;
		else if (option == 't')
			mode = parse_tlb_mode(optarg);
		else if (option == 'o')
			fuzz.save = optarg;
		else if (option == 'd')
			fuzz.compare.build = optarg;
		else if (option == 'c')
			fuzz.compare.boot = optarg;
		else if (option == 'm')
			fuzz.compare.mem = optarg;
		else
			return fputs(usage, option == 'h' ? stdout : stderr),
			       option == 'h' ? 0 : EXIT_USAGE;
	}
	if (bad)
		return EXIT_USAGE;
	if (mode < 0 || optind < argc)
		return fputs(usage, stderr), EXIT_USAGE;
	twin.tlb = mode;
	twin_configure(&twin);
	return fuzz_all(&fuzz);
}
