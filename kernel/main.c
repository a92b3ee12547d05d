/*
 * The image's course: set the machine up, run the rig, let the counters out, end with the verdict.
 */
#include "arch/arch.h"
#include "arch/machine.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "build_id.h"
#include "suites.h"
#include "kernel/cmdline.h"
#include "kernel/console.h"
#include "kernel/coverage.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/firmware.h"
#include "kernel/main.h"
#include "kernel/modules.h"
#include "kernel/platform.h"
#include "kernel/segment.h"
#include "kernel/selftest.h"
#include "kernel/window.h"
#include "top/rig.h"

const char machine_name[] = "image";

static void __noreturn finish(enum rig_status status)
{
	coverage_dump();
	switch (selftest_end()) {
	case SELFTEST_END_HANG:
		selftest_hang();
	case SELFTEST_END_PASS:
		machine_exit(EXIT_VALUE_PASS);
	default:
		machine_exit(status == RIG_PASS ? EXIT_VALUE_PASS : EXIT_VALUE_FAIL);
	}
}

static void __noreturn run(u32 boot_information)
{
	struct rig_config config = {
		.build_id = BUILD_ID,
		.suites = test_suites,
		.nr_suites = nr_test_suites,
	};
	struct multiboot_info info;

	firmware_init(boot_information, &info);
	if (strcmp(boot_params_page->loader, QEMU_LOADER) != 0)
		/* A loader that wrote to the same line left its cursor anywhere. */
		arch_console_write("\n", 1);
	config.nr_modules = modules_init(&info, &config.modules);
	config.command_line = cmdline_text();
	irq_on();
	selftest_start();
	finish(rig_main(&config));
}

void kernel_start(u32 boot_information)
{
	window_init();
	segment_init();
	console_init();
	platform_init();
	run_on_stack(KERNEL_STACK_TOP, run, boot_information);
}
