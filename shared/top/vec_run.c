/* The interpreter: runs vectors against the live memory manager and reports each step. */
#include "top/vec.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "base/errno.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "base/kasan.h"
#include "boot/e820.h"
#include "top/ktap.h"
#include "top/mm_digest.h"
#include "top/mm_show.h"
#include "top/mm_verify.h"
#include "top/vec_sweep.h"
#include "top/verbs.h"

/* What one step may print: the free lists of a badly fragmented gibibyte fit. */
#define OUTPUT_SIZE (256u << 10)

/* The rig's own state. */
static struct {
	const struct run_options *options;
	char output[OUTPUT_SIZE];
	unsigned int output_len;
	unsigned int output_at; /* start of the line that the next "|" is compared with */
	bool overflow, lines_expected, failed;
} run;

/* ---- output -------------------------------------------------------------------------------- */

static void capture(const char *text, size_t len)
{
	if (len > OUTPUT_SIZE - run.output_len) {
		run.overflow = true;
		return;
	}
	memcpy(run.output + run.output_len, text, len);
	run.output_len += len;
}

/* The line at offset, without its newline; *next is where the one after it starts. */
static unsigned int output_line(unsigned int offset, unsigned int *next)
{
	unsigned int end = offset;

	while (end < run.output_len && run.output[end] != '\n')
		end++;
	*next = end + 1;
	return end - offset;
}

static void say_output(unsigned int line_number)
{
	unsigned int next;

	for (unsigned int at = 0; at < run.output_len; at = next) {
		unsigned int len = output_line(at, &next);

		ktap_say("#  %u | %.*s\n", line_number, (int)len, run.output + at);
	}
}

/* ---- failing ------------------------------------------------------------------------------- */

static void __printf(3, 4)
	fail(const struct vec_source *source, unsigned int column, const char *fmt, ...)
{
	char text[KTAP_LINE_SIZE / 2];
	va_list args;

	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (sweep_is_on())
		ktap_say("# fail %s:%u:%u: sweep, allocation %u failing: %s\n", source->name,
			 source->line_number, column, sweep_nth(), text);
	else
		ktap_say("# fail %s:%u:%u: %s\n", source->name, source->line_number, column, text);
	run.failed = true;
}

/* ---- results ------------------------------------------------------------------------------- */

void stmt_result(struct stmt *stmt, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(stmt->result, sizeof(stmt->result), fmt, args);
	va_end(args);
}

const char *errno_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{EPERM, "-EPERM"},	   {ENOENT, "-ENOENT"},
		{ESRCH, "-ESRCH"},	   {EIO, "-EIO"},
		{E2BIG, "-E2BIG"},	   {EBADF, "-EBADF"},
		{EAGAIN, "-EAGAIN"},	   {ENOMEM, "-ENOMEM"},
		{EACCES, "-EACCES"},	   {EFAULT, "-EFAULT"},
		{EBUSY, "-EBUSY"},	   {EEXIST, "-EEXIST"},
		{EFBIG, "-EFBIG"},	   {ENODEV, "-ENODEV"},
		{EINVAL, "-EINVAL"},	   {ENOSPC, "-ENOSPC"},
		{ENOSYS, "-ENOSYS"},	   {ERANGE, "-ERANGE"},
		{EOVERFLOW, "-EOVERFLOW"}, {EOPNOTSUPP, "-EOPNOTSUPP"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].err == -err)
			return names[i].name;
	return "-E?";
}

void stmt_result_err(struct stmt *stmt, int err)
{
	stmt_result(stmt, "%s", err ? errno_name(err) : "ok");
}

/* ---- the machine's RAM --------------------------------------------------------------------- */

/*
 * Low memory above the image that the vector calls RAM must be there for the taking. Below 640 KiB
 * every PC has RAM, whatever its BIOS keeps of it; it is not called any more.
 */
static bool range_is_real(u64 start, u64 size)
{
	u64 end = min(start + size, (u64)MAXMEM);

	start = max(start, (u64)IMAGE_END);
	return start >= end || machine_ram_usable(start, end);
}

static bool map_is_real(const struct e820_entry *map, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++)
		if (map[i].type == E820_RAM && !range_is_real(map[i].addr, map[i].size))
			return false;
	return true;
}

static bool machine_has(const struct boot_params *params)
{
	return map_is_real(params->e820, params->nr_e820) &&
	       range_is_real(IMAGE_START, (u64)params->mem_upper_kib << 10);
}

static void fail_for_ram(const struct vec_source *source)
{
	fail(source, 1, "the vector's RAM is not all there on this machine");
}

/* ---- one step ------------------------------------------------------------------------------ */

/* The statement as written, without indentation, expectation and comment. */
static unsigned int stmt_text(const char *line, const char **start)
{
	const char *end;

	while (is_space(*line))
		line++;
	*start = end = line;
	while (*end && *end != '#' && strncmp(end, "=>", 2) != 0)
		end++;
	while (end > line && is_space(end[-1]))
		end--;
	return end - line;
}

/* Shadow memory takes boot memory: vectors that state pfns and counts are run for its reports. */
bool vec_is_unjudged(void)
{
	return CONFIG_KASAN && run.options && run.options->unjudged;
}

static bool stage_allows(const struct verb *verb)
{
	return mm_stage() >= verb->stage && mm_stage() <= verb->last;
}

static void verify(const struct vec_source *source, bool deep)
{
	unsigned int violations = mm_verify(deep);

	if (violations)
		fail(source, 1, "mm_verify() found %u violations", violations);
}

static bool dump_wanted(const char *name, unsigned int line)
{
	const char *dump = run.options->dump, *end;
	size_t len = strlen(name);
	u64 number;

	return dump && strncmp(dump, name, len) == 0 && dump[len] == ':' &&
	       parse_u64(dump + len + 1, &number, &end) == 0 && number == line;
}

static void dump_state(unsigned int line)
{
	run.output_len = 0;
	show_state();
	for (unsigned int at = 0, next; at < run.output_len; at = next) {
		unsigned int len = output_line(at, &next);

		ktap_say("#  %u state %.*s\n", line, (int)len, run.output + at);
	}
	run.output_len = 0;
}

void __noipa trace_root_verb(struct stmt *stmt)
{
	stmt->verb->run(stmt);
	barrier(); /* or else the call is a jump */
}

static void say_step(const struct vec_reader *reader, bool with_digest)
{
	const char *text;
	unsigned int len = stmt_text(reader->source.line, &text);
	unsigned int line = reader->source.line_number;

	say_output(line);
	if (with_digest)
		ktap_say("#  %u %.*s => %s @%016llx\n", line, (int)len, text, reader->stmt.result,
			 mm_digest());
	else
		ktap_say("#  %u %.*s => %s\n", line, (int)len, text, reader->stmt.result);
}

static bool result_is_expected(const struct stmt *stmt)
{
	return !stmt->expected_column || vec_matches(stmt->expected, stmt->result);
}

/* A step of a sweep says something only if something is wrong. */
static void check_swept_step(struct vec_reader *reader)
{
	const struct vec_source *source = &reader->source;
	unsigned int violations = 0;
	bool fired = sweep_end_step(source->line_number), left = false;

	if (fired && !tampered())
		violations = mm_verify(false);
	if (fired && !tampered() && strncmp(reader->stmt.result, "-E", 2) == 0)
		left = sweep_left_something();
	if (violations || left || (!sweep_has_fired() && !result_is_expected(&reader->stmt)))
		say_step(reader, false);
	if (violations)
		fail(source, 1, "mm_verify() found %u violations", violations);
	if (left)
		fail(source, 1, "the step failed, and left something behind");
}

static void run_stmt(struct vec_reader *reader)
{
	struct vec_source *source = &reader->source;
	struct stmt *stmt = &reader->stmt;

	run.output_len = run.output_at = 0;
	run.overflow = run.lines_expected = false;
	if (!stage_allows(stmt->verb)) {
		fail(source, 1, "%s runs in stages %s to %s, this is %s", stmt->verb->name,
		     mm_stage_names[stmt->verb->stage], mm_stage_names[stmt->verb->last],
		     mm_stage_names[mm_stage()]);
		return;
	}
	sweep_begin_step(source->line_number);
	trace_root_verb(stmt);
	if (sweep_is_on()) {
		check_swept_step(reader);
	} else {
		if (run.options->verify_steps && !tampered())
			verify(source, false);
		say_step(reader, !run.options->no_digest);
	}
	if (!map_is_real(e820.map, e820.nr_map)) /* the command line may have added some */
		fail_for_ram(source);
	if (run.overflow)
		fail(source, 1, "the step printed more than %u bytes", OUTPUT_SIZE);
	if (!vec_is_unjudged() && !sweep_has_fired() && !result_is_expected(stmt))
		fail(source, stmt->expected_column, "result \"%s\", expected \"%s\"", stmt->result,
		     stmt->expected);
	if (!sweep_is_on() && dump_wanted(reader->name, source->line_number))
		dump_state(source->line_number);
}

/* Does it begin with "..."? That, and nothing at all, is what matches nothing; "*" is one word. */
static bool is_any_rest(const char *pattern)
{
	return vec_matches(pattern, "") && !vec_matches("", pattern);
}

/* A "|" line. "| ..." alone accepts any rest. */
static void check_output(struct vec_reader *reader)
{
	char line[VEC_LINE_SIZE];
	unsigned int next, len = output_line(run.output_at, &next);

	run.lines_expected = true;
	if (sweep_has_fired())
		return;
	if (is_any_rest(reader->output)) {
		run.output_at = run.output_len;
		return;
	}
	if (run.output_at >= run.output_len) {
		fail(&reader->source, 1, "no more output, expected \"%s\"", reader->output);
		return;
	}
	scnprintf(line, sizeof(line), "%.*s", (int)len, run.output + run.output_at);
	if (!vec_matches(reader->output, line))
		fail(&reader->source, 1, "output \"%s\", expected \"%s\"", line, reader->output);
	run.output_at = next;
}

static void check_output_complete(const struct vec_reader *reader)
{
	unsigned int next, len;

	if (run.failed || !run.lines_expected || run.output_at >= run.output_len ||
	    sweep_has_fired())
		return;
	len = output_line(run.output_at, &next);
	fail(&reader->source, 1, "output \"%.*s\" of the step before, expected no more", (int)len,
	     run.output + run.output_at);
}

/* Reports that nobody said would come fail the vector: clean ones are silent. After an allocation
 * failed there may be fewer than were said. */
static void check_reports(const struct vec_source *source)
{
	if (run.failed || (sweep_has_fired() && kasan_reports() < kasan_expected_reports()))
		return;
	if (kasan_reports() != kasan_expected_reports())
		fail(source, 1, "shadow memory made %u reports, expected %u", kasan_reports(),
		     kasan_expected_reports());
}

/* ---- one vector ---------------------------------------------------------------------------- */

static void begin_steps(struct vec_reader *reader)
{
	if (!machine_has(&reader->params)) {
		fail_for_ram(&reader->source);
		return;
	}
	arch_set_fault_handler(NULL);
	arch_set_syscall_handler(NULL);
	tamper_reset();
	mm_reset();
	*boot_params_page = reader->params;
	if (sweep_is_on())
		sweep_begin_run();
}

/* Runs the steps that are to be read, up to the vector's end. */
static void run_steps(struct vec_reader *reader)
{
	bool begun = false;

	run.failed = run.lines_expected = false;
	for (;;) {
		enum vec_event event = vec_read(reader);

		if (event == VEC_ERROR)
			run.failed = true;
		if (event == VEC_END)
			break;
		if (run.failed)
			continue;
		if (event == VEC_OUTPUT) {
			if (!vec_is_unjudged())
				check_output(reader);
			continue;
		}
		check_output_complete(reader);
		if (!begun && !run.failed)
			begin_steps(reader);
		begun = true;
		if (!run.failed)
			run_stmt(reader);
	}
	check_output_complete(reader);
	run.output_len = run.output_at = 0;
	if (!run.failed)
		verify(&reader->source, true);
	if (CONFIG_KASAN)
		check_reports(&reader->source);
	if (run.failed)
		say_output(reader->source.line_number);
}

static void sweep_vector(struct vec_reader *reader)
{
	static struct vec_reader start;

	start = *reader;
	sweep_begin_vector(start.name);
	do {
		*reader = start;
		vars_clear();
		run_steps(reader);
	} while (!run.failed && sweep_has_fired());
	sweep_end_vector();
}

static void run_vector(struct vec_reader *reader)
{
	ktap_say("# vector %s %s:%u\n", reader->name, reader->source.name, reader->name_line);
	if (run.options->sweep)
		sweep_vector(reader);
	else
		run_steps(reader);
	ktap_result(!run.failed, reader->name);
}

void vec_run(const struct rig_config *config, const struct run_options *options)
{
	static struct vec_reader reader;
	printk_sink_t former = printk_set_sink(capture);

	run.options = options;
	for (unsigned int i = 0; i < config->nr_modules; i++) {
		enum vec_event event;

		vec_open(&reader, &config->modules[i]);
		while ((event = vec_read(&reader)) != VEC_EOF)
			if (event == VEC_BEGIN &&
			    (!options->only || glob_matches(options->only, reader.name)))
				run_vector(&reader);
	}
	printk_set_sink(former);
}

int vec_run_interactive(struct stmt *stmt, const struct vec_source *source)
{
	if (!stage_allows(stmt->verb))
		return vec_error(source, 1, "%s does not run in stage %s", stmt->verb->name,
				 mm_stage_names[mm_stage()]);
	trace_root_verb(stmt);
	if (mm_verify(false))
		printk("mm_verify() found violations\n");
	printk("=> %s @%016llx\n", stmt->result, mm_digest());
	return 0;
}
