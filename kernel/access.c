/*
 * Accesses on behalf of a vector (arch/machine.h), done by real instructions in the real ring.
 *
 * A user access enters ring 3 at a routine of the user stub. It comes back in one of two ways:
 * through the gate behind the access (done), or because the fault handler refused its page fault. A
 * kernel access is one instruction with an exception-table entry; a fetch of the kernel's is a jump
 * to the same int $0x81 as ring 3's.
 */
#include "arch/machine.h"

#include "arch/layout.h"
#include "base/errno.h"
#include "kernel/cpu.h"
#include "kernel/extable.h"
#include "kernel/trap.h"
#include "kernel/user.h"
#include "kernel/window.h"

/* The two bytes of int $0x81, as a little-endian load sees them. */
#define INT_USER_RETURN (0xcdu | USER_RETURN_VECTOR << 8)
#define INT_USER_RETURN_SIZE 2

struct user_run *user_run;

void user_access_done(const struct trap_frame *frame)
{
	user_run->regs = (struct syscall_regs){
		.ebx = frame->ebx,
		.ecx = frame->ecx,
		.edx = frame->edx,
		.esi = frame->esi,
		.edi = frame->edi,
		.ebp = frame->ebp,
		.eax = frame->eax,
	};
	user_run->eip = frame->eip;
	user_leave(0);
}

void user_access_refused(const struct fault_record *fault)
{
	user_run->fault = *fault;
	user_leave(-EFAULT);
}

void user_probe_ended(const struct trap_frame *frame)
{
	user_run->exception = (struct user_exception){frame->vector, frame->error_code};
	user_leave(-EFAULT);
}

int user_run_stub(const u8 *stub, const struct syscall_regs *regs, bool probe, struct user_run *run)
{
	const struct user_start start = {
		.eip = WINDOW_USER_STUB + (stub - user_stub_start),
		.regs = *regs,
	};

	trap_begin_access();
	run->outer = user_run;
	run->probe = probe;
	user_run = run;
	int err = user_enter(&start);
	user_run = run->outer;
	return err;
}

static int run_access(const u8 *stub, u32 address, u32 value, struct user_run *run)
{
	const struct syscall_regs regs = {.ebx = address, .eax = value};

	return user_run_stub(stub, &regs, false, run);
}

static const u8 *stub_for(enum access_kind kind, unsigned int size)
{
	switch (size) {
	case 1:
		return kind == ACCESS_STORE ? user_stub_store1 : user_stub_load1;
	case 2:
		return kind == ACCESS_STORE ? user_stub_store2 : user_stub_load2;
	default:
		return kind == ACCESS_STORE ? user_stub_store4 : user_stub_load4;
	}
}

/*
 * Unless the access is blind the bytes are looked at first, by a ring-3 load: without NX a fetch
 * needs the same rights as a load (Intel SDM vol. 3A, 4.6.1). Anything but int $0x81 must not run.
 */
static int user_execute(struct access *a, struct user_run *run)
{
	int err = a->blind ? 0 : run_access(user_stub_load2, a->address, 0, run);

	if (err)
		return err;
	if (!a->blind && run->regs.eax != INT_USER_RETURN)
		return -EINVAL;
	err = run_access(user_stub_jump, a->address, 0, run);
	if (err)
		return err;
	return run->eip == a->address + INT_USER_RETURN_SIZE ? 0 : -EINVAL;
}

/* Sizes are 1, 2 or 4, and no access wraps around the end of the address space. */
static bool access_valid(const struct access *a)
{
	unsigned int size = a->kind == ACCESS_EXEC ? INT_USER_RETURN_SIZE : a->size;

	return (size == 1 || size == 2 || size == 4) && a->address + (size - 1) >= a->address;
}

int machine_user_access(struct access *a)
{
	struct user_run run;
	int err;

	if (!access_valid(a))
		return -EINVAL;
	if (a->kind == ACCESS_EXEC)
		err = user_execute(a, &run);
	else
		err = run_access(stub_for(a->kind, a->size), a->address, a->value, &run);
	if (err == -EFAULT)
		a->fault = run.fault;
	else if (!err && a->kind == ACCESS_LOAD)
		a->value = run.regs.eax;
	return err;
}

#define KERNEL_LOAD(suffix, constraint, type)                                                      \
	do {                                                                                       \
		type loaded;                                                                       \
                                                                                                   \
		__asm__ goto volatile("1: mov" suffix                                              \
				      " %1, %0\n" EXCEPTION_ENTRY("1b", "%l2", "0")                \
				      : "=" constraint(loaded)                                     \
				      : "m"(*(const volatile type *)a->address)                    \
				      : "memory"                                                   \
				      : refused);                                                  \
		a->value = loaded;                                                                 \
	} while (0)

#define KERNEL_STORE(suffix, constraint, type)                                                     \
	__asm__ goto volatile("1: mov" suffix " %0, %1\n" EXCEPTION_ENTRY("1b", "%l2", "0")        \
			      :                                                                    \
			      : constraint((type)a->value), "m"(*(volatile type *)a->address)      \
			      : "memory"                                                           \
			      : refused)

static int kernel_load(struct access *a)
{
	if (a->size == 1)
		KERNEL_LOAD("b", "q", u8);
	else if (a->size == 2)
		KERNEL_LOAD("w", "r", u16);
	else
		KERNEL_LOAD("l", "r", u32);
	return 0;
refused:
	return -EFAULT;
}

static int kernel_store(const struct access *a)
{
	if (a->size == 1)
		KERNEL_STORE("b", "q", u8);
	else if (a->size == 2)
		KERNEL_STORE("w", "r", u16);
	else
		KERNEL_STORE("l", "r", u32);
	return 0;
refused:
	return -EFAULT;
}

/* Where the kernel's jump under way leads to; a fault handler may make one of its own. */
static unsigned long jump_target;
static bool jump_running;

bool kernel_jump_trapped(struct trap_frame *frame)
{
	if (!jump_running)
		return false;
	if (frame->vector == TRAP_PAGE_FAULT && frame->eip == jump_target &&
	    read_cr2() - jump_target < INT_USER_RETURN_SIZE)
		frame->eip = (u32)kernel_jump_refused;
	else if (frame->vector == USER_RETURN_VECTOR &&
		 frame->eip == jump_target + INT_USER_RETURN_SIZE)
		frame->eip = (u32)kernel_jump_done;
	else
		return false;
	return true;
}

static int kernel_execute(const struct access *a)
{
	const unsigned long outer_target = jump_target;
	const bool outer_running = jump_running;

	if (!a->blind) {
		struct access look = {.size = INT_USER_RETURN_SIZE, .address = a->address};

		if (kernel_load(&look))
			return -EFAULT;
		if (look.value != INT_USER_RETURN)
			return -EINVAL;
	}
	jump_target = a->address;
	jump_running = true;
	int err = kernel_jump(a->address);
	jump_target = outer_target;
	jump_running = outer_running;
	return err ? -EFAULT : 0;
}

int machine_kernel_access(struct access *a)
{
	int err;

	if (!access_valid(a))
		return -EINVAL;
	trap_begin_access();
	switch (a->kind) {
	case ACCESS_LOAD:
		err = kernel_load(a);
		break;
	case ACCESS_STORE:
		err = kernel_store(a);
		break;
	default:
		err = kernel_execute(a);
		break;
	}
	if (err == -EINVAL)
		return err;
	if (err) {
		a->fault = trap_refused_fault;
		a->fault.ip = 0;
	}
	return err;
}
