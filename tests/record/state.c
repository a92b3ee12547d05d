/* The state of an address space, as steps: after exec, grown between calls, at its end. */
#include "record.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

static void growth_between(struct task *task, const struct vmas *before, const struct vmas *now)
{
	struct space *space = task->space;

	for (unsigned int i = 0, j = 0; i < now->count; i++) {
		const struct vma *vma = &now->vma[i];

		while (j < before->count && before->vma[j].end < vma->end)
			j++;
		if (j == before->count || before->vma[j].end != vma->end ||
		    before->vma[j].start <= vma->start)
			continue;
		step("expand_stack p%u 0x%08x => ok", task->number, vma->start);
		puppet_grow(space, vma->start);
	}
}

void growth_note(struct task *task)
{
	static struct vmas now;
	struct space *space = task->space;

	maps_read(task->pid, &space->layout, &now);
	growth_between(task, &space->seen, &now);
	space->seen = now;
}

static bool same_vma(const struct vma *a, const struct vma *b)
{
	return a->start == b->start && a->end == b->end && a->offset == b->offset &&
	       !strcmp(a->rights, b->rights) && !strcmp(a->name, b->name);
}

static void vma_text(const struct vma *vma, char *text, size_t room)
{
	snprintf(text, room, "%08x-%08x %s %08llx%s%s", vma->start, vma->end, vma->rights,
		 (unsigned long long)vma->offset, *vma->name ? " " : "", vma->name);
}

/* What the program has otherwise than the puppet: mappings that pages keep from being merged. */
static void difference_note(const struct vmas *stated, const struct vmas *program)
{
	char text[256];

	for (unsigned int i = 0; i < program->count; i++) {
		bool found = false;

		for (unsigned int j = 0; j < stated->count && !found; j++)
			found = same_vma(&program->vma[i], &stated->vma[j]);
		if (found)
			continue;
		vma_text(&program->vma[i], text, sizeof(text));
		remark("the program, its pages in: %s", text);
	}
}

/* VmFlags of smaps. The mappings that the kernel makes for itself have flags that change with its
 * version. */
static void vmflags_state(struct task *task, pid_t pid)
{
	char path[64], line[4400], range[24] = "", ignored[8];
	bool special = false;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	FILE *file = fopen(path, "r");

	if (!file)
		die("%s cannot be read", path);
	step("vmflags p%u => ok", task->number);
	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		if (*line && line[strlen(line) - 1] == ' ')
			line[strlen(line) - 1] = '\0';
		if (sscanf(line, "%17[0-9a-f-] %4[rwxsp-] ", range, ignored) == 2)
			special = strstr(line, " [v");
		else if (!strncmp(line, "VmFlags: ", 9))
			output("%s %s", range, special ? "..." : line + 9);
	}
	fclose(file);
}

/*
 * What is counted, of /proc/PID/status: figures of pages that are there are none of the vector's,
 * nor are those of page tables, which take pages for addresses of 64 bits.
 */
static void status_state(struct task *task, pid_t pid)
{
	static const char *const stated[] = {"VmSize", "VmLck", "VmData",
					     "VmStk",  "VmExe", "VmLib"};
	char path[64], line[256], name[16];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	FILE *file = fopen(path, "r");

	if (!file)
		die("%s cannot be read", path);
	step("mm_status p%u => ok", task->number);
	while (fgets(line, sizeof(line), file)) {
		unsigned long kbytes;
		bool known = false;

		if (sscanf(line, "%15[A-Za-z]: %lu kB", name, &kbytes) != 2 ||
		    (strncmp(name, "Vm", 2) && strncmp(name, "Rss", 3)))
			continue;
		for (unsigned int i = 0; i < sizeof(stated) / sizeof(stated[0]); i++)
			known |= !strcmp(stated[i], name);
		if (known)
			output("%s: %lu kB", name, kbytes);
		else
			output("%s: * kB", name);
	}
	fclose(file);
}

void maps_state(struct task *task)
{
	static struct vmas untouched;
	struct space *space = task->space;
	const struct vmas *stated = &space->seen;
	char text[256];

	if (space->puppet) {
		maps_read(space->puppet, &space->layout, &untouched);
		stated = &untouched;
	}
	step("maps p%u => ok", task->number);
	for (unsigned int i = 0; i < stated->count; i++) {
		vma_text(&stated->vma[i], text, sizeof(text));
		output("%s", text);
	}
	if (space->puppet) {
		vmflags_state(task, space->puppet);
		status_state(task, space->puppet);
	}
	space->stated = steps_written();
	if (space->puppet)
		difference_note(stated, &space->seen);
}

static const char *rights_text(const char *rights)
{
	return prot_text((rights[0] == 'r' ? PROT_READ : 0) | (rights[1] == 'w' ? PROT_WRITE : 0) |
			 (rights[2] == 'x' ? PROT_EXEC : 0));
}

/* A mapping that exec made. */
static void exec_vma(struct task *task, const struct vma *vma, unsigned int file)
{
	uint32_t size = vma->end - vma->start;
	const char *prot = rights_text(vma->rights);

	if (vma->name[0] == '[' && vma->name[1] == 'v')
		step("special p%u 0x%08x %u %s %s => ok", task->number, vma->start, size, prot,
		     vma->name);
	else if (!vma->ino)
		step("mmap p%u 0x%08x %u %s MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS => 0x%08x",
		     task->number, vma->start, size, prot, vma->start);
	else
		step("mmap p%u 0x%08x %u %s MAP_PRIVATE|MAP_FIXED f%u 0x%llx => 0x%08x",
		     task->number, vma->start, size, prot, file, (unsigned long long)vma->offset,
		     vma->start);
}

/* Files in the order of their first mapping; each is open for the time that exec maps it. */
static void exec_vmas(struct task *task, const struct vmas *vmas)
{
	unsigned int file[2] = {0};
	const struct vma *of[2] = {NULL};

	for (unsigned int i = 0; i < vmas->count; i++) {
		const struct vma *vma = &vmas->vma[i];
		unsigned int which = 0;

		if (!strcmp(vma->name, "[stack]"))
			continue;
		while (vma->ino && which < 2 && of[which] &&
		       (of[which]->ino != vma->ino || of[which]->dev != vma->dev))
			which++;
		if (which == 2)
			die("exec mapped more than two files");
		if (vma->ino && !of[which]) {
			of[which] = vma;
			file[which] = file_open(vma->name, mapped_size(task->pid, vma), "r");
		}
		exec_vma(task, vma, file[which]);
	}
	for (unsigned int which = 0; which < 2; which++)
		if (of[which])
			file_drop(file[which]);
}

static void layout_state(const struct task *task, const struct layout *layout)
{
	const struct {
		const char *name;
		uint32_t value;
	} rows[] = {
		{"START_CODE", layout->start_code},
		{"END_CODE", layout->end_code},
		{"START_DATA", layout->start_data},
		{"END_DATA", layout->end_data},
		{"START_STACK", layout->start_stack},
		{"START_BRK", layout->start_brk},
		{"BRK", layout->brk},
	};

	for (unsigned int i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		step("set_mm p%u PR_SET_MM_%s 0x%08x => ok", task->number, rows[i].name,
		     rows[i].value);
}

void caps_state(struct task *task)
{
	unsigned int caps = caps_read(task->pid);

	if (caps != task->caps)
		step("capable p%u %s => ok", task->number, caps_text(caps));
	task->caps = caps;
}

void exec_state(struct task *task)
{
	struct space *space = task->space;
	const struct vma *stack;

	layout_read(task->pid, &space->layout);
	maps_read(task->pid, &space->layout, &space->seen);
	space->int80 = int80_find(task->pid, &space->seen);
	stack = &space->seen.vma[space->seen.count - 1];
	if (strcmp(stack->name, "[stack]") || strcmp(stack->rights, "rw-p"))
		die("process %d: the last mapping is no stack, or it may be executed", task->pid);
	caps_state(task);
	step("execve p%u 0x%x => ok", task->number, stack->end - stack->start);
	exec_vmas(task, &space->seen);
	layout_state(task, &space->layout);
}
