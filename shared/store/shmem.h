/*
 * Memory that files stand for: shared anonymous memory, and named files of it. Corresponds to Linux
 * mm/shmem.c.
 *
 * An object has the pages that were ever touched, in the page cache, all zeroes at first; they stay
 * until it is truncated, or its last file closed. Nothing but memory stands behind them: no fault
 * is a major one. Its size may count in vm_committed_as once, when it is made, however many areas
 * map it.
 */
#pragma once

#include "as/file.h"

struct mm_struct;

/* What /proc/PID/maps calls shared anonymous memory. */
#define SHMEM_ANONYMOUS_NAME "/dev/zero (deleted)"

/*
 * A file of size bytes, with one reference, for FMODE_* mode. mm: its pages are promised to it
 * now; NULL: they are not. -ENOMEM: no memory, or too much promised; -EINVAL: size is above
 * MAX_FILE_SIZE; nothing is left behind. May sleep.
 */
int shmem_file_setup(const char *name, u64 size, u32 mode, const struct mm_struct *mm,
		     struct file **file);

/* What backs an area of shared memory without a name: as above, promised to mm unless VM_NORESERVE.
 */
int shmem_zero_file(const struct mm_struct *mm, unsigned long len, unsigned long vm_flags,
		    struct file **file);
