/* show: a state in words, without the protocol around it. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/judge.h"
#include "tool/tool.h"
#include "tool/twin_run.h"

static const char usage[] = "usage: pagetwin show [--ram SIZE] WHAT...\n"
			    "       pagetwin show --vector NAME --line N FILE...\n"
			    "\n"
			    "Boots a memory manager and prints WHAT of its state; or runs a vector "
			    "up to a line and prints the\n"
			    "whole state there.\n"
			    "  memory_map, zones, buddyinfo, free_lists, vmstat, state\n"
			    "  walk ADDRESS   the page-table entries for an address\n"
			    "  --ram SIZE     memory of the machine (default 64M)\n";

/* Prints what follows the mark on each line that has one. */
static bool print_marked(const struct text *log, const char *mark)
{
	bool any = false;

	for (const char *line = log->data; *line;) {
		size_t len = strcspn(line, "\n");
		const char *at = memmem(line, len, mark, strlen(mark));

		if (at && line[0] == '#') {
			at += strlen(mark);
			printf("%.*s\n", (int)(line + len - at), at);
			any = true;
		}
		line += len + (line[len] == '\n');
	}
	return any;
}

static int run_and_print(const struct twin_job *job, const char *mark)
{
	struct text log = {0};
	struct judgement judgement;

	enum run_end end = twin_run_child(job, &log, 600);

	judge(&log, NULL, end, &judgement);
	if (print_marked(&log, mark))
		return 0;
	fprintf(stderr, "pagetwin show: nothing to show: %s\n%s", judgement.why, log.data);
	return VERDICT_FAIL;
}

static int show_fresh(const char *ram, char **words, int count)
{
	struct rig_module module = {.name = "show"};
	struct twin_job job = {.modules = &module, .nr_modules = 1, .command_line = ""};
	struct text vector = {0};

	text_printf(&vector, "vector show\nram %s\nboot\n", ram);
	for (int i = 0; i < count; i++) {
		bool walk = strcmp(words[i], "walk") == 0 && i + 1 < count;

		text_printf(&vector, "%s%s%s\n", words[i], walk ? " swapper " : "",
			    walk ? words[i + 1] : "");
		i += walk;
	}
	text_printf(&vector, "end\n");
	module.text = vector.data;
	module.size = vector.size;
	return run_and_print(&job, " | ");
}

static int show_vector(const char *name, const char *line, char **files, int count)
{
	struct twin_job job = {.nr_modules = count};
	struct text command_line = {0};

	job.modules = modules_read(files, count);
	text_printf(&command_line, "only=%s dump=%s:%s", name, name, line);
	job.command_line = command_line.data;
	return job.modules ? run_and_print(&job, " state ") : EXIT_USAGE;
}

int cmd_show(int argc, char **argv)
{
	static const struct option options[] = {
		{"ram", 1, NULL, 'r'},	{"vector", 1, NULL, 'v'}, {"line", 1, NULL, 'l'},
		{"help", 0, NULL, 'h'}, {NULL, 0, NULL, 0},
	};
	const char *ram = "64M", *vector = NULL, *line = NULL;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'r' && parse_ram(optarg))
			ram = optarg;
		else if (option == 'v')
			vector = optarg;
		else if (option == 'l')
			line = optarg;
		else if (option == 'h')
			return fputs(usage, stdout), 0;
		else
			return fputs(usage, stderr), EXIT_USAGE;
	}
	if (optind == argc || !vector != !line)
		return fputs(usage, stderr), EXIT_USAGE;
	if (vector)
		return show_vector(vector, line, argv + optind, argc - optind);
	return show_fresh(ram, argv + optind, argc - optind);
}
