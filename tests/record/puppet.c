/*
 * The puppet: a copy of a process, made by a clone() that is put into it right after exec, before
 * its first instruction. It never runs the program. Calls are made in it by pointing its registers
 * at an "int $0x80" of the vdso; so none of its pages is ever touched but those that exec itself
 * wrote, and the kernel treats its mappings as it treats mappings without pages.
 *
 * A puppet is no child that the program could wait for (its exit signal is 0), and has files only
 * for the time of the call that maps them.
 */
#include "record.h"

#include <errno.h>
#include <linux/ptrace.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/user.h>
#include <sys/wait.h>

long ptrace(int request, ...);

enum { PTRACE_CONT_STOPPED = 7, PTRACE_REGISTERS = 12, PTRACE_SET_REGISTERS = 13 };
enum {
	NR_FORK = 2,
	NR_CLOSE = 6,
	NR_ACCESS = 33,
	NR_CLONE = 120,
	NR_MMAP2 = 192,
	NR_PRLIMIT64 = 340,
	NR_PIDFD_OPEN = 434,
	NR_PIDFD_GETFD = 438,
};

static void registers_get(pid_t pid, struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_REGISTERS, pid, NULL, regs))
		die("registers of %d: %s", pid, strerror(errno));
}

static void registers_set(pid_t pid, const struct user_regs_struct *regs)
{
	if (ptrace(PTRACE_SET_REGISTERS, pid, NULL, regs))
		die("registers of %d: %s", pid, strerror(errno));
}

void arguments_get(pid_t pid, uint32_t arg[6])
{
	struct user_regs_struct regs;

	registers_get(pid, &regs);
	arg[0] = regs.ebx;
	arg[1] = regs.ecx;
	arg[2] = regs.edx;
	arg[3] = regs.esi;
	arg[4] = regs.edi;
	arg[5] = regs.ebp;
}

void arguments_set(pid_t pid, const uint32_t arg[6])
{
	struct user_regs_struct regs;

	registers_get(pid, &regs);
	regs.ebx = arg[0];
	regs.ecx = arg[1];
	regs.edx = arg[2];
	regs.esi = arg[3];
	regs.edi = arg[4];
	regs.ebp = arg[5];
	registers_set(pid, &regs);
}

static int wait_stop(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, __WALL) < 0)
		if (errno != EINTR)
			die("waiting for %d: %s", pid, strerror(errno));
	if (!WIFSTOPPED(status))
		die("puppet %d ended", pid);
	return status;
}

/*
 * One call in a process that is stopped outside of any other call. Signals are withheld; *child
 * gets the process that the call makes, stopped at its start.
 */
static uint32_t inject(pid_t pid, uint32_t int80, uint32_t nr, const uint32_t arg[6], pid_t *child)
{
	struct ptrace_syscall_info info;
	struct user_regs_struct regs;

	arguments_set(pid, arg);
	registers_get(pid, &regs);
	regs.eip = int80;
	regs.eax = nr;
	regs.orig_eax = -1;
	registers_set(pid, &regs);
	do {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL))
			die("puppet %d: %s", pid, strerror(errno));
		int event = wait_stop(pid) >> 16;

		if (event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK) {
			unsigned long made;

			ptrace(PTRACE_GETEVENTMSG, pid, NULL, &made);
			*child = made;
			wait_stop(made);
		}
		info.op = PTRACE_SYSCALL_INFO_NONE;
		ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info), &info);
	} while (info.op != PTRACE_SYSCALL_INFO_EXIT);
	return info.exit.rval;
}

/*
 * At the exit stop of execve(). The kernel has loaded the registers with the program's start; the
 * call's traces in the program are removed afterwards.
 */
void puppet_make(struct task *task)
{
	struct space *space = task->space;
	struct user_regs_struct start;
	pid_t child = 0;

	if (!space->int80)
		die("process %d has no vdso with an int $0x80", task->pid);
	registers_get(task->pid, &start);
	inject(task->pid, space->int80, NR_CLONE, (uint32_t[6]){0}, &child);
	if (!child)
		die("process %d cannot be copied", task->pid);
	registers_set(task->pid, &start);
	space->puppet = child;
}

pid_t puppet_fork(struct space *space)
{
	pid_t child = 0;

	if (!space->puppet)
		return 0;
	inject(space->puppet, space->int80, NR_FORK, (uint32_t[6]){0}, &child);
	if (!child)
		die("puppet %d cannot be copied", space->puppet);
	return child;
}

uint32_t puppet_call(struct space *space, uint32_t nr, const uint32_t arg[6])
{
	return inject(space->puppet, space->int80, nr, arg, NULL);
}

/* mmap2(), with the file that its owner has open under the same number. MAP_POPULATE would touch
 * pages. */
uint32_t puppet_mmap(struct space *space, pid_t owner, const uint32_t arg[6])
{
	uint32_t mine[6];
	uint32_t pidfd, fd, result;

	memcpy(mine, arg, sizeof(mine));
	mine[3] &= ~MAP_POPULATE;
	if (arg[3] & MAP_ANONYMOUS)
		return puppet_call(space, NR_MMAP2, mine);
	pidfd = puppet_call(space, NR_PIDFD_OPEN, (uint32_t[6]){owner});
	fd = puppet_call(space, NR_PIDFD_GETFD, (uint32_t[6]){pidfd, arg[4]});
	if (ERRNO_OF(pidfd) || (ERRNO_OF(fd) && ERRNO_OF(fd) != EBADF))
		die("puppet %d gets no file of %d", space->puppet, owner);
	mine[4] = fd;
	result = puppet_call(space, NR_MMAP2, mine);
	if (!ERRNO_OF(fd))
		puppet_call(space, NR_CLOSE, (uint32_t[6]){fd});
	puppet_call(space, NR_CLOSE, (uint32_t[6]){pidfd});
	return result;
}

/* The kernel reads a path from there: as a fault by the program would, that grows the mapping. */
void puppet_grow(struct space *space, uint32_t addr)
{
	if (space->puppet)
		puppet_call(space, NR_ACCESS, (uint32_t[6]){addr});
}

/* prlimit64(); the limit is passed below the stack pointer, in a page that exec wrote. */
uint32_t puppet_limit(struct space *space, uint32_t resource, const uint64_t limit[2])
{
	enum { BELOW = 64 };
	struct user_regs_struct regs;

	registers_get(space->puppet, &regs);
	memory_write(space->puppet, regs.esp - BELOW, limit, 2 * sizeof(*limit));
	return puppet_call(space, NR_PRLIMIT64, (uint32_t[6]){0, resource, regs.esp - BELOW});
}

void puppet_end(struct space *space)
{
	int status;

	if (!space->puppet)
		return;
	kill(space->puppet, SIGKILL);
	/* It stops once more, for PTRACE_EVENT_EXIT. */
	while (waitpid(space->puppet, &status, __WALL) == space->puppet && WIFSTOPPED(status))
		ptrace(PTRACE_CONT_STOPPED, space->puppet, NULL, NULL);
	space->puppet = 0;
}
