/* mprotect(). Corresponds to Linux mm/mprotect.c. */
#pragma once

/*
 * Gives [start, start + len) of current's space the rights `prot`. Takes mmap_sem; may sleep.
 * Errors, in this order:
 *   -EINVAL  both PROT_GROWSDOWN and PROT_GROWSUP; start is not page-aligned
 *   0        len is 0
 *   -ENOMEM  the range wraps
 *   -EINVAL  unknown bits in prot
 *   -ENOMEM  nothing is at start, or further on, or limits, commitments, memory
 *   -EINVAL  PROT_GROWSDOWN, and start is in no stack
 *   -EACCES  the area may not have such rights
 * The areas before the one that makes it fail are changed.
 */
int do_mprotect(unsigned long start, unsigned long len, unsigned long prot);
