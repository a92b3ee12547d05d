/* The model's page faults: what an access brings in, and what it is refused for. */
#include <errno.h>

#include "tool/as_calls.h"

/* ---- one page ------------------------------------------------------------------------------- */

static void set(const struct as_call *call, u32 n, struct as_entry entry)
{
	as_set_entry(&call->model->memory, &call->mm->entries, n, entry);
}

/* A private page in place of what is there: nothing, the page of zeros, or somebody else's. */
static void set_own(const struct as_call *call, u32 n, u32 frame)
{
	struct as_memory *memory = &call->model->memory;
	u32 own = frame ? as_copy_frame(memory, frame) : as_new_frame(memory, AS_FRAME_ANON);

	set(call, n, (struct as_entry){own, true, true, AS_EITHER});
}

/* The page of a file or an object; AS_NO_FRAME: it ends before. */
static u32 cached(const struct as_call *call, const struct as_page *page, u32 n, bool *major)
{
	const struct as_file *file = &call->model->files[page->file];
	struct as_inode *inode = &call->model->inodes[file->inode];
	u32 frame;
	bool made;

	if (!as_inode_has(inode, n + page->shift))
		return AS_NO_FRAME;
	frame = as_cache_get(&call->model->memory, inode, n + page->shift, &made);
	*major = made && inode->ramfs;
	return frame;
}

/* There is no entry yet. */
static enum as_refusal bring(const struct as_call *call, const struct as_page *page, u32 n,
			     bool write, bool *major)
{
	bool shared = page->flags & AS_SHARED;
	struct as_entry entry = {.frame = AS_ZERO_FRAME, .young = AS_EITHER};

	if (as_is_whole(call, page)) /* it has what it has */
		return AS_ADRERR;
	if (write && !shared)
		as_anon_prepare(call->model, call->mm, n);
	if (!as_is_memory(page)) {
		entry.frame = cached(call, page, n, major);
		if (!entry.frame)
			return AS_ADRERR;
	}
	if (write && !shared) {
		set_own(call, n, as_is_memory(page) ? AS_NO_FRAME : entry.frame);
		return AS_GRANTED;
	}
	entry.write = shared && (page->flags & AS_WRITE);
	entry.dirty = write;
	set(call, n, entry);
	return AS_GRANTED;
}

/* There is an entry, which cannot be written. */
static void make_writable(const struct as_call *call, const struct as_page *page, u32 n)
{
	struct as_memory *memory = &call->model->memory;
	struct as_entry *entry = as_entry_at(&call->mm->entries, n);
	const struct as_frame *frame = &memory->frames[entry->frame];
	bool last = frame->kind == AS_FRAME_ANON && frame->maps == 1;

	if (!(page->flags & AS_SHARED) && !last) {
		as_anon_prepare(call->model, call->mm, n);
		set_own(call, n, entry->frame);
		return;
	}
	entry->write = entry->dirty = true;
	entry->young = AS_YOUNG;
}

/* A page fault in a VMA that may do what is wanted. */
static enum as_refusal resolve(const struct as_call *call, u32 n, bool write)
{
	const struct as_entry *entry = as_entry_at(&call->mm->entries, n);
	struct as_page page = as_get(&call->mm->space, n);
	enum as_refusal refusal = AS_GRANTED;
	bool major = false;

	if (entry && entry->frame)
		make_writable(call, &page, n);
	else
		refusal = bring(call, &page, n, write, &major);
	if (refusal == AS_GRANTED) {
		call->task->minor += !major;
		call->task->major += major;
	}
	return refusal;
}

static bool is_there(const struct as_call *call, u32 n, bool write)
{
	const struct as_entry *entry = as_entry_at(&call->mm->entries, n);

	return entry && entry->frame && (!write || entry->write);
}

/* ---- accesses ------------------------------------------------------------------------------- */

enum as_refusal as_access(const struct as_call *call, u32 addr, bool write)
{
	const u32 rights = write ? AS_WRITE : AS_ACCESS;
	u32 n = addr / AS_PAGE;
	struct as_entry *entry;
	enum as_refusal refusal;

	if (n >= AS_PAGES)
		return AS_MAPERR;
	if (!as_get(&call->mm->space, n).flags && as_expand_stack((struct as_call *)call, addr) < 0)
		return AS_MAPERR;
	if (!(as_get(&call->mm->space, n).flags & rights))
		return AS_ACCERR;
	if (!is_there(call, n, write)) {
		refusal = resolve(call, n, write);
		if (refusal != AS_GRANTED)
			return refusal;
	}
	entry = as_entry_at(&call->mm->entries, n);
	entry->young = AS_YOUNG;
	entry->dirty |= write;
	return AS_GRANTED;
}

/* ---- many pages ----------------------------------------------------------------------------- */

int as_populate_part(const struct as_call *call, u32 from, u32 to, bool write)
{
	for (u32 n = from; n < to; n++)
		if (!is_there(call, n, write) && resolve(call, n, write) != AS_GRANTED)
			return -EFAULT;
	return 0;
}

int as_populate(const struct as_call *call, u64 addr, u64 len, bool ignore)
{
	u32 n = (u32)(addr / AS_PAGE), end = (u32)((addr + len) / AS_PAGE);
	struct as_area area;

	for (; n < end && as_find(&call->mm->space, n, &area) && area.from < end; n = area.to) {
		u32 flags = area.page.flags, from = area.from > n ? area.from : n;
		u32 to = area.to < end ? area.to : end;
		int error = 0;

		if (flags & (AS_IO | AS_PFNMAP | AS_LOCKONFAULT))
			continue;
		if (flags & AS_ACCESS)
			error = as_populate_part(call, from, to,
						 (flags & (AS_WRITE | AS_SHARED)) == AS_WRITE);
		else
			error = -EFAULT;
		if (error && !ignore)
			return error;
	}
	return 0;
}

void as_zap_range(const struct as_call *call, u32 from, u32 to)
{
	as_zap(&call->model->memory, &call->mm->entries, from, to);
}

void as_unmap_file(struct as_model *model, u32 inode, u64 first)
{
	struct as_area area;

	for (unsigned int i = 0; i < AS_TASKS; i++) {
		struct as_mm *mm = model->tasks[i].mm;

		for (u32 n = 0; mm && as_find(&mm->space, n, &area); n = area.to) {
			u32 pgoff = area.from + area.page.shift, skip;

			if (!area.page.file || model->files[area.page.file].inode != inode)
				continue;
			skip = pgoff < first ? (u32)(first - pgoff) : 0;
			if (skip < area.to - area.from)
				as_zap(&model->memory, &mm->entries, area.from + skip, area.to);
		}
	}
}

void as_fork_pages(const struct as_call *call, struct as_mm *child)
{
	struct as_model *model = call->model;
	struct as_forking forking = {0};
	struct as_area area;

	for (u32 n = 0; as_find(&child->space, n, &area); n = area.to) {
		u32 flags = area.page.flags, anon = as_get(&call->mm->space, area.from).anon;

		if (flags & AS_WIPEONFORK)
			continue;
		if (anon)
			as_set_anon(&child->space, area.from, area.to,
				    as_anon_fork(model, &forking, anon));
		/* What page faults bring again, they may. */
		if (anon || (flags & (AS_PFNMAP | AS_MIXEDMAP)))
			as_copy_entries(&model->memory, &child->entries, &call->mm->entries,
					area.from, area.to, flags & (AS_SHARED));
	}
	as_anon_forked(&forking);
}
