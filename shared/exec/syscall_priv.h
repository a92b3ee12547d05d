/* What the system calls share. */
#pragma once

#include "arch/arch.h"
#include "base/errno.h"
#include "paging/uaccess.h"

/* Copies all of it, or returns -EFAULT. May sleep. */
static inline int __must_check get_user_bytes(void *to, unsigned long from, size_t size)
{
	return copy_from_user(to, from, size) ? -EFAULT : 0;
}

static inline int __must_check put_user_bytes(unsigned long to, const void *from, size_t size)
{
	return copy_to_user(to, from, size) ? -EFAULT : 0;
}

/* rlimit.c */
long sys_setrlimit(struct syscall_regs *regs);
long sys_getrlimit(struct syscall_regs *regs);
long sys_ugetrlimit(struct syscall_regs *regs);
long sys_prlimit64(struct syscall_regs *regs);
