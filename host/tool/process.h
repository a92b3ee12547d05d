/* Child processes whose output is collected. */
#pragma once

#include "tool/files.h"

/*
 * Runs argv with stdout collected into out (stderr passes through), for `seconds` at most: the
 * child is killed then. Returns its exit status, 128 + signal, or -1 when it could not be started
 * or was killed for time.
 */
int process_run(const char *const argv[], struct text *out, unsigned int seconds);

/* The same for a function run in a forked copy of this process; fd is where its output goes. */
int process_call(void (*fn)(int fd, void *arg), void *arg, struct text *out, unsigned int seconds);
