/* Locking memory. Corresponds to Linux mm/mlock.c. */
#pragma once

/*
 * All of them are about current's space, take mmap_sem and may sleep. A range is made up of whole
 * pages: those that have a byte of [start, start + len).
 */

/*
 * mlock(): VM_LOCKED; onfault: without bringing the pages in.
 * -EPERM: no memory may be locked. -ENOMEM: beyond RLIMIT_MEMLOCK, or some of the range has no
 * area: those before are locked; or no memory. -EINVAL: the range wraps.
 */
int do_mlock(unsigned long start, unsigned long len, unsigned long vm_flags);
/* mlock2(): as above; -EINVAL: unknown flags. */
int do_mlock2(unsigned long start, unsigned long len, unsigned long flags);
int do_munlock(unsigned long start, unsigned long len);

/* MCL_*: what is there, what will be. -EINVAL: unknown flags, or nothing but MCL_ONFAULT. -EPERM,
 * -ENOMEM as above. */
int do_mlockall(unsigned long flags);
int do_munlockall(void);
