/* Random steps on address spaces: what is read and written there, and in files. */
#include "tool/as_names.h"
#include "tool/fuzz_as_priv.h"

/* Pages in use at most, of what the machine has; and that one step may bring in. */
#define MOST_PAGES 3000u
#define MOST_AT_ONCE 400u

/* ---- what is not too much ------------------------------------------------------------------- */

static u32 pages_of(u32 bytes)
{
	return bytes / PAGE + (bytes % PAGE != 0);
}

/* Does a new mapping, or what an old one grows by, come with its pages? */
static bool brings_pages(const struct as_task *task, const struct as_step *step)
{
	const char *verb = step->word[0];
	u32 addr;

	if (task->mm->def_flags & AS_LOCKED)
		return true;
	if (strcmp(verb, "mmap") == 0)
		return strstr(step->word[5], "POPULATE") || strstr(step->word[5], "LOCKED");
	if (strcmp(verb, "mremap") == 0)
		return as_constants(step->word[2], &addr) && addr / PAGE < AS_PAGES &&
		       (as_get(&task->mm->space, addr / PAGE).flags & AS_LOCKED);
	return strcmp(verb, "remap_file_pages") == 0;
}

static u32 mapped_in(const struct as_task *task, u32 addr, u32 len)
{
	u32 end = addr / PAGE + pages_of(len) + 1, pages = 0;
	struct as_area area;

	for (u32 n = addr / PAGE; as_find(&task->mm->space, n, &area) && area.from < end;
	     n = area.to)
		pages += (area.to < end ? area.to : end) - (area.from > n ? area.from : n);
	return pages;
}

/* No fewer pages than the step brings in. */
static u32 price(struct fuzz_as *f, const struct as_step *step)
{
	static const char *const new[] = {"mmap", "mremap", "remap_file_pages", "brk"};
	static const char *const old[] = {"mlock", "mlock2", "madvise"};
	const char *verb = step->word[0];
	struct as_task *task = step->words > 1 ? as_model_task(&f->model, step->word[1]) : NULL;
	u32 addr = 0, len = 0;

	if (strcmp(verb, "file_write") == 0)
		return 8;
	if (!task || !task->mm)
		return 0;
	if (step->words > 2 && !as_constants(step->word[2], &addr))
		return 0;
	if (strcmp(verb, "mlockall") == 0)
		return addr & 1 ? as_count(&task->mm->space)->total : 0; /* MCL_CURRENT */
	if (strcmp(verb, "brk") == 0)
		return brings_pages(task, step) ? 64 : 0;
	if (step->words < 4)
		return 0;
	if (!as_constants(step->word[strcmp(verb, "mremap") == 0 ? 4 : 3], &len))
		return 0;
	if (strcmp(verb, "mprotect") == 0)
		return as_mapped_in(&task->mm->space, addr / PAGE, addr / PAGE + pages_of(len),
				    AS_LOCKED);
	if (strcmp(verb, "touch") == 0 || strcmp(verb, "sum") == 0)
		return pages_of(len);
	for (size_t i = 0; i < sizeof(new) / sizeof(new[0]); i++)
		if (strcmp(verb, new[i]) == 0)
			return brings_pages(task, step) ? pages_of(len) : 0;
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (strcmp(verb, old[i]) == 0 && (i < 2 || strstr(step->word[4], "POPULATE")))
			return mapped_in(task, addr, len);
	return 0;
}

bool fuzz_as_affordable(struct fuzz_as *f, const struct as_step *step)
{
	u32 pages = price(f, step);

	if (!pages)
		return true;
	if (pages > MOST_AT_ONCE)
		return false;
	if (f->model.memory.used + pages > MOST_PAGES)
		as_forget_files(&f->model);
	return f->model.memory.used + pages <= MOST_PAGES;
}

/* ---- places --------------------------------------------------------------------------------- */

/* Mostly few pages. */
static u32 some_pages(struct fuzz_as *f)
{
	return draw(f, 40) ? 1 + draw(f, draw(f, 3) ? 3 : 8) : 1 + draw(f, 64);
}

/* Where a VMA is read or written: near its ends, that others may be there before. */
static u32 page_in(struct fuzz_as *f, const struct as_area *area)
{
	u32 length = area->to - area->from;

	switch (draw(f, 16)) {
	case 0:
		return draw(f, 2) ? area->from - draw(f, 3) : area->to - draw(f, 3);
	case 1:
	case 2:
		return area->from + draw(f, length);
	case 3:
	case 4:
		return area->to - 1 - draw(f, length < 6 ? length : 6);
	default:
		return area->from + draw(f, length < 8 ? length : 8);
	}
}

/* A page, most of the time of a VMA that lets itself be used so. */
static u32 some_page(struct fuzz_as *f, const struct as_task *task, u32 rights)
{
	struct as_area area;
	bool any = false;

	for (int tries = 0; tries < 4 && !(any && (area.page.flags & rights)); tries++)
		any = fuzz_as_some_area(f, task, &area);
	if (!any || draw(f, 30) == 0)
		return fuzz_as_address(f, task) / PAGE;
	if ((area.page.flags & AS_GROWSDOWN) && draw(f, 3) == 0)
		return area.from - 1 - draw(f, 4);
	return page_in(f, &area);
}

/* Something that says how pages are by now. */
static void look(struct fuzz_as *f, const struct as_task *task, u32 n)
{
	u32 what = draw(f, 20);

	if (what < 2)
		fuzz_as_emit(f, "rss %s", task->name);
	else if (what < 4)
		fuzz_as_emit(f, "faults %s", task->name);
	else if (what < 8 && n < AS_PAGES)
		fuzz_as_emit(f, "pte %s 0x%x", task->name, n * PAGE);
	else if (what < 10)
		fuzz_as_sum(f, task);
	else if (what == 10 && n < AS_PAGES)
		fuzz_as_emit(f, "mincore %s 0x%x 0x%x", task->name, n * PAGE,
			     (1 + draw(f, 6)) * PAGE);
}

/* ---- accesses ------------------------------------------------------------------------------- */

static void step_walk(struct fuzz_as *f, const struct as_task *task, bool write)
{
	u32 n = some_page(f, task, write ? AS_WRITE : AS_ACCESS), pages = some_pages(f), len;
	struct as_area area;

	/* Beyond the end of the VMA not too often. */
	if (draw(f, 6) && as_find(&task->mm->space, n, &area) && area.from <= n &&
	    pages > area.to - n)
		pages = area.to - n;
	len = pages * PAGE;

	if (n > AS_PAGES)
		n = 0;
	if (draw(f, 20) == 0)
		len -= draw(f, PAGE);
	if (write)
		fuzz_as_emit(f, "touch %s 0x%x 0x%x %u", task->name,
			     n * PAGE + (draw(f, 100) ? 0 : 4), len, 1 + draw(f, 100000));
	else
		fuzz_as_emit(f, "sum %s 0x%x 0x%x", task->name, n * PAGE, len);
	look(f, task, n + draw(f, pages));
}

/* What runs is the task, whose memory it is: load and store do not say. */
static bool run_task(struct fuzz_as *f, const struct as_task *task)
{
	return f->model.current == task || fuzz_as_emit(f, "switch %s", task->name);
}

static void step_one(struct fuzz_as *f, const struct as_task *task)
{
	static const u32 offsets[] = {0, 0, 0, 0, 4, 0x7FC, 0x800, 0xFFC};
	static const u32 sizes[] = {4, 4, 4, 4, 2, 1};
	const char *kernel = draw(f, 12) ? "" : "k";
	bool write = draw(f, 2);
	u32 n = some_page(f, task, write ? AS_WRITE : AS_ACCESS);
	u32 at = n * PAGE + offsets[draw(f, 8)], size = sizes[draw(f, 6)];

	if (n >= AS_PAGES || !run_task(f, task))
		return;
	if (write && draw(f, 16) == 0) {
		/* What there may be to run comes straight back. */
		fuzz_as_emit(f, "store 0x%x 0x81cd 2", at & ~3u);
		fuzz_as_emit(f, "exec 0x%x", at & ~3u);
	} else if (!write)
		fuzz_as_emit(f, "%sload 0x%x %u", kernel, at, size);
	else if (size == 4)
		fuzz_as_emit(f, "%sstore 0x%x 0x%x", kernel, at, draw(f, 0x10000) * 0x10001);
	else
		fuzz_as_emit(f, "store 0x%x %u %u", at, draw(f, 200), size);
	look(f, task, n);
}

/* The kernel's own copying, over an end of a page perhaps. */
static void step_copy(struct fuzz_as *f, const struct as_task *task)
{
	u32 n = some_page(f, task, AS_WRITE);
	u32 at = n * PAGE + (draw(f, 2) ? 0 : PAGE - 1 - draw(f, 8)), bytes = 1 + draw(f, 5000);

	if (n >= AS_PAGES - 3 || !run_task(f, task))
		return;
	if (draw(f, 3))
		bytes = 1 + draw(f, 16);
	switch (draw(f, 5)) {
	case 0:
	case 1:
		fuzz_as_emit(f, "copy_to_user 0x%x %u %u", at, bytes, draw(f, 256));
		break;
	case 2:
		fuzz_as_emit(f, "clear_user 0x%x %u", at, bytes);
		break;
	default:
		fuzz_as_emit(f, "copy_from_user 0x%x %u", at, bytes);
	}
	look(f, task, n);
}

void fuzz_as_step_access(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);

	if (!task)
		return;
	switch (draw(f, 16)) {
	case 0:
	case 1:
	case 2:
	case 3:
	case 4:
	case 5:
	case 6:
		step_walk(f, task, true);
		break;
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
		step_walk(f, task, false);
		break;
	case 12:
		step_copy(f, task);
		break;
	default:
		step_one(f, task);
	}
}

/* Parent and child, in the same places: who writes gets a copy, and the last one keeps the page. */
void fuzz_as_step_share(struct fuzz_as *f)
{
	const struct as_task *parent = fuzz_as_some_task(f), *child;
	unsigned int n = draw(f, NR_TASKS);
	struct as_area area;

	for (unsigned int i = 0; i < NR_TASKS && fuzz_as_task(f, n); i++)
		n = (n + 1) % NR_TASKS;
	if (!parent || fuzz_as_task(f, n) || !fuzz_as_some_area(f, parent, &area))
		return;
	if (!fuzz_as_emit(f, "a%u = fork %s", n, parent->name))
		return;
	child = fuzz_as_task(f, n);
	for (unsigned int i = 4 + draw(f, 8); child && i; i--) {
		const struct as_task *task = draw(f, 2) ? parent : child;
		u32 at = page_in(f, &area), len = (1 + draw(f, 3)) * PAGE;

		if (at >= AS_PAGES)
			continue;
		if (draw(f, 5) < 2)
			fuzz_as_emit(f, "touch %s 0x%x 0x%x %u", task->name, at * PAGE, len,
				     draw(f, 100000));
		else
			fuzz_as_emit(f, "sum %s 0x%x 0x%x", task->name, at * PAGE, len);
		look(f, task, at);
	}
}

/* ---- pages that come and go at once --------------------------------------------------------- */

void fuzz_as_step_bring(struct fuzz_as *f)
{
	static const char *const advice[] = {
		"MADV_POPULATE_READ", "MADV_POPULATE_WRITE", "MADV_DONTNEED",	    "MADV_DONTNEED",
		"MADV_DONTNEED",      "MADV_FREE",	     "MADV_DONTNEED_LOCKED"};
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at;

	if (!task)
		return;
	at = fuzz_as_range(f, task, &len);
	if (draw(f, 2) && len > 8 * PAGE)
		len = (1 + draw(f, 8)) * PAGE;
	fuzz_as_emit(f, "madvise %s 0x%x 0x%x %s", task->name, at, len, advice[draw(f, 7)]);
	if (draw(f, 2))
		fuzz_as_emit(f, "rss %s", task->name);
	look(f, task, at / PAGE);
}

/* ---- files ---------------------------------------------------------------------------------- */

void fuzz_as_step_contents(struct fuzz_as *f)
{
	const char *file = fuzz_as_some_file(f);
	u32 offset = draw(f, 18) * PAGE;

	switch (draw(f, 8)) {
	case 0:
	case 1:
		fuzz_as_emit(f, "ftruncate %s 0x%x", file,
			     offset + (draw(f, 4) ? 0 : draw(f, PAGE / 4) * 4));
		break;
	case 2:
	case 3:
		if (draw(f, 3))
			fuzz_as_emit(f, "file_write %s 0x%x %u", file, offset, draw(f, 100000));
		else
			fuzz_as_emit(f, "file_write %s 0x%x %u 0x%x", file,
				     offset + draw(f, PAGE / 4) * 4, draw(f, 100000),
				     draw(f, 3 * PAGE / 4) * 4);
		break;
	case 4:
		fuzz_as_emit(f, "file_pages %s", file);
		break;
	default:
		fuzz_as_emit(f, "file_read %s 0x%x", file,
			     offset + (draw(f, 4) ? 0 : draw(f, PAGE / 4) * 4));
	}
}
