/* What the model says of an address space: /proc/PID/maps, flags, and all of it as a number. */
#include <string.h>

#include "tool/as_calls.h"

/* ---- vma_sum -------------------------------------------------------------------------------- */

static u32 mix(u32 hash, u32 word)
{
	return (hash ^ word) * 16777619u;
}

static u32 file_tag(const struct as_file *file)
{
	u32 tag = 2166136261u;

	if (file->kind != AS_FILE && file->kind != AS_ZERO)
		return 0;
	for (const char *c = file->name; *c; c++)
		tag = mix(tag, (unsigned char)*c);
	return tag;
}

u32 as_sum(const struct as_model *model, const struct as_mm *mm)
{
	u32 sum = 2166136261u;
	struct as_area area;

	for (u32 n = 0; as_find(&mm->space, n, &area); n = area.to) {
		sum = mix(sum, area.from * AS_PAGE);
		sum = mix(sum, area.to * AS_PAGE);
		sum = mix(sum, area.page.flags);
		sum = mix(sum, area.from + area.page.shift);
		sum = mix(sum, area.page.file ? file_tag(&model->files[area.page.file]) : 0);
	}
	return sum;
}

/* ---- /proc/PID ------------------------------------------------------------------------------ */

static const char *area_name(const struct as_model *model, const struct as_mm *mm,
			     const struct as_area *area)
{
	u32 start = area->from * AS_PAGE, end = area->to * AS_PAGE;

	if (area->page.file)
		return model->files[area->page.file].name;
	if (start <= mm->brk && end >= mm->start_brk)
		return "[heap]";
	return start <= mm->start_stack && end >= mm->start_stack ? "[stack]" : "";
}

static void print_map(const struct as_model *model, const struct as_mm *mm,
		      const struct as_area *area, struct text *text)
{
	u32 flags = area->page.flags;
	u64 offset = area->page.file ? (u64)(area->from + area->page.shift) * AS_PAGE : 0;

	text_printf(text, "%08x-%08x %c%c%c%c %08llx %s\n", area->from * AS_PAGE,
		    area->to * AS_PAGE, flags & AS_READ ? 'r' : '-', flags & AS_WRITE ? 'w' : '-',
		    flags & AS_EXEC ? 'x' : '-', flags & AS_MAYSHARE ? 's' : 'p', offset,
		    area_name(model, mm, area));
}

/* The two letters of each flag, from bit 0 on. */
static void print_flags(const struct as_area *area, struct text *text)
{
	static const char letters[32][3] = {
		[0] = "rd",  [1] = "wr",  [2] = "ex",  [3] = "sh",  [4] = "mr",	 [5] = "mw",
		[6] = "me",  [7] = "ms",  [8] = "gd",  [10] = "pf", [13] = "lo", [14] = "io",
		[15] = "sr", [16] = "rr", [17] = "dc", [18] = "de", [19] = "lf", [20] = "ac",
		[21] = "nr", [23] = "sf", [25] = "wf", [26] = "dd", [28] = "mm"};

	text_printf(text, "%08x-%08x", area->from * AS_PAGE, area->to * AS_PAGE);
	for (unsigned int bit = 0; bit < 32; bit++)
		if (area->page.flags >> bit & 1)
			text_printf(text, " %s", letters[bit]);
	text_printf(text, "\n");
}

bool as_model_prints(struct as_model *model, const struct as_step *step, struct text *text)
{
	bool maps = strcmp(step->word[0], "maps") == 0;
	const struct as_task *task = step->words == 2 ? as_model_task(model, step->word[1]) : NULL;
	struct as_area area;

	if ((!maps && strcmp(step->word[0], "vmflags") != 0) || !task || !task->mm)
		return false;
	for (u32 n = 0; as_find(&task->mm->space, n, &area); n = area.to) {
		if (maps)
			print_map(model, task->mm, &area, text);
		else
			print_flags(&area, text);
	}
	return true;
}
