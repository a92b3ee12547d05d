/*
 * Page faults, as the machine reports them. Corresponds to Linux arch/i386/mm/fault.c.
 *
 *	fault
 *	  |-- kernel address ---- by the kernel, no entry: vmalloc_fault() ---- synced: again
 *	  |                    \- otherwise ---------------------------------- refused: SEGV_MAPERR
 *	  |-- no space, a spinlock held, or mmap_sem by the kernel ------------- refused
 *	  |-- no area, or a stack that must not grow -------------------------- refused: SEGV_MAPERR
 *	  |-- the area does not allow it -------------------------------------- refused: SEGV_ACCERR
 *	  `-- handle_mm_fault() ---- resolved: minor or major ----------------- again
 *	                        |--- VM_FAULT_RETRY --------------------------- once more from above
 *	                        |--- VM_FAULT_SIGBUS -------------------------- refused: BUS_ADRERR
 *	                        `--- VM_FAULT_OOM ----------------------------- refused
 *
 * A refused access of a program ends in a signal, which current->fault says; a refused one of the
 * kernel's own in the fixup of a user copy, or it is a bug: the machine sees to both.
 */
#pragma once

#include "arch/fault.h"

/* For arch_set_fault_handler(): 0, or -EFAULT. */
int do_page_fault(const struct fault_record *fault);
