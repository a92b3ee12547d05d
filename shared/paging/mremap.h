/* mremap(). Corresponds to Linux mm/mremap.c. */
#pragma once

/*
 * Makes old_len bytes at addr of current's space new_len bytes, there or elsewhere; *result: where.
 * Takes mmap_sem; may sleep. Errors, in this order, which is Linux's:
 *   -EINVAL  unknown flags; MREMAP_FIXED or MREMAP_DONTUNMAP without MREMAP_MAYMOVE; the latter
 * with another length; addr is not page-aligned; new_len is 0 -EFAULT  nothing is at addr with
 * MREMAP_FIXED or MREMAP_DONTUNMAP: -EINVAL  new_addr is not page-aligned, or with new_len beyond
 * TASK_SIZE; the two overlap -ENOMEM  too many areas and then, where it does not shrink in place:
 *   -EINVAL  old_len is 0, and the area is not shared; offsets would wrap; MREMAP_DONTUNMAP of
 *            VM_DONTEXPAND or VM_PFNMAP
 *   -EFAULT  the range is of more than one area, or grows and is of those kinds
 *   -EAGAIN  VM_LOCKED, and beyond RLIMIT_MEMLOCK
 *   -ENOMEM  limits, commitments, memory, no room
 *   On error nothing has changed.
 */
int do_mremap(unsigned long addr, unsigned long old_len, unsigned long new_len, unsigned long flags,
	      unsigned long new_addr, unsigned long *result);
