/*
 * Random steps on address spaces. A few tasks (a0, a1, ...), a few files (f0, f1, ...), and a few
 * windows of addresses that soon get crowded: around mmap_min_addr, on both sides of a page
 * table's end, below where mappings are searched from, and up to TASK_SIZE. Half of all addresses
 * are at the edge of something that is mapped.
 *
 * What is mapped is read and written, at edges as well as inside; so that memory does not run out,
 * no step is taken that would bring in too many pages.
 *
 * The model says what each step results in; the draw looks at the model's state for what would be
 * interesting, and nothing else.
 */
#include "tool/fuzz_as_priv.h"

/* ---- steps and what they result in ---------------------------------------------------------- */

bool fuzz_as_emit(struct fuzz_as *f, const char *fmt, ...)
{
	struct text line = {0};
	struct as_step step;
	char result[AS_RESULT];
	va_list args;
	bool good, dear = false;

	va_start(args, fmt);
	text_vprintf(&line, fmt, args);
	va_end(args);
	good = !f->over && as_step_parse(&step, line.data, line.size);
	if (good)
		dear = !fuzz_as_affordable(f, &step);
	good = good && !dear && as_model_step(&f->model, &step, result) == AS_ANSWERED;
	if (good)
		text_printf(f->text, "%s => %s\n", line.data, result);
	f->over |= !good && !dear;
	text_free(&line);
	return good;
}

/* Appends what the last step prints. */
static void printed(struct fuzz_as *f)
{
	size_t start = f->text->size - 1;
	struct as_step step;
	struct text lines = {0};

	while (start && f->text->data[start - 1] != '\n')
		start--;
	if (as_step_parse(&step, f->text->data + start, f->text->size - start) &&
	    as_model_prints(&f->model, &step, &lines) && lines.size)
		for (const char *line = lines.data; *line; line += strcspn(line, "\n") + 1)
			text_printf(f->text, "| %.*s\n", (int)strcspn(line, "\n"), line);
	text_free(&lines);
}

/* A task's name is its place in what the draw knows: a0 to a4. */
struct as_task *fuzz_as_task(struct fuzz_as *f, unsigned int n)
{
	char name[8];

	snprintf(name, sizeof(name), "a%u", n);
	struct as_task *task = as_model_task(&f->model, name);

	return task && task->live ? task : NULL;
}

struct as_task *fuzz_as_some_task(struct fuzz_as *f)
{
	for (unsigned int n = draw(f, NR_TASKS), i = 0; i < NR_TASKS; i++) {
		struct as_task *task = fuzz_as_task(f, (n + i) % NR_TASKS);

		if (task && task->mm)
			return task;
	}
	fuzz_as_emit(f, "a0 = spawn");
	return fuzz_as_task(f, 0);
}

/* ---- operands ------------------------------------------------------------------------------- */

/* The VMA at or above a random place, if there is any. */
bool fuzz_as_some_area(struct fuzz_as *f, const struct as_task *task, struct as_area *area)
{
	struct as_space *space = &task->mm->space;
	u32 count = as_count(space)->areas, n = 0;

	if (!count)
		return false;
	for (u32 i = draw(f, count) + 1; i; i--) {
		as_find(space, n, area);
		n = area->to;
	}
	return true;
}

static u32 window(struct fuzz_as *f)
{
	static const u32 bases[] = {0x00000000, 0x00008000, 0x003F8000, 0x0FFF8000,
				    0x3FFF8000, 0x7FFF0000, 0xB7FE0000, 0xBFFE0000};

	return bases[draw(f, sizeof(bases) / sizeof(bases[0]))] + draw(f, 32) * PAGE;
}

static u32 wild_address(struct fuzz_as *f)
{
	static const u32 wild[] = {0,	       1,	   0xFFF,      0x1000,
				   0xF000,     0x10000,	   0x3FFFF000, 0x40000000,
				   0xB8000000, 0xBFFFF000, 0xBFFFFFFF, 0xC0000000,
				   0xC0001000, 0xFFFFE000, 0xFFFFF000, 0xFFFFFFFF};

	return wild[draw(f, sizeof(wild) / sizeof(wild[0]))];
}

/* A multiple of the page size, most of the time. */
u32 fuzz_as_address(struct fuzz_as *f, const struct as_task *task)
{
	struct as_area area;
	u32 at;

	if (draw(f, 40) == 0)
		return wild_address(f);
	if (draw(f, 3) && fuzz_as_some_area(f, task, &area)) {
		u32 length = area.to - area.from;

		switch (draw(f, 8)) {
		case 0:
			at = (area.from - draw(f, 6)) * PAGE;
			break;
		case 1:
		case 2:
			at = (area.to + draw(f, 3)) * PAGE;
			break;
		case 3:
		case 4:
			at = (area.from + draw(f, length)) * PAGE;
			break;
		default:
			at = area.from * PAGE;
		}
	} else {
		at = window(f);
	}
	return draw(f, 50) ? at : at + 1 + draw(f, PAGE - 1);
}

/* From an address on, to the end of a VMA perhaps. */
static u32 length(struct fuzz_as *f, const struct as_task *task, u32 at)
{
	static const u32 wild[] = {0,	       1,	   0xFFF,      0x1001,	   0x400000,
				   0x7FFFF000, 0xBFFF0000, 0xC0000000, 0xC0001000, 0xFFFEF000,
				   0xFFFFF000, 0xFFFFF001, 0xFFFFFFFF};
	struct as_area area;

	switch (draw(f, 16)) {
	case 0:
	case 1:
	case 2:
	case 3:
		if (as_find(&task->mm->space, at / PAGE, &area) && area.to - area.from < 4096)
			return area.to * PAGE - at;
		return PAGE;
	case 4:
		if (draw(f, 2))
			return wild[draw(f, sizeof(wild) / sizeof(wild[0]))];
		return PAGE + draw(f, 3 * PAGE);
	case 5:
		return (1 + draw(f, 64)) * PAGE;
	case 6:
		if (draw(f, 4) == 0)
			return (16500 + draw(f, 300000)) * PAGE; /* more than there is RAM */
		return (1 + draw(f, 1500)) * PAGE;
	default:
		return (1 + draw(f, 8)) * PAGE;
	}
}

/* Where a call on what is mapped begins; *len: how far it goes. Mostly that is a part of a VMA. */
u32 fuzz_as_range(struct fuzz_as *f, const struct as_task *task, u32 *len)
{
	struct as_area area;
	u32 at, from;

	if (draw(f, 8) < 3 || !fuzz_as_some_area(f, task, &area)) {
		at = fuzz_as_address(f, task);
		*len = length(f, task, at);
		return at;
	}
	from = area.from + (draw(f, 2) ? draw(f, area.to - area.from) : 0);
	*len = (area.to - from) * PAGE;
	if (draw(f, 3) == 0 && as_find(&task->mm->space, area.to, &area)) /* and the next one */
		*len = (area.to - from) * PAGE;
	else if (draw(f, 2))
		*len = (1 + draw(f, *len / PAGE)) * PAGE;
	return from * PAGE;
}

static const char *rights(struct fuzz_as *f)
{
	static const char *const words[] = {
		"PROT_READ|PROT_WRITE",
		"PROT_READ|PROT_WRITE",
		"PROT_READ|PROT_WRITE",
		"PROT_READ",
		"PROT_READ",
		"PROT_NONE",
		"PROT_READ|PROT_EXEC",
		"PROT_EXEC",
		"PROT_READ|PROT_WRITE|PROT_EXEC",
		"PROT_WRITE",
	};

	return words[draw(f, sizeof(words) / sizeof(words[0]))];
}

/* Adds a word to flags joined by "|", in one of so many cases. */
static void maybe(struct fuzz_as *f, char *flags, const char *word, unsigned int cases)
{
	if (draw(f, cases) == 0) {
		strcat(flags, "|");
		strcat(flags, word);
	}
}

/* ---- mapping -------------------------------------------------------------------------------- */

void fuzz_as_sum(struct fuzz_as *f, const struct as_task *task)
{
	fuzz_as_emit(f, "vma_sum %s", task->name);
}

const char *fuzz_as_some_file(struct fuzz_as *f)
{
	static char name[8];

	snprintf(name, sizeof(name), "f%u", draw(f, NR_FILES));
	return name;
}

static u64 file_offset(struct fuzz_as *f)
{
	if (draw(f, 30) == 0)
		return draw(f, 2) ? 0x1234 : 0xFFFFFFFF000ull - draw(f, 4) * PAGE;
	return (u64)draw(f, 16) * PAGE;
}

static void mmap_flags(struct fuzz_as *f, char *flags)
{
	maybe(f, flags, "MAP_NORESERVE", 8);
	maybe(f, flags, "MAP_LOCKED", 12);
	maybe(f, flags, "MAP_POPULATE", 20);
	maybe(f, flags, "MAP_STACK", 40);
	maybe(f, flags, "MAP_DENYWRITE|MAP_EXECUTABLE", 60);
	maybe(f, flags, "MAP_NONBLOCK", 60);
	maybe(f, flags, "MAP_HUGETLB", 100);
	maybe(f, flags, "0x200000", 100);
}

static void step_mmap(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	u32 at = fuzz_as_address(f, task), len = length(f, task, at);
	bool file = draw(f, 3) == 0;
	char flags[256] = "MAP_PRIVATE";

	if (draw(f, 3) == 0)
		strcpy(flags, draw(f, 4) ? "MAP_SHARED" : "MAP_SHARED_VALIDATE");
	else if (draw(f, 100) == 0)
		strcpy(flags, draw(f, 2) ? "0" : "0xf");
	if (!file || draw(f, 60) == 0)
		strcat(flags, "|MAP_ANONYMOUS");
	if (draw(f, 5) < 2)
		strcat(flags, "|MAP_FIXED");
	else if (draw(f, 3) == 0)
		at = 0;
	else
		maybe(f, flags, "MAP_FIXED_NOREPLACE", 4);
	mmap_flags(f, flags);
	if (!file)
		maybe(f, flags, "MAP_GROWSDOWN", 10);
	const char *prot = rights(f);

	if (file)
		fuzz_as_emit(f, "mmap %s 0x%x 0x%x %s %s %s 0x%llx", task->name, at, len, prot,
			     flags, fuzz_as_some_file(f), file_offset(f));
	else
		fuzz_as_emit(f, "mmap %s 0x%x 0x%x %s %s", task->name, at, len, prot, flags);
	fuzz_as_sum(f, task);
}

/* The page behind a mapping of a file, as if one call had mapped both. */
static void step_extend(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	struct as_area area;
	u32 pages = 1 + draw(f, 3);

	if (!fuzz_as_some_area(f, task, &area))
		return;
	const struct as_file *file = &f->model.files[area.page.file];

	if (area.page.file && (file->kind != AS_FILE || !file->named))
		return;
	bool above = draw(f, 2);
	u32 n = above ? area.to : area.from - pages, flags = area.page.flags;
	const char *kind = flags & AS_MAYSHARE ? "MAP_SHARED" : "MAP_PRIVATE";
	const char *keep = draw(f, 2) ? "MAP_FIXED" : "MAP_FIXED_NOREPLACE";
	const char *reserve = flags & AS_NORESERVE ? "|MAP_NORESERVE" : "";

	if (area.page.file)
		fuzz_as_emit(f, "mmap %s 0x%x 0x%x 0x%x %s|%s%s %s 0x%llx", task->name, n * PAGE,
			     pages * PAGE, flags & AS_ACCESS, kind, keep, reserve, file->variable,
			     (u64)(n + area.page.shift) * PAGE);
	else
		fuzz_as_emit(f, "mmap %s 0x%x 0x%x 0x%x %s|%s%s%s|MAP_ANONYMOUS", task->name,
			     n * PAGE, pages * PAGE, flags & AS_ACCESS, kind, keep, reserve,
			     flags & AS_GROWSDOWN ? "|MAP_GROWSDOWN" : "");
	fuzz_as_sum(f, task);
}

static void step_munmap(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at = fuzz_as_range(f, task, &len);

	if (draw(f, 2)) /* a bit of it, so that something is left */
		len = (1 + draw(f, 3)) * PAGE;
	fuzz_as_emit(f, "munmap %s 0x%x 0x%x", task->name, at, len);
	fuzz_as_sum(f, task);
}

static u32 break_near(struct fuzz_as *f, const struct as_mm *mm)
{
	switch (draw(f, 12)) {
	case 0:
		return wild_address(f);
	case 1:
		return mm->start_brk - draw(f, 2);
	case 2:
		return mm->brk;
	case 3:
	case 4:
	case 5:
		return mm->brk - draw(f, 8) * PAGE - draw(f, 2) * 8;
	default:
		return mm->brk + draw(f, 12) * PAGE + draw(f, 2) * 8;
	}
}

/* Something that ends where the heap begins, or begins where it will end, or a page or two on. */
static void map_beside_heap(struct fuzz_as *f, const struct as_task *task)
{
	u32 at = draw(f, 2) ? (task->mm->start_brk + PAGE - 1) / PAGE - 1
			    : (task->mm->brk + PAGE - 1) / PAGE + draw(f, 4);

	fuzz_as_emit(f, "mmap %s 0x%x 0x1000 %s MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE",
		     task->name, at * PAGE, draw(f, 4) ? "PROT_READ|PROT_WRITE" : "PROT_READ");
}

static void step_brk(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	const struct as_mm *mm = task->mm;

	if (!mm->start_brk || draw(f, 12) == 0) {
		u32 at = window(f) + draw(f, 2) * draw(f, PAGE);

		if (fuzz_as_emit(f, "set_mm %s PR_SET_MM_START_BRK 0x%x", task->name, at))
			fuzz_as_emit(f, "set_mm %s PR_SET_MM_BRK 0x%x", task->name,
				     draw(f, 4) ? at : at + draw(f, 3) * PAGE);
		if (draw(f, 4) == 0 &&
		    fuzz_as_emit(f, "set_mm %s PR_SET_MM_START_DATA 0x%x", task->name, at - 0x3000))
			fuzz_as_emit(f, "set_mm %s PR_SET_MM_END_DATA 0x%x", task->name,
				     at - draw(f, 0x3000));
	}
	if (draw(f, 8) == 0)
		map_beside_heap(f, task);
	fuzz_as_emit(f, "brk %s 0x%x", task->name, break_near(f, mm));
	fuzz_as_sum(f, task);
}

static void step_mremap(struct fuzz_as *f)
{
	static const char *const kinds[] = {
		"0",
		"MREMAP_MAYMOVE",
		"MREMAP_MAYMOVE",
		"MREMAP_MAYMOVE|MREMAP_FIXED",
		"MREMAP_MAYMOVE|MREMAP_FIXED",
		"MREMAP_MAYMOVE|MREMAP_FIXED",
		"MREMAP_MAYMOVE|MREMAP_DONTUNMAP",
		"MREMAP_MAYMOVE|MREMAP_FIXED|MREMAP_DONTUNMAP",
	};
	const struct as_task *task = fuzz_as_some_task(f);
	const char *flags = kinds[draw(f, sizeof(kinds) / sizeof(kinds[0]))];
	u32 old, at = fuzz_as_range(f, task, &old), new = old;

	if (draw(f, 20) == 0)
		old = 0;
	else if (draw(f, 40) == 0)
		flags = draw(f, 2) ? "MREMAP_FIXED" : "8";
	if (!strstr(flags, "DONTUNMAP") || draw(f, 6) == 0)
		new = draw(f, 4) ? old + (draw(f, 9) - 4) * PAGE : length(f, task, at);
	if (draw(f, 3))
		fuzz_as_emit(f, "mremap %s 0x%x 0x%x 0x%x %s 0x%x", task->name, at, old, new, flags,
			     draw(f, 4) ? fuzz_as_address(f, task)
					: at + (draw(f, 2) ? old : -new));
	else
		fuzz_as_emit(f, "mremap %s 0x%x 0x%x 0x%x %s", task->name, at, old, new, flags);
	fuzz_as_sum(f, task);
}

static void step_remap(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	struct as_area area;

	if (!fuzz_as_some_area(f, task, &area))
		return;
	for (unsigned int i = 0; i < 8 && !(area.page.flags & AS_SHARED); i++)
		fuzz_as_some_area(f, task, &area);
	u32 n = area.from + draw(f, area.to - area.from);

	fuzz_as_emit(f, "remap_file_pages %s 0x%x 0x%x %u 0x%x %s", task->name,
		     n * PAGE + (draw(f, 8) ? 0 : 0x123),
		     draw(f, 8) ? (1 + draw(f, area.to - n)) * PAGE : length(f, task, n * PAGE),
		     draw(f, 30) ? 0 : 1, draw(f, 30) ? draw(f, 12) : 0xFFFFFFFF,
		     draw(f, 4) ? "0" : "MAP_NONBLOCK");
	fuzz_as_sum(f, task);
}

static void step_special(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	struct as_area area;
	u32 at = window(f);

	if (draw(f, 3))
		return;
	if (draw(f, 2) &&
	    fuzz_as_some_area(f, task, &area)) /* right behind something, another one too */
		at = area.to * PAGE;
	for (unsigned int i = draw(f, 2); i < 2; i++, at += PAGE)
		fuzz_as_emit(f, "special %s 0x%x 0x1000 PROT_READ %s", task->name, at,
			     draw(f, 2) ? "[vdso]" : "[vvar]");
	fuzz_as_emit(f, "special %s 0x%x 0x%x %s [vdso]", task->name, at, (1 + draw(f, 3)) * PAGE,
		     rights(f));
	fuzz_as_sum(f, task);
}

static void step_expand(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	struct as_area area;
	u32 at = fuzz_as_address(f, task);

	/* Below what grows down, more often than not. */
	for (u32 n = 0; draw(f, 4) && as_find(&task->mm->space, n, &area); n = area.to)
		if (area.page.flags & AS_GROWSDOWN)
			at = area.from * PAGE - draw(f, 10) * PAGE - draw(f, 2);
	fuzz_as_emit(f, "expand_stack %s 0x%x", task->name, at);
	fuzz_as_sum(f, task);
}

/* ---- changing ------------------------------------------------------------------------------- */

static void step_mprotect(struct fuzz_as *f)
{
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at = fuzz_as_range(f, task, &len);
	char prot[128];

	strcpy(prot, rights(f));
	maybe(f, prot, "PROT_SEM", 60);
	maybe(f, prot, "PROT_GROWSDOWN", 15);
	maybe(f, prot, "PROT_GROWSUP", 60);
	maybe(f, prot, "0x10", 100);
	fuzz_as_emit(f, "mprotect %s 0x%x 0x%x %s", task->name, at, len, prot);
	fuzz_as_sum(f, task);
}

static void step_madvise(struct fuzz_as *f)
{
	static const char *const often[] = {"DONTFORK", "DOFORK",     "WIPEONFORK", "KEEPONFORK",
					    "DONTDUMP", "DODUMP",     "NORMAL",	    "RANDOM",
					    "RANDOM",	"SEQUENTIAL", "NORMAL"};
	static const char *const seldom[] = {"WILLNEED",   "DONTNEED",	  "FREE", "REMOVE",
					     "MERGEABLE",  "UNMERGEABLE", "COLD", "PAGEOUT",
					     "NOHUGEPAGE", "HUGEPAGE"};
	/* DONTNEED_LOCKED, and what Linux may do, or not yet, or not at all */
	static const unsigned int others[] = {24, 24, 25, 100, 101, 5, 26, 102};
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at = fuzz_as_range(f, task, &len);
	const char *advice = draw(f, 4) ? often[draw(f, sizeof(often) / sizeof(often[0]))]
					: seldom[draw(f, sizeof(seldom) / sizeof(seldom[0]))];

	if (draw(f, 20))
		fuzz_as_emit(f, "madvise %s 0x%x 0x%x MADV_%s", task->name, at, len, advice);
	else
		fuzz_as_emit(f, "madvise %s 0x%x 0x%x %u", task->name, at, len,
			     others[draw(f, sizeof(others) / sizeof(others[0]))]);
	fuzz_as_sum(f, task);
}

static void step_lock(struct fuzz_as *f)
{
	static const char *const all[] = {"MCL_CURRENT",
					  "MCL_FUTURE",
					  "MCL_CURRENT|MCL_FUTURE",
					  "MCL_FUTURE|MCL_ONFAULT",
					  "MCL_CURRENT|MCL_ONFAULT",
					  "MCL_ONFAULT",
					  "0",
					  "8"};
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at = fuzz_as_range(f, task, &len);

	switch (draw(f, 10)) {
	case 0:
		fuzz_as_emit(f, "mlockall %s %s", task->name, all[draw(f, 8)]);
		break;
	case 1:
		fuzz_as_emit(f, "munlockall %s", task->name);
		break;
	case 2:
	case 3:
	case 4:
		fuzz_as_emit(f, "mlock %s 0x%x 0x%x", task->name, at, len);
		break;
	case 5:
	case 6:
		fuzz_as_emit(f, "mlock2 %s 0x%x 0x%x %s", task->name, at, len,
			     draw(f, 8)	  ? "MLOCK_ONFAULT"
			     : draw(f, 2) ? "0"
					  : "2");
		break;
	default:
		fuzz_as_emit(f, "munlock %s 0x%x 0x%x", task->name, at, len);
	}
	fuzz_as_sum(f, task);
}

static void step_look(struct fuzz_as *f)
{
	static const char *const sync[] = {
		"MS_SYNC", "MS_ASYNC", "0", "MS_SYNC|MS_INVALIDATE", "MS_SYNC|MS_ASYNC", "8"};
	const struct as_task *task = fuzz_as_some_task(f);
	u32 len, at = fuzz_as_range(f, task, &len);

	switch (draw(f, 7)) {
	case 5:
		if (fuzz_as_emit(f, draw(f, 2) ? "maps %s" : "vmflags %s", task->name))
			printed(f);
		break;
	case 6:
		fuzz_as_emit(f, "find_vma_prev %s 0x%x", task->name, at);
		break;
	case 0:
		fuzz_as_emit(f, "msync %s 0x%x 0x%x %s", task->name, at, len, sync[draw(f, 6)]);
		break;
	case 1:
		fuzz_as_emit(f, "mincore %s 0x%x 0x%x", task->name, at, len);
		break;
	case 2:
		fuzz_as_emit(f, "find_vma %s 0x%x", task->name, at);
		break;
	case 3:
		fuzz_as_emit(f, "find_vma_intersection %s 0x%x 0x%x", task->name, at,
			     at + (1 + draw(f, 8)) * PAGE);
		break;
	default:
		fuzz_as_emit(f, "get_unmapped_area %s 0x%x 0x%x %s", task->name,
			     draw(f, 2) ? at : 0, (1 + draw(f, draw(f, 4) ? 300 : 500000)) * PAGE,
			     draw(f, 8) ? "0" : "MAP_FIXED");
	}
}

/* ---- programs ------------------------------------------------------------------------------- */

void fuzz_as_begin(struct fuzz_as *f, u64 ram)
{
	as_model_init(&f->model, ram);
	for (unsigned int n = 0; n < NR_FILES; n++)
		fuzz_as_new_file(f, n);
	fuzz_as_emit(f, "a0 = spawn");
	if (draw(f, 2))
		fuzz_as_emit(f, "execve a0");
}

void fuzz_as_step(struct fuzz_as *f)
{
	static const struct {
		void (*step)(struct fuzz_as *f);
		unsigned int share; /* of 170, about */
	} steps[] = {
		{step_mmap, 22},
		{step_extend, 5},
		{step_munmap, 8},
		{step_brk, 6},
		{step_mremap, 14},
		{step_remap, 3},
		{step_special, 1},
		{step_expand, 3},
		{step_mprotect, 11},
		{step_madvise, 9},
		{step_lock, 6},
		{step_look, 4},
		{fuzz_as_step_access, 55},
		{fuzz_as_step_share, 4},
		{fuzz_as_step_bring, 6},
		{fuzz_as_step_contents, 9},
		{fuzz_as_step_task, 6},
		{fuzz_as_step_limit, 3},
		{fuzz_as_step_capable, 1},
		{fuzz_as_step_sysctl, 3},
		{fuzz_as_step_file, 1},
	};
	unsigned int all = 0, at;

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		all += steps[i].share;
	at = draw(f, all);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); at -= steps[i++].share)
		if (at < steps[i].share) {
			if (!f->over)
				steps[i].step(f);
			return;
		}
}

void fuzz_as_end(struct fuzz_as *f)
{
	as_model_free(&f->model);
}
