#include "tool/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* What the log says, line by line. */
struct reading {
	const char *body; /* from "KTAP version" on */
	const char *end;  /* the end record */
	char nonce[64];	  /* of the head */
	bool panicked;
	unsigned int plan, nr_plans, passed, failed, skipped;
	unsigned int garbled;	 /* protocol lines that are not what they must be, or out of turn */
	unsigned int complaints; /* "# fail", "# error" */
	unsigned int after_end;	 /* protocol lines behind the end record */
};

/* The machine's console may end lines with CR LF. Judged is the text without CRs. */
static struct text without_returns(const struct text *log)
{
	struct text clean = {0};

	text_add(&clean, "", 0);
	for (size_t i = 0; i < log->size; i++)
		if (log->data[i] != '\r')
			text_add(&clean, &log->data[i], 1);
	return clean;
}

static bool starts(const char *line, const char *with)
{
	return strncmp(line, with, strlen(with)) == 0;
}

/* The number at text, if what follows it is `then`; *ok tells. */
static unsigned int read_number(const char *text, char then, bool *ok)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	*ok = end != text && *text >= '0' && *text <= '9' && *end == then;
	return number;
}

static bool line_has(const char *line, const char *what)
{
	return memmem(line, strcspn(line, "\n"), what, strlen(what)) != NULL;
}

static void read_result(struct reading *r, const char *line)
{
	bool ok = starts(line, "ok "), sound;
	unsigned int number = read_number(line + (ok ? 3 : 7), ' ', &sound);
	bool skip = line_has(line, "# SKIP");

	if (!sound || number != r->passed + r->failed + r->skipped + 1)
		r->garbled++;
	if (skip)
		r->skipped++;
	else if (ok)
		r->passed++;
	else
		r->failed++;
}

static void read_plan(struct reading *r, const char *line)
{
	bool sound;

	r->plan = read_number(line + 3, '\n', &sound);
	r->nr_plans++;
	r->garbled += !sound;
}

/* "KTAP version 1", and the line that names machine, build and nonce. */
static void read_head(struct reading *r, const char *line)
{
	static const char first[] = "KTAP version 1\n";
	int end = 0;

	r->body = line;
	sscanf(line + strlen(first), "# pagetwin %*[a-z] build=%*[0-9a-f] nonce=%63s%n", r->nonce,
	       &end);
	if (!end || line[strlen(first) + end] != '\n')
		r->garbled++;
}

static bool is_protocol(const char *line)
{
	return starts(line, "KTAP version") || starts(line, "ok ") || starts(line, "not ok ") ||
	       starts(line, "1..") || starts(line, "# ");
}

static void read_line(struct reading *r, const char *line)
{
	/* Wherever in its line: it may have been said in the middle of another. */
	if (line_has(line, "# panic: "))
		r->panicked = true;
	if (!r->body && starts(line, "KTAP version 1\n"))
		read_head(r, line);
	else if (!r->body)
		return;
	else if (r->end)
		r->after_end += is_protocol(line);
	else if (starts(line, "ok ") || starts(line, "not ok "))
		read_result(r, line);
	else if (starts(line, "# end "))
		r->end = line;
	else if (starts(line, "1.."))
		read_plan(r, line);
	else if (starts(line, "KTAP version"))
		r->garbled++;
	else if (starts(line, "# fail ") || starts(line, "# error"))
		r->complaints++;
}

static void set(struct judgement *out, enum verdict verdict, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void set(struct judgement *out, enum verdict verdict, const char *fmt, ...)
{
	va_list args;

	out->verdict = verdict;
	va_start(args, fmt);
	vsnprintf(out->why, sizeof(out->why), fmt, args);
	va_end(args);
}

/* The first things to be wrong: the run did not end by itself, or not as agreed. */
static bool judge_end(const struct reading *r, enum run_end end, struct judgement *out)
{
	if (r->panicked || end == END_PANIC)
		set(out, VERDICT_PANIC, "the kernel panicked");
	else if (end == END_TIMEOUT)
		set(out, VERDICT_HANG, "it had to be stopped when its time was up");
	else if (end == END_RESET)
		set(out, VERDICT_REBOOT, "the machine was reset");
	else if (!r->body)
		set(out, VERDICT_TRUNCATED, "no \"KTAP version 1\" was said");
	else if (!r->end || !strchr(r->end, '\n'))
		set(out, VERDICT_TRUNCATED, "the end record is missing");
	else
		return true;
	return false;
}

static void judge_record(const struct reading *r, const char *nonce, enum run_end end,
			 struct judgement *out)
{
	unsigned int plan, passed, failed, crc;
	int end_of_record = 0;
	unsigned int actual = crc32(0, (const Bytef *)r->body, r->end - r->body);
	char said[64];

	sscanf(r->end, "# end nonce=%63s plan=%u passed=%u failed=%u crc=%8x%n", said, &plan,
	       &passed, &failed, &crc, &end_of_record);
	if (!end_of_record || r->end[end_of_record] != '\n')
		set(out, VERDICT_TRUNCATED, "the end record is damaged");
	else if (r->after_end)
		set(out, VERDICT_TRUNCATED, "something is said behind the end record");
	else if (crc != actual)
		set(out, VERDICT_TRUNCATED, "CRC %08x, the record says %08x", actual, crc);
	else if (nonce && strcmp(nonce, said) != 0)
		set(out, VERDICT_WRONG_NONCE, "nonce %s, expected %s", said, nonce);
	else if (strcmp(r->nonce, said) != 0)
		set(out, VERDICT_WRONG_NONCE, "the head names nonce %s, the end %s", r->nonce,
		    said);
	else if (r->nr_plans != 1 || plan != r->plan || r->garbled ||
		 r->passed + r->failed + r->skipped != plan)
		set(out, VERDICT_WRONG_PLAN, "planned %u, ran %u", r->plan,
		    r->passed + r->failed + r->skipped);
	else if (passed != r->passed || failed != r->failed)
		set(out, VERDICT_WRONG_PLAN,
		    "the record counts %u passed, %u failed; the log %u, %u", passed, failed,
		    r->passed, r->failed);
	else if (r->failed || end == END_FAIL)
		set(out, VERDICT_FAIL, "%u of %u failed", r->failed, plan);
	else if (r->complaints)
		set(out, VERDICT_FAIL, "%u errors were told, and none counted", r->complaints);
	else if (end != END_PASS)
		set(out, VERDICT_TRUNCATED, "it did not end the way a pass ends");
	else if (!r->passed)
		set(out, VERDICT_SKIP, "nothing ran");
	else if (r->skipped)
		set(out, VERDICT_SKIP, "%u of %u were skipped", r->skipped, plan);
	else
		set(out, VERDICT_PASS, "%u of %u passed", r->passed, plan);
}

void judge(const struct text *log, const char *nonce, enum run_end end, struct judgement *out)
{
	struct text clean = without_returns(log);
	struct reading r = {0};

	*out = (struct judgement){0};
	for (const char *line = clean.data; *line;
	     line += strcspn(line, "\n"), line += *line == '\n')
		read_line(&r, line);
	if (memchr(clean.data, 0, clean.size))
		set(out, VERDICT_TRUNCATED, "there is a NUL in the log");
	else if (judge_end(&r, end, out))
		judge_record(&r, nonce, end, out);
	out->plan = r.plan;
	out->passed = r.passed;
	out->failed = r.failed;
	text_free(&clean);
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = {
		[VERDICT_PASS] = "pass",
		[VERDICT_FAIL] = "fail",
		[VERDICT_USAGE] = "usage",
		[VERDICT_SKIP] = "skip",
		[VERDICT_PANIC] = "panic",
		[VERDICT_REBOOT] = "reboot",
		[VERDICT_HANG] = "hang",
		[VERDICT_TRUNCATED] = "truncated",
		[VERDICT_WRONG_PLAN] = "wrong plan",
		[VERDICT_WRONG_NONCE] = "wrong nonce",
		[VERDICT_DIFFERENT] = "different",
	};

	return names[verdict];
}

enum run_end run_end_parse(const char *status)
{
	static const struct {
		const char *status;
		enum run_end end;
	} ends[] = {
		{"timeout", END_TIMEOUT}, {"reset", END_RESET}, {"99", END_PASS}, {"101", END_FAIL},
		{"103", END_PANIC},	  {"0", END_PASS},	{"1", END_FAIL},  {"4", END_PANIC},
	};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(status, ends[i].status) == 0)
			return ends[i].end;
	return END_OTHER;
}
