/* Verbs of ring 3: system calls through the gate, and what the processor refuses there. */
#include "top/verbs.h"

#include "arch/machine.h"
#include "base/errno.h"
#include "base/string.h"

/* Results from here on, as unsigned numbers, are errors. */
#define FIRST_ERRNO (-4095)

static u32 arg(const struct stmt *stmt, unsigned int index)
{
	return stmt->nr_args > index ? (u32)stmt->args[index].number : 0;
}

static void run_syscall(struct stmt *stmt)
{
	struct syscall_regs regs = {
		.eax = arg(stmt, 1),
		.ebx = arg(stmt, 2),
		.ecx = arg(stmt, 3),
		.edx = arg(stmt, 4),
		.esi = arg(stmt, 5),
		.edi = arg(stmt, 6),
		.ebp = arg(stmt, 7),
	};
	const struct syscall_regs given = regs;
	int err;

	if (!run_in_space(stmt))
		return;
	err = machine_user_syscall(&regs);
	if (err)
		stmt_result(stmt, "the gate refuses ring 3");
	else if (memcmp(&regs, &given, offsetof(struct syscall_regs, eax)) != 0)
		stmt_result(stmt,
			    "registers changed: ebx %08x ecx %08x edx %08x esi %08x edi %08x "
			    "ebp %08x",
			    regs.ebx, regs.ecx, regs.edx, regs.esi, regs.edi, regs.ebp);
	else if ((s32)regs.eax < 0 && (s32)regs.eax >= FIRST_ERRNO)
		stmt_result_err(stmt, (s32)regs.eax);
	else
		stmt_result(stmt, "0x%08x", regs.eax);
}

/* ---- what the processor refuses ------------------------------------------------------------ */

static void result_probe(struct stmt *stmt, int err, const struct user_exception *exception)
{
	static const char *const names[] = {
		[6] = "invalid-opcode",	     [11] = "segment-not-present", [12] = "stack-fault",
		[13] = "general-protection", [14] = "page-fault",
	};
	u32 vector = exception->vector;

	if (!err)
		stmt_result(stmt, "executed");
	else if (vector < ARRAY_SIZE(names) && names[vector])
		stmt_result(stmt, "%s %04x", names[vector], exception->error_code);
	else
		stmt_result(stmt, "vector %u", vector);
}

static int find_kind(const char *word, enum privileged_kind *kind)
{
#define KIND_NAME(name) #name,
	static const char *const names[] = {PRIVILEGED_KINDS(KIND_NAME)};
#undef KIND_NAME

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], word) == 0) {
			*kind = i;
			return 0;
		}
	return -EINVAL;
}

static void run_privileged(struct stmt *stmt)
{
	struct user_exception exception = {0, 0};
	enum privileged_kind kind;
	int err = find_kind(stmt->args[0].word, &kind);

	if (err)
		stmt_result_err(stmt, err);
	else
		result_probe(stmt, machine_user_privileged(kind, &exception), &exception);
}

static void run_interrupt(struct stmt *stmt)
{
	struct user_exception exception = {0, 0};
	u64 vector = stmt->args[0].number;

	if (vector > 0xff)
		stmt_result_err(stmt, -EINVAL);
	else
		result_probe(stmt, machine_user_interrupt(vector, &exception), &exception);
}

static const struct verb verbs[] = {
	{"syscall", "task:t nr:x a:x? b:x? c:x? d:x? e:x? f:x?", VAR_NONE, MM_AS, MM_LAST,
	 run_syscall, "a system call of the task, by int $0x80"},
	{"privileged", "name:w", VAR_NONE, MM_RESET, MM_LAST, run_privileged,
	 "an instruction that CPL 3 may not execute"},
	{"interrupt", "vector:n", VAR_NONE, MM_RESET, MM_LAST, run_interrupt, "int $n at CPL 3"},
};

const struct verb_table syscall_verbs = {verbs, ARRAY_SIZE(verbs)};
