/*
 * The callers, by frame pointers: all of the program keeps them, the C library does not. So the
 * chain is followed upward only, within the stack that it begins on, and ends where it leaves the
 * program's text.
 */
#include <pthread.h>
#include <signal.h>

#include "twin/machine_priv.h"

/* The linker's names for the bounds of the program's text. */
extern const char __executable_start[], etext[];

/* The end of the main stack, and the signal stack, on which the kernel's fault handler runs. */
static unsigned long main_end, signal_start, signal_end;

void backtrace_prepare(void)
{
	pthread_attr_t attr;
	stack_t signals;
	void *start;
	size_t size;

	if (pthread_getattr_np(pthread_self(), &attr) == 0) {
		if (pthread_attr_getstack(&attr, &start, &size) == 0)
			main_end = (unsigned long)start + size;
		pthread_attr_destroy(&attr);
	}
	if (sigaltstack(NULL, &signals) == 0) {
		signal_start = (unsigned long)signals.ss_sp;
		signal_end = signal_start + signals.ss_size;
	}
}

static bool in_text(unsigned long pc)
{
	return pc >= (unsigned long)__executable_start && pc < (unsigned long)etext;
}

/* This frame's caller is where the first address is asked for: its frame holds it. */
unsigned int arch_backtrace(unsigned long *pcs, unsigned int max)
{
	unsigned long here = (unsigned long)__builtin_frame_address(0);
	unsigned long end = here >= signal_start && here < signal_end ? signal_end : main_end;
	unsigned long at = *(unsigned long *)here, last = here;
	unsigned int nr = 0;

	while (nr < max && at > last && at % sizeof(long) == 0 && at < end &&
	       end - at >= 2 * sizeof(long)) {
		const unsigned long *frame = (const unsigned long *)at;

		if (!in_text(frame[1]))
			break;
		pcs[nr++] = frame[1];
		last = at;
		at = frame[0];
	}
	return nr;
}
