/* What the system calls share. */
#pragma once

#include "arch/arch.h"
#include "arch/layout.h"
#include "base/errno.h"

/* Is [addr, addr + size) below TASK_SIZE? Linux: access_ok(). */
static inline bool user_range_ok(unsigned long addr, unsigned long size)
{
	return size <= TASK_SIZE && addr <= TASK_SIZE - size;
}

/* Copies all of it, or returns -EFAULT. May sleep. */
static inline int __must_check get_user_bytes(void *to, unsigned long from, size_t size)
{
	return user_range_ok(from, size) && arch_copy_from_user(to, from, size) == 0 ? 0 : -EFAULT;
}

static inline int __must_check put_user_bytes(unsigned long to, const void *from, size_t size)
{
	return user_range_ok(to, size) && arch_copy_to_user(to, from, size) == 0 ? 0 : -EFAULT;
}

/* rlimit.c */
long sys_setrlimit(struct syscall_regs *regs);
long sys_getrlimit(struct syscall_regs *regs);
long sys_ugetrlimit(struct syscall_regs *regs);
long sys_prlimit64(struct syscall_regs *regs);
