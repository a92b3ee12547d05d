#include "tool/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000L + ts.tv_nsec / 1000000;
}

/* Collects until the pipe closes; false when time runs out first. */
static bool collect(int fd, struct text *out, unsigned int seconds)
{
	long deadline = now_ms() + seconds * 1000L;
	char chunk[65536];

	text_add(out, "", 0);
	for (;;) {
		struct pollfd poller = {.fd = fd, .events = POLLIN};
		long left = deadline - now_ms();

		if (left <= 0 || poll(&poller, 1, left) == 0)
			return false;
		ssize_t n = read(fd, chunk, sizeof(chunk));

		if (n == 0)
			return true;
		if (n > 0)
			text_add(out, chunk, n);
		else if (errno != EINTR)
			return false;
	}
}

static int finish(pid_t pid, int fd, struct text *out, unsigned int seconds)
{
	bool ended = collect(fd, out, seconds);
	int status;

	close(fd);
	if (!ended)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (!ended)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int process_call(void (*fn)(int fd, void *arg), void *arg, struct text *out, unsigned int seconds)
{
	int pipes[2];
	pid_t pid;

	fflush(NULL);
	if (pipe(pipes) || (pid = fork()) < 0) {
		perror("pagetwin");
		return -1;
	}
	if (pid == 0) {
		close(pipes[0]);
		fn(pipes[1], arg);
		_exit(127);
	}
	close(pipes[1]);
	return finish(pid, pipes[0], out, seconds);
}

static void exec_child(int fd, void *arg)
{
	char *const *argv = arg;

	if (dup2(fd, STDOUT_FILENO) >= 0)
		execvp(argv[0], argv);
	perror(argv[0]);
}

int process_run(const char *const argv[], struct text *out, unsigned int seconds)
{
	return process_call(exec_child, (void *)argv, out, seconds);
}
