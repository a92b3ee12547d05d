/* The model's tasks: address spaces that begin, are copied and end, and the files they map. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/as_calls.h"

/* VM_STACK_FLAGS */
#define STACK_FLAGS (AS_READ | AS_WRITE | AS_MAY | AS_GROWSDOWN | AS_ACCOUNT)

/* ---- files ---------------------------------------------------------------------------------- */

void as_forget_files(struct as_model *model)
{
	bool used[AS_FILES] = {false}, mapped[AS_FILES] = {false};

	for (unsigned int i = 0; i < AS_TASKS; i++) {
		if (!model->tasks[i].mm)
			continue;
		const struct as_counts *counts = as_count(&model->tasks[i].mm->space);

		for (unsigned int f = 1; f < AS_FILES; f++)
			used[f] |= counts->files[f];
	}
	for (unsigned int f = 1; f < AS_FILES; f++)
		if (!used[f] && !model->files[f].named)
			model->files[f].kind = AS_FREE;
		else
			mapped[model->files[f].inode] = true;
	for (unsigned int i = 1; i < AS_FILES; i++)
		if (!mapped[i] && model->inodes[i].used)
			as_inode_clear(&model->memory, &model->inodes[i]);
}

static u32 free_file(const struct as_model *model)
{
	for (u32 f = 1; f < AS_FILES; f++)
		if (model->files[f].kind == AS_FREE)
			return f;
	return 0;
}

u32 as_new_file(struct as_model *model, enum as_kind kind, const char *name)
{
	u32 f = free_file(model);

	if (!f) {
		as_forget_files(model);
		f = free_file(model);
	}
	if (!f) {
		fprintf(stderr, "pagetwin: more than %u files in one vector\n", AS_FILES - 1);
		exit(2);
	}
	model->files[f] = (struct as_file){.kind = kind, .read = true, .write = true};
	snprintf(model->files[f].name, sizeof(model->files[f].name), "%s", name);
	return f;
}

u32 as_new_inode(struct as_model *model, const char *name, u64 size, bool ramfs)
{
	u32 i = 1;

	for (int again = 0; again < 2; again++, as_forget_files(model))
		for (i = 1; i < AS_FILES; i++)
			if (!model->inodes[i].used)
				goto found;
	fprintf(stderr, "pagetwin: more than %u files in one vector\n", AS_FILES - 1);
	exit(2);
found:
	model->inodes[i] = (struct as_inode){
		.used = true, .ramfs = ramfs, .serial = model->memory.serial++, .size = size};
	snprintf(model->inodes[i].name, sizeof(model->inodes[i].name), "%s", name);
	return i;
}

/* ---- address spaces ------------------------------------------------------------------------- */

/* Where mappings begin: below the stack and what it may grow to, or at a third of all. */
static void pick_layout(const struct as_model *model, const struct as_task *task, struct as_mm *mm)
{
	const u32 gap_min = 128u << 20, gap_max = AS_TASK_SIZE / 6 * 5;
	const u32 pad = model->sysctl.stack_guard_gap * 4096; /* nothing is left to chance */
	u32 stack = task->limit[AS_LIMIT_STACK];
	u64 gap = (u64)stack + pad;

	mm->bottom_up = model->sysctl.legacy_va_layout;
	if (gap < gap_min)
		gap = gap_min;
	if (gap > gap_max)
		gap = gap_max;
	mm->mmap_base = mm->bottom_up ? AS_TASK_SIZE / 3 : as_round_up(AS_TASK_SIZE - (u32)gap);
}

struct as_mm *as_new_mm(const struct as_model *model, const struct as_task *task)
{
	struct as_mm *mm = calloc(1, sizeof(*mm));

	if (!mm) {
		perror("pagetwin");
		exit(2);
	}
	pick_layout(model, task, mm);
	mm->users = 1;
	return mm;
}

void as_drop_mm(struct as_model *model, struct as_task *task)
{
	if (task->mm && --task->mm->users == 0) {
		as_zap(&model->memory, &task->mm->entries, 0, AS_PAGES);
		as_clear(&task->mm->space);
		free(task->mm);
	}
	task->mm = NULL;
}

/* ---- fork and exec -------------------------------------------------------------------------- */

/* The child's copy of the parent's VMAs, each charged as it comes. */
static int copy_areas(const struct as_call *call, struct as_space *to)
{
	const struct as_space *from = &call->mm->space;
	struct as_area area;

	for (u32 n = 0; as_find(from, n, &area); n = area.to) {
		if (area.page.flags & AS_DONTCOPY)
			continue;
		if ((area.page.flags & AS_ACCOUNT) && as_charge(call, area.to - area.from))
			return -ENOMEM;
		area.page.flags &= ~AS_ANY_LOCK;
		area.page.anon = 0;
		as_set(to, area.from, area.to, area.page);
	}
	return 0;
}

int as_fork(struct as_call *call, struct as_task *child, u32 flags)
{
	const u32 clone_vm = 0x100;
	const struct as_task fresh = *child;

	*child = *call->task;
	child->minor = child->major = 0;
	memcpy(child->name, fresh.name, sizeof(fresh.name));
	if (!call->mm || (flags & clone_vm)) {
		if (call->mm)
			call->mm->users++;
		return 0;
	}
	struct as_mm *mm = as_new_mm(call->model, child);

	mm->mmap_base = call->mm->mmap_base;
	mm->bottom_up = call->mm->bottom_up;
	mm->start_brk = call->mm->start_brk;
	mm->brk = call->mm->brk;
	mm->start_data = call->mm->start_data;
	mm->end_data = call->mm->end_data;
	mm->start_stack = call->mm->start_stack;
	child->mm = mm;
	int error = copy_areas(call, &mm->space);

	if (!error)
		as_fork_pages(call, mm);
	return error;
}

int as_exec(struct as_call *call, u32 stack_bytes)
{
	struct as_mm *mm = as_new_mm(call->model, call->task);
	struct as_task new = {.mm = mm, .caps = call->task->caps};
	struct as_call charging = {call->model, &new, mm};
	u32 pages = as_round_up(stack_bytes) / AS_PAGE;

	if (stack_bytes > AS_TASK_SIZE || as_charge(&charging, pages)) {
		as_drop_mm(call->model, &new);
		return -ENOMEM;
	}
	if (pages)
		as_set(&mm->space, AS_PAGES - pages, AS_PAGES,
		       (struct as_page){.flags = STACK_FLAGS, .begin = true});
	mm->start_stack = AS_TASK_SIZE - 4;
	as_drop_mm(call->model, call->task);
	call->task->mm = mm;
	return 0;
}
