#include "exec/syscall.h"

#include "as/mman.h"
#include "as/task.h"
#include "exec/syscall_priv.h"
#include "paging/brk.h"
#include "paging/madvise.h"
#include "paging/mincore.h"
#include "paging/mlock.h"
#include "paging/mmap.h"
#include "paging/mprotect.h"
#include "paging/mremap.h"
#include "paging/munmap.h"
#include "phys/page_alloc.h"

/* ---- who am I ------------------------------------------------------------------------------ */

/* Each task is a process of its own: pid and tid are one number. */
static long call_getpid(struct syscall_regs *regs __maybe_unused)
{
	return current->pid;
}

static long call_getppid(struct syscall_regs *regs __maybe_unused)
{
	return current->ppid;
}

/* ---- mapping ------------------------------------------------------------------------------- */

/* A result of its own kind: an address, of which none looks like an errno. */
static long address_or_error(int err, unsigned long addr)
{
	return err ? err : (long)addr;
}

/* No number is a descriptor of an open file. */
static long map_pages(unsigned long addr, unsigned long len, unsigned long prot,
		      unsigned long flags, unsigned long pgoff)
{
	unsigned long at = 0;
	int err = -EBADF;

	if (flags & MAP_ANONYMOUS)
		err = vm_mmap_pgoff(NULL, addr, len, prot, flags, pgoff, &at);
	return address_or_error(err, at);
}

static long call_mmap2(struct syscall_regs *regs)
{
	return map_pages(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->ebp);
}

/* From before there were calls of six arguments: they are in memory, and the offset is in bytes. */
static long call_mmap(struct syscall_regs *regs)
{
	struct {
		u32 addr, len, prot, flags, fd, offset;
	} args;
	int err = get_user_bytes(&args, regs->ebx, sizeof(args));

	if (err)
		return err;
	if (!IS_ALIGNED(args.offset, PAGE_SIZE))
		return -EINVAL;
	return map_pages(args.addr, args.len, args.prot, args.flags, args.offset >> PAGE_SHIFT);
}

static long call_munmap(struct syscall_regs *regs)
{
	struct mm_struct *mm = current->mm;
	int err;

	down_write(&mm->mmap_sem);
	err = do_munmap(mm, regs->ebx, regs->ecx);
	up_write(&mm->mmap_sem);
	return err;
}

static long call_mprotect(struct syscall_regs *regs)
{
	return do_mprotect(regs->ebx, regs->ecx, regs->edx);
}

static long call_mremap(struct syscall_regs *regs)
{
	unsigned long at = 0;
	int err = do_mremap(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi, &at);

	return address_or_error(err, at);
}

static long call_remap_file_pages(struct syscall_regs *regs)
{
	return do_remap_file_pages(regs->ebx, regs->ecx, regs->edx, regs->esi, regs->edi);
}

static long call_brk(struct syscall_regs *regs)
{
	return (long)sys_brk(regs->ebx);
}

/* ---- about what is mapped ------------------------------------------------------------------ */

static long call_madvise(struct syscall_regs *regs)
{
	return do_madvise(regs->ebx, regs->ecx, (int)regs->edx);
}

static long call_mlock(struct syscall_regs *regs)
{
	return do_mlock(regs->ebx, regs->ecx, VM_LOCKED);
}

static long call_mlock2(struct syscall_regs *regs)
{
	return do_mlock2(regs->ebx, regs->ecx, regs->edx);
}

static long call_munlock(struct syscall_regs *regs)
{
	return do_munlock(regs->ebx, regs->ecx);
}

static long call_mlockall(struct syscall_regs *regs)
{
	return do_mlockall(regs->ebx);
}

static long call_munlockall(struct syscall_regs *regs __maybe_unused)
{
	return do_munlockall();
}

static long call_msync(struct syscall_regs *regs)
{
	return do_msync(regs->ebx, regs->ecx, regs->edx);
}

/* ---- mincore ------------------------------------------------------------------------------- */

/* A page full of answers, a byte each. */
struct residents {
	u8 *bytes;
	unsigned int count;
};

static void note_resident(void *arg, bool resident)
{
	struct residents *residents = arg;

	residents->bytes[residents->count++] = resident;
}

/*
 * A page of answers at a time: while they are collected mmap_sem is held, and nothing may fault.
 * What was found before a hole the caller gets all the same.
 */
static int collect_residents(unsigned long start, unsigned long pages, unsigned long vec,
			     u8 *buffer)
{
	while (pages) {
		struct residents residents = {buffer, 0};
		unsigned long batch = min(pages, PAGE_SIZE);
		int err = do_mincore(start, batch << PAGE_SHIFT, note_resident, &residents);

		if (put_user_bytes(vec, buffer, residents.count))
			return -EFAULT;
		if (err)
			return err;
		pages -= batch;
		vec += batch;
		start += batch << PAGE_SHIFT;
	}
	return 0;
}

static long call_mincore(struct syscall_regs *regs)
{
	unsigned long start = regs->ebx, len = regs->ecx, vec = regs->edx;
	unsigned long pages = (len >> PAGE_SHIFT) + !IS_ALIGNED(len, PAGE_SIZE), buffer;
	int err;

	if (!IS_ALIGNED(start, PAGE_SIZE))
		return -EINVAL;
	if (!access_ok(start, len))
		return -ENOMEM;
	if (!access_ok(vec, pages))
		return -EFAULT;
	buffer = __get_free_pages(GFP_USER, 0);
	if (!buffer)
		return -EAGAIN;
	err = collect_residents(start, pages, vec, (u8 *)buffer);
	free_pages(buffer, 0);
	return err;
}

/* ---- the table ----------------------------------------------------------------------------- */

static long (*const calls[NR_SYSCALLS])(struct syscall_regs *regs) = {
	[SYS_getpid] = call_getpid,	    [SYS_brk] = call_brk,
	[SYS_getppid] = call_getppid,	    [SYS_setrlimit] = sys_setrlimit,
	[SYS_getrlimit] = sys_getrlimit,    [SYS_mmap] = call_mmap,
	[SYS_munmap] = call_munmap,	    [SYS_mprotect] = call_mprotect,
	[SYS_msync] = call_msync,	    [SYS_mlock] = call_mlock,
	[SYS_munlock] = call_munlock,	    [SYS_mlockall] = call_mlockall,
	[SYS_munlockall] = call_munlockall, [SYS_mremap] = call_mremap,
	[SYS_ugetrlimit] = sys_ugetrlimit,  [SYS_mmap2] = call_mmap2,
	[SYS_mincore] = call_mincore,	    [SYS_madvise] = call_madvise,
	[SYS_gettid] = call_getpid,	    [SYS_remap_file_pages] = call_remap_file_pages,
	[SYS_prlimit64] = sys_prlimit64,    [SYS_mlock2] = call_mlock2,
};

long __noipa trace_root_syscall(struct syscall_regs *regs)
{
	u32 nr = regs->eax;

	if (nr >= NR_SYSCALLS || !calls[nr])
		return -ENOSYS;
	return calls[nr](regs);
}

void syscall_init(void)
{
	arch_set_syscall_handler(trace_root_syscall);
}
