/*
 * System calls and probes out of ring 3 (arch/machine.h), by instructions of the user stub.
 */
#include "arch/machine.h"
#include "kernel/user.h"
#include "kernel/window.h"

int machine_user_syscall(struct syscall_regs *regs)
{
	struct user_run run;
	int err = user_run_stub(user_stub_syscall, regs, true, &run);

	if (!err)
		*regs = run.regs;
	return err;
}

int machine_user_syscalls(u32 nr, u32 count)
{
	const struct syscall_regs regs = {.ebx = nr, .ecx = count};
	struct user_run run;

	return user_run_stub(user_stub_syscalls, &regs, true, &run);
}

static int probe(const u8 *stub, u32 eax, struct user_exception *exception)
{
	const struct syscall_regs regs = {.ebx = WINDOW_USER_STUB, .eax = eax};
	struct user_run run;
	int err = user_run_stub(stub, &regs, true, &run);

	if (err)
		*exception = run.exception;
	return err;
}

int machine_user_privileged(enum privileged_kind kind, struct user_exception *exception)
{
#define PROBE_ENTRY(name) user_probe_##name,
	static const u8 *const probes[] = {PRIVILEGED_KINDS(PROBE_ENTRY)};
#undef PROBE_ENTRY

	return probe(probes[kind], 0, exception);
}

int machine_user_interrupt(u8 vector, struct user_exception *exception)
{
	return probe(user_stub_int + vector * USER_STUB_INT_SIZE, ~0u, exception);
}
