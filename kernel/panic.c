/*
 * Panic. Each step may itself be what is broken, so the steps are counted down: a panic inside a
 * panic skips the step that failed and goes on with the next. That way the end is always reached.
 */
#include "kernel/panic.h"

#include "arch/arch.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/coverage.h"
#include "kernel/cpu.h"
#include "kernel/dump.h"
#include "kernel/exit.h"
#include "kernel/text.h"
#include "top/rig.h"

enum panic_step {
	STEP_NOTE,
	STEP_REPORT,
	STEP_COVERAGE,
	STEP_END,
};

static enum panic_step next_step;

static void report(const char *message, const struct trap_frame *frame)
{
	struct text_line line = {};

	text_str(&line, "# panic: ");
	text_str(&line, message);
	console_say(line.chars);
	dump_frame(frame);
}

void panic_with_frame(const char *message, const struct trap_frame *frame)
{
	irq_off();
	while (next_step < STEP_END) {
		switch (next_step++) {
		case STEP_NOTE:
			rig_note_panic(message);
			break;
		case STEP_REPORT:
			report(message, frame);
			break;
		default:
			coverage_dump();
			break;
		}
	}
	if (cmdline_has("panic=halt"))
		machine_halt();
	machine_exit(EXIT_VALUE_PANIC);
}
