#include "tool/twin_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "boot/boot_params.h"
#include "build_id.h"
#include "suites.h"
#include "tool/process.h"

static void set_boot_params(const struct twin_job *job)
{
	struct boot_params *params = boot_params_page;

	memset(params, 0, sizeof(*params));
	snprintf(params->loader, sizeof(params->loader), "pagetwin");
	if (!job->ram)
		return;
	params->nr_e820 = 2;
	params->e820[0] = (struct e820_entry){0, 0xA0000, E820_RAM};
	params->e820[1] = (struct e820_entry){IMAGE_START, job->ram - IMAGE_START, E820_RAM};
}

enum rig_status twin_run(const struct twin_job *job)
{
	struct rig_config config = {
		.build_id = BUILD_ID,
		.command_line = job->command_line,
		.modules = job->modules,
		.nr_modules = job->nr_modules,
		.suites = test_suites,
		.nr_suites = nr_test_suites,
	};

	twin_reset(false);
	set_boot_params(job);
	enum rig_status status = rig_main(&config);

	twin_console_flush();
	return status;
}

/* ---- in a child ---------------------------------------------------------------------------- */

static void write_all(const char *text, size_t len, void *arg)
{
	int fd = *(int *)arg;

	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0)
			_exit(TWIN_EXIT_HOST);
		text += n;
		len -= n;
	}
}

static void child(int fd, void *arg)
{
	twin_set_console(write_all, &fd);
	enum rig_status status = twin_run(arg);

	/* exit(), not _exit(): coverage counters are written at exit. */
	exit(status == RIG_PASS ? 0 : 1);
}

enum run_end twin_run_child(const struct twin_job *job, struct text *log, unsigned int seconds)
{
	int status = process_call(child, (void *)job, log, seconds);
	char text[16];

	if (status < 0)
		return END_TIMEOUT;
	snprintf(text, sizeof(text), "%d", status);
	return run_end_parse(text);
}

const char *fresh_nonce(void)
{
	static unsigned int serial;
	static char nonce[40];
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	snprintf(nonce, sizeof(nonce), "%x-%lx-%x", getpid(), (unsigned long)ts.tv_nsec, ++serial);
	return nonce;
}
