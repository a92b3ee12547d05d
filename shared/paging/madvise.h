/* madvise(). Corresponds to Linux mm/madvise.c. */
#pragma once

/*
 * Advice on [start, start + len) of current's space. Takes mmap_sem; may sleep.
 * - -EINVAL: advice that there is no mechanism for (docs/vectors.md lists it), start is not
 *   page-aligned, the range wraps; or the advice is not for such an area. Areas before that one
 *   have taken it.
 * - -ENOMEM: some of the range has no area; the rest has taken the advice.
 * - -EAGAIN: short of memory, or of areas.
 */
int do_madvise(unsigned long start, unsigned long len, int advice);
