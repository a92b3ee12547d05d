/* The rig's entry: the command line, and what it asks for. */
#include "top/rig.h"

#include "arch/arch.h"
#include "arch/machine.h"
#include "base/errno.h"
#include "base/kasan.h"
#include "base/parse.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "top/bench.h"
#include "top/ktap.h"
#include "top/mm_init.h"
#include "top/repl.h"
#include "top/vec.h"
#include "top/vec_sweep.h"

static struct {
	char line[COMMAND_LINE_SIZE];
	struct run_options run;
	const char *nonce;
	bool repl, bench;
	u32 suites;		      /* bit n: the n-th suite is wanted */
	bool wrong_plan, wrong_nonce; /* planted, for the judge's own tests */
} options;

/* ---- command line -------------------------------------------------------------------------- */

/* If word is "key=value", its value. */
static char *value_of(char *word, const char *key)
{
	size_t len = strlen(key);

	return strncmp(word, key, len) == 0 && word[len] == '=' ? word + len + 1 : NULL;
}

/* Words that machines and the memory manager's boot read for themselves. */
static bool word_is_of_others(char *word)
{
	static const char *const others[] = {
		"selftest",	   "panic",	 "mem",		"memmap",   "kernelcore",
		"movablecore",	   "page_owner", "page_poison", "kmemleak", "failslab",
		"fail_page_alloc", "slub_debug",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(others); i++)
		if (value_of(word, others[i]))
			return true;
	return false;
}

static bool word_is_suite(const struct rig_config *config, const char *word)
{
	for (unsigned int i = 0; i < config->nr_suites; i++)
		if (strcmp(word, config->suites[i].name) == 0) {
			options.suites |= 1u << i;
			return true;
		}
	return false;
}

static int parse_word(const struct rig_config *config, char *word)
{
	const char *value;

	if (strcmp(word, "repl") == 0)
		options.repl = true;
	else if (strcmp(word, "bench") == 0)
		options.bench = true;
	else if ((value = value_of(word, "nonce")))
		options.nonce = value;
	else if ((value = value_of(word, "only")))
		options.run.only = value;
	else if ((value = value_of(word, "dump")))
		options.run.dump = value;
	else if (strcmp(word, "verify=step") == 0)
		options.run.verify_steps = true;
	else if (strcmp(word, "verify=end") == 0)
		options.run.verify_steps = false;
	else if (strcmp(word, "digest=none") == 0)
		options.run.no_digest = true;
	else if (strcmp(word, "sweep") == 0)
		options.run.sweep = true;
	else if (CONFIG_KASAN && strcmp(word, "expect=none") == 0)
		options.run.unjudged = true;
	else if (strcmp(word, "plant=plan") == 0)
		options.wrong_plan = true;
	else if (strcmp(word, "plant=nonce") == 0)
		options.wrong_nonce = true;
	else
		return word_is_suite(config, word) || word_is_of_others(word) ? 0 : -EINVAL;
	return 0;
}

/* Returns the first word that is not known, or NULL. */
static const char *parse_command_line(const struct rig_config *config)
{
	const char *line = config->command_line;
	const char *unknown = NULL;
	char *at = options.line;

	memset(&options, 0, sizeof(options));
	options.nonce = "none";
	options.run.verify_steps = CONFIG_CHECKED;
	memcpy(options.line, line, strnlen(line, sizeof(options.line) - 1));
	while (*at) {
		char *word = at;

		while (*at && !is_space(*at))
			at++;
		if (*at)
			*at++ = '\0';
		if (*word && parse_word(config, word) && !unknown)
			unknown = word;
	}
	if (options.wrong_nonce)
		options.nonce = "planted";
	return unknown;
}

/* ---- running ------------------------------------------------------------------------------- */

static unsigned int count_cases(const struct rig_config *config)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < config->nr_suites; i++)
		if (options.suites >> i & 1)
			count += config->suites[i].nr_cases;
	return count;
}

const char rig_not_run[] = "not run";

static void run_suite(const struct rig_suite *suite)
{
	for (unsigned int i = 0; i < suite->nr_cases; i++) {
		const char *why;

		mm_reset();
		why = suite->cases[i].run();
		if (why == rig_not_run) {
			ktap_skip(suite->cases[i].name);
			continue;
		}
		if (CONFIG_KASAN && !why && kasan.reports)
			why = "shadow memory made reports";
		if (why)
			ktap_say("# fail %s: %s\n", suite->cases[i].name, why);
		ktap_result(!why, suite->cases[i].name);
	}
	arch_set_fault_handler(NULL);
	arch_set_syscall_handler(NULL);
	mm_reset();
}

/* A protocol of one test whose outcome is known. */
static bool run_one(const char *name, bool passed)
{
	ktap_plan(1);
	ktap_result(passed, name);
	return ktap_end();
}

static bool run_tests(const struct rig_config *config)
{
	int vectors = vec_check(config, options.run.only);
	unsigned int cases = count_cases(config), sweeps = options.run.sweep;

	if (vectors < 0 || vectors + cases == 0) {
		if (vectors == 0)
			ktap_say("# error: no vector to run\n");
		return run_one("vectors", false);
	}
	ktap_plan(vectors + cases + sweeps + options.wrong_plan);
	for (unsigned int i = 0; i < config->nr_suites; i++)
		if (options.suites >> i & 1)
			run_suite(&config->suites[i]);
	if (vectors)
		vec_run(config, &options.run);
	if (sweeps)
		sweep_conclude();
	return ktap_end();
}

enum rig_status rig_main(const struct rig_config *config)
{
	/* Vectors overwrite the page. */
	static struct boot_params firmware;
	const char *unknown = parse_command_line(config);
	bool passed;

	firmware = *boot_params_page;
	mm_state_save();
	if (unknown) {
		ktap_begin(config->build_id, options.nonce);
		ktap_say("# error: command line: unknown word \"%s\"\n", unknown);
		passed = run_one("command-line", false);
	} else if (options.repl || options.bench) {
		/* Typed and printed freely; the protocol follows when it is over. */
		mm_reset();
		*boot_params_page = firmware;
		passed = options.repl ? repl_run() : bench_run();
		ktap_begin(config->build_id, options.nonce);
		passed = run_one(options.repl ? "repl" : "bench", passed);
	} else {
		ktap_begin(config->build_id, options.nonce);
		passed = run_tests(config);
	}
	return passed ? RIG_PASS : RIG_FAIL;
}

void rig_note_panic(const char *message)
{
	sweep_note_panic();
	ktap_panic(message);
}
