/*
 * Register dump and backtrace. Runs when anything may be broken, so it takes nothing for granted: a
 * frame pointer is followed only upward and only within a stack of ours, code bytes are read only
 * from the image's text, and nothing here allocates or calls shared/.
 *
 * Two ways to find the callers. Checked builds keep frame pointers: each frame holds the caller's
 * EBP and, above it, the return address. Release builds do not, so there the stack is searched for
 * words that follow a call instruction; some of these are left over from earlier calls, hence the
 * "?".
 */
#include "kernel/dump.h"

#include "arch/arch.h"
#include "arch/layout.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/kallsyms.h"
#include "kernel/segment.h"
#include "kernel/text.h"
#include "kernel/window.h"

#define BACKTRACE_LIMIT 32
#define CODE_BYTES 12
#define REGISTERS_PER_LINE 4

extern const u8 _text[], _etext[];

/* Intel SDM vol. 3A, table 6-1; 28 to 30: AMD64 APM vol. 2, table 8-1. */
static const char *const trap_names[TRAP_EXCEPTIONS] = {
	[0] = "divide error",
	[1] = "debug",
	[2] = "non-maskable interrupt",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available",
	[8] = "double fault",
	[9] = "coprocessor segment overrun",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack-segment fault",
	[13] = "general protection",
	[14] = "page fault",
	[16] = "x87 floating-point error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating-point exception",
	[20] = "virtualization exception",
	[21] = "control protection exception",
	[28] = "hypervisor injection exception",
	[29] = "VMM communication exception",
	[30] = "security exception",
};

const char *dump_trap_name(u32 vector)
{
	return trap_names[vector] ?: "reserved";
}

static bool in_text(u32 address)
{
	return address >= (u32)_text && address < (u32)_etext;
}

static void say_registers(const char *const names[], const u32 values[], unsigned int count)
{
	for (unsigned int i = 0; i < count;) {
		struct text_line line = {};

		text_str(&line, "#");
		do {
			text_str(&line, " ");
			text_str(&line, names[i]);
			text_str(&line, " ");
			text_hex(&line, values[i], 8);
		} while (++i % REGISTERS_PER_LINE && i < count);
		console_say(line.chars);
	}
}

static void say_eip(const struct trap_frame *frame)
{
	struct text_line line = {};

	text_str(&line, "# eip ");
	text_hex(&line, frame->eip, 8);
	text_str(&line, " ");
	if (frame->vector == TRAP_PANIC_CALL)
		kallsyms_format_return(&line, frame->eip);
	else
		kallsyms_format(&line, frame->eip);
	console_say(line.chars);
}

/*
 * Says one caller. A caller that repeats itself is counted, not said again, so that the backtrace
 * of an endless recursion reaches what began it. Address 0 ends the list. False when enough was
 * said.
 */
static bool say_caller(u32 address, const char *after)
{
	static u32 last, repeats, said;
	struct text_line line = {};

	if (address && address == last) {
		repeats++;
		return true;
	}
	if (repeats) {
		text_str(&line, "# (the same again, times ");
		text_dec(&line, repeats);
		text_str(&line, ")");
		console_say(line.chars);
	}
	last = address;
	repeats = 0;
	if (!address) {
		said = 0;
		return false;
	}
	line = (struct text_line){};
	text_str(&line, "# called from ");
	text_hex(&line, address, 8);
	text_str(&line, " ");
	kallsyms_format_return(&line, address);
	text_str(&line, after);
	console_say(line.chars);
	return ++said < BACKTRACE_LIMIT;
}

/* Intel SDM vol. 3A, 4.7 "Page-Fault Exceptions". */
static void page_fault_words(struct text_line *line, u32 code)
{
	text_str(line, code & PF_INSTR ? ": fetch" : code & PF_WRITE ? ": write" : ": read");
	text_str(line, code & PF_USER ? " by ring 3" : " by the kernel");
	text_str(line, code & PF_RSVD	? ", reserved bit set in an entry"
		       : code & PF_PROT ? ", not permitted by a present entry"
					: ", entry not present");
}

/* Intel SDM vol. 3A, 6.13 "Error Code": external, IDT or LDT or GDT, index. */
static void selector_words(struct text_line *line, u32 code)
{
	if (!code) {
		text_str(line, ": no selector to blame");
		return;
	}
	text_str(line, code & 2 ? ": IDT entry " : code & 4 ? ": LDT entry " : ": GDT entry ");
	text_dec(line, code >> 3);
	if (code & 1)
		text_str(line, ", while delivering another event");
}

static void say_exception(const struct trap_frame *frame)
{
	struct text_line line = {};

	if (frame->vector >= TRAP_EXCEPTIONS)
		return;
	text_str(&line, "# ");
	text_str(&line, dump_trap_name(frame->vector));
	if (TRAPS_WITH_ERROR_CODE >> frame->vector & 1) {
		text_str(&line, ", error code 0x");
		text_hex(&line, frame->error_code, 4);
	}
	if (frame->vector == TRAP_PAGE_FAULT)
		page_fault_words(&line, frame->error_code);
	else if (frame->vector >= 10 && frame->vector <= 13)
		selector_words(&line, frame->error_code);
	console_say(line.chars);
}

static void say_code(u32 eip)
{
	struct text_line line = {};

	if (!in_text(eip) || !in_text(eip + CODE_BYTES - 1))
		return;
	text_str(&line, "# code at eip:");
	for (unsigned int i = 0; i < CODE_BYTES; i++) {
		text_str(&line, " ");
		text_hex(&line, ((const u8 *)eip)[i], 2);
	}
	console_say(line.chars);
}

/* The end of the stack that holds a word at `address`, 0 if that is in none of our stacks. */
static u32 stack_end(u32 address)
{
	if (address % sizeof(u32))
		return 0;
	if (address >= KERNEL_STACK_BOTTOM && address < KERNEL_STACK_TOP)
		return KERNEL_STACK_TOP;
	if (address >= DOUBLE_FAULT_STACK_BOTTOM && address < DOUBLE_FAULT_STACK_TOP)
		return DOUBLE_FAULT_STACK_TOP;
	return 0;
}

static __maybe_unused void backtrace_frames(u32 ebp)
{
	for (;;) {
		u32 end = stack_end(ebp);

		if (!end || end - ebp < 2 * sizeof(u32))
			return;
		const u32 *frame = (const u32 *)ebp;
		if (!in_text(frame[1]) || !say_caller(frame[1], "") || frame[0] <= ebp)
			return;
		ebp = frame[0];
	}
}

/* Checked builds keep frame pointers, the others do not. */
unsigned int arch_backtrace(unsigned long *pcs, unsigned int max)
{
	/* Where this frame's caller is, the first is behind. */
	u32 ebp = CONFIG_CHECKED ? *(u32 *)__builtin_frame_address(0) : 0;
	u32 end = stack_end(ebp);
	unsigned int nr = 0;

	while (nr < max && ebp >= KERNEL_STACK_BOTTOM && ebp + 2 * sizeof(u32) <= end) {
		const u32 *frame = (const u32 *)ebp;

		if (!in_text(frame[1]))
			break;
		pcs[nr++] = frame[1];
		if (frame[0] <= ebp || frame[0] % sizeof(u32))
			break;
		ebp = frame[0];
	}
	return nr;
}

/* Is there a call instruction right before `address`? E8 rel32, or FF /2 of 2, 3, 6 or 7 bytes. */
static bool follows_call(u32 address)
{
	static const u8 indirect_sizes[] = {2, 3, 6, 7};
	const u8 *code = (const u8 *)address;

	if (address - (u32)_text < 8)
		return false;
	if (code[-5] == 0xe8)
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(indirect_sizes); i++) {
		const u8 *at = code - indirect_sizes[i];

		if (at[0] == 0xff && (at[1] >> 3 & 7) == 2)
			return true;
	}
	return false;
}

static __maybe_unused void backtrace_search(u32 esp)
{
	for (u32 end = stack_end(esp); end && esp < end; esp += sizeof(u32)) {
		u32 word = *(const u32 *)esp;

		if (in_text(word) && follows_call(word) && !say_caller(word, " ?"))
			return;
	}
}

static void say_backtrace(const struct trap_frame *frame, u32 esp)
{
	/* An overflowing stack is whole above its guard page. */
	if (window_guarded_stack(esp))
		esp = (esp & PAGE_MASK) + PAGE_SIZE;
#if CONFIG_CHECKED
	/* A call to nowhere, or to a function without a frame, left only its return address. */
	if (frame->vector != TRAP_PANIC_CALL && stack_end(esp)) {
		u32 word = *(const u32 *)esp;

		if (in_text(word) && follows_call(word))
			say_caller(word, " ?");
	}
	backtrace_frames(frame->ebp);
#else
	(void)frame;
	backtrace_search(esp);
#endif
	say_caller(0, "");
}

void dump_frame(const struct trap_frame *frame)
{
	static const char *const names[] = {"eax", "ebx", "ecx", "edx", "esi", "edi", "ebp", "esp",
					    "cs ", "ds ", "es ", "flg", "cr0", "cr2", "cr3", "cr4"};
	/* Ring 0 pushes no stack pointer: the stack continues right above the frame. */
	bool has_esp = from_user(frame) || frame->vector == TRAP_DOUBLE_FAULT;
	u32 esp = has_esp ? frame->user_esp : (u32)&frame->user_esp;
	/* The double-fault task runs on a CR3 of its own. */
	u32 cr3 = frame->vector == TRAP_DOUBLE_FAULT ? kernel_tss.cr3 : read_cr3();
	const u32 values[] = {frame->eax, frame->ebx, frame->ecx, frame->edx,
			      frame->esi, frame->edi, frame->ebp, esp,
			      frame->cs,  frame->ds,  frame->es,  frame->eflags,
			      read_cr0(), read_cr2(), cr3,	  read_cr4()};

	_Static_assert(ARRAY_SIZE(names) == ARRAY_SIZE(values), "one name for each value");
	say_eip(frame);
	say_registers(names, values, ARRAY_SIZE(values));
	say_exception(frame);
	say_code(frame->eip);
	if (!from_user(frame))
		say_backtrace(frame, esp);
}
