/*
 * The machine as a whole: starting it, its options, resetting and splitting it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "arch/layout.h"
#include "twin/console.h"
#include "twin/layout.h"
#include "twin/machine_priv.h"
#include "twin/mmu.h"
#include "twin/ram.h"
#include "twin/trap.h"
#include "twin/window.h"

struct twin_machine machine;

const char machine_name[] = "twin";

/*
 * Read by sanitizers, where the program has them: SIGSEGV and the signal stack are the machine's,
 * and guest memory holds no pointers that a leak search could follow.
 */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:"
	       "allow_user_segv_handler=1:use_sigaltstack=0:detect_leaks=0";
}

const char *__ubsan_default_options(void);
const char *__ubsan_default_options(void)
{
	return "print_stacktrace=1:halt_on_error=1";
}

/* Returns what is wrong with the options, or NULL. */
static const char *options_error(const struct twin_options *o)
{
	if (o->tlb != TWIN_TLB_KEEP && o->tlb != TWIN_TLB_RANDOM && o->tlb != TWIN_TLB_NONE)
		return "unknown TLB mode";
	if (o->ram_size % PAGE_SIZE || o->ram_size > RAM_MAX)
		return "RAM must be whole pages and at most 4 GiB";
	if (o->ram_size < IMAGE_END)
		return "RAM must hold the image region";
	if (o->cpu_features & ~(ARCH_CPU_PSE | ARCH_CPU_PGE))
		return "unknown CPU feature";
	return NULL;
}

static int start_failed(const char *what, const char *why)
{
	fprintf(stderr, "pagetwin: cannot start the twin: %s: %s\n", what, why);
	return TWIN_EXIT_HOST;
}

int twin_start(int argc __maybe_unused, char **argv, const struct twin_options *options)
{
	const char *wrong = options_error(options);
	int err;

	if (wrong)
		return start_failed("options", wrong);
	if (layout_claim(argv) < 0)
		return TWIN_EXIT_HOST;
	err = ram_create();
	if (err)
		return start_failed("guest RAM", strerror(-err));
	err = window_reserve();
	if (err)
		return start_failed("kernel addresses", strerror(-err));
	err = trap_init();
	if (err)
		return start_failed("signals", strerror(-err));
	console_init();
	panic_prepare();
	machine.options = *options;
	twin_reset(false);
	return 0;
}

void twin_configure(const struct twin_options *options)
{
	const char *wrong = options_error(options);

	if (wrong)
		twin_panicf(TWIN_PANIC_WAIST, "twin_configure: %s", wrong);
	machine.options = *options;
	twin_reset(false);
}

const struct twin_options *twin_current_options(void)
{
	return &machine.options;
}

void twin_set_console(twin_console_t console, void *arg)
{
	machine.options.console = console;
	machine.options.console_arg = arg;
}

void twin_set_on_panic(twin_on_panic_t on_panic, void *arg)
{
	machine.options.on_panic = on_panic;
	machine.options.panic_arg = arg;
}

void twin_reset(bool zero_ram)
{
	panic_reset();
	trap_reset();
	cpu_reset();
	mmu_reset();
	ram_unpin_all();
	machine.fault_handler = NULL;
	machine.syscall_handler = NULL;
	window_flush_all();
	if (zero_ram)
		ram_zero();
}

const struct twin_stats *twin_statistics(void)
{
	return &machine.stats;
}

void twin_clear_statistics(void)
{
	machine.stats = (struct twin_stats){0};
}

bool machine_ram_usable(u64 start, u64 end)
{
	return start <= end && end <= machine.options.ram_size;
}

/* ---- fork ---------------------------------------------------------------------------------- */

/* Tells the parent how it went; it waits for that, since until then both write the same RAM. */
static int split_in_child(int pipe_fd)
{
	int err = ram_detach();

	/* The kernel's mappings are of the old RAM; losing them all is a TLB's right. */
	if (!err)
		err = window_reserve();
	if (write(pipe_fd, &err, sizeof(err)) != sizeof(err))
		err = -EIO;
	close(pipe_fd);
	return err;
}

static int wait_for_child(int pipe_fd, pid_t pid)
{
	int err;

	if (read(pipe_fd, &err, sizeof(err)) != sizeof(err))
		err = -EIO;
	close(pipe_fd);
	if (err)
		waitpid(pid, NULL, 0);
	return err;
}

pid_t twin_fork(void)
{
	int fds[2];
	pid_t pid;
	int err;

	twin_console_flush();
	if (pipe(fds) < 0)
		return -errno;
	pid = fork();
	if (pid < 0) {
		err = -errno;
		close(fds[0]);
		close(fds[1]);
		return err;
	}
	if (pid == 0) {
		close(fds[0]);
		if (split_in_child(fds[1]))
			_exit(TWIN_EXIT_HOST);
		return 0;
	}
	close(fds[1]);
	err = wait_for_child(fds[0], pid);
	return err ? err : pid;
}
