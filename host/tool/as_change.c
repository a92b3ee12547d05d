/* The model's mprotect, madvise, mlock and kin, msync and mincore. */
#include <errno.h>

#include "tool/as_calls.h"

/* ---- mprotect ------------------------------------------------------------------------------- */

#define PROT_SEM 8u
#define PROT_GROWSDOWN 0x01000000u
#define PROT_GROWSUP 0x02000000u

/* One VMA, or a part of one, gets other rights. */
static int protect(const struct as_call *call, const struct as_area *area, u32 from, u32 to,
		   u32 prot)
{
	u32 old = area->page.flags, new = (old & ~AS_ACCESS) | (prot & AS_ACCESS);

	if ((prot & AS_ACCESS) & ~(old >> 4))
		return -EACCES;
	if (new == old)
		return 0;
	if (new &AS_WRITE) {
		if (!as_may_expand(call, new, to - from, 0) &&
		    as_may_expand(call, old, to - from, 0))
			return -ENOMEM;
		/* What becomes writable may be written: from now on it counts, for good. */
		if (!(old & (AS_ACCOUNT | AS_WRITE | AS_SHARED | AS_NORESERVE))) {
			if (as_charge(call, to - from))
				return -ENOMEM;
			new |= AS_ACCOUNT;
		}
	}
	int error = as_change(call, area, from, to, new);

	/* Private pages that can be written again are asked for first: they may have got shared. */
	if (error)
		return error;
	as_protect_entries(&call->mm->entries, from, to,
			   (new &(AS_SHARED | AS_WRITE)) == (AS_SHARED | AS_WRITE));
	/* Locked memory that becomes writable is copied now, not when it is written. */
	if ((old & (AS_WRITE | AS_SHARED | AS_LOCKED)) == AS_LOCKED && (new &AS_WRITE))
		as_populate(call, (u64)from * AS_PAGE, (u64)(to - from) * AS_PAGE, true);
	return 0;
}

/* Where the range begins: with PROT_GROWSDOWN, at the start of the VMA. */
static int first_to_protect(const struct as_space *space, u32 prot, u32 end, u32 *n,
			    struct as_area *area)
{
	if (!as_find(space, *n, area))
		return -ENOMEM;
	if (prot & PROT_GROWSDOWN) {
		if (area->from >= end)
			return -ENOMEM;
		*n = area->from;
		return area->page.flags & AS_GROWSDOWN ? 0 : -EINVAL;
	}
	if (area->from > *n)
		return -ENOMEM;
	return prot & PROT_GROWSUP ? -EINVAL : 0; /* nothing grows up on i386 */
}

as_result as_mprotect(struct as_call *call, u32 addr, u32 len, u32 prot)
{
	const u32 grows = PROT_GROWSDOWN | PROT_GROWSUP;
	u32 n = addr / AS_PAGE, end = (addr + as_round_up(len)) / AS_PAGE;
	struct as_area area;
	int error;

	if ((prot & grows) == grows || addr % AS_PAGE)
		return -EINVAL;
	if (!len)
		return 0;
	if (addr + as_round_up(len) <= addr)
		return -ENOMEM;
	if (prot & ~(AS_ACCESS | PROT_SEM | grows))
		return -EINVAL;
	error = first_to_protect(&call->mm->space, prot, end, &n, &area);
	if (error)
		return error;
	while (n < end) {
		if (!as_find(&call->mm->space, n, &area) || area.from > n)
			return -ENOMEM;
		u32 to = area.to < end ? area.to : end;

		error = protect(call, &area, n, to, prot);
		if (error)
			return error;
		n = to;
	}
	return 0;
}

/* ---- madvise -------------------------------------------------------------------------------- */

/* What there is something for: not reclaim. */
enum advice {
	NORMAL = 0,
	RANDOM = 1,
	SEQUENTIAL = 2,
	WILLNEED = 3,
	DONTNEED = 4,
	FREE = 8,
	DONTFORK = 10,
	DOFORK = 11,
	DONTDUMP = 16,
	DODUMP = 17,
	WIPEONFORK = 18,
	KEEPONFORK = 19,
	POPULATE_READ = 22,
	POPULATE_WRITE = 23,
	DONTNEED_LOCKED = 24,
};

static bool is_advice(u32 advice)
{
	switch (advice) {
	case NORMAL ... DONTNEED:
	case FREE:
	case DONTFORK ... DOFORK:
	case DONTDUMP ... KEEPONFORK:
	case POPULATE_READ ... DONTNEED_LOCKED:
		return true;
	default:
		return false;
	}
}

/* Advice about pages. */
static int advise_pages(const struct as_call *call, const struct as_page *page, u32 from, u32 to,
			u32 advice)
{
	u32 refused = advice == WILLNEED ? 0 : AS_PFNMAP;

	if (advice == POPULATE_READ || advice == POPULATE_WRITE) {
		bool write = advice == POPULATE_WRITE;

		if ((page->flags & (AS_PFNMAP | AS_IO)) ||
		    !(page->flags & (write ? AS_WRITE : AS_READ)))
			return -EINVAL;
		return as_populate_part(call, from, to, write);
	}
	if (advice == FREE && !as_is_memory(page))
		return -EINVAL;
	if (advice == FREE || advice == DONTNEED)
		refused |= AS_LOCKED;
	if (page->flags & refused)
		return -EINVAL;
	if (advice != WILLNEED)
		as_zap_range(call, from, to);
	return 0;
}

/* Advice that becomes flags: *flags are the new ones. */
static int advise_flags(const struct as_page *page, u32 advice, u32 *flags)
{
	switch (advice) {
	case NORMAL:
		*flags &= ~(AS_RAND_READ | AS_SEQ_READ);
		return 0;
	case RANDOM:
		*flags = (*flags & ~AS_SEQ_READ) | AS_RAND_READ;
		return 0;
	case SEQUENTIAL:
		*flags = (*flags & ~AS_RAND_READ) | AS_SEQ_READ;
		return 0;
	case DONTFORK:
		*flags |= AS_DONTCOPY;
		return 0;
	case DOFORK:
		*flags &= ~AS_DONTCOPY;
		return page->flags & AS_IO ? -EINVAL : 0;
	case WIPEONFORK:
		*flags |= AS_WIPEONFORK;
		return (page->file && !(page->flags & AS_PFNMAP)) || (page->flags & AS_SHARED)
			       ? -EINVAL
			       : 0;
	case KEEPONFORK:
		*flags &= ~AS_WIPEONFORK;
		return 0;
	case DONTDUMP:
		*flags |= AS_DONTDUMP;
		return 0;
	case DODUMP:
		*flags &= ~AS_DONTDUMP;
		return page->flags & AS_SPECIAL ? -EINVAL : 0;
	default:
		return 0;
	}
}

static int advise(const struct as_call *call, const struct as_area *area, u32 from, u32 to,
		  u32 advice)
{
	u32 flags = area->page.flags;
	int error = advise_flags(&area->page, advice, &flags);

	if (advice == WILLNEED || advice == DONTNEED || advice == FREE || advice >= POPULATE_READ)
		return advise_pages(call, &area->page, from, to, advice);
	if (error || flags == area->page.flags)
		return error;
	error = as_change(call, area, from, to, flags);
	return error == -ENOMEM ? -EAGAIN : error;
}

as_result as_madvise(struct as_call *call, u32 addr, u32 len, u32 advice)
{
	u32 size = as_round_up(len), n = addr / AS_PAGE, end = (addr + size) / AS_PAGE;
	struct as_area area;
	int holes = 0, error;

	if (!is_advice(advice) || addr % AS_PAGE || (len && !size) || addr + size < addr)
		return -EINVAL;
	while (n < end) {
		if (!as_find(&call->mm->space, n, &area))
			return -ENOMEM;
		if (area.from > n) { /* a hole is an error, but no reason to stop */
			holes = -ENOMEM;
			n = area.from;
			continue;
		}
		u32 to = area.to < end ? area.to : end;

		error = advise(call, &area, n, to, advice);
		if (error)
			return error;
		n = to;
	}
	return holes;
}

/* ---- locking -------------------------------------------------------------------------------- */

#define MCL_CURRENT 1u
#define MCL_FUTURE 2u
#define MCL_ONFAULT 4u
#define MLOCK_ONFAULT 1u

static int lock(const struct as_call *call, const struct as_area *area, u32 from, u32 to,
		u32 lock_flags)
{
	u32 flags = (area->page.flags & ~AS_ANY_LOCK) | lock_flags;

	if (flags == area->page.flags || (area->page.flags & AS_SPECIAL))
		return 0;
	return as_change(call, area, from, to, flags);
}

static int lock_range(const struct as_call *call, u32 addr, u32 len, u32 lock_flags)
{
	u32 n = addr / AS_PAGE, end = (addr + len) / AS_PAGE;
	struct as_area area;

	if (addr + len < addr)
		return -EINVAL;
	while (n < end) {
		if (!as_find(&call->mm->space, n, &area) || area.from > n)
			return -ENOMEM;
		u32 to = area.to < end ? area.to : end;
		int error = lock(call, &area, n, to, lock_flags);

		if (error)
			return error;
		n = to;
	}
	return 0;
}

as_result as_mlock(struct as_call *call, u32 addr, u32 len, u32 flags)
{
	struct as_space *space = &call->mm->space;
	u32 limit = as_limit_pages(call, AS_LIMIT_MEMLOCK), locked, to;

	if (flags & ~MLOCK_ONFAULT)
		return -EINVAL;
	if (!as_may_lock_any(call))
		return -EPERM;
	len = as_round_up(len + addr % AS_PAGE);
	addr &= -AS_PAGE;
	to = addr + len < addr ? AS_PAGES : (addr + len) / AS_PAGE;
	locked = len / AS_PAGE + as_count(space)->locked;
	if (locked > limit && !as_capable(call, AS_CAP_IPC_LOCK))
		locked -= as_mapped_in(space, addr / AS_PAGE, to, AS_LOCKED);
	if (locked > limit && !as_capable(call, AS_CAP_IPC_LOCK))
		return -ENOMEM;
	int error = lock_range(call, addr, len,
			       flags & MLOCK_ONFAULT ? AS_LOCKED | AS_LOCKONFAULT : AS_LOCKED);

	if (!error && as_populate(call, addr, len, false))
		error = -ENOMEM;
	return error;
}

as_result as_munlock(struct as_call *call, u32 addr, u32 len)
{
	return lock_range(call, addr & -AS_PAGE, as_round_up(len + addr % AS_PAGE), 0);
}

/* As flags say; what cannot be changed is left as it is. */
static void lock_all(struct as_call *call, u32 flags)
{
	u32 lock_flags = flags & MCL_ONFAULT ? AS_LOCKED | AS_LOCKONFAULT : AS_LOCKED;
	struct as_area area;

	call->mm->def_flags = flags & MCL_FUTURE ? lock_flags : 0;
	if (flags == 0)
		lock_flags = 0;
	else if (!(flags & MCL_CURRENT))
		return;
	for (u32 n = 0; as_find(&call->mm->space, n, &area); n = area.to)
		lock(call, &area, area.from, area.to, lock_flags);
}

as_result as_mlockall(struct as_call *call, u32 flags)
{
	if (!flags || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) || flags == MCL_ONFAULT)
		return -EINVAL;
	if (!as_may_lock_any(call))
		return -EPERM;
	if ((flags & MCL_CURRENT) && !as_capable(call, AS_CAP_IPC_LOCK) &&
	    as_count(&call->mm->space)->total > as_limit_pages(call, AS_LIMIT_MEMLOCK))
		return -ENOMEM;
	lock_all(call, flags);
	if (flags & MCL_CURRENT)
		as_populate(call, 0, AS_TASK_SIZE, true);
	return 0;
}

as_result as_munlockall(struct as_call *call)
{
	lock_all(call, 0);
	return 0;
}

/* ---- looking -------------------------------------------------------------------------------- */

#define MS_ASYNC 1u
#define MS_INVALIDATE 2u
#define MS_SYNC 4u

as_result as_msync(struct as_call *call, u32 addr, u32 len, u32 flags)
{
	u32 size = as_round_up(len), n = addr / AS_PAGE, end = (addr + size) / AS_PAGE;
	struct as_area area;
	int holes = 0;

	if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) || addr % AS_PAGE ||
	    (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC))
		return -EINVAL;
	if (addr + size < addr)
		return -ENOMEM;
	for (; n < end; n = area.to) {
		if (!as_find(&call->mm->space, n, &area))
			return -ENOMEM;
		if (area.from > n) {
			if (flags == MS_ASYNC || area.from >= end)
				return -ENOMEM;
			holes = -ENOMEM;
		}
		if ((flags & MS_INVALIDATE) && (area.page.flags & AS_LOCKED))
			return -EBUSY;
	}
	return holes;
}

as_result as_mincore(struct as_call *call, u32 addr, u32 len)
{
	u32 end = addr / AS_PAGE + len / AS_PAGE + (len % AS_PAGE != 0);
	struct as_area area;

	if (addr % AS_PAGE)
		return -EINVAL;
	if (len > AS_TASK_SIZE || addr > AS_TASK_SIZE - len)
		return -ENOMEM;
	for (u32 n = addr / AS_PAGE; n < end; n = area.to)
		if (!as_find(&call->mm->space, n, &area) || area.from > n)
			return -ENOMEM;
	return 0;
}
