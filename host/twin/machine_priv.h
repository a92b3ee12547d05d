/* What all parts of the twin share: the machine's state and the way to end it. */
#pragma once

#include <stdarg.h>

#include "twin/cpu.h"
#include "twin/panic.h"
#include "twin/twin.h"

struct twin_machine {
	struct twin_options options;
	struct twin_stats stats;
	phys_addr_t cr3;     /* 0: paging is off, as before the kernel's first arch_load_cr3() */
	unsigned int paging; /* PAGING_* */
	u64 pdpte[4];	     /* with PAE: the entries as they were when CR3 was loaded */
	arch_fault_handler_t fault_handler;
	arch_syscall_handler_t syscall_handler;
	u64 random;
};
extern struct twin_machine machine;
