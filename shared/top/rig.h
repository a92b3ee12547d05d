/*
 * The rig's entry: what a machine (host/ or kernel/) calls once it can print and take faults.
 */
#pragma once

#include "arch/types.h"

/* A file of vectors, as it was handed to the twin or to the image (a boot module). */
struct rig_module {
	const char *name; /* its path as given, for messages */
	const char *text;
	size_t size; /* bytes; the text need not be NUL-terminated */
};

/* What a test returns that this machine cannot run; the transcript says so of it, and the verdict.
 */
extern const char rig_not_run[];

/* A test in C: returns NULL, or what went wrong. */
struct rig_case {
	const char *name;
	const char *(*run)(void);
};

/* A suite of them, run when its name stands on the command line. */
struct rig_suite {
	const char *name;
	const struct rig_case *cases;
	unsigned int nr_cases;
};

struct rig_config {
	const char *build_id;	  /* the same for twin and image built from the same sources */
	const char *command_line; /* docs/vectors.md, "Command line" */
	const struct rig_module *modules;
	unsigned int nr_modules;
	const struct rig_suite *suites;
	unsigned int nr_suites;
};

enum rig_status {
	RIG_PASS = 0,
	RIG_FAIL = 1,
};

/*
 * Runs what the command line asks for and writes the whole protocol, from "KTAP version 1" to the
 * end record, to the console. boot_params_page holds the firmware's map.
 */
enum rig_status rig_main(const struct rig_config *config);

/*
 * Called by arch_panic() implementations before anything else is printed, so that the protocol says
 * "panic" where a verdict would have stood. Idempotent.
 */
void rig_note_panic(const char *message);
