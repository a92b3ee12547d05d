/* The model's steps: what a line says, and which call that is. */
#include "tool/as_model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/as_do.h"
#include "tool/as_names.h"

/* ---- lines ---------------------------------------------------------------------------------- */

static char *next_word(char **at)
{
	char *word = *at + strspn(*at, " \t");
	size_t length = strcspn(word, " \t");

	if (!*word)
		return NULL;
	*at = word + length;
	if (**at)
		*(*at)++ = '\0';
	return word;
}

bool as_step_parse(struct as_step *step, const char *line, size_t length)
{
	char *at = step->text, *arrow, *word, *comment;

	*step = (struct as_step){0};
	if (length >= sizeof(step->text))
		return false;
	memcpy(step->text, line, length);
	step->text[length] = '\0';
	step->text[strcspn(step->text, "\r\n")] = '\0';
	if (step->text[strspn(step->text, " \t")] == '|' || strchr(step->text, '"'))
		return false;
	comment = strchr(step->text, '#');
	if (comment)
		*comment = '\0';
	arrow = strstr(step->text, "=>");
	if (arrow) {
		*arrow = '\0';
		step->expected = arrow + 2 + strspn(arrow + 2, " \t");
	}
	char *assign = strchr(step->text, '=');

	if (assign) {
		*assign = '\0';
		step->variable = next_word(&at);
		at = assign + 1;
	}
	while (step->words < AS_WORDS && (word = next_word(&at)) != NULL)
		step->word[step->words++] = word;
	return step->words > 0 && !next_word(&at);
}

/* ---- the machine ---------------------------------------------------------------------------- */

void as_model_init(struct as_model *model, u64 ram)
{
	/* What the kernel itself and its tables of pages take is at most so much. */
	const u64 kernel = 8u << 20;

	*model = (struct as_model){
		.sysctl = {.overcommit_ratio = 50,
			   .max_map_count = 65530,
			   .mmap_min_addr = 65536,
			   .stack_guard_gap = 256,
			   .admin_reserve_kbytes = 8192,
			   .user_reserve_kbytes = 131072},
	};
	as_memory_init(&model->memory);
	model->ram_high = (u32)(ram / AS_PAGE);
	model->ram_low = ram > kernel ? (u32)((ram - kernel - ram / 64) / AS_PAGE) : 0;
}

void as_model_free(struct as_model *model)
{
	for (unsigned int i = 0; i < AS_TASKS; i++)
		as_drop_mm(model, &model->tasks[i]);
	for (unsigned int i = 0; i < AS_FILES; i++)
		free(model->inodes[i].pages);
	as_memory_free(&model->memory);
}

struct as_task *as_model_task(struct as_model *model, const char *name)
{
	for (unsigned int i = 0; i < AS_TASKS; i++)
		if (name[0] && strcmp(model->tasks[i].name, name) == 0)
			return &model->tasks[i];
	return NULL;
}

/* ---- a step and what it needs --------------------------------------------------------------- */

enum as_answer as_say(struct as_doing *d, const char *word)
{
	strcpy(d->result, word);
	return d->call.model->unclear ? AS_UNKNOWN : AS_ANSWERED;
}

enum as_answer as_say_error(struct as_doing *d, as_result result)
{
	return as_say(d, result < 0 ? as_error_name((int)result) : "ok");
}

static enum as_answer answer_address(struct as_doing *d, as_result result)
{
	char text[16];

	snprintf(text, sizeof(text), "0x%08x", (u32)result);
	return as_say(d, result < 0 ? as_error_name((int)result) : text);
}

/* ---- tasks and files ------------------------------------------------------------------------ */

/* The task that the step assigns; what the variable held before lives on without a name. */
static struct as_task *new_task(struct as_doing *d)
{
	struct as_model *model = d->call.model;
	const char *name = d->step->variable;
	struct as_task *task, *last = model->tasks + AS_TASKS;

	if (!name || strlen(name) >= sizeof(task->name))
		return NULL;
	task = as_model_task(model, name);
	if (task && task->live)
		task->name[0] = '\0';
	if (!task || task->live)
		for (task = model->tasks; task < last; task++)
			if (!task->live && !task->name[0])
				break;
	if (task == last)
		return NULL;
	*task = (struct as_task){.live = true};
	strcpy(task->name, name);
	return task;
}

static enum as_answer do_spawn(struct as_doing *d)
{
	const u32 limits[AS_LIMITS] = {AS_INFINITY, AS_INFINITY, 8u << 20, 8u << 20};
	struct as_task *task = new_task(d);

	if (!task)
		return AS_UNKNOWN;
	for (unsigned int i = 0; i < AS_LIMITS; i++) {
		task->limit[i] = limits[i];
		task->limit_max[i] = AS_INFINITY;
	}
	if (d->step->word[0][0] == 's') /* a kthread has none */
		task->mm = as_new_mm(d->call.model, task);
	return as_say(d, "ok");
}

static enum as_answer do_fork(struct as_doing *d)
{
	struct as_task *task = new_task(d);
	int error = 0;

	if (!task)
		return AS_UNKNOWN;
	if (d->value[2] & ~0x100u) /* CLONE_VM */
		error = -EINVAL;
	else
		error = as_fork(&d->call, task, d->value[2]);
	if (error) {
		as_drop_mm(d->call.model, task);
		task->live = false;
	}
	return as_say_error(d, error);
}

static enum as_answer do_execve(struct as_doing *d)
{
	u64 bytes = 0x21000;

	if (d->step->words > 2 && !as_number(d->step->word[2], &bytes))
		return AS_UNKNOWN;
	if (!bytes || bytes % AS_PAGE || bytes > AS_TASK_SIZE - d->call.model->sysctl.mmap_min_addr)
		return as_say(d, "-EINVAL");
	return as_say_error(d, as_exec(&d->call, (u32)bytes));
}

static enum as_answer do_exit(struct as_doing *d)
{
	as_drop_mm(d->call.model, d->call.task);
	d->call.task->live = false;
	d->call.model->current = NULL;
	return as_say(d, "ok");
}

static enum as_answer do_switch(struct as_doing *d)
{
	return as_say(d, "ok");
}

/* ---- what tasks may ------------------------------------------------------------------------- */

static enum as_answer do_setrlimit(struct as_doing *d)
{
	static const struct {
		u32 number;
		enum as_limit limit;
	} limits[] = {
		{9, AS_LIMIT_AS}, {2, AS_LIMIT_DATA}, {3, AS_LIMIT_STACK}, {8, AS_LIMIT_MEMLOCK}};
	struct as_task *task = d->call.task;
	u32 cur = d->value[3], max = d->has[4] ? d->value[4] : AS_INFINITY;

	for (unsigned int i = 0; i < AS_LIMITS; i++) {
		if (limits[i].number != d->value[2])
			continue;
		if (cur > max)
			return as_say(d, "-EINVAL");
		task->limit[limits[i].limit] = cur;
		task->limit_max[limits[i].limit] = max;
		return as_say(d, "ok");
	}
	return AS_UNKNOWN;
}

static enum as_answer do_capable(struct as_doing *d)
{
	d->call.task->caps = d->value[2];
	return as_say(d, "ok");
}

static enum as_answer do_sysctl(struct as_doing *d)
{
	struct as_sysctls *s = &d->call.model->sysctl;
	const struct {
		const char *name;
		u32 *value, last;
	} knobs[] = {
		{"overcommit_memory", &s->overcommit_memory, 2},
		{"overcommit_ratio", &s->overcommit_ratio, 0x7FFFFFFF},
		{"overcommit_kbytes", &s->overcommit_kbytes, 0xFFFFFFFF},
		{"max_map_count", &s->max_map_count, 0x7FFFFFFF},
		{"mmap_min_addr", &s->mmap_min_addr, AS_TASK_SIZE},
		{"stack_guard_gap", &s->stack_guard_gap, AS_PAGES},
		{"legacy_va_layout", &s->legacy_va_layout, 1},
		{"admin_reserve_kbytes", &s->admin_reserve_kbytes, 0xFFFFFFFF},
		{"user_reserve_kbytes", &s->user_reserve_kbytes, 0xFFFFFFFF},
	};

	for (size_t i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		if (strcmp(knobs[i].name, d->step->word[1]) != 0)
			continue;
		if (d->value[2] > knobs[i].last)
			return as_say(d, "-EINVAL");
		*knobs[i].value = d->value[2];
		/* The limit is said in one way or the other. */
		if (knobs[i].value == &s->overcommit_ratio)
			s->overcommit_kbytes = 0;
		if (knobs[i].value == &s->overcommit_kbytes)
			s->overcommit_ratio = 0;
		if (knobs[i].value == &s->mmap_min_addr)
			s->mmap_min_addr = as_round_up(d->value[2]);
		return as_say(d, "ok");
	}
	return as_say(d, "-ENOENT");
}

static enum as_answer do_set_mm(struct as_doing *d)
{
	struct as_mm *mm = d->call.mm;
	u32 which = d->value[2], addr = d->value[3];

	if (which < 1 || which > 11 || addr >= AS_TASK_SIZE ||
	    addr < d->call.model->sysctl.mmap_min_addr)
		return as_say(d, "-EINVAL");
	if (which == 3)
		mm->start_data = addr;
	else if (which == 4)
		mm->end_data = addr;
	else if (which == 5)
		mm->start_stack = addr;
	else if (which == 6)
		mm->start_brk = addr;
	else if (which == 7)
		mm->brk = addr;
	return as_say(d, "ok");
}

/* ---- calls on address spaces ---------------------------------------------------------------- */

static enum as_answer do_mmap(struct as_doing *d)
{
	const struct as_step *step = d->step;
	struct as_mapping mapping = {d->value[2], d->value[3], d->value[4], d->value[5], 0, 0};
	u64 offset = 0;

	if (step->words > 7 && !as_number(step->word[7], &offset))
		return AS_UNKNOWN;
	if (step->words > 6)
		mapping.file = as_named_file(d->call.model, step->word[6]);
	if (offset % AS_PAGE || offset >> 44)
		return as_say(d, "-EINVAL");
	mapping.pgoff = (u32)(offset / AS_PAGE);
	return answer_address(d, as_mmap(&d->call, &mapping));
}

static enum as_answer do_munmap(struct as_doing *d)
{
	return as_say_error(d, as_munmap(&d->call, d->value[2], d->value[3]));
}

static enum as_answer do_mprotect(struct as_doing *d)
{
	return as_say_error(d, as_mprotect(&d->call, d->value[2], d->value[3], d->value[4]));
}

static enum as_answer do_mremap(struct as_doing *d)
{
	const u32 *v = d->value;

	return answer_address(d, as_mremap(&d->call, v[2], v[3], v[4], v[5], v[6]));
}

static enum as_answer do_brk(struct as_doing *d)
{
	return answer_address(d, as_brk(&d->call, d->value[2]));
}

static enum as_answer do_madvise(struct as_doing *d)
{
	return as_say_error(d, as_madvise(&d->call, d->value[2], d->value[3], d->value[4]));
}

/* mlock is mlock2 without flags. */
static enum as_answer do_mlock(struct as_doing *d)
{
	return as_say_error(d, as_mlock(&d->call, d->value[2], d->value[3], d->value[4]));
}

static enum as_answer do_munlock(struct as_doing *d)
{
	return as_say_error(d, as_munlock(&d->call, d->value[2], d->value[3]));
}

static enum as_answer do_mlockall(struct as_doing *d)
{
	return as_say_error(d, as_mlockall(&d->call, d->value[2]));
}

static enum as_answer do_munlockall(struct as_doing *d)
{
	return as_say_error(d, as_munlockall(&d->call));
}

static enum as_answer do_msync(struct as_doing *d)
{
	return as_say_error(d, as_msync(&d->call, d->value[2], d->value[3], d->value[4]));
}

enum as_answer as_follow(struct as_doing *d)
{
	const char *expected = d->step->expected;
	size_t length = expected ? strlen(expected) : 0;

	if (!length || length >= AS_RESULT || strpbrk(expected, "*.")) /* or it does not say */
		return AS_UNKNOWN;
	return as_say(d, expected);
}

static enum as_answer do_remap_file_pages(struct as_doing *d)
{
	return as_say_error(d, as_remap_file_pages(&d->call, &d->value[2]));
}

static enum as_answer do_expand_stack(struct as_doing *d)
{
	return as_say_error(d, as_expand_stack(&d->call, d->value[2]));
}

static enum as_answer do_special(struct as_doing *d)
{
	const u32 *v = d->value;

	if (v[2] % AS_PAGE || v[3] % AS_PAGE || !v[3] || v[2] >= AS_TASK_SIZE ||
	    v[3] > AS_TASK_SIZE - v[2])
		return as_say(d, "-EINVAL");
	return as_say_error(d, as_special(&d->call, v[2], v[3], v[4], d->step->word[5]));
}

static enum as_answer do_get_unmapped_area(struct as_doing *d)
{
	if (!d->value[3] || d->value[3] % AS_PAGE)
		return as_say(d, "-EINVAL");
	return answer_address(d, as_unmapped_area(&d->call, d->value[2], d->value[3], d->value[4]));
}

/* ---- looking -------------------------------------------------------------------------------- */

static enum as_answer answer_area(struct as_doing *d, const struct as_area *area)
{
	char text[32];

	snprintf(text, sizeof(text), "%08x-%08x", area->from * AS_PAGE, area->to * AS_PAGE);
	return as_say(d, text);
}

static enum as_answer do_find_vma(struct as_doing *d)
{
	struct as_area area;

	return as_find(&d->call.mm->space, d->value[2] / AS_PAGE, &area) ? answer_area(d, &area)
									 : as_say(d, "none");
}

static enum as_answer do_find_vma_prev(struct as_doing *d)
{
	struct as_space *space = &d->call.mm->space;
	struct as_area area;
	u32 n = AS_PAGES;

	if (as_find(space, d->value[2] / AS_PAGE, &area))
		n = area.from;
	return as_find_below(space, n, &area) ? answer_area(d, &area) : as_say(d, "none");
}

static enum as_answer do_find_vma_intersection(struct as_doing *d)
{
	u32 start = d->value[2], end = d->value[3];
	struct as_area area;

	if (!as_find(&d->call.mm->space, start / AS_PAGE, &area) || area.from * AS_PAGE >= end)
		return as_say(d, "none");
	return answer_area(d, &area);
}

static enum as_answer do_vma_sum(struct as_doing *d)
{
	const struct as_counts *counts = as_count(&d->call.mm->space);

	sprintf(d->result,
		"%u vmas total %u locked %u data %u exec %u stack %u committed %u sum %08x",
		counts->areas, counts->total, counts->locked, counts->data, counts->exec,
		counts->stack, as_committed(d->call.model), as_sum(d->call.model, d->call.mm));
	return AS_ANSWERED;
}

/* What it prints, as_model_prints() says. */
static enum as_answer do_print(struct as_doing *d)
{
	return as_say(d, "ok");
}

/* Damage, memory that runs short, and what looks at pages one by one are beyond the model. */
static enum as_answer do_unknown(struct as_doing *d)
{
	(void)d;
	return AS_UNKNOWN;
}

/* ---- the verbs ------------------------------------------------------------------------------ */

/* args: t a task, m a task that has an address space, n constants, w a word; behind ? optional. */
static const struct verb {
	const char *name, *args;
	enum as_answer (*perform)(struct as_doing *d);
} verbs[] = {
	{"spawn", "", do_spawn},
	{"kthread", "", do_spawn},
	{"fork", "t?n", do_fork},
	{"execve", "t?w", do_execve},
	{"exit", "t", do_exit},
	{"switch", "t", do_switch},
	{"file", "www?w", as_do_file},
	{"open", "ww", as_do_open},
	{"fput", "w", as_do_fput},
	{"file_write", "wwn?w", as_do_file_write},
	{"file_read", "ww", as_do_file_read},
	{"ftruncate", "ww", as_do_ftruncate},
	{"file_pages", "w", as_do_file_pages},
	{"load", "n?n", as_do_load},
	{"store", "nn?n", as_do_store},
	{"exec", "n", as_do_exec},
	{"kload", "n?n", as_do_load},
	{"kstore", "nn?n", as_do_store},
	{"copy_to_user", "nnn", as_do_copy},
	{"copy_from_user", "nn", as_do_copy},
	{"clear_user", "nn", as_do_copy},
	{"touch", "mnn?n", as_do_touch},
	{"sum", "mnn", as_do_sum},
	{"faults", "t", as_do_faults},
	{"rss", "m", as_do_rss},
	{"pte", "mn", as_do_pte},
	{"setrlimit", "tnn?n", do_setrlimit},
	{"capable", "tn", do_capable},
	{"sysctl", "wn", do_sysctl},
	{"set_mm", "mnn", do_set_mm},
	{"mmap", "mnnnn?ww", do_mmap},
	{"munmap", "mnn", do_munmap},
	{"mprotect", "mnnn", do_mprotect},
	{"mremap", "mnnnn?n", do_mremap},
	{"brk", "mn", do_brk},
	{"madvise", "mnnn", do_madvise},
	{"mlock", "mnn", do_mlock},
	{"mlock2", "mnnn", do_mlock},
	{"munlock", "mnn", do_munlock},
	{"mlockall", "mn", do_mlockall},
	{"munlockall", "m", do_munlockall},
	{"msync", "mnnn", do_msync},
	{"mincore", "mnn", as_do_mincore},
	{"remap_file_pages", "mnnnnn", do_remap_file_pages},
	{"expand_stack", "mn", do_expand_stack},
	{"special", "mnnnw", do_special},
	{"get_unmapped_area", "mnnn", do_get_unmapped_area},
	{"find_vma", "mn", do_find_vma},
	{"find_vma_prev", "mn", do_find_vma_prev},
	{"find_vma_intersection", "mnn", do_find_vma_intersection},
	{"vma_sum", "m", do_vma_sum},
	{"maps", "m", do_print},
	{"vmflags", "m", do_print},
	{"mm_status", "m", do_print},
	{"vm_insert_page", "mnw", as_do_insert_page},
	{"load_locked", "?wwwwwww", do_unknown},
	{"get_user_page", "?wwwwwww", do_unknown},
	{"get_user_pages", "?wwwwwww", do_unknown},
	{"page_uses", "?wwwwwww", do_unknown},
	{"page_mkclean", "?wwwwwww", do_unknown},
	{"page_referenced", "?wwwwwww", do_unknown},
	{"try_to_unmap", "?wwwwwww", do_unknown},
	{"strncpy_from_user", "?wwwwwww", do_unknown},
	{"failslab", "?wwwwwww", do_unknown},
	{"fail_page_alloc", "?wwwwwww", do_unknown},
	{"hoard", "?wwwwwww", do_unknown},
	{"kmem_hoard", "?wwwwwww", do_unknown},
	{"tamper_page", "?wwwwwww", do_unknown},
	{"tamper_task_pgd", "?wwwwwww", do_unknown},
	{"tamper_mm", "?wwww", do_unknown},
	{"tamper_area", "?wwwww", do_unknown},
	{"tamper_file", "?wwww", do_unknown},
};

enum reading { READ, NO_TASK, NO_SPACE, UNREADABLE };

/* Reads the arguments as the verb would have them. */
static enum reading read_arguments(struct as_doing *d, const char *args)
{
	const struct as_step *step = d->step;
	unsigned int word = 1;
	bool optional = false;
	enum reading reading = READ;

	for (; *args; args++) {
		if (*args == '?') {
			optional = true;
			continue;
		}
		if (word == step->words)
			return optional ? reading : UNREADABLE;
		if (*args == 'n' && !as_constants(step->word[word], &d->value[word]))
			return UNREADABLE;
		if (*args == 't' || *args == 'm') {
			d->call.task = as_model_task(d->call.model, step->word[word]);
			if (!d->call.task)
				return UNREADABLE;
			d->call.mm = d->call.task->mm;
			if (!d->call.task->live)
				reading = NO_TASK;
			else
				d->call.model->current = d->call.task;
			if (!d->call.task->live)
				;
			else if (*args == 'm' && !d->call.mm)
				reading = NO_SPACE;
		}
		d->has[word++] = true;
	}
	return word == step->words ? reading : UNREADABLE;
}

bool as_model_is_verb(const char *verb)
{
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return true;
	return false;
}

enum as_answer as_model_step(struct as_model *model, const struct as_step *step, char *result)
{
	struct as_doing d = {.call = {.model = model}, .step = step, .result = result};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, step->word[0]) != 0)
			continue;
		switch (read_arguments(&d, verbs[i].args)) {
		case READ:
			return verbs[i].perform(&d);
		case NO_TASK:
			return as_say(&d, "-ESRCH");
		case NO_SPACE:
			return as_say(&d, "-EINVAL");
		default:
			return AS_UNKNOWN;
		}
	}
	return AS_SILENT;
}
