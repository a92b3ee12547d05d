/* pagetwin: the command line. */
#include <stdio.h>
#include <string.h>

#include "build_id.h"
#include "tool/tool.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{"run", cmd_run, "run vectors, or the waist's own suite, in the twin"},
	{"compare", cmd_compare, "run vectors in the twin and in the image, and compare each step"},
	{"fuzz", cmd_fuzz, "run random programs, and shrink those that fail"},
	{"repl", cmd_repl, "type operations and see the state"},
	{"show", cmd_show, "show a state, in words or drawn: after boot, or in a vector"},
	{"bench", cmd_bench, "measure operations"},
	{"model", cmd_model, "compare what vectors expect of address spaces with a model"},
	{"judge", cmd_judge, "say what a console log amounts to"},
};

static void print_help(void)
{
	printf("usage: pagetwin COMMAND [OPTION...] [FILE...]\n\ncommands:\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].help);
	printf("\n\"pagetwin COMMAND --help\" tells more. Exit codes of all commands:\n"
	       "  0 pass        1 fail         2 bad usage, or the host cannot run the twin\n"
	       "  3 skip only   4 panic        5 reboot       6 hang\n"
	       "  7 truncated   8 wrong plan   9 wrong nonce  10 twin and image differ\n");
}

int main(int argc, char **argv)
{
	struct twin_options options = TWIN_OPTIONS_INIT;

	if (argc < 2) {
		print_help();
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help();
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0) {
		printf("pagetwin 0.1 build %s\n", BUILD_ID);
		return 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		int status = twin_start(argc, argv, &options);

		return status ? status : commands[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "pagetwin: no command \"%s\"; see pagetwin --help\n", argv[1]);
	return EXIT_USAGE;
}
