/* System calls on memory, as steps. Numbers of calls are those of i386. */
#include "record.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum {
	NR_EXECVE = 11,
	NR_ACCESS = 33,
	NR_BRK = 45,
	NR_SETRLIMIT = 75,
	NR_MMAP = 90,
	NR_MUNMAP = 91,
	NR_IPC = 117,
	NR_MPROTECT = 125,
	NR_MSYNC = 144,
	NR_MLOCK = 150,
	NR_MUNLOCK = 151,
	NR_MLOCKALL = 152,
	NR_MUNLOCKALL = 153,
	NR_MREMAP = 163,
	NR_CAPSET = 185,
	NR_MMAP2 = 192,
	NR_MINCORE = 218,
	NR_MADVISE = 219,
	NR_REMAP_FILE_PAGES = 257,
	NR_PRLIMIT64 = 340,
	NR_EXECVEAT = 358,
	NR_MLOCK2 = 376,
	NR_PKEY_MPROTECT = 380,
	NR_SHMAT = 397,
};

/* access() with this mode is a probe of an address: record-errno's; others hardly ask for all
 * three. */
#define PROBE_MODE 7

bool call_concerns(uint32_t nr)
{
	switch (nr) {
	case NR_EXECVE:
	case NR_ACCESS:
	case NR_BRK:
	case NR_SETRLIMIT:
	case NR_MMAP:
	case NR_MUNMAP:
	case NR_MPROTECT:
	case NR_MSYNC:
	case NR_MLOCK:
	case NR_MUNLOCK:
	case NR_MLOCKALL:
	case NR_MUNLOCKALL:
	case NR_MREMAP:
	case NR_CAPSET:
	case NR_MMAP2:
	case NR_MINCORE:
	case NR_MADVISE:
	case NR_REMAP_FILE_PAGES:
	case NR_PRLIMIT64:
	case NR_EXECVEAT:
	case NR_MLOCK2:
	case NR_PKEY_MPROTECT:
	case NR_SHMAT:
		return true;
	default:
		return false;
	}
}

/* ---- calls ---- */

/* Numbers as people write them. */
static const char *number(uint32_t value)
{
	static char buffers[4][16];
	static unsigned int turn;
	char *text = buffers[turn++ % 4];

	sprintf(text, value < 0x10000000 ? "%u" : "0x%08x", value);
	return text;
}

static const char *address(uint32_t value)
{
	static char buffers[4][16];
	static unsigned int turn;
	char *text = buffers[turn++ % 4];

	sprintf(text, value ? "0x%08x" : "0", value);
	return text;
}

static void mmap_text(struct task *task, const uint32_t arg[6], uint64_t offset)
{
	struct call *call = &task->call;
	int len = snprintf(call->text, sizeof(call->text), "mmap p%u %s %s %s %s", task->number,
			   address(arg[0]), number(arg[1]), prot_text(arg[2]),
			   mmap_flags_text(arg[3] & ~MAP_POPULATE));
	char *rest = call->text + len;

	if (arg[3] & MAP_ANONYMOUS) {
		if (offset)
			sprintf(rest, " none 0x%llx", (unsigned long long)offset);
		return;
	}
	unsigned int file = file_of(task->pid, arg[4]);

	if (file)
		sprintf(rest, " f%u 0x%llx", file, (unsigned long long)offset);
	else
		sprintf(rest, " none 0x%llx", (unsigned long long)offset);
}

/*
 * The flags that the kernel gets: MAP_STACK means nothing to 6.1, newer kernels keep huge pages
 * away from such mappings, and then do not merge them.
 */
static void mmap_enter(struct task *task, uint32_t nr)
{
	struct call *call = &task->call;
	uint32_t arg[6];

	memcpy(arg, call->arg, sizeof(arg));
	if (nr == NR_MMAP)
		memory_read(task->pid, call->arg[0], arg, sizeof(arg));
	mmap_text(task, arg, nr == NR_MMAP ? arg[5] : (uint64_t)arg[5] << 12);
	if (!(arg[3] & MAP_STACK))
		return;
	arg[3] &= ~MAP_STACK;
	if (nr == NR_MMAP)
		memory_write(task->pid, call->arg[0], arg, sizeof(arg));
	else
		arguments_set(task->pid, arg);
}

/*
 * Advice on huge pages and on merging of equal pages is refused by a kernel that has neither, and
 * so is advice that 6.1 does not know: the kernel gets one that nobody knows.
 */
static void madvise_enter(struct task *task)
{
	enum { UNKNOWN_ADVICE = 0x7ffe, COLLAPSE = 25, GUARD_INSTALL = 102, GUARD_REMOVE };
	struct call *call = &task->call;
	uint32_t arg[6];

	memcpy(arg, call->arg, sizeof(arg));
	snprintf(call->text, sizeof(call->text), "madvise p%u %s %s %s", task->number,
		 address(arg[0]), number(arg[1]), advice_text(arg[2]));
	switch (arg[2]) {
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case COLLAPSE:
	case GUARD_INSTALL:
	case GUARD_REMOVE:
		arg[2] = UNKNOWN_ADVICE;
		arguments_set(task->pid, arg);
	}
}

/* Advice on pages alone, whose mechanism pagetwin does not have so far. */
static bool left_out(const struct call *call)
{
	if (call->nr != NR_MADVISE)
		return false;
	switch (call->arg[2]) {
	case MADV_REMOVE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
		return true;
	default:
		return false;
	}
}

static uint32_t limit_value(uint64_t value)
{
	return value > 0xffffffff ? 0xffffffff : value;
}

static void limit_text(struct task *task, uint32_t resource)
{
	const char *name = rlimit_text(resource);
	struct call *call = &task->call;

	if (name)
		snprintf(call->text, sizeof(call->text), "setrlimit p%u %s 0x%x 0x%x", task->number,
			 name, limit_value(call->limit[0]), limit_value(call->limit[1]));
}

static void setrlimit_enter(struct task *task)
{
	struct call *call = &task->call;
	uint32_t words[2];

	memory_read(task->pid, call->arg[1], words, sizeof(words));
	for (int i = 0; i < 2; i++)
		call->limit[i] = words[i] == 0xffffffff ? RLIM64_INFINITY : words[i];
	limit_text(task, call->arg[0]);
}

static void prlimit_enter(struct task *task)
{
	struct call *call = &task->call;

	if (!call->arg[2])
		return;
	if (call->arg[0] && (pid_t)call->arg[0] != task->pid)
		die("process %d sets the limits of another one", task->pid);
	memory_read(task->pid, call->arg[2], call->limit, sizeof(call->limit));
	limit_text(task, call->arg[1]);
}

/* Calls whose arguments are an address, a length and what the format says. */
static void plain_text(struct task *task, const char *name, const char *rest)
{
	const uint32_t *arg = task->call.arg;

	snprintf(task->call.text, sizeof(task->call.text), "%s p%u %s %s%s%s", name, task->number,
		 address(arg[0]), number(arg[1]), *rest ? " " : "", rest);
}

static void mremap_text(struct task *task)
{
	const uint32_t *arg = task->call.arg;
	bool addressed = arg[3] & (MREMAP_FIXED | MREMAP_DONTUNMAP);

	snprintf(task->call.text, sizeof(task->call.text), "mremap p%u %s %s %s %s%s%s",
		 task->number, address(arg[0]), number(arg[1]), number(arg[2]),
		 mremap_flags_text(arg[3]), addressed ? " " : "", addressed ? address(arg[4]) : "");
}

static void other_text(struct task *task, uint32_t nr)
{
	const uint32_t *arg = task->call.arg;
	char *text = task->call.text;

	switch (nr) {
	case NR_ACCESS:
		if (arg[1] == PROBE_MODE)
			sprintf(text, "expand_stack p%u %s", task->number, address(arg[0]));
		break;
	case NR_BRK:
		sprintf(text, "brk p%u %s", task->number, address(arg[0]));
		break;
	case NR_MLOCKALL:
		sprintf(text, "mlockall p%u %s", task->number, mlockall_flags_text(arg[0]));
		break;
	case NR_MUNLOCKALL:
		sprintf(text, "munlockall p%u", task->number);
		break;
	case NR_REMAP_FILE_PAGES:
		sprintf(text, "remap_file_pages p%u %s %s %s %u %s", task->number, address(arg[0]),
			number(arg[1]), prot_text(arg[2]), arg[3], mmap_flags_text(arg[4]));
		break;
	case NR_IPC:
	case NR_PKEY_MPROTECT:
	case NR_SHMAT:
		die("process %d makes call %u, which has no verb", task->pid, nr);
	}
}

void call_enter(struct task *task)
{
	uint32_t nr = task->call.nr;
	const uint32_t *arg = task->call.arg;

	growth_note(task);
	task->call.open = true;
	switch (nr) {
	case NR_MMAP:
	case NR_MMAP2:
		return mmap_enter(task, nr);
	case NR_MADVISE:
		return madvise_enter(task);
	case NR_SETRLIMIT:
		return setrlimit_enter(task);
	case NR_PRLIMIT64:
		return prlimit_enter(task);
	case NR_MREMAP:
		return mremap_text(task);
	case NR_MUNMAP:
		return plain_text(task, "munmap", "");
	case NR_MPROTECT:
		return plain_text(task, "mprotect", prot_text(arg[2]));
	case NR_MSYNC:
		return plain_text(task, "msync", msync_flags_text(arg[2]));
	case NR_MLOCK:
		return plain_text(task, "mlock", "");
	case NR_MLOCK2:
		return plain_text(task, "mlock2", mlock2_flags_text(arg[2]));
	case NR_MUNLOCK:
		return plain_text(task, "munlock", "");
	case NR_MINCORE:
		return plain_text(task, "mincore", "");
	default:
		return other_text(task, nr);
	}
}

/*
 * A program that asks for the file whose name is at an address makes the kernel touch that address:
 * what a fault of its own would do, but for the signal. Why it was refused, the kernel does not
 * say.
 */
static void probe_leave(struct task *task, uint32_t value)
{
	step("%s => %s", task->call.text, ERRNO_OF(value) == EFAULT ? "*" : "ok");
}

static bool gives_address(uint32_t nr)
{
	return nr == NR_MMAP || nr == NR_MMAP2 || nr == NR_MREMAP || nr == NR_BRK;
}

/* The same call in the puppet; it gets the arguments that the kernel got from the program. */
static uint32_t repeat(struct task *task, uint32_t value)
{
	struct space *space = task->space;
	uint32_t nr = task->call.nr, arg[6];
	uint32_t other;

	switch (nr) {
	case NR_MINCORE: /* it would write into memory */
	case NR_CAPSET:
		return value;
	case NR_SETRLIMIT:
	case NR_PRLIMIT64:
		if (*task->call.text)
			puppet_limit(space, task->call.arg[nr == NR_PRLIMIT64], task->call.limit);
		return value;
	}
	arguments_get(task->pid, arg);
	if (nr == NR_MMAP)
		memory_read(task->pid, arg[0], arg, sizeof(arg));
	if (nr == NR_MMAP && arg[5] % PAGE_SIZE)
		return value; /* the puppet's call takes pages */
	if (nr == NR_MMAP)
		arg[5] >>= 12;
	if (nr == NR_MMAP || nr == NR_MMAP2)
		other = puppet_mmap(space, task->pid, arg);
	else
		other = puppet_call(space, nr, arg);
	if (other != value)
		remark("the program, its pages in, gets %s", result_text(value, gives_address(nr)));
	return other;
}

void call_leave(struct task *task, uint32_t value)
{
	struct call *call = &task->call;
	uint32_t nr = call->nr;

	call->open = false;
	if (nr == NR_CAPSET)
		caps_state(task);
	if (task->space->puppet && *call->text && !left_out(call))
		value = repeat(task, value);
	maps_read(task->pid, &task->space->layout, &task->space->seen);
	if (nr == NR_MINCORE && ERRNO_OF(value) == EFAULT)
		return; /* the verb has no vector that could be bad */
	if (!*call->text || ((nr == NR_SETRLIMIT || nr == NR_PRLIMIT64) && value))
		return;
	if (left_out(call)) {
		remark("left out: %s => %s", call->text, result_text(value, false));
		return;
	}
	if (nr == NR_BRK)
		task->space->layout.brk = value;
	if (nr == NR_ACCESS)
		probe_leave(task, value);
	else if (nr == NR_MINCORE &&
		 !value) /* how many pages are there is not the vector's matter */
		step("%s => * of %lu pages", call->text,
		     (call->arg[1] + PAGE_SIZE - 1) / PAGE_SIZE);
	else
		step("%s => %s", call->text, result_text(value, gives_address(nr)));
	if (options.every && !ERRNO_OF(value) &&
	    steps_written() - task->space->stated >= options.every)
		maps_state(task);
}
