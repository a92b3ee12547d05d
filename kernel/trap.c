/*
 * Traps. The only one that is ever resolved is the page fault, in this order:
 *
 *   1. the memory manager's handler: 0 means run the instruction again;
 *   2. refused, out of ring 3: the user access under way ends with the fault record;
 *   3. refused, in ring 0, the instruction has an exception-table entry: go on at its fixup;
 *   4. panic.
 *
 * A general protection fault goes to step 3 (a load of CR3 that the processor refuses), then to 4.
 * A probe (kernel/rings.c) ends with whatever exception its instruction raises, page faults
 * included: nobody else is asked.
 *
 * An NMI that no hardware error explains was sent by somebody who wants to know where a hanging
 * kernel is: it prints registers and a backtrace, and the kernel goes on. Everything else is a bug
 * in the kernel and panics. The interrupt controllers are masked; a spurious interrupt of theirs is
 * dropped.
 */
#include "kernel/trap.h"

#include "arch/arch.h"
#include "arch/layout.h"
#include "base/errno.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/dump.h"
#include "kernel/panic.h"
#include "kernel/platform.h"
#include "kernel/segment.h"
#include "kernel/text.h"
#include "kernel/user.h"
#include "kernel/window.h"

/*
 * So many identical faults in a row, all of them called resolved, are a handler that does not
 * resolve (a stale translation, a wrong slot). No access needs more than a few: a straddling one
 * takes two.
 */
#define SAME_FAULT_LIMIT 100000

/* Page faults inside the handler nest; deeper than this they are a loop that ends the stack. */
#define FAULT_NESTING_LIMIT 8

extern const struct exception_entry __start_ex_table[], __stop_ex_table[];

static arch_fault_handler_t fault_handler;
static unsigned int fault_nesting;
static u32 last_fault; /* its sum */
static unsigned int same_faults;

struct fault_record trap_refused_fault;

void arch_set_fault_handler(arch_fault_handler_t handler)
{
	fault_handler = handler;
}

static long no_system_calls(struct syscall_regs *regs __maybe_unused)
{
	return -ENOSYS;
}

arch_syscall_handler_t syscall_handler = no_system_calls;

void arch_set_syscall_handler(arch_syscall_handler_t handler)
{
	syscall_handler = handler ?: no_system_calls;
}

void trap_begin_access(void)
{
	same_faults = 0;
}

static void __noreturn panic_at(struct trap_frame *frame, const char *message, u32 address)
{
	struct text_line text = {};

	text_str(&text, message);
	text_hex(&text, address, 8);
	panic_with_frame(text.chars, frame);
}

static void check_progress(struct trap_frame *frame, const struct fault_record *fault)
{
	/* Two that are not the same may have one sum: not so often in a row. */
	u32 sum = fault->address + fault->ip + fault->error_code;

	if (likely(sum != last_fault)) {
		last_fault = sum;
		same_faults = 0;
	} else if (++same_faults > SAME_FAULT_LIMIT) {
		panic_at(frame, "the fault handler resolves without effect the page fault at ",
			 fault->address);
	}
}

static int call_handler(struct trap_frame *frame, const struct fault_record *fault)
{
	if (!fault_handler)
		return -1;
	if (fault_nesting == FAULT_NESTING_LIMIT)
		panic_at(frame, "page faults within the page-fault handler, nested too deeply, at ",
			 fault->address);
	check_progress(frame, fault);
	fault_nesting++;
	if (frame->eflags & FLAGS_IF)
		irq_on();
	int err = fault_handler(fault);
	irq_off();
	fault_nesting--;
	return err;
}

/* Sends the frame on to the fixup of its instruction, if there is one. */
static bool go_to_fixup(struct trap_frame *frame, bool user_address)
{
	for (const struct exception_entry *e = __start_ex_table; e < __stop_ex_table; e++) {
		if (e->instruction != frame->eip || (e->user_only && !user_address))
			continue;
		frame->eip = e->fixup;
		return true;
	}
	return false;
}

static bool fix_up(struct trap_frame *frame, const struct fault_record *fault)
{
	if (!go_to_fixup(frame, fault->address < TASK_SIZE) && !kernel_jump_trapped(frame))
		return false;
	trap_refused_fault = *fault;
	return true;
}

static void page_fault(struct trap_frame *frame, bool user_access)
{
	/* The stub's own address would only make the two sides' records differ. */
	const struct fault_record fault = {
		.address = read_cr2(),
		.error_code = frame->error_code,
		.ip = user_access ? 0 : frame->eip,
	};

	if (call_handler(frame, &fault) == 0)
		return;
	if (user_access)
		user_access_refused(&fault);
	if (!from_user(frame) && fix_up(frame, &fault))
		return;
	if (from_user(frame))
		panic_at(frame, "page fault in ring 3 without a user access at ", fault.address);
	if (fault.address < PAGE_SIZE)
		panic_at(frame, "unable to handle kernel NULL pointer dereference at ",
			 fault.address);
	panic_at(frame, "unable to handle kernel paging request at ", fault.address);
}

static void non_maskable_interrupt(struct trap_frame *frame)
{
	if (platform_hardware_error())
		panic_with_frame("non-maskable interrupt: the hardware reports an error", frame);
	console_say(""); /* it may have come within a line */
	console_say("# NMI: the kernel is here, and goes on:");
	dump_frame(frame);
}

static void other_trap(struct trap_frame *frame)
{
	struct text_line text = {};

	if (frame->vector < TRAP_EXCEPTIONS) {
		text_str(&text, "exception ");
		text_dec(&text, frame->vector);
		text_str(&text, ", ");
		text_str(&text, dump_trap_name(frame->vector));
		text_str(&text, from_user(frame) ? ", in ring 3" : ", in the kernel");
	} else {
		text_str(&text, "unexpected interrupt, vector 0x");
		text_hex(&text, frame->vector, 2);
	}
	panic_with_frame(text.chars, frame);
}

void trap_dispatch(struct trap_frame *frame)
{
	bool user_access = from_user(frame) && user_access_running();

	/* What comes most often first. */
	if (likely(frame->vector == TRAP_PAGE_FAULT && !(user_access && user_access_is_probe())))
		page_fault(frame, user_access);
	else if (frame->vector == USER_RETURN_VECTOR && user_access)
		user_access_done(frame);
	else if (!from_user(frame) && kernel_jump_trapped(frame))
		return;
	else if (frame->vector == TRAP_GENERAL_PROTECTION && !from_user(frame) &&
		 go_to_fixup(frame, false))
		return;
	else if (frame->vector == TRAP_NMI)
		non_maskable_interrupt(frame);
	else if (user_access && user_access_is_probe())
		user_probe_ended(frame);
	else if (!platform_spurious_interrupt(frame->vector))
		other_trap(frame);
}

/* The registers of the moment, as the task switch saved them (Intel SDM vol. 3A, 8.3). */
static struct trap_frame interrupted_frame(void)
{
	const struct tss *t = &kernel_tss;

	return (struct trap_frame){
		.edi = t->edi,
		.esi = t->esi,
		.ebp = t->ebp,
		.ebx = t->ebx,
		.edx = t->edx,
		.ecx = t->ecx,
		.eax = t->eax,
		.es = t->es,
		.ds = t->ds,
		.vector = TRAP_DOUBLE_FAULT,
		.eip = t->eip,
		.cs = t->cs,
		.eflags = t->eflags,
		.user_esp = t->esp,
		.user_ss = t->ss,
	};
}

void double_fault_report(void)
{
	struct trap_frame frame = interrupted_frame();
	const char *stack = window_guarded_stack(read_cr2());
	struct text_line text = {};

	text_str(&text, "double fault: ");
	if (stack) {
		text_str(&text, "overflow of the ");
		text_str(&text, stack);
		text_str(&text, ", which hit its guard page at ");
		text_hex(&text, read_cr2(), 8);
	} else {
		text_str(&text, "an exception could not be delivered, stack pointer ");
		text_hex(&text, frame.user_esp, 8);
	}
	panic_with_frame(text.chars, &frame);
}
