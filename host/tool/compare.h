/* Both sides over the same vectors. */
#pragma once

#include "tool/judge.h"

struct compare_job {
	char *const *files; /* paths of vector files */
	unsigned int nr_files;
	const char *words; /* further words for both command lines */
	const char *mem;   /* the image's memory */
	const char *boot;  /* the command that boots it, ci/boot */
	const char *build; /* the build folder whose image it boots */
	unsigned int seconds;
	bool quiet; /* no words about a difference */
	bool junit; /* JUnit XML on stdout instead of words: a testcase for each vector */
};

/*
 * Runs the twin and the image and compares their transcripts. Returns VERDICT_PASS,
 * VERDICT_DIFFERENT, or the verdict of the side that did not pass (the image's first). Says on
 * stdout what differs: vector, step, and the state in words, for which both are run again.
 * - failing NULL, or set to the name of the vector in question, "" if none.
 */
enum verdict compare_run(const struct compare_job *job, struct text *failing);

/* Fills in boot and build from where this program stands: BUILD/pagetwin, ci/boot two folders up.
 */
void compare_defaults(struct compare_job *job);
