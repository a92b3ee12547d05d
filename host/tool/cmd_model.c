#include <stdio.h>
#include <string.h>

#include "tool/as_vectors.h"
#include "tool/judge.h"
#include "tool/tool.h"

static const char usage[] =
	"usage: pagetwin model [--print] FILE...\n"
	"\n"
	"Compares what vectors expect of address spaces with a model of Linux's, which runs "
	"nothing:\n"
	"it predicts. What the model and a vector say otherwise is printed, and the exit code is "
	"1.\n"
	"  --print        print the vectors instead, with the model's results\n";

static void print_rewritten(const struct rig_module *file)
{
	struct text in = {0}, out = {0};

	text_add(&in, file->text, file->size);
	as_vectors_rewrite(&in, &out);
	fwrite(out.data, 1, out.size, stdout);
	text_free(&in);
	text_free(&out);
}

int cmd_model(int argc, char **argv)
{
	struct as_tally tally = {0};
	struct rig_module *files;
	bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
	int first = print ? 2 : 1;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return fputs(usage, stdout), 0;
	if (first >= argc || argv[first][0] == '-')
		return fputs(usage, stderr), EXIT_USAGE;
	files = modules_read(argv + first, argc - first);
	if (!files)
		return EXIT_USAGE;
	for (int i = 0; i < argc - first; i++) {
		if (print)
			print_rewritten(&files[i]);
		else
			as_vectors_judge(&files[i], &tally);
	}
	if (print)
		return 0;
	printf("%u expectations judged, %u differ; %u steps the model cannot judge\n", tally.judged,
	       tally.differ, tally.unknown);
	return tally.differ ? VERDICT_FAIL : VERDICT_PASS;
}
