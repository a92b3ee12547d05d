/*
 * The process's address space. The kernel's addresses [PAGE_OFFSET, MACHINE_WINDOW) must be free.
 * By default Linux puts libraries right below the stack, in their middle. The personality flag
 * ADDR_COMPAT_LAYOUT has it start from a third of the address space instead, bottom-up, and only
 * the stack remains above; it takes effect at the next execve(), so the process executes itself
 * again, once: an environment variable says that it has.
 *
 * Addresses are not randomized then either (ADDR_NO_RANDOMIZE): the kernel's variables are the
 * process's, and a run that compares or prints their addresses shall repeat.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/layout.h"
#include "twin/layout.h"

#define REEXECUTED "PAGETWIN_REEXECUTED"

static bool range_is_free(void)
{
	void *want = (void *)PAGE_OFFSET;
	size_t size = MACHINE_WINDOW - PAGE_OFFSET;
	void *got = mmap(want, size, PROT_NONE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);

	if (got == MAP_FAILED)
		return false;
	munmap(got, size);
	return got == want; /* a host kernel older than 4.17 takes the address for a hint */
}

/* Names what stands in the range. */
static void print_occupants(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char line[512];

	if (!maps)
		return;
	while (fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && start < MACHINE_WINDOW &&
		    end > PAGE_OFFSET)
			fprintf(stderr, "pagetwin: taken: %s", line);
	fclose(maps);
}

static int give_up(const char *why)
{
	fprintf(stderr, "pagetwin: the twin needs the addresses %08lx to %08lx to itself: %s\n",
		PAGE_OFFSET, MACHINE_WINDOW, why);
	print_occupants();
	return -1;
}

int layout_claim(char **argv)
{
	bool reexecuted = getenv(REEXECUTED);
	int persona;

	unsetenv(REEXECUTED);
	if (range_is_free())
		return 0;
	if (reexecuted)
		return give_up("they are not free, not even with the compat layout");
	persona = personality(0xFFFFFFFF);
	if (persona < 0 || personality(persona | ADDR_COMPAT_LAYOUT | ADDR_NO_RANDOMIZE) < 0)
		return give_up("the host refuses personality(ADDR_COMPAT_LAYOUT)");
	if (setenv(REEXECUTED, "1", 1) < 0)
		return give_up(strerror(errno));
	execv("/proc/self/exe", argv);
	return give_up("the host refuses to execute /proc/self/exe again");
}
