/*
 * The end of a run: message, registers, backtrace; then the callback or the exit code.
 *
 * Everything is printed in stages, each of which may itself trap: the kernel's state or the stack
 * is broken, that is why we are here. A trap inside a stage ends that stage only. A panic inside a
 * panic counts as such a trap.
 */
#include <execinfo.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "top/rig.h"
#include "twin/console.h"
#include "twin/machine_priv.h"
#include "twin/panic.h"

#define FRAMES_MAX 48

/* How long exit() may take: it runs what the C library and sanitizers left for the end. */
#define EXIT_SECONDS 20

struct panic {
	enum twin_panic_kind kind;
	const char *message;
	const ucontext_t *regs; /* NULL: not a trap */
	unsigned long start;	/* where the backtrace begins */
};

static bool panicking;
static bool in_stage;
static sigjmp_buf stage_end;

bool panic_interrupted(void)
{
	return panicking;
}

void panic_cut_short(void)
{
	if (in_stage)
		siglongjmp(stage_end, 1);
	_exit(TWIN_EXIT_PANIC);
}

void panic_reset(void)
{
	panicking = false;
	in_stage = false;
}

const char *error_code_words(unsigned int error_code)
{
	static char words[80];

	snprintf(words, sizeof(words), "%s, %s %s (error code %02x)",
		 error_code & PF_RSVD	? "reserved bit set"
		 : error_code & PF_PROT ? "protection violation"
					: "page not present",
		 error_code & PF_USER ? "user" : "supervisor",
		 error_code & PF_WRITE	 ? "write"
		 : error_code & PF_INSTR ? "fetch"
					 : "read",
		 error_code);
	return words;
}

static void run_stage(void (*stage)(const struct panic *p), const struct panic *p)
{
	if (sigsetjmp(stage_end, 0) == 0) {
		in_stage = true;
		stage(p);
	} else {
		console_note("(cut short by another trap)");
	}
	in_stage = false;
}

static void stage_note(const struct panic *p)
{
	rig_note_panic(p->message);
}

static void stage_message(const struct panic *p)
{
	static const char *const kinds[] = {
		[TWIN_PANIC_KERNEL] = "kernel panic",
		[TWIN_PANIC_TRAP] = "kernel panic: trap",
		[TWIN_PANIC_STALE] = "forgotten flush",
		[TWIN_PANIC_WAIST] = "broken contract with the machine",
	};

	console_note("%s: %s", kinds[p->kind], p->message);
}

static void stage_registers(const struct panic *p)
{
	const greg_t *r = p->regs ? p->regs->uc_mcontext.gregs : NULL;
	char name[128];

	if (r) {
		symbol_name(r[REG_EIP], name, sizeof(name));
		console_note("eip %08x %s eflags %08x", (unsigned int)r[REG_EIP], name,
			     (unsigned int)r[REG_EFL]);
		console_note("eax %08x ebx %08x ecx %08x edx %08x", (unsigned int)r[REG_EAX],
			     (unsigned int)r[REG_EBX], (unsigned int)r[REG_ECX],
			     (unsigned int)r[REG_EDX]);
		console_note("esi %08x edi %08x ebp %08x esp %08x", (unsigned int)r[REG_ESI],
			     (unsigned int)r[REG_EDI], (unsigned int)r[REG_EBP],
			     (unsigned int)r[REG_ESP]);
	}
	console_note("cr3 %08lx interrupts %s", (unsigned long)machine.cr3,
		     twin_irqs_enabled() ? "on" : "off");
}

static void stage_backtrace(const struct panic *p)
{
	void *frames[FRAMES_MAX];
	int nr = backtrace(frames, FRAMES_MAX);
	int first = 0;
	char name[128];

	while (first < nr && (unsigned long)frames[first] != p->start)
		first++;
	if (first == nr)
		first = 0; /* the place of the trap cannot be unwound to: show what there is */
	console_note("backtrace:");
	for (int i = first; i < nr; i++) {
		/* All but a trap's own are return addresses, past the call. */
		unsigned long pc = (unsigned long)frames[i] - !(p->regs && i == first);

		symbol_name(pc, name, sizeof(name));
		console_note("  %s", name);
	}
}

static void stage_flush(const struct panic *p __maybe_unused)
{
	twin_console_flush();
}

static void __noreturn die(const struct panic *p)
{
	static void (*const stages[])(const struct panic *) = {
		stage_note, stage_message, stage_registers, stage_backtrace, stage_flush,
	};

	if (panicking)
		panic_cut_short();
	panicking = true;
	for (unsigned int i = 0; i < ARRAY_SIZE(stages); i++)
		run_stage(stages[i], p);
	if (machine.options.on_panic)
		machine.options.on_panic(p->kind, p->message, machine.options.panic_arg);
	alarm(EXIT_SECONDS);
	exit(TWIN_EXIT_PANIC);
}

void arch_panic(const char *message)
{
	struct panic p = {
		.kind = TWIN_PANIC_KERNEL,
		.message = message,
		.start = (unsigned long)__builtin_return_address(0),
	};

	die(&p);
}

void twin_panic(enum twin_panic_kind kind, const char *message)
{
	struct panic p = {
		.kind = kind,
		.message = message,
		.start = (unsigned long)__builtin_return_address(0),
	};

	die(&p);
}

void twin_panicf(enum twin_panic_kind kind, const char *fmt, ...)
{
	static char message[384];
	struct panic p = {
		.kind = kind,
		.message = message,
		.start = (unsigned long)__builtin_return_address(0),
	};
	va_list args;

	/* The outer panic's message may be in there. */
	if (panicking)
		panic_cut_short();
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	die(&p);
}

void twin_panic_trap(enum twin_panic_kind kind, const ucontext_t *regs, const char *fmt, ...)
{
	static char message[256];
	struct panic p = {
		.kind = kind,
		.message = message,
		.regs = regs,
		.start = regs->uc_mcontext.gregs[REG_EIP],
	};
	va_list args;

	if (panicking)
		panic_cut_short();
	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	die(&p);
}

void panic_prepare(void)
{
	void *frame;

	/* The first call loads the unwinder's library, which takes memory from the heap. */
	backtrace(&frame, 1);
	symbol_load();
	backtrace_prepare();
}
