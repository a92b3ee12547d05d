/*
 * Verdicts: what a console log and the way a run ended amount to. Nothing but a complete protocol,
 * as top/ktap.h describes it, with the one right way to end is a pass.
 */
#pragma once

#include "tool/files.h"

/* The values are exit codes of `pagetwin judge` and of ci/boot. */
enum verdict {
	VERDICT_PASS = 0,
	VERDICT_FAIL = 1,  /* a test failed, and the run said so in good order */
	VERDICT_USAGE = 2, /* nothing was run: never the outcome of a log */
	VERDICT_SKIP = 3,  /* nothing failed, but nothing passed either */
	VERDICT_PANIC = 4,
	VERDICT_REBOOT = 5,    /* the machine was reset: a triple fault, or on purpose */
	VERDICT_HANG = 6,      /* it had to be stopped */
	VERDICT_TRUNCATED = 7, /* no end record, or the CRC is not that of what was said */
	VERDICT_WRONG_PLAN = 8,
	VERDICT_WRONG_NONCE = 9, /* an answer to another question */
	VERDICT_DIFFERENT = 10,	 /* twin and image disagree: pagetwin compare only */
};

/* How the run ended, whatever it said. */
enum run_end { END_PASS, END_FAIL, END_PANIC, END_RESET, END_TIMEOUT, END_OTHER };

struct judgement {
	enum verdict verdict;
	unsigned int plan, passed, failed;
	char why[256];
};

/* nonce NULL: any. */
void judge(const struct text *log, const char *nonce, enum run_end end, struct judgement *out);

const char *verdict_name(enum verdict verdict);

/* "reset", "timeout", or the status of QEMU (99, 101, 103) or of the twin (0, 1, 4). */
enum run_end run_end_parse(const char *status);
