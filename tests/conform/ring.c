/*
 * Rings: the gate for system calls, and what the processor refuses at CPL 3.
 * Source: Intel SDM vol. 2 (each instruction); vol. 3A 5.5 to 5.9, 6.12.1.2, 6.13.
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"

/* A number that no register holds by chance, other than what it is put in. */
#define NUMBER 0x7A7A0001u
#define RESULT 0x5B5B0002

static const struct syscall_regs given = {
	.ebx = 0xB0000001,
	.ecx = 0xC0000002,
	.edx = 0xD0000003,
	.esi = 0x51000004,
	.edi = 0xD1000005,
	.ebp = 0xB9000006,
	.eax = NUMBER,
};

/* What the handlers below were given, and what they found. */
static struct {
	unsigned int calls;
	struct syscall_regs regs;
	const char *why;
} seen;

static void watch_calls(arch_syscall_handler_t handler)
{
	seen.calls = 0;
	seen.why = NULL;
	arch_set_syscall_handler(handler);
}

static const char *expect_registers(const struct syscall_regs *regs, const char *where)
{
	const struct syscall_regs *g = &given;

	CHECK(regs->ebx == g->ebx && regs->ecx == g->ecx && regs->edx == g->edx &&
		      regs->esi == g->esi && regs->edi == g->edi && regs->ebp == g->ebp,
	      "%s: ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x", where, regs->ebx,
	      regs->ecx, regs->edx, regs->esi, regs->edi, regs->ebp);
	return NULL;
}

/* ---- the gate ------------------------------------------------------------------------------ */

static long note_call(struct syscall_regs *regs)
{
	seen.calls++;
	seen.regs = *regs;
	return RESULT;
}

const char *ring_syscall_registers(void)
{
	struct syscall_regs regs = given;

	bench_begin();
	watch_calls(note_call);
	CHECK(machine_user_syscall(&regs) == 0, "the gate is shut");
	CHECK(seen.calls == 1, "one system call, the handler ran %u times", seen.calls);
	CHECK(seen.regs.eax == NUMBER, "the handler was given number %08x", seen.regs.eax);
	TRY(expect_registers(&seen.regs, "the handler was given"));
	TRY(expect_registers(&regs, "the caller came back with"));
	CHECK(regs.eax == RESULT, "the result is %08x, not %08x", regs.eax, RESULT);
	return NULL;
}

const char *ring_syscall_none(void)
{
	struct syscall_regs regs = given;

	bench_begin();
	CHECK(machine_user_syscall(&regs) == 0, "the gate is shut");
	CHECK(regs.eax == (u32)-ENOSYS, "without a handler: %08x", regs.eax);
	return expect_registers(&regs, "without a handler");
}

const char *ring_syscall_loop(void)
{
	bench_begin();
	watch_calls(note_call);
	CHECK(machine_user_syscalls(NUMBER, 7) == 0, "the gate is shut");
	CHECK(seen.calls == 7 && seen.regs.eax == NUMBER, "%u calls, the last of number %08x",
	      seen.calls, seen.regs.eax);
	return NULL;
}

/* Handlers may sleep, so interrupts are on: they come back as they were. */
static long look_at_flags(struct syscall_regs *regs __maybe_unused)
{
	unsigned long outer = arch_irq_save(), inner = arch_irq_save();

	arch_irq_restore(inner);
	arch_irq_restore(outer);
	seen.calls++;
	return outer != inner;
}

const char *ring_syscall_interrupts(void)
{
	struct syscall_regs regs = given;

	bench_begin();
	watch_calls(look_at_flags);
	CHECK(machine_user_syscall(&regs) == 0 && seen.calls == 1, "the handler did not run");
	CHECK(regs.eax == 1, "interrupts are off in the handler");

	unsigned long flags = arch_irq_save(), inner = arch_irq_save();

	arch_irq_restore(inner);
	arch_irq_restore(flags);
	CHECK(flags != inner, "interrupts are off after the call");
	return NULL;
}

static u32 *page_of_handler;

static int map_it(const struct fault_record *fault)
{
	set_mapping(__va(arch_read_cr3()), fault->address & PAGE_MASK, page_of_handler, USER_RW);
	return 0;
}

/* Copies a word at the first argument to the second, through faults of the kernel's. */
static long copy_word(struct syscall_regs *regs)
{
	u32 word = 0;

	if (arch_copy_from_user(&word, regs->ebx, sizeof(word)) ||
	    arch_copy_to_user(regs->ecx, &word, sizeof(word)))
		return -EFAULT;
	return (long)word;
}

const char *ring_syscall_copies(void)
{
	struct syscall_regs regs = {.ebx = BENCH_USER, .ecx = BENCH_USER + PAGE_SIZE + 8};

	bench_begin();
	enter_new_space();
	page_of_handler = new_page(0x12344321);
	watch_faults(map_it);
	arch_set_syscall_handler(copy_word);
	CHECK(machine_user_syscall(&regs) == 0, "the gate is shut");
	CHECK(regs.eax == 0x12344321, "the result is %08x", regs.eax);
	CHECK(watch.count == 2, "%u faults, not 2", watch.count);
	TRY(expect_seen(0, BENCH_USER, 0));
	TRY(expect_seen(1, BENCH_USER + PAGE_SIZE + 8, PF_WRITE));
	watch_faults(NULL);
	regs = (struct syscall_regs){.ebx = BENCH_USER + PGDIR_SIZE};
	CHECK(machine_user_syscall(&regs) == 0, "the gate is shut");
	CHECK(regs.eax == (u32)-EFAULT, "a refused copy: the result is %08x", regs.eax);
	return NULL;
}

/* Another stay in ring 3 within the call: an access, and a system call of its own. */
static long nest(struct syscall_regs *regs)
{
	struct syscall_regs inner = given;

	seen.calls++;
	if (regs->eax == NUMBER)
		return NUMBER + 1;
	if (!seen.why)
		seen.why = expect_load(RING_3, BENCH_USER, 4, 0x21212121);
	if (!seen.why)
		seen.why = expect_fault(RING_3, ACCESS_STORE, BENCH_USER, PF_PROT);
	if (machine_user_syscall(&inner) || inner.eax != NUMBER + 1)
		return -EFAULT;
	return seen.calls;
}

const char *ring_syscall_nests(void)
{
	struct syscall_regs regs = given;

	bench_begin();
	set_mapping(enter_new_space(), BENCH_USER, new_page(0x21212121), USER_RO);
	watch_calls(nest);
	regs.eax = 1;
	CHECK(machine_user_syscall(&regs) == 0, "the gate is shut");
	TRY(seen.why);
	CHECK(regs.eax == 2, "a system call within one: %08x", regs.eax);
	return expect_registers(&regs, "after a system call within one");
}

/* ---- what is refused ----------------------------------------------------------------------- */

#define GP 13u
#define PAGE_FAULT 14u

static const char *expect_exception(const char *what, int err, const struct user_exception *e,
				    u32 vector, u32 error_code)
{
	CHECK(err == -EFAULT, "%s was executed", what);
	CHECK(e->vector == vector && e->error_code == error_code,
	      "%s: vector %u, error code %04x; expected %u, %04x", what, e->vector, e->error_code,
	      vector, error_code);
	return NULL;
}

static const char *expect_gp(enum privileged_kind kind, const char *name, u32 error_code)
{
	struct user_exception e = {0, 0};
	int err = machine_user_privileged(kind, &e);

	return expect_exception(name, err, &e, GP, error_code);
}

#define EXPECT_GP(name, error_code) TRY(expect_gp(PRIVILEGED_##name, #name, error_code))

/* SDM vol. 3A, 5.9: privileged instructions; and those that are bound to IOPL. */
const char *ring_privileged(void)
{
	bench_begin();
	EXPECT_GP(hlt, 0);
	EXPECT_GP(cli, 0);
	EXPECT_GP(sti, 0);
	EXPECT_GP(in, 0);
	EXPECT_GP(out, 0);
	EXPECT_GP(read_cr0, 0);
	EXPECT_GP(read_cr2, 0);
	EXPECT_GP(read_cr3, 0);
	EXPECT_GP(read_cr4, 0);
	EXPECT_GP(write_cr0, 0);
	EXPECT_GP(write_cr2, 0);
	EXPECT_GP(write_cr3, 0);
	EXPECT_GP(write_cr4, 0);
	EXPECT_GP(read_dr7, 0);
	EXPECT_GP(write_dr7, 0);
	EXPECT_GP(lgdt, 0);
	EXPECT_GP(lidt, 0);
	EXPECT_GP(lldt, 0);
	EXPECT_GP(ltr, 0);
	EXPECT_GP(lmsw, 0);
	EXPECT_GP(clts, 0);
	EXPECT_GP(invlpg, 0);
	EXPECT_GP(invd, 0);
	EXPECT_GP(wbinvd, 0);
	EXPECT_GP(rdmsr, 0);
	EXPECT_GP(wrmsr, 0);
	return NULL;
}

/* Any selector of a port's own will do: the index is not looked at, but for it not being 0. */
static const char *expect_selector(enum privileged_kind kind, const char *name)
{
	struct user_exception e = {0, 0};
	int err = machine_user_privileged(kind, &e);

	CHECK(err == -EFAULT, "%s was executed", name);
	CHECK(e.vector == GP && e.error_code >= 8 && e.error_code % 8 == 0,
	      "%s: vector %u, error code %04x; expected a selector of the GDT", name, e.vector,
	      e.error_code);
	return NULL;
}

#define EXPECT_SELECTOR(name) TRY(expect_selector(PRIVILEGED_##name, #name))

const char *ring_segments(void)
{
	bench_begin();
	EXPECT_SELECTOR(iret_kernel);
	EXPECT_SELECTOR(call_kernel);
	EXPECT_SELECTOR(jmp_kernel);
	EXPECT_SELECTOR(jmp_tss);
	EXPECT_SELECTOR(load_ds_kernel);
	EXPECT_SELECTOR(load_ds_kernel3);
	EXPECT_SELECTOR(load_ss_kernel);
	EXPECT_GP(load_ss_null, 0);
	return NULL;
}

/* All gates but the two of ring 3 have DPL 0. */
const char *ring_gates(void)
{
	bench_begin();
	for (unsigned int vector = 0; vector < 256; vector++) {
		struct user_exception e = {0, 0};
		int err = machine_user_interrupt(vector, &e);

		if (vector == 0x80 || vector == 0x81)
			CHECK(err == 0, "int $%#x: vector %u, error code %04x", vector, e.vector,
			      e.error_code);
		else
			TRY(expect_exception(complain("int $%#x", vector), err, &e, GP,
					     vector * 8 + 2));
	}
	return NULL;
}

const char *ring_own_code(void)
{
	struct user_exception e = {0, 0};
	int err;

	bench_begin();
	watch_faults(NULL);
	err = machine_user_privileged(PRIVILEGED_write_code, &e);
	TRY(expect_exception("write_code", err, &e, PAGE_FAULT, PF_PROT | PF_WRITE | PF_USER));
	CHECK(watch.count == 0, "the fault handler was asked of a probe");
	CHECK(machine_user_privileged(PRIVILEGED_nop, &e) == 0, "nop: vector %u", e.vector);
	return NULL;
}

/* A probe leaves the machine as it was. */
const char *ring_after(void)
{
	struct syscall_regs regs = given;
	struct user_exception e;

	bench_begin();
	set_mapping(enter_new_space(), BENCH_USER, new_page(0x31313131), USER_RW);
	watch_calls(note_call);
	for (enum privileged_kind kind = 0; kind < NR_PRIVILEGED_KINDS; kind++) {
		machine_user_privileged(kind, &e);
		TRY(expect_load(RING_3, BENCH_USER, 4, 0x31313131));
		regs = given;
		CHECK(machine_user_syscall(&regs) == 0 && regs.eax == RESULT,
		      "a system call after probe %u: %08x", kind, regs.eax);
	}
	return expect_store(RING_0, BENCH_USER, 4, 0x32323232);
}
