/* Faults on their way to the kernel. Theory in trap.c. */
#pragma once

#include "arch/fault.h"
#include "arch/types.h"

/* Installs the signal handlers on a stack of their own. Returns 0 or a negative errno. */
int trap_init(void);
void trap_reset(void);

/* Hands a refused access to the kernel's fault handler. Returns 0 (run it again) or -EFAULT. */
int trap_deliver(const struct fault_record *fault);

/*
 * The fixup of the one kind of native access that may be refused: while armed, a refusal fills
 * fault and goes on at `resume`. See host_access() in access.c.
 */
struct trap_guard {
	bool armed, refused;
	unsigned long resume;
	struct fault_record fault;
};
extern struct trap_guard trap_guard;
