/* One run of the rig in the twin. */
#pragma once

#include "tool/judge.h"
#include "twin/twin.h"

struct twin_job {
	const struct rig_module *modules;
	unsigned int nr_modules;
	const char *command_line;
	u64 ram; /* bytes of a plain PC's map, for repl and bench; 0: none */
};

/* Runs the job in this process, output to stdout. Returns RIG_PASS or RIG_FAIL; exits on a panic.
 */
enum rig_status twin_run(const struct twin_job *job);

/*
 * Runs it in a child, output collected into log, which the console callback may otherwise hold
 * back. Returns how it ended.
 */
enum run_end twin_run_child(const struct twin_job *job, struct text *log, unsigned int seconds);

/* A nonce that no other run has: PID and time. Static storage. */
const char *fresh_nonce(void);
