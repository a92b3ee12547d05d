/* The model's steps on what is in memory. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/as_do.h"

static const char *refusal_name(enum as_refusal refusal)
{
	static const char *const names[] = {"", "SEGV_MAPERR", "SEGV_ACCERR", "BUS_ADRERR"};

	return names[refusal];
}

static struct as_entry entry_of(const struct as_call *call, u32 n)
{
	const struct as_entry *entry = as_entry_at(&call->mm->entries, n);

	return entry ? *entry : (struct as_entry){0};
}

static const struct as_frame *frame_of(const struct as_call *call, u32 n)
{
	return &call->model->memory.frames[entry_of(call, n).frame];
}

/* A driver's page holds what it holds. */
static bool is_known(const struct as_call *call, u32 n)
{
	return frame_of(call, n)->kind != AS_FRAME_DRIVER;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static u8 get_byte(const struct as_call *call, u32 addr)
{
	u32 word = as_read_word(&call->model->memory, entry_of(call, addr / AS_PAGE).frame,
				addr % AS_PAGE / 4);

	return (u8)(word >> 8 * (addr % 4));
}

static void put_byte(const struct as_call *call, u32 addr, u8 byte)
{
	struct as_memory *memory = &call->model->memory;
	u32 frame = entry_of(call, addr / AS_PAGE).frame, index = addr % AS_PAGE / 4;
	u32 shift = 8 * (addr % 4);

	as_write_word(memory, frame, index,
		      (as_read_word(memory, frame, index) & ~(0xFFu << shift)) | (u32)byte
											 << shift);
}

/* ---- an access of whoever runs -------------------------------------------------------------- */

/* false: the model has nothing to say about what runs, or about memory of the kernel's. */
static bool runs(struct as_doing *d, u32 addr, u32 size)
{
	struct as_task *task = d->call.model->current;

	d->call.task = task;
	d->call.mm = task && task->live ? task->mm : NULL;
	return d->call.mm && addr < AS_TASK_SIZE && size <= AS_TASK_SIZE - addr;
}

/* Accesses all pages of the range; false, and the answer, where that is refused. */
static bool accesses(struct as_doing *d, u32 addr, u32 size, bool write)
{
	for (u32 at = addr; at < addr + size; at = (at & -AS_PAGE) + AS_PAGE) {
		enum as_refusal refusal = as_access(&d->call, at, write);
		u32 n = at / AS_PAGE;

		if (refusal == AS_GRANTED)
			continue;
		bool there = entry_of(&d->call, n).frame &&
			     (as_get(&d->call.mm->space, n).flags & AS_ACCESS);

		bool kernel = d->step->word[0][0] == 'k';

		snprintf(d->result, AS_RESULT, "fault %08x %s %s %s%s%s", at,
			 kernel ? "kernel" : "user", write ? "write" : "read",
			 there ? "protection" : "not-present", kernel ? "" : " ",
			 kernel ? "" : refusal_name(refusal));
		return false;
	}
	return true;
}

static u32 size_of(const struct as_doing *d, unsigned int word)
{
	return d->has[word] ? d->value[word] : 4;
}

static bool is_size(u32 size)
{
	return size == 1 || size == 2 || size == 4;
}

enum as_answer as_do_load(struct as_doing *d)
{
	u32 addr = d->value[1], size = size_of(d, 2), value = 0;

	if (!is_size(size) || !runs(d, addr, size))
		return AS_SILENT;
	if (!accesses(d, addr, size, false))
		return AS_ANSWERED;
	if (!is_known(&d->call, addr / AS_PAGE))
		return as_say(d, "*");
	for (u32 i = 0; i < size; i++)
		value |= (u32)get_byte(&d->call, addr + i) << 8 * i;
	snprintf(d->result, AS_RESULT, "0x%0*x", (int)size * 2, value);
	return AS_ANSWERED;
}

enum as_answer as_do_store(struct as_doing *d)
{
	u32 addr = d->value[1], size = size_of(d, 3);

	if (!is_size(size) || !runs(d, addr, size))
		return AS_SILENT;
	if (!accesses(d, addr, size, true))
		return AS_ANSWERED;
	for (u32 i = 0; i < size; i++)
		put_byte(&d->call, addr + i, (u8)(d->value[2] >> 8 * i));
	return as_say(d, "ok");
}

/* Two bytes are looked at first, and only run if they lead back. */
enum as_answer as_do_exec(struct as_doing *d)
{
	u32 addr = d->value[1];

	if (!runs(d, addr, 2))
		return AS_SILENT;
	if (!accesses(d, addr, 2, false))
		return AS_ANSWERED;
	if (!is_known(&d->call, addr / AS_PAGE))
		return as_say(d, "*");
	return as_say(d, get_byte(&d->call, addr) == 0xCD && get_byte(&d->call, addr + 1) == 0x81
				 ? "ok"
				 : "-EINVAL");
}

/* copy_to_user, copy_from_user and clear_user: up to the first page that is refused. */
enum as_answer as_do_copy(struct as_doing *d)
{
	const char *verb = d->step->word[0];
	bool from = strcmp(verb, "copy_from_user") == 0, known = true;
	u32 addr = d->value[1], bytes = d->value[2], done = 0, sum = 0;
	u8 fill = d->has[3] ? (u8)d->value[3] : 0;

	if (!runs(d, addr, bytes) || (bytes > 16384 && strcmp(verb, "clear_user") != 0))
		return AS_SILENT;
	while (done < bytes && as_access(&d->call, addr + done, !from) == AS_GRANTED) {
		u32 left = AS_PAGE - (addr + done) % AS_PAGE;

		known &= is_known(&d->call, (addr + done) / AS_PAGE);
		for (; left && done < bytes; left--, done++) {
			if (from)
				sum += get_byte(&d->call, addr + done);
			else
				put_byte(&d->call, addr + done, fill);
		}
	}
	if (!from)
		snprintf(d->result, AS_RESULT, "%u left", bytes - done);
	else if (known)
		snprintf(d->result, AS_RESULT, "%u left sum %u", bytes - done, sum);
	else
		snprintf(d->result, AS_RESULT, "%u left sum *", bytes - done);
	return AS_ANSWERED;
}

/* ---- the first words of many pages ---------------------------------------------------------- */

/* Goes from page to page; returns how many it got at, and what it was refused for. */
static u32 walk(struct as_doing *d, bool write, u32 *sum, bool *known, enum as_refusal *refusal)
{
	const u32 pages = d->value[3] / AS_PAGE + (d->value[3] % AS_PAGE != 0);
	const u32 value = d->has[4] ? d->value[4] : 1;
	struct as_memory *memory = &d->call.model->memory;
	u32 i;

	for (i = 0; i < pages; i++) {
		u32 addr = d->value[2] + i * AS_PAGE, frame;

		*refusal = as_access(&d->call, addr, write);
		if (*refusal != AS_GRANTED)
			break;
		frame = entry_of(&d->call, addr / AS_PAGE).frame;
		*known &= is_known(&d->call, addr / AS_PAGE);
		if (write)
			as_write_word(memory, frame, 0, value);
		*sum += as_read_word(memory, frame, 0);
	}
	return i;
}

static enum as_answer say_walk(struct as_doing *d, bool write)
{
	enum as_refusal refusal = AS_GRANTED;
	char text[AS_RESULT];
	u32 sum = 0, pages;
	bool known = true;
	int at;

	if (d->value[2] % AS_PAGE)
		return as_say(d, "-EINVAL");
	pages = walk(d, write, &sum, &known, &refusal);
	at = sprintf(text, "%u pages", pages);
	if (!write)
		at += known ? sprintf(text + at, " sum %u", sum) : sprintf(text + at, " sum *");
	/* The comma stands right behind the number. */
	if (refusal != AS_GRANTED)
		sprintf(text + at, "%s, then %s at %08x", "", refusal_name(refusal),
			d->value[2] + pages * AS_PAGE);
	return as_say(d, text);
}

enum as_answer as_do_touch(struct as_doing *d)
{
	return say_walk(d, true);
}

enum as_answer as_do_sum(struct as_doing *d)
{
	return say_walk(d, false);
}

/* ---- looking -------------------------------------------------------------------------------- */

enum as_answer as_do_faults(struct as_doing *d)
{
	char text[64];

	snprintf(text, sizeof(text), "minor %u major %u", d->call.task->minor, d->call.task->major);
	return as_say(d, text);
}

/* How many page tables that takes, the model does not know. */
enum as_answer as_do_rss(struct as_doing *d)
{
	const u32 *rss = d->call.mm->entries.rss;
	char text[96];

	snprintf(text, sizeof(text), "file %u anon %u swap 0 shmem %u tables *", rss[AS_RSS_FILE],
		 rss[AS_RSS_ANON], rss[AS_RSS_SHMEM]);
	return as_say(d, text);
}

static const char *kind_name(const struct as_frame *frame)
{
	switch (frame->kind) {
	case AS_FRAME_ZERO:
		return "zero";
	case AS_FRAME_ANON:
		return "anon";
	case AS_FRAME_CACHE:
		return frame->shmem ? "shmem" : "file";
	default:
		return "page";
	}
}

enum as_answer as_do_pte(struct as_doing *d)
{
	static const char *const young[] = {"old", "young", "*"};
	u32 n = d->value[2] / AS_PAGE;
	char text[AS_RESULT];
	struct as_entry entry;
	int at;

	if (n >= AS_PAGES)
		return as_say(d, "*");
	entry = entry_of(&d->call, n);
	if (!entry.frame)
		return as_say(d, "none");
	const struct as_frame *frame = frame_of(&d->call, n);
	bool none = !(as_get(&d->call.mm->space, n).flags & AS_ACCESS);

	at = sprintf(text, "%s %s %s %s", kind_name(frame),
		     none	   ? "none"
		     : entry.write ? "rw"
				   : "ro",
		     young[entry.young], entry.dirty ? "dirty" : "clean");
	if (frame->kind == AS_FRAME_DRIVER)
		strcpy(text + at, " count * maps *");
	else if (frame->kind != AS_FRAME_ZERO)
		sprintf(text + at, " count %u maps %u", frame->maps + frame->cached, frame->maps);
	return as_say(d, text);
}

/* Pages of [from, to), of one VMA, that an access would find. */
static u32 resident(const struct as_call *call, const struct as_area *area, u32 from, u32 to)
{
	const struct as_file *file = &call->model->files[area->page.file];
	u32 pages = as_present(&call->mm->entries, from, to), shift = area->page.shift;

	if (!area->page.file || !file->inode)
		return pages;
	const struct as_inode *inode = &call->model->inodes[file->inode];

	for (u32 i = 0; i < inode->nr_pages; i++) {
		u32 n = inode->pages[i].index - shift;

		if (n >= from && n < to && !entry_of(call, n).frame)
			pages++;
	}
	return pages;
}

enum as_answer as_do_mincore(struct as_doing *d)
{
	as_result result = as_mincore(&d->call, d->value[2], d->value[3]);
	u32 from = d->value[2] / AS_PAGE, pages = 0;
	u32 all = d->value[3] / AS_PAGE + (d->value[3] % AS_PAGE != 0), to = from + all;
	struct as_area area;
	char text[32];

	if (result < 0)
		return as_say_error(d, result);
	for (u32 n = from; n < to; n = area.to) {
		as_find(&d->call.mm->space, n, &area);
		pages += resident(&d->call, &area, n, area.to < to ? area.to : to);
	}
	snprintf(text, sizeof(text), "%u of %u pages", pages, all);
	return as_say(d, text);
}

/* Which page it is, the vector must say, and so what comes of it. */
enum as_answer as_do_insert_page(struct as_doing *d)
{
	struct as_space *space = &d->call.mm->space;
	u32 n = d->value[2] / AS_PAGE, flags;
	struct as_memory *memory = &d->call.model->memory;
	struct as_area area;

	if (n >= AS_PAGES || !as_get(space, n).flags || d->value[2] % AS_PAGE)
		return as_say(d, "-EFAULT");
	if (as_follow(d) != AS_ANSWERED || strcmp(d->result, "ok") != 0)
		return as_follow(d);
	area = as_area_of(space, n);
	as_set_flags(space, area.from, area.to, 0, AS_MIXEDMAP);
	flags = area.page.flags;
	as_set_entry(memory, &d->call.mm->entries, n,
		     (struct as_entry){.frame = as_new_frame(memory, AS_FRAME_DRIVER),
				       .write = (flags & (AS_SHARED | AS_WRITE)) ==
						(AS_SHARED | AS_WRITE),
				       .young = AS_EITHER});
	return as_say(d, "ok");
}
