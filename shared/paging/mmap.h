/* mmap(). Corresponds to Linux mm/mmap.c, do_mmap() and mmap_region(). */
#pragma once

#include "as/mm_types.h"
#include "as/mman.h"

/*
 * Maps len bytes at a place of its own or that of MAP_FIXED, in current's space.
 * - file: NULL for MAP_ANONYMOUS. pgoff: where in it, in pages.
 * - *result: where. May sleep; mmap_sem is held for writing.
 * - Errors, in this order, which is Linux's:
 *   -EINVAL    MAP_HUGETLB, which there is none of; len is 0
 *   -ENOMEM    len is beyond all addresses
 *   -EOVERFLOW pgoff + len is beyond all offsets
 *   -ENOMEM    more than sysctl_max_map_count areas
 *              what get_unmapped_area() says
 *   -EEXIST    MAP_FIXED_NOREPLACE, and there is something
 *   -EPERM     MAP_LOCKED, and no memory may be locked
 *   -EAGAIN    ... or not so much
 *   -EOVERFLOW, -EOPNOTSUPP, -EACCES, -ENODEV, -EINVAL
 *              the file cannot be mapped so: size, flags, mode, operations, MAP_GROWSDOWN
 *   -EINVAL    neither MAP_SHARED nor MAP_PRIVATE
 *   -ENOMEM    limits, commitments, memory
 *   On error nothing has changed: what was at a fixed place is there still.
 */
int do_mmap(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
	    unsigned long flags, unsigned long pgoff, unsigned long *result);

/* The same, taking mmap_sem. */
int vm_mmap_pgoff(struct file *file, unsigned long addr, unsigned long len, unsigned long prot,
		  unsigned long flags, unsigned long pgoff, unsigned long *result);

/* Is what was mapped at addr, with these MAP_* flags, to be there at once? mmap_sem is held. */
bool wants_pages(struct mm_struct *mm, unsigned long addr, unsigned long flags);

/* vm_flags from PROT_* and back to what areas look like. */
unsigned long calc_vm_prot_bits(unsigned long prot);

/*
 * A mapping of the kernel's own (the vDSO) at [addr, addr + len), page-aligned; vm_flags with
 * VM_MAY*. name: what /proc/PID/maps shows; it stays. -ENOMEM: the place is not free, or
 * memory. Takes mmap_sem; may sleep. Linux: _install_special_mapping().
 */
int install_special_mapping(struct mm_struct *mm, unsigned long addr, unsigned long len,
			    unsigned long vm_flags, const char *name);
