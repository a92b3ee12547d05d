/*
 * The twin: a hosted machine for pagetwin's memory manager. It implements the waist (arch/arch.h)
 * and the rig's hooks (arch/machine.h) in a 32-bit Linux process. This header is what a program
 * that runs the twin needs besides; the hooks themselves are in shared/arch/.
 *
 *   twin_start()  first thing in main(): lays the process out, may re-execute it
 *   rig_main() or the memory manager itself, any number of times
 *   twin_reset()  back to the state after twin_start(), between two runs
 *
 * Theory, file by file:
 *   ram.c      guest RAM: a sparse memfd; the machine's own view of it
 *   walk.c     the page-table walk: rights, reserved bits, A and D, error codes
 *   walk_pae.c the same with CR4.PAE: three levels, 2 MiB pages, NX
 *   mmu.c      TLB and PDE cache, what drops them, forgotten flushes
 *   window.c   kernel addresses: host mappings of the memfd, filled by the same walk
 *   access.c   accesses on behalf of user code, of the rig, and user copies
 *   rings.c    system calls, and what user code may not do
 *   trap.c     host signals become faults
 *   panic.c    the end: message, registers, backtrace (symbols.c)
 *   console.c  text, input, ticks, interrupt flag
 *   start.c    layout, options, reset, fork
 *
 * One thread only. Nothing here may be called before twin_start() has returned 0.
 */
#pragma once

#include <sys/types.h>

#include "arch/arch.h"
#include "arch/machine.h"
#include "arch/types.h"

/* How long the MMU keeps what it has cached; all three are what the architecture allows. */
enum twin_tlb_mode {
	TWIN_TLB_KEEP,	 /* until a flush says otherwise: finds every forgotten flush */
	TWIN_TLB_RANDOM, /* drops at random (seeded): finds what relies on what is cached */
	TWIN_TLB_NONE,	 /* caches nothing: finds what a flush was hiding */
};

enum twin_panic_kind {
	TWIN_PANIC_KERNEL, /* arch_panic(): the kernel's own decision */
	TWIN_PANIC_TRAP,   /* a trap in kernel code that nothing handles */
	TWIN_PANIC_STALE,  /* an access used a translation that should have been flushed */
	TWIN_PANIC_WAIST,  /* a hook was called against its contract */
};

/* Process exit codes that the twin uses. */
#define TWIN_EXIT_HOST 2  /* the host cannot run the twin */
#define TWIN_EXIT_PANIC 4 /* the kernel panicked */

/* Receives console output. */
typedef void (*twin_console_t)(const char *text, size_t len, void *arg);

/*
 * Called at the end of a panic, everything printed and flushed. May leave by siglongjmp() and then
 * call twin_reset() before anything else; if it returns, the process exits with TWIN_EXIT_PANIC.
 * Runs on the signal stack if the panic came from a trap.
 */
typedef void (*twin_on_panic_t)(enum twin_panic_kind kind, const char *message, void *arg);

struct twin_options {
	enum twin_tlb_mode tlb;
	u64 seed;		   /* of TWIN_TLB_RANDOM; each twin_reset() starts it anew */
	u64 ram_size;		   /* bytes, whole pages, at most 4 GiB */
	unsigned int cpu_features; /* ARCH_CPU_* */
	bool report_stale;	   /* end the run at the access that hits a stale translation */

	twin_console_t console; /* NULL: stdout */
	void *console_arg;
	twin_on_panic_t on_panic; /* NULL: exit */
	void *panic_arg;
};

#define TWIN_OPTIONS_INIT                                                                          \
	{                                                                                          \
		.tlb = TWIN_TLB_KEEP, .seed = 1, .ram_size = 1ull << 32,                           \
		.cpu_features = ARCH_CPU_PSE | ARCH_CPU_PGE, .report_stale = true,                 \
	}

/*
 * Sets the machine up: RAM all zero, CR3 0, nothing cached.
 * - Re-executes the process (argv as given) with another memory layout where the fixed addresses
 *   0xC0000000 to 0xFE000000 are taken: call it before any output or other effect.
 * - Returns 0, or TWIN_EXIT_HOST with the reason on stderr.
 */
int twin_start(int argc, char **argv, const struct twin_options *options);

/*
 * Changes the options and resets the machine. Panics on senseless ones, as twin_start() refuses
 * them.
 */
void twin_configure(const struct twin_options *options);
const struct twin_options *twin_current_options(void);

/*
 * Back to the start: CR3 0 (paging off), nothing cached, interrupts on, no handlers, random
 * numbers from the seed.
 * - RAM keeps its content, as across a warm boot; with zero_ram it is all zero again, at a cost
 *   that grows with the pages used.
 */
void twin_reset(bool zero_ram);

/*
 * fork() with the machine split: the child has a private copy of guest RAM. Guest RAM is otherwise
 * shared between parent and child. The parent returns once the copy is complete; it costs as much
 * as RAM was used (twin_reset(true) before makes it cheap).
 * - Returns the pid, 0 in the child, or a negative errno with no child left.
 * - Console output is flushed first; what the program holds in buffers of its own is its own
 *   affair.
 */
pid_t twin_fork(void);

struct twin_stats {
	u64 accesses;  /* translations asked of the soft MMU */
	u64 hits;      /* served by the TLB */
	u64 walks;     /* walks of the page tables, for soft accesses and window fills */
	u64 pde_hits;  /* walks that began at a cached page-directory entry */
	u64 faults;    /* accesses refused to the fault handler, of either mode */
	u64 stale;     /* uses of stale translations (with report_stale: at most one) */
	u64 evictions; /* entries dropped at random */
	u64 invlpg, cr3_loads, full_flushes, range_flushes;
	u64 page_fills; /* kernel pages mapped, one or a run of them */
	u64 slot_fills; /* 4 MiB of direct map mapped at once */
	u64 overflows;	/* times the limit on host mappings made the window drop everything */
};

const struct twin_stats *twin_statistics(void);
void twin_clear_statistics(void);

/* Hands buffered console output on. */
void twin_console_flush(void);
/* Change the options of these names, without a reset. */
void twin_set_console(twin_console_t console, void *arg);
void twin_set_on_panic(twin_on_panic_t on_panic, void *arg);

/* The modelled interrupt flag. */
bool twin_irqs_enabled(void);
