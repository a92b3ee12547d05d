/* The ptrace loop: follows every process and thread of the program, and says what happens to
 * calls.c. */
#include "record.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

long ptrace(int request, ...); /* <sys/ptrace.h> and <linux/ptrace.h> do not go together */

#define TRACE_OPTIONS                                                                              \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)
#define SYSCALL_STOP (SIGTRAP | 0x80)

struct options options = {.name = "recorded/program", .about = "a program's calls"};

static struct task tasks[MAX_TASKS];
static struct task *busy; /* in a call on memory */

void die(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fprintf(stderr, "record: ");
	vfprintf(stderr, fmt, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1); /* PTRACE_O_EXITKILL ends the program */
}

/* ---- tasks ---- */

struct task *task_of(pid_t pid)
{
	for (unsigned int i = 0; i < MAX_TASKS; i++)
		if (tasks[i].pid == pid)
			return &tasks[i];
	return NULL;
}

static struct task *task_new(pid_t pid)
{
	struct task *task = task_of(0);

	if (!task)
		die("more than %d tasks at a time", MAX_TASKS);
	*task = (struct task){.pid = pid};
	return task;
}

/* The lowest number that no task has: variables are used again. */
static unsigned int free_number(void)
{
	unsigned int number = 1;

	for (unsigned int i = 0; i < MAX_TASKS; i++) {
		if (tasks[i].pid && tasks[i].number == number) {
			number++;
			i = -1U;
		}
	}
	return number;
}

static void resume(struct task *task, int sig)
{
	if (ptrace(PTRACE_SYSCALL, task->pid, NULL, (void *)(long)sig) && errno != ESRCH)
		die("PTRACE_SYSCALL %d: %s", task->pid, strerror(errno));
}

static void space_put(struct task *task)
{
	struct space *space = task->space;

	task->space = NULL;
	if (!space || --space->users)
		return;
	puppet_end(space);
	free(space);
}

/* ---- what happens to a task ---- */

/* The flags of the clone() that the task is in. */
static uint64_t clone_flags(const struct task *task)
{
	enum { NR_CLONE = 120, NR_VFORK = 190, NR_CLONE3 = 435 };
	uint64_t flags = 0;

	if (task->call.nr == NR_CLONE)
		return task->call.arg[0];
	if (task->call.nr == NR_VFORK)
		return CLONE_VM;
	if (task->call.nr == NR_CLONE3)
		memory_read(task->pid, task->call.arg[0], &flags, sizeof(flags));
	return flags;
}

static void born(struct task *parent)
{
	bool shares = clone_flags(parent) & CLONE_VM;
	unsigned long pid;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	struct task *child = task_of(pid) ?: task_new(pid);

	growth_note(parent);
	child->number = free_number();
	child->caps = parent->caps;
	child->known = true;
	step("p%u = fork p%u%s => ok", child->number, parent->number, shares ? " CLONE_VM" : "");
	if (shares) {
		child->space = parent->space;
	} else {
		child->space = malloc(sizeof(*child->space));
		if (!child->space)
			die("no memory");
		*child->space = *parent->space;
		child->space->users = 0;
		child->space->puppet = puppet_fork(parent->space);
	}
	child->space->users++;
	if (child->stopped)
		resume(child, 0);
}

static void exec_done(struct task *task)
{
	unsigned long former;

	ptrace(PTRACE_GETEVENTMSG, task->pid, NULL, &former);
	if ((pid_t)former != task->pid)
		die("a thread that is not its process's first calls execve()");
	if (task->space && task->space->users == 1)
		maps_state(task);
	space_put(task);
	task->execed = true;
}

static void leaves(struct task *task)
{
	if (busy == task)
		busy = NULL;
	if (!task->space)
		return;
	growth_note(task);
	if (task->space->users == 1)
		maps_state(task);
	step("exit p%u => ok", task->number);
	space_put(task);
	task->number = 0;
}

static void exec_returned(struct task *task)
{
	if (!task->number) {
		task->number = free_number();
		step("p%u = spawn => ok", task->number);
	}
	task->execed = false;
	task->space = calloc(1, sizeof(*task->space));
	if (!task->space)
		die("no memory");
	task->space->users = 1;
	exec_state(task);
	if (!options.touched)
		puppet_make(task);
}

/* Lets the next task that waits for its call have it. */
static void next_call(void)
{
	busy = NULL;
	for (unsigned int i = 0; i < MAX_TASKS && !busy; i++) {
		if (!tasks[i].pid || !tasks[i].waiting)
			continue;
		busy = &tasks[i];
		busy->waiting = false;
		call_enter(busy);
		resume(busy, 0);
	}
}

/* False where the task has to wait. */
static bool syscall_stop(struct task *task)
{
	struct ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, task->pid, (void *)sizeof(info), &info) < 0)
		return true;
	if (info.arch != AUDIT_ARCH_I386)
		die("process %d makes a call of another architecture", task->pid);
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
		task->call = (struct call){.nr = info.entry.nr};
		for (int i = 0; i < 6; i++)
			task->call.arg[i] = info.entry.args[i];
		if (!task->space || !call_concerns(info.entry.nr))
			return true;
		task->waiting = busy != NULL;
		if (busy)
			return false;
		busy = task;
		call_enter(task);
		return true;
	}
	if (task->execed)
		exec_returned(task);
	else if (task->call.open)
		call_leave(task, info.exit.rval);
	if (busy == task)
		next_call();
	return true;
}

static void stopped(struct task *task, int status)
{
	int sig = WSTOPSIG(status), event = status >> 16;

	if (!task->known) {
		task->stopped = true;
		return;
	}
	switch (event) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		born(task);
		sig = 0;
		break;
	case PTRACE_EVENT_EXEC:
		exec_done(task);
		sig = 0;
		break;
	case PTRACE_EVENT_EXIT:
		leaves(task);
		sig = 0;
		break;
	case PTRACE_EVENT_STOP:
		if (sig != SIGTRAP) { /* job control */
			ptrace(PTRACE_LISTEN, task->pid, NULL, NULL);
			return;
		}
		sig = 0;
		break;
	default:
		if (sig != SYSCALL_STOP)
			break;
		if (!syscall_stop(task))
			return;
		sig = 0;
	}
	resume(task, sig);
}

static int follow(pid_t first)
{
	int status, result = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0 || errno == EINTR) {
		struct task *task = pid > 0 ? task_of(pid) : NULL;

		if (pid < 0)
			continue;
		if (!task)
			task = task_new(pid);
		if (WIFSTOPPED(status)) {
			stopped(task, status);
			continue;
		}
		if (pid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (task->space) /* killed without its event */
			leaves(task);
		if (!busy)
			next_call();
		task->pid = 0;
	}
	return result;
}

/* ---- the start ---- */

/* What root starts runs as nobody, without capabilities. */
static void become_nobody(void)
{
	const unsigned int nobody = 65534;

	if (getuid() == 0 && (setgroups(0, NULL) || setresgid(nobody, nobody, nobody) ||
			      setresuid(nobody, nobody, nobody)))
		die("cannot become nobody: %s", strerror(errno));
}

static void set_limits(void)
{
	static const struct {
		int resource;
		rlim_t limit;
	} limits[] = {{RLIMIT_STACK, 8 << 20},
		      {RLIMIT_MEMLOCK, 8 << 20},
		      {RLIMIT_AS, RLIM_INFINITY},
		      {RLIMIT_DATA, RLIM_INFINITY}};

	for (unsigned int i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rlimit limit = {limits[i].limit, RLIM_INFINITY};

		if (setrlimit(limits[i].resource, &limit)) {
			limit.rlim_max = limits[i].limit;
			if (setrlimit(limits[i].resource, &limit))
				die("setrlimit: %s", strerror(errno));
		}
	}
}

static void become(char *const argv[], int go)
{
	char byte;

	personality(ADDR_LIMIT_3GB | ADDR_NO_RANDOMIZE | (options.legacy ? ADDR_COMPAT_LAYOUT : 0));
	set_limits();
	if (options.root && (chroot(options.root) || chdir("/")))
		die("%s: %s", options.root, strerror(errno));
	if (!options.keep_root)
		become_nobody();
	if (read(go, &byte, 1) != 1)
		_exit(127);
	execvp(argv[0], argv);
	fprintf(stderr, "record: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

static pid_t start(char *const argv[])
{
	int go[2];
	pid_t pid;

	fflush(NULL);
	if (pipe2(go, O_CLOEXEC) || (pid = fork()) < 0)
		die("%s", strerror(errno));
	if (pid == 0)
		become(argv, go[0]);
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)TRACE_OPTIONS))
		die("PTRACE_SEIZE: %s", strerror(errno));
	struct task *task = task_new(pid);

	task->known = true;
	if (write(go[1], "", 1) != 1)
		die("%s", strerror(errno));
	close(go[0]);
	close(go[1]);
	return pid;
}

static const char usage[] =
	"usage: record [options] PROGRAM [ARGUMENT...]\n"
	"Runs a 32-bit program and writes what it does with its memory as a vector.\n"
	"  -o FILE    the vector; standard output unless given\n"
	"  -n NAME    its name\n"
	"  -a TEXT    its \"about\" line\n"
	"  -m N       state the mappings after every N steps, not only at the end of each process\n"
	"  -r FOLDER  chroot to it first\n"
	"  -l         the legacy layout: mappings from TASK_SIZE / 3 upwards\n"
	"  -k         root's programs run as root, not as nobody\n"
	"  -t         touched: results of mappings with their pages in, as the program has them\n";

int main(int argc, char *argv[])
{
	int option;

	while ((option = getopt(argc, argv, "+o:n:a:m:r:klth")) != -1) {
		switch (option) {
		case 'o':
			options.out = optarg;
			break;
		case 'n':
			options.name = optarg;
			break;
		case 'a':
			options.about = optarg;
			break;
		case 'm':
			options.every = strtoul(optarg, NULL, 10);
			break;
		case 'r':
			options.root = optarg;
			break;
		case 'k':
			options.keep_root = true;
			break;
		case 'l':
			options.legacy = true;
			break;
		case 't':
			options.touched = true;
			break;
		default:
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		return 2;
	}
	vector_open(argc - optind, argv + optind);
	int result = follow(start(argv + optind));

	vector_close();
	fprintf(stderr, "record: %u steps, the program ended with %d\n", steps_written(), result);
	return 0;
}
