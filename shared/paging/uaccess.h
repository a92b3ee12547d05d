/*
 * The kernel's own accesses to programs' memory. Corresponds to Linux include/linux/uaccess.h and
 * arch/i386/lib/usercopy.c.
 *
 * Each checks that the range is below TASK_SIZE, then goes by the page tables with the rights of
 * the space that is loaded, and takes page faults like the program's own accesses. May sleep: no
 * spinlock held, and no mmap_sem.
 */
#pragma once

#include "arch/arch.h"
#include "arch/layout.h"

static inline bool access_ok(unsigned long addr, size_t n)
{
	return n <= TASK_SIZE && addr <= TASK_SIZE - n;
}

/*
 * Return how many bytes were not copied: 0 is success. Those before the first refused byte were;
 * copy_from_user() fills the rest of `to` with zeros, so that nothing old gets out by it.
 */
size_t __must_check copy_from_user(void *to, unsigned long from, size_t n);
size_t __must_check copy_to_user(unsigned long to, const void *from, size_t n);
size_t __must_check clear_user(unsigned long to, size_t n);

/*
 * Copies a string of at most count bytes, its NUL included. Returns its length without the NUL;
 * count: it is longer, and `to` has its first count bytes, without a NUL; -EFAULT: it goes beyond
 * what can be read, and what `to` has is undefined.
 */
long __must_check strncpy_from_user(char *to, unsigned long from, long count);
