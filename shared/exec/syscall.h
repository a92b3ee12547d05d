/*
 * i386 Linux's system calls, as far as the memory manager has them. Corresponds to Linux
 * arch/x86/entry/syscalls/syscall_32.tbl.
 *
 * A call here takes its arguments out of registers, copies what lies in user memory, and checks
 * what is the system call's to check; the rest is paging's. Errors and their order are Linux 6.1's.
 * There are no file descriptors so far: a mapping of one is -EBADF.
 */
#pragma once

#include "arch/syscall.h"

enum syscall_number {
	SYS_getpid = 20,
	SYS_brk = 45,
	SYS_getppid = 64,
	SYS_setrlimit = 75,
	SYS_getrlimit = 76, /* values above 2 GiB read as 2 GiB - 1 */
	SYS_mmap = 90,	    /* EBX: the address of a struct of six words */
	SYS_munmap = 91,
	SYS_mprotect = 125,
	SYS_msync = 144,
	SYS_mlock = 150,
	SYS_munlock = 151,
	SYS_mlockall = 152,
	SYS_munlockall = 153,
	SYS_mremap = 163,
	SYS_ugetrlimit = 191,
	SYS_mmap2 = 192, /* the offset is in pages */
	SYS_mincore = 218,
	SYS_madvise = 219,
	SYS_gettid = 224,
	SYS_remap_file_pages = 257,
	SYS_prlimit64 = 340,
	SYS_mlock2 = 376,
	NR_SYSCALLS
};

/*
 * Performs a system call for current: what arch_set_syscall_handler() is given. The calls on memory
 * want a task with a space of its own. Returns the result or a negative errno; -ENOSYS for a number
 * that is none. Its name makes stack traces end here, as they do with verbs.
 */
long trace_root_syscall(struct syscall_regs *regs);

/* From now on the gate leads here. */
void syscall_init(void);
