/*
 * Traps, each in a forked machine that does not survive it: exit code and console say what
 * happened. And fork itself.
 */
#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "twin/test.h"

#define KERNEL_VA (PAGE_OFFSET + GUEST_MEMORY + VMALLOC_OFFSET)
#define KERNEL_TABLE 0x00604000u
#define A 0xAAAAAAAAu
#define B 0xBBBBBBBBu

static u32 native(unsigned long va)
{
	return *(volatile u32 *)va;
}

static char child_output[8192];

/*
 * Runs fn in a forked machine; returns its exit code, -1 for a signal; child_output is its output.
 */
static int run_child(void (*fn)(void))
{
	int fds[2], status = 0;
	size_t used = 0;
	ssize_t got;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) < 0)
		return -1;
	pid = twin_fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		fn();
		twin_console_flush();
		_exit(99);
	}
	close(fds[1]);
	while ((got = read(fds[0], child_output + used, sizeof(child_output) - 1 - used)) > 0)
		used += got;
	child_output[used] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static noinline void null_pointer(void)
{
	unsigned long va = 0x10;

	__asm__ __volatile__("" : "+r"(va)); /* no compiler shall see what it is */
	__asm__ __volatile__("movl (%0), %%eax" : : "r"(va) : "eax", "memory");
}

static noinline void wild_pointer(void)
{
	__asm__ __volatile__("movl %%eax, 0xF1234567" : : : "memory");
}

static noinline void user_pointer(void)
{
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 0) = FRAME_A | USER_FLAGS;
	__asm__ __volatile__("movl %0, %%eax" : : "m"(*(u32 *)USER_VA) : "eax", "memory");
}

static noinline void divide(void)
{
	__asm__ __volatile__("xorl %%ecx, %%ecx; divl %%ecx" : : : "eax", "ecx", "edx");
}

static noinline void undefined(void)
{
	__asm__ __volatile__("ud2");
}

static noinline void privileged(void)
{
	__asm__ __volatile__("cli");
}

static noinline int overflow_stack(volatile int *up)
{
	volatile int here[64] = {*up};

	return here[0] ? here[1] : overflow_stack(here) + here[2];
}

static void overflow(void)
{
	volatile int zero = 0;

	overflow_stack(&zero);
}

static void plain_panic(void)
{
	arch_panic("out of ideas");
}

static int handler_that_faults(const struct fault_record *fault __maybe_unused)
{
	wild_pointer();
	return 0;
}

static void recursive(void)
{
	arch_set_fault_handler(handler_that_faults);
	kernel_load(0xF1000000, 4);
}

static int handler_that_trips(const struct fault_record *fault __maybe_unused)
{
	arch_set_fault_handler(NULL);
	wild_pointer();
	return 0;
}

/* The handler's own fault is not the guarded access's, though that one waits for its verdict. */
static void trip(void)
{
	arch_set_fault_handler(handler_that_trips);
	kernel_load(0xF1000000, 4);
}

static int handler_that_lies(const struct fault_record *fault __maybe_unused)
{
	return 0;
}

static void livelock(void)
{
	arch_set_fault_handler(handler_that_lies);
	wild_pointer();
}

static int handler_that_maps(const struct fault_record *fault)
{
	if (fault->address != KERNEL_VA + PAGE_SIZE || fault->error_code != 0)
		return -EFAULT;
	*PTE_SLOT(KERNEL_TABLE, pte_index(KERNEL_VA) + 1) = FRAME_B | _PAGE_KERNEL;
	return 0;
}

static void lazy_mapping(void)
{
	char line[64];

	arch_set_fault_handler(handler_that_maps);
	snprintf(line, sizeof(line), "found %08x\n", (unsigned int)native(KERNEL_VA + PAGE_SIZE));
	arch_console_write(line, strlen(line));
}

static void private_ram(void)
{
	*phys_word(FRAME_A) = 0xC01D;
	*phys_word(FRAME_C) = native(KERNEL_VA) == 0xC01D && *phys_word(FRAME_B) == B;
	if (*phys_word(FRAME_C))
		arch_console_write("private\n", 8);
}

static void check_trap(void (*fn)(void), const char *message, const char *frame)
{
	int code = run_child(fn);

	CHECK(code == TWIN_EXIT_PANIC, "exit code %d: %s", code, child_output);
	CHECK(strstr(child_output, message) != NULL, "no \"%s\" in: %s", message, child_output);
	CHECK(!frame || strstr(child_output, frame) != NULL, "no \"%s\" in: %s", frame,
	      child_output);
}

void test_traps(void)
{
	struct twin_options o = TWIN_OPTIONS_INIT;

	guest_boot(&o, 0);
	*phys_word(FRAME_A) = A;
	*phys_word(FRAME_B) = B;
	*PGD_SLOT(pgd_index(KERNEL_VA)) = KERNEL_TABLE | _PAGE_KERNEL;
	*PTE_SLOT(KERNEL_TABLE, pte_index(KERNEL_VA)) = FRAME_A | _PAGE_KERNEL;
	check_trap(plain_panic, "# kernel panic: out of ideas\n", "#   plain_panic+0x");
	check_trap(null_pointer,
		   "NULL pointer dereference at 00000010: page not present, supervisor read",
		   "#   null_pointer+0x");
	check_trap(wild_pointer, "paging request at f1234567: page not present, supervisor write",
		   "#   wild_pointer+0x");
	check_trap(user_pointer, "dereferences the user address 01400000", "#   user_pointer+0x");
	check_trap(divide, "divide error", "#   divide+0x");
	check_trap(undefined, "invalid opcode", "#   undefined+0x");
	check_trap(privileged, "general protection fault", "#   privileged+0x");
	check_trap(overflow, "kernel stack overflow at ff", "#   overflow_stack");
	check_trap(recursive, "the fault handler itself keeps faulting, at f1234567",
		   "#   handler_that_faults+0x");
	check_trap(trip, "paging request at f1234567", "#   handler_that_trips+0x");
	check_trap(livelock, "fault loop", "#   wild_pointer+0x");
	CHECK(run_child(lazy_mapping) == 99 && strstr(child_output, "found bbbbbbbb"), "%s",
	      child_output);
	CHECK(run_child(private_ram) == 99 && strstr(child_output, "private"), "%s", child_output);
	CHECK(*phys_word(FRAME_A) == A && native(KERNEL_VA) == A,
	      "the child wrote the parent's RAM");
}
