/* The way into the kernel and back: a system call that does next to nothing, out of ring 3. */
#include "top/bench_priv.h"

#include "arch/machine.h"
#include "exec/syscall.h"

static u32 getppid_calls(unsigned int count)
{
	u64 start = arch_ticks();

	return machine_user_syscalls(SYS_getppid, count) ? 0 : ticks_since(start);
}

const struct bench_row syscall_rows[] = {
	{"system call (getppid), ring 3", getppid_calls, REPEATS, REPEATS, 90, 357},
	{NULL, NULL, 0, 0, 0, 0},
};
