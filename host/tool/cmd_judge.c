#include <stdio.h>
#include <string.h>

#include "tool/judge.h"
#include "tool/junit.h"
#include "tool/tool.h"

static const char usage[] =
	"usage: pagetwin judge [OPTION...] LOG\n"
	"\n"
	"Reads a console log and says on stderr what it amounts to; the exit code is the verdict.\n"
	"  --nonce N      the nonce that the run was given; without it any will do\n"
	"  --status S     how the run ended: QEMU's exit status, the twin's, \"timeout\" or "
	"\"reset\"\n"
	"  --junit FILE   also write the log as JUnit XML\n"
	"  --suite NAME   the suite's name in it (default: image)\n";

int cmd_judge(int argc, char **argv)
{
	const char *nonce = NULL, *status = "99", *junit = NULL, *suite = "image", *path = NULL;
	struct judgement judgement;
	struct text log = {0};

	for (int i = 1; i < argc; i++) {
		const char **value = strcmp(argv[i], "--nonce") == 0	? &nonce
				     : strcmp(argv[i], "--status") == 0 ? &status
				     : strcmp(argv[i], "--junit") == 0	? &junit
				     : strcmp(argv[i], "--suite") == 0	? &suite
									: NULL;

		if (strcmp(argv[i], "--help") == 0)
			return fputs(usage, stdout), 0;
		if (value && i + 1 < argc)
			*value = argv[++i];
		else if (argv[i][0] != '-' && !path)
			path = argv[i];
		else
			return fprintf(stderr, "pagetwin judge: \"%s\"?\n%s", argv[i], usage),
			       EXIT_USAGE;
	}
	if (!path || file_read(path, &log))
		return path ? EXIT_USAGE : (fputs(usage, stderr), EXIT_USAGE);
	judge(&log, nonce, run_end_parse(status), &judgement);
	fprintf(stderr, "verdict: %s: %s\n", verdict_name(judgement.verdict), judgement.why);
	if (junit) {
		struct text xml = {0};

		junit_write(&log, &judgement, suite, &xml);
		if (file_write(junit, &xml))
			return EXIT_USAGE;
	}
	return judgement.verdict;
}
