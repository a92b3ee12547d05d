/* The model's mmap, munmap, brk and their kin. */
#include <errno.h>

#include "tool/as_calls.h"

#define MAP_TYPE 0xFu
#define MAP_SHARED 1u
#define MAP_PRIVATE 2u
#define MAP_SHARED_VALIDATE 3u
#define MAP_FIXED 0x10u
#define MAP_ANONYMOUS 0x20u
#define MAP_GROWSDOWN 0x100u
#define MAP_LOCKED 0x2000u
#define MAP_NORESERVE 0x4000u
#define MAP_POPULATE 0x8000u
#define MAP_NONBLOCK 0x10000u
#define MAP_HUGETLB 0x40000u
#define MAP_SYNC 0x80000u
#define MAP_FIXED_NOREPLACE 0x100000u

/* The flags there were before MAP_SHARED_VALIDATE; others it refuses. */
#define MAP_OLD                                                                                    \
	(MAP_SHARED | MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | 0x40u | MAP_GROWSDOWN | 0x800u |   \
	 0x1000u | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | 0x20000u |           \
	 MAP_HUGETLB | 0x7C000000u)

static bool never_overcommits(const struct as_call *call)
{
	return call->model->sysctl.overcommit_memory == 2;
}

/* ---- mmap ----------------------------------------------------------------------------------- */

/* The rules of a mapping of a file; adds to *flags. */
static int check_file(const struct as_file *file, const struct as_mapping *mapping, u32 *flags)
{
	u32 type = mapping->flags & MAP_TYPE;

	if (type == MAP_SHARED || type == MAP_SHARED_VALIDATE) {
		if (type == MAP_SHARED_VALIDATE && (mapping->flags & ~MAP_OLD))
			return -EOPNOTSUPP;
		if ((mapping->prot & AS_WRITE) && !file->write)
			return -EACCES;
		if (file->append && file->write)
			return -EACCES;
		*flags |= AS_SHARED | AS_MAYSHARE;
		if (!file->write)
			*flags &= ~(AS_SHARED | AS_MAYWRITE);
	} else if (type != MAP_PRIVATE) {
		return -EINVAL;
	}
	if (!file->read)
		return -EACCES;
	return *flags & AS_GROWSDOWN ? -EINVAL : 0;
}

static int check_no_file(const struct as_mapping *mapping, u32 *flags)
{
	switch (mapping->flags & MAP_TYPE) {
	case MAP_SHARED:
		if (*flags & AS_GROWSDOWN)
			return -EINVAL;
		*flags |= AS_SHARED | AS_MAYSHARE;
		return 0;
	case MAP_PRIVATE:
		return 0;
	default:
		return -EINVAL;
	}
}

/* Takes the place of what is there: unmaps that, maps, and is charged for it. */
static int replace(struct as_call *call, u32 from, u32 to, struct as_page page)
{
	u32 pages = to - from, shared = page.flags & AS_SHARED;
	bool object = shared && !page.file, reserve = !(page.flags & AS_NORESERVE);

	if (as_unmap(call, from, to))
		return -ENOMEM;
	if ((page.flags & (AS_NORESERVE | AS_SHARED | AS_WRITE)) == AS_WRITE) {
		if (as_charge(call, pages))
			return -ENOMEM;
		page.flags |= AS_ACCOUNT;
	}
	if (object) {
		if (reserve && as_charge(call, pages))
			return -ENOMEM;
		page.file = (u16)as_new_file(call->model, AS_ZERO, "/dev/zero (deleted)");
		call->model->files[page.file].inode =
			as_new_inode(call->model, "", (u64)pages * AS_PAGE, false);
		if (reserve)
			call->model->files[page.file].charged = pages;
	}
	as_map(call, from, to, page);
	return 0;
}

/* The same if all that it takes can be had; else all is as before. */
static int map_region(struct as_call *call, u32 addr, u32 len, struct as_page page)
{
	static struct as_space before;
	struct as_space *space = &call->mm->space;
	u32 from = addr / AS_PAGE, pages = len / AS_PAGE, to = from + pages;
	int error;

	if (!as_may_expand(call, page.flags, pages, 0) &&
	    !as_may_expand(call, page.flags, pages, as_mapped_in(space, from, to, ~0u)))
		return -ENOMEM;
	as_copy(&before, space);
	error = replace(call, from, to, page);
	if (error)
		as_copy(space, &before);
	as_clear(&before);
	return error;
}

/* What a new mapping's flags are, before it is known what is mapped. */
static u32 first_flags(const struct as_call *call, const struct as_mapping *mapping)
{
	u32 flags = (mapping->prot & AS_ACCESS) | AS_MAY | call->mm->def_flags;

	if (mapping->flags & MAP_GROWSDOWN)
		flags |= AS_GROWSDOWN;
	if (mapping->flags & MAP_LOCKED)
		flags |= AS_LOCKED;
	if (mapping->flags & MAP_SYNC)
		flags |= AS_SYNC;
	return flags;
}

/* do_mmap(): mapping has its file by number, and its offset in pages. */
static as_result map(struct as_call *call, const struct as_mapping *mapping)
{
	u32 addr = mapping->addr & -AS_PAGE, len = as_round_up(mapping->len);
	u32 least = call->model->sysctl.mmap_min_addr, fixed = mapping->flags & MAP_FIXED, flags;
	u32 keep = mapping->flags & MAP_FIXED_NOREPLACE;
	int error;

	if (!mapping->len)
		return -EINVAL;
	if (fixed || keep)
		addr = mapping->addr;
	else if (addr && addr < least)
		addr = as_round_up(least);
	if (!len)
		return -ENOMEM;
	if (mapping->pgoff + len / AS_PAGE < mapping->pgoff)
		return -EOVERFLOW;
	if ((int)as_count(&call->mm->space)->areas > (int)call->model->sysctl.max_map_count)
		return -ENOMEM;
	as_result at = as_unmapped_area(call, addr, len, fixed || keep ? MAP_FIXED : 0);

	if (at < 0)
		return at;
	addr = (u32)at;
	if (keep && as_any(&call->mm->space, addr / AS_PAGE, (addr + len) / AS_PAGE))
		return -EEXIST;
	flags = first_flags(call, mapping);
	if ((mapping->flags & MAP_LOCKED) && !as_may_lock_any(call))
		return -EPERM;
	if (!as_may_lock(call, flags, len / AS_PAGE))
		return -EAGAIN;
	error = mapping->file ? check_file(&call->model->files[mapping->file], mapping, &flags)
			      : check_no_file(mapping, &flags);
	if (error)
		return error;
	if ((mapping->flags & MAP_NORESERVE) && !never_overcommits(call))
		flags |= AS_NORESERVE;
	struct as_page page = {.flags = flags, .file = (u16)mapping->file};

	/* What is nothing but memory has its own address for an offset. */
	if (mapping->file)
		page.shift = mapping->pgoff - addr / AS_PAGE;
	else if (flags & AS_SHARED)
		page.shift = -(addr / AS_PAGE);
	error = map_region(call, addr, len, page);
	if (error)
		return error;
	as_zap_range(call, addr / AS_PAGE, (addr + len) / AS_PAGE);
	if ((flags & AS_LOCKED) || (mapping->flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE)
		as_populate(call, addr, len, true);
	return addr;
}

as_result as_mmap(struct as_call *call, const struct as_mapping *mapping)
{
	struct as_mapping how = *mapping;

	if (how.flags & MAP_ANONYMOUS)
		how.file = 0;
	else if (!how.file)
		return -EBADF;
	if (how.flags & MAP_HUGETLB)
		return -EINVAL;
	return map(call, &how);
}

as_result as_munmap(struct as_call *call, u32 addr, u32 len)
{
	u32 from = addr / AS_PAGE, to = (addr + as_round_up(len)) / AS_PAGE;
	int error;

	if (addr % AS_PAGE || addr > AS_TASK_SIZE || len > AS_TASK_SIZE - addr || !as_round_up(len))
		return -EINVAL;
	error = as_unmap(call, from, to);
	if (!error)
		as_zap_range(call, from, to);
	return error;
}

/* ---- brk ------------------------------------------------------------------------------------ */

static int shrink_brk(struct as_call *call, u32 from, u32 to)
{
	struct as_area area;
	int error;

	/* Where nothing of the heap is left, it is not shrunk. */
	if (!as_find(&call->mm->space, from / AS_PAGE, &area) || area.from >= to / AS_PAGE)
		return -EINVAL;
	error = as_unmap(call, from / AS_PAGE, to / AS_PAGE);
	if (!error)
		as_zap_range(call, from / AS_PAGE, to / AS_PAGE);
	return error;
}

static int grow_brk(struct as_call *call, u32 from, u32 to)
{
	struct as_mm *mm = call->mm;
	struct as_page page = {.flags = AS_READ | AS_WRITE | AS_MAY | AS_ACCOUNT | mm->def_flags};
	u32 len = to - from, n = from / AS_PAGE;
	struct as_area next;

	if (as_unmapped_area(call, from, len, MAP_FIXED) < 0)
		return -ENOMEM;
	if (!as_may_lock(call, mm->def_flags, len / AS_PAGE))
		return -EAGAIN;
	/* A page is left free before whatever follows. */
	if (as_find(&mm->space, n, &next) && (u64)to + AS_PAGE > as_guard_start(call, &next))
		return -ENOMEM;
	if (!as_may_expand(call, page.flags, len / AS_PAGE, 0))
		return -ENOMEM;
	if ((int)as_count(&mm->space)->areas > (int)call->model->sysctl.max_map_count)
		return -ENOMEM;
	if (as_charge(call, len / AS_PAGE))
		return -ENOMEM;
	/* Only the heap itself grows: what ends where it starts is something else. */
	page.begin = from <= mm->start_brk || !as_joins_below(call, n, page);
	if (!page.begin)
		page.anon = as_get(&mm->space, n - 1).anon;
	as_set(&mm->space, n, to / AS_PAGE, page);
	if (mm->def_flags & AS_LOCKED)
		as_populate(call, from, len, true);
	return 0;
}

as_result as_brk(struct as_call *call, u32 addr)
{
	struct as_mm *mm = call->mm;
	u32 limit = call->task->limit[AS_LIMIT_DATA];
	u32 from = as_round_up(mm->brk), to = as_round_up(addr);
	u64 data = (u64)(u32)(addr - mm->start_brk) + (u32)(mm->end_data - mm->start_data);
	int error = 0;

	if (addr < mm->start_brk)
		return mm->brk;
	if (limit != AS_INFINITY && (u32)data > limit)
		return mm->brk;
	if (from != to)
		error = addr <= mm->brk ? shrink_brk(call, to, from) : grow_brk(call, from, to);
	if (!error)
		mm->brk = addr;
	return mm->brk;
}

/* ---- what else maps ------------------------------------------------------------------------- */

/* args: address, size, protection, offset in pages, flags. */
as_result as_remap_file_pages(struct as_call *call, const u32 *args)
{
	u32 addr = args[0] & -AS_PAGE, size = args[1] & -AS_PAGE, pgoff = args[3];
	struct as_space *space = &call->mm->space;
	u32 end = (addr + size) / AS_PAGE;
	struct as_area area, next;

	if (args[2] || addr + size <= addr || pgoff + size / AS_PAGE < pgoff)
		return -EINVAL;
	if (!as_find(space, addr / AS_PAGE, &area) || area.from > addr / AS_PAGE ||
	    !(area.page.flags & AS_SHARED))
		return -EINVAL;
	/* More than one VMA may be of the same file, with the same flags, without a hole. */
	for (u32 n = area.to; n < end; n = next.to)
		if (!as_find(space, n, &next) || next.from != n ||
		    next.page.file != area.page.file || next.page.flags != area.page.flags)
			return -EINVAL;
	struct as_mapping how = {.addr = addr,
				 .len = size,
				 .prot = area.page.flags & AS_ACCESS,
				 .flags = (args[4] & MAP_NONBLOCK) | MAP_SHARED | MAP_FIXED |
					  MAP_POPULATE,
				 .file = area.page.file,
				 .pgoff = pgoff};

	if (area.page.flags & AS_LOCKED)
		how.flags |= MAP_LOCKED;
	as_result at = map(call, &how);

	return at < 0 ? at : 0;
}

as_result as_special(struct as_call *call, u32 addr, u32 len, u32 prot, const char *name)
{
	struct as_page page = {.flags = (prot & AS_ACCESS) | AS_MAY | AS_DONTEXPAND | AS_PFNMAP,
			       .shift = -(addr / AS_PAGE),
			       .begin = true};
	u32 from = addr / AS_PAGE, to = from + as_round_up(len) / AS_PAGE;

	page.flags |= call->mm->def_flags & ~AS_ANY_LOCK;
	if (as_any(&call->mm->space, from, to))
		return -ENOMEM;
	page.file = (u16)as_new_file(call->model, AS_KERNELS, name);
	as_set(&call->mm->space, from, to, page);
	return 0;
}

as_result as_expand_stack(struct as_call *call, u32 addr)
{
	struct as_space *space = &call->mm->space;
	u32 n = addr / AS_PAGE, grow;
	struct as_area area, below;

	if (addr >= AS_TASK_SIZE || !as_find(space, n, &area))
		return -EFAULT;
	if (area.from <= n)
		return 0;
	if (!(area.page.flags & AS_GROWSDOWN))
		return -EFAULT;
	if ((addr & -AS_PAGE) < call->model->sysctl.mmap_min_addr)
		return -EPERM;
	if (as_find_below(space, n, &below) && !(below.page.flags & AS_GROWSDOWN) &&
	    (below.page.flags & AS_ACCESS) && n - below.to < call->model->sysctl.stack_guard_gap)
		return -ENOMEM;
	/* From here on it has an anon_vma, even if it does not grow. */
	as_anon_prepare(call->model, call->mm, area.from);
	area = as_area_of(space, area.from);
	grow = area.from - n;
	if (grow > area.from + area.page.shift)
		return -ENOMEM;
	if (!as_may_expand(call, area.page.flags, grow, 0))
		return -ENOMEM;
	if ((area.to - n) * AS_PAGE > call->task->limit[AS_LIMIT_STACK])
		return -ENOMEM;
	if (!as_may_lock(call, area.page.flags, grow))
		return -ENOMEM;
	if ((area.page.flags & AS_ACCOUNT) && as_charge(call, grow))
		return -ENOMEM;
	as_set_begin(space, area.from, false);
	as_set(space, n, area.from, area.page);
	return 0;
}
