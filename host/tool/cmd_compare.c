#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/compare.h"
#include "tool/tool.h"

static const char usage[] =
	"usage: pagetwin compare [OPTION...] FILE...\n"
	"\n"
	"Runs the vectors of the files in the twin and in the image of the same build, and "
	"compares what\n"
	"they say step by step. A difference is told with vector, step and the differing state in "
	"words.\n"
	"  --only GLOB      only vectors whose names match\n"
	"  --conform        the waist's own suite as well\n"
	"  --append WORDS   more words for both command lines\n"
	"  --mem SIZE       the image's memory (default 1100M)\n"
	"  --boot COMMAND   what boots the image (default ci/boot of this tree)\n"
	"  --build DIR      the build folder of the image (default this program's own)\n"
	"  --timeout S      seconds for each side (default 600)\n"
	"  --format ktap|junit\n"
	"                   words, or JUnit XML with a testcase for each vector (default ktap)\n";

int cmd_compare(int argc, char **argv)
{
	static const struct option options[] = {
		{"only", 1, NULL, 'o'},	   {"conform", 0, NULL, 'c'}, {"append", 1, NULL, 'a'},
		{"mem", 1, NULL, 'm'},	   {"boot", 1, NULL, 'b'},    {"build", 1, NULL, 'd'},
		{"timeout", 1, NULL, 't'}, {"format", 1, NULL, 'f'},  {"help", 0, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct compare_job job = {0};
	struct text words = {0};
	int option, bad = 0;
	u64 seconds;

	compare_defaults(&job);
	seconds = job.seconds;
	text_add(&words, "", 0);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'o')
			text_printf(&words, " only=%s", optarg);
		else if (option == 'c')
			text_printf(&words, " conform");
		else if (option == 'a')
			text_printf(&words, " %s", optarg);
		else if (option == 'm')
			job.mem = optarg;
		else if (option == 'b')
			job.boot = optarg;
		else if (option == 'd')
			job.build = optarg;
		else if (option == 'f' &&
			 (strcmp(optarg, "junit") == 0 || strcmp(optarg, "ktap") == 0))
			job.junit = job.quiet = strcmp(optarg, "junit") == 0;
		else if (option == 't')
			bad |= parse_number("--timeout", optarg, 1, 86400, &seconds);
		else
			return fputs(usage, option == 'h' ? stdout : stderr),
			       option == 'h' ? 0 : EXIT_USAGE;
	}
	if (bad)
		return EXIT_USAGE;
	job.seconds = seconds;
	job.words = words.data;
	job.files = argv + optind;
	job.nr_files = argc - optind;
	return compare_run(&job, NULL);
}
