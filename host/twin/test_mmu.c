/*
 * Tests of the twin's machine, below everything that is shared: test_access.c compares the soft
 * MMU with an oracle, test_tlb.c checks what is cached and for how long, test_window.c the
 * kernel's mappings, test_trap.c traps and fork. This file has the harness.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdlib.h>

#include "top/rig.h"
#include "twin/test.h"

unsigned int tests_passed, tests_failed;
struct access last;
enum twin_panic_kind panic_kind;
char panic_message[512];
char panic_output[8192];

static char noted[512];
static size_t output_used;
static sigjmp_buf panic_env;

/* The rig's part of a panic. */
void rig_note_panic(const char *message)
{
	snprintf(noted, sizeof(noted), "%s", message);
}

static void capture(const char *text, size_t len, void *arg __maybe_unused)
{
	len = min(len, sizeof(panic_output) - 1 - output_used);
	memcpy(panic_output + output_used, text, len);
	output_used += len;
	panic_output[output_used] = '\0';
}

static void on_panic(enum twin_panic_kind kind, const char *message, void *arg __maybe_unused)
{
	panic_kind = kind;
	snprintf(panic_message, sizeof(panic_message), "%s", message);
	siglongjmp(panic_env, 1);
}

bool panics(void (*fn)(void))
{
	struct twin_options saved = *twin_current_options();
	volatile bool panicked = true;

	twin_set_console(capture, NULL);
	twin_set_on_panic(on_panic, NULL);
	output_used = 0;
	panic_output[0] = '\0';
	panic_message[0] = '\0';
	noted[0] = '\0';
	if (sigsetjmp(panic_env, 0) == 0) {
		fn();
		panicked = false;
	}
	twin_set_console(saved.console, saved.console_arg);
	twin_set_on_panic(saved.on_panic, saved.panic_arg);
	if (panicked) {
		CHECK(strcmp(noted, panic_message) == 0, "rig was told \"%s\"", noted);
		twin_reset(false);
	}
	return panicked;
}

struct twin_options quiet_options(void)
{
	struct twin_options o = TWIN_OPTIONS_INIT;

	o.report_stale = false;
	return o;
}

u32 *phys_word(u32 pa)
{
	return __va(pa);
}

void guest_boot(const struct twin_options *options, u32 kernel_flags)
{
	const u32 flags = _PAGE_KERNEL | kernel_flags;

	twin_configure(options);
	twin_reset(true);
	for (u32 pa = 0; pa < GUEST_MEMORY; pa += PGDIR_SIZE) {
		unsigned int slot = pgd_index(PAGE_OFFSET + pa);

		if (options->cpu_features & ARCH_CPU_PSE) {
			*PGD_SLOT(slot) = pa | flags | _PAGE_PSE;
			continue;
		}
		/* The tables stand in the last 64 KiB of guest memory. */
		u32 table = GUEST_MEMORY - 0x10000 + (pa >> PGDIR_SHIFT) * PAGE_SIZE;

		*PGD_SLOT(slot) = table | _PAGE_KERNEL;
		for (unsigned int i = 0; i < PTRS_PER_PTE; i++)
			*PTE_SLOT(table, i) = (pa + i * PAGE_SIZE) | flags;
	}
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
}

static int do_access(int (*hook)(struct access *a), enum access_kind kind, unsigned long va,
		     unsigned int size, u32 value)
{
	last = (struct access){.kind = kind, .address = va, .size = size, .value = value};
	return hook(&last);
}

int user_load(unsigned long va, unsigned int size)
{
	return do_access(machine_user_access, ACCESS_LOAD, va, size, 0);
}

int user_store(unsigned long va, unsigned int size, u32 value)
{
	return do_access(machine_user_access, ACCESS_STORE, va, size, value);
}

int kernel_load(unsigned long va, unsigned int size)
{
	return do_access(machine_kernel_access, ACCESS_LOAD, va, size, 0);
}

int kernel_store(unsigned long va, unsigned int size, u32 value)
{
	return do_access(machine_kernel_access, ACCESS_STORE, va, size, value);
}

int main(int argc, char **argv)
{
	struct twin_options options = TWIN_OPTIONS_INIT;
	int err = twin_start(argc, argv, &options);

	if (err)
		return err;
	test_access();
	test_straddle();
	test_copies();
	test_tlb();
	test_stale_reports();
	test_window();
	test_traps();
	printf("%u passed, %u failed\n", tests_passed, tests_failed);
	return tests_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
