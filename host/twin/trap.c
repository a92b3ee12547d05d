/*
 * Traps: host signals raised by code that runs natively, which is the kernel's and the machine's.
 *
 *	page fault, [PAGE_OFFSET, MACHINE_WINDOW)
 *	    the walk permits it ........... window_fill() has mapped it: run the access again
 *	    refused ....................... kernel's fault handler -> guard -> panic
 *	page fault elsewhere, by user tables
 *	    refused ....................... kernel's fault handler -> guard -> panic
 *	    permitted ..................... panic: only the hooks may use user addresses; the host
 *					    has nothing of the guest's down there
 *	anything else ..................... panic
 *
 * The handler runs on a signal stack of its own, so that an overflow of the kernel's stack can be
 * reported, and with signals unblocked, since the kernel's fault handler may itself fault on
 * kernel mappings. Both also let it be left by siglongjmp().
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "twin/machine_priv.h"
#include "twin/trap.h"
#include "twin/walk.h"
#include "twin/window.h"

/* The kernel's fault handler and a panic's backtrace run on it; sanitizers make frames large. */
#define SIGNAL_STACK_SIZE (1u << 20)

/* x86 exception vectors (Intel SDM vol. 3A, table 6-1). */
#define TRAP_DIVIDE 0
#define TRAP_INVALID_OPCODE 6
#define TRAP_GENERAL_PROTECTION 13
#define TRAP_PAGE_FAULT 14
#define TRAP_ALIGNMENT 17

/* A kernel that keeps answering 0 to one and the same fault would do so forever. */
#define SAME_FAULT_MAX 1000

/* Handlers within handlers: one for a kernel mapping that is synchronised on demand is sound. */
#define HANDLER_DEPTH_MAX 8

struct trap_guard trap_guard;

static struct {
	unsigned long address, ip;
	unsigned int count;
} last_fault;
static unsigned int handler_depth;

int trap_deliver(const struct fault_record *fault)
{
	bool armed = trap_guard.armed;
	int err;

	machine.stats.faults++;
	if (!machine.fault_handler)
		return -EFAULT;
	/* A fault of the handler's own is not the guarded access. */
	trap_guard.armed = false;
	if (++handler_depth > HANDLER_DEPTH_MAX)
		twin_panicf(TWIN_PANIC_TRAP,
			    "the fault handler itself keeps faulting, at %08lx (%s)",
			    fault->address, error_code_words(fault->error_code));
	err = machine.fault_handler(fault);
	handler_depth--;
	trap_guard.armed = armed;
	return err ? -EFAULT : 0;
}

static void __noreturn unhandled(const ucontext_t *regs, const struct fault_record *fault)
{
	twin_panic_trap(TWIN_PANIC_TRAP, regs, "unable to handle kernel %s at %08lx: %s",
			fault->address < PAGE_SIZE ? "NULL pointer dereference" : "paging request",
			fault->address, error_code_words(fault->error_code));
}

static bool is_stack_overflow(const ucontext_t *regs, unsigned long address)
{
	unsigned long sp = regs->uc_mcontext.gregs[REG_ESP];

	/* A frame below the stack's end: the twin's stack is the only thing up there that grows. */
	return address >= MACHINE_WINDOW && address < sp + PAGE_SIZE && address + (1u << 20) >= sp;
}

static void check_fault_loop(const ucontext_t *regs, const struct fault_record *fault)
{
	if (fault->address != last_fault.address || fault->ip != last_fault.ip)
		last_fault.count = 0;
	last_fault.address = fault->address;
	last_fault.ip = fault->ip;
	if (++last_fault.count > SAME_FAULT_MAX)
		twin_panic_trap(TWIN_PANIC_TRAP, regs,
				"fault loop: the handler keeps accepting the fault at %08lx (%s)",
				fault->address, error_code_words(fault->error_code));
}

/* The refused access goes to the kernel, then to the guard. Returns if it shall run again. */
static void refused(ucontext_t *regs, const struct fault_record *fault)
{
	if (panic_interrupted())
		panic_cut_short();
	if (trap_deliver(fault) == 0) {
		check_fault_loop(regs, fault);
		return;
	}
	if (trap_guard.armed) {
		trap_guard.armed = false;
		trap_guard.refused = true;
		trap_guard.fault = *fault;
		regs->uc_mcontext.gregs[REG_EIP] = (greg_t)trap_guard.resume;
		return;
	}
	unhandled(regs, fault);
}

static void page_fault(ucontext_t *regs)
{
	struct fault_record fault = {
		.address = regs->uc_mcontext.cr2,
		.error_code = regs->uc_mcontext.gregs[REG_ERR] & PF_WRITE,
		.ip = regs->uc_mcontext.gregs[REG_EIP],
	};
	bool permitted = false;
	struct walk w;

	if (fault.address >= PAGE_OFFSET && fault.address < MACHINE_WINDOW) {
		unsigned int error = window_fill(fault.address, fault.error_code);

		if (!error)
			return;
		fault.error_code = error & ~PF_REFUSED;
		refused(regs, &fault);
		return;
	}
	if (is_stack_overflow(regs, fault.address))
		twin_panic_trap(TWIN_PANIC_TRAP, regs, "kernel stack overflow at %08lx",
				fault.address);
	if (machine.cr3) {
		permitted = walk_root(fault.address, fault.error_code, WALK_PEEK, &w);
		if (!permitted)
			fault.error_code = w.error;
	}
	if (!permitted)
		refused(regs, &fault);
	twin_panic_trap(TWIN_PANIC_TRAP, regs,
			"kernel code dereferences the user address %08lx: only user copies may",
			fault.address);
}

static void other_trap(int sig, const ucontext_t *regs)
{
	const char *what;

	switch (regs->uc_mcontext.gregs[REG_TRAPNO]) {
	case TRAP_DIVIDE:
		what = "divide error";
		break;
	case TRAP_INVALID_OPCODE:
		what = "invalid opcode";
		break;
	case TRAP_GENERAL_PROTECTION:
		what = "general protection fault";
		break;
	case TRAP_ALIGNMENT:
		what = "alignment check";
		break;
	case TRAP_PAGE_FAULT:
		what = "guest RAM without memory of the host behind it";
		break;
	default:
		what = "unexpected trap";
		break;
	}
	twin_panic_trap(TWIN_PANIC_TRAP, regs, "%s (trap %d, %s)", what,
			(int)regs->uc_mcontext.gregs[REG_TRAPNO], strsignal(sig));
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *regs = context;
	int saved_errno = errno;

	/* Positive codes are the host kernel's: the trap numbers in regs mean something. */
	if (info->si_code <= 0)
		twin_panic_trap(TWIN_PANIC_TRAP, regs, "signal sent from outside: %s",
				strsignal(sig));
	if (sig == SIGSEGV && regs->uc_mcontext.gregs[REG_TRAPNO] == TRAP_PAGE_FAULT)
		page_fault(regs);
	else if (panic_interrupted())
		panic_cut_short();
	else
		other_trap(sig, regs);
	errno = saved_errno;
}

static int use_signal_stack(void)
{
	stack_t stack = {.ss_size = SIGNAL_STACK_SIZE};
	u8 *base = mmap(NULL, SIGNAL_STACK_SIZE + PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED)
		return -errno;
	/* The guard page, so that an overflow here ends the process rather than spoils it. */
	if (mprotect(base, PAGE_SIZE, PROT_NONE) < 0)
		return -errno;
	stack.ss_sp = base + PAGE_SIZE;
	return sigaltstack(&stack, NULL) < 0 ? -errno : 0;
}

int trap_init(void)
{
	static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	struct sigaction action = {
		.sa_sigaction = on_signal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};
	int err = use_signal_stack();

	for (unsigned int i = 0; i < ARRAY_SIZE(signals) && !err; i++)
		if (sigaction(signals[i], &action, NULL) < 0)
			err = -errno;
	return err;
}

void trap_reset(void)
{
	trap_guard.armed = false;
	last_fault.count = 0;
	handler_depth = 0;
}

void arch_set_fault_handler(arch_fault_handler_t handler)
{
	machine.fault_handler = handler;
}
