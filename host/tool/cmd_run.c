/* run, repl and bench: the rig in the twin, with options for the twin. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arch/layout.h"
#include "tool/junit.h"
#include "tool/tool.h"
#include "tool/twin_run.h"

static const char run_usage[] =
	"usage: pagetwin run [OPTION...] [FILE...]\n"
	"\n"
	"Runs the vectors of the files in the twin; says what happens in KTAP on stdout.\n"
	"  --only GLOB            only vectors whose names match (* and ?)\n"
	"  --conform              the waist's own suite as well\n"
	"  --verify step|end      mm_verify() after each step (default in checked builds) or at "
	"the end\n"
	"  --dump NAME:LINE       print the whole state after that step\n"
	"  --nonce N              name this run\n"
	"  --append WORDS         more words for the command line\n"
	"  --tlb keep|random|none how long the MMU keeps translations (default keep)\n"
	"  --seed N               for --tlb random\n"
	"  --format ktap|junit    what to write (default ktap)\n";

struct run_args {
	struct text command_line;
	struct twin_options twin;
	bool junit;
};

int parse_tlb_mode(const char *word)
{
	if (strcmp(word, "keep") == 0)
		return TWIN_TLB_KEEP;
	if (strcmp(word, "random") == 0)
		return TWIN_TLB_RANDOM;
	return strcmp(word, "none") == 0 ? TWIN_TLB_NONE : -1;
}

int parse_number(const char *option, const char *word, u64 lowest, u64 highest, u64 *number)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(word, &end, 0);
	if (errno || *word < '0' || *word > '9' || *end || value < lowest || value > highest) {
		fprintf(stderr, "pagetwin: %s \"%s\": expected a number from %llu to %llu\n",
			option, word, lowest, highest);
		return EXIT_USAGE;
	}
	*number = value;
	return 0;
}

u64 parse_ram(const char *word)
{
	char *end;
	u64 size = strtoull(word, &end, 0);
	unsigned int shift = *end == 'K' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;

	size <<= shift;
	end += shift != 0;
	return *end || size <= IMAGE_END || size > 0xE0000000u ? 0 : size & PAGE_MASK;
}

static int take_option(struct run_args *args, int option, const char *value)
{
	int mode;

	switch (option) {
	case 'o':
	case 'v':
	case 'd':
	case 'n':
		text_printf(&args->command_line, " %s=%s",
			    option == 'o'   ? "only"
			    : option == 'v' ? "verify"
			    : option == 'd' ? "dump"
					    : "nonce",
			    value);
		return 0;
	case 'c':
		text_printf(&args->command_line, " conform");
		return 0;
	case 'a':
		text_printf(&args->command_line, " %s", value);
		return 0;
	case 't':
		mode = parse_tlb_mode(value);
		args->twin.tlb = mode;
		return mode < 0 ? -1 : 0;
	case 's':
		return parse_number("--seed", value, 0, UINT64_MAX, &args->twin.seed);
	case 'f':
		args->junit = strcmp(value, "junit") == 0;
		return args->junit || strcmp(value, "ktap") == 0 ? 0 : -1;
	default:
		return -1;
	}
}

static int run_junit(const struct twin_job *job)
{
	struct judgement judgement;
	struct text log = {0}, xml = {0};

	enum run_end end = twin_run_child(job, &log, 3600);

	judge(&log, NULL, end, &judgement);
	junit_write(&log, &judgement, "twin", &xml);
	fwrite(xml.data, 1, xml.size, stdout);
	return judgement.verdict;
}

/* ---- progress: on a terminal, when the output goes elsewhere ------------------------------- */

static unsigned int count_results(const char *text, size_t len)
{
	unsigned int count = 0;

	for (const char *at = text; at < text + len; at += strcspn(at, "\n") + 1)
		count += strncmp(at, "ok ", 3) == 0 || strncmp(at, "not ok ", 7) == 0;
	return count;
}

static void write_with_progress(const char *text, size_t len, void *arg)
{
	unsigned int *done = arg;
	char *copy = strndup(text, len);

	fwrite(text, 1, len, stdout);
	if (copy)
		*done += count_results(copy, len);
	fprintf(stderr, "\r%u done", *done);
	free(copy);
}

static void show_progress(struct twin_options *options)
{
	static unsigned int done;

	if (!isatty(STDERR_FILENO) || isatty(STDOUT_FILENO))
		return;
	options->console = write_with_progress;
	options->console_arg = &done;
}

int cmd_run(int argc, char **argv)
{
	static const struct option options[] = {
		{"only", 1, NULL, 'o'}, {"conform", 0, NULL, 'c'}, {"verify", 1, NULL, 'v'},
		{"dump", 1, NULL, 'd'}, {"nonce", 1, NULL, 'n'},   {"append", 1, NULL, 'a'},
		{"tlb", 1, NULL, 't'},	{"seed", 1, NULL, 's'},	   {"format", 1, NULL, 'f'},
		{"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	struct run_args args = {.twin = TWIN_OPTIONS_INIT};
	struct twin_job job;
	int option;

	text_add(&args.command_line, "", 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(run_usage, stdout), 0;
		if (take_option(&args, option, optarg))
			return fputs(run_usage, stderr), EXIT_USAGE;
	}
	job = (struct twin_job){
		.modules = modules_read(argv + optind, argc - optind),
		.nr_modules = argc - optind,
		.command_line = args.command_line.data,
	};
	if (!job.modules)
		return EXIT_USAGE;
	show_progress(&args.twin);
	twin_configure(&args.twin);
	if (args.junit)
		return run_junit(&job);
	return twin_run(&job) == RIG_PASS ? VERDICT_PASS : VERDICT_FAIL;
}

/* ---- repl and bench ------------------------------------------------------------------------ */

static int run_mode(int argc, char **argv, const char *mode, const char *ram_default)
{
	struct twin_job job = {.command_line = mode, .ram = parse_ram(ram_default)};

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			return printf("usage: pagetwin %s [--ram SIZE]\n"
				      "  --ram SIZE   memory of the machine (default %s)\n",
				      mode, ram_default),
			       0;
		if (strcmp(argv[i], "--ram") == 0 && i + 1 < argc && parse_ram(argv[i + 1]))
			job.ram = parse_ram(argv[++i]);
		else
			return fprintf(stderr, "pagetwin %s: \"%s\"? See --help.\n", mode, argv[i]),
			       EXIT_USAGE;
	}
	return twin_run(&job) == RIG_PASS ? VERDICT_PASS : VERDICT_FAIL;
}

int cmd_repl(int argc, char **argv)
{
	return run_mode(argc, argv, "repl", "64M");
}

int cmd_bench(int argc, char **argv)
{
	return run_mode(argc, argv, "bench", "256M");
}
