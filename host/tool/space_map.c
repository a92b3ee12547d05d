#include "tool/space_map.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as/mm_types.h"
#include "tool/reading.h"
#include "top/mm_spaces.h"

const struct holder space_parts[NR_SPACE_PARTS] = {
	[AREA_STACK] = {"stack", "", 'S', 's', 0xD55E00},
	[AREA_SPECIAL] = {"special", ": the kernel's own", 'V', 'v', 0xF0E442},
	[AREA_CODE] = {"code", "", 'C', 'c', 0x0072B2},
	[AREA_SHARED] = {"shared", "", 'M', 'm', 0xCC79A7},
	[AREA_HEAP] = {"heap", "", 'H', 'h', 0x009E73},
	[AREA_DATA] = {"data", "", 'D', 'd', 0xE69F00},
	[AREA_FILE] = {"file", ", to be read", 'F', 'f', 0x56B4E9},
	[AREA_OTHER] = {"other", "", 'A', 'a', 0x9A9A9A},
	[SPACE_GUARD] = {"guard", " below a stack", '~', '~', 0xF8D3BE},
	[SPACE_FREE] = {"free", "", '.', '.', 0xF4F4F4},
};

/* ---- reading ------------------------------------------------------------------------------- */

/* What a stack leaves free below it begins here; see vm_start_gap(). */
static unsigned long start_of_guard(const struct space_map *map, const struct drawn_area *area)
{
	u64 guard = (u64)map->guard << PAGE_SHIFT;

	if (!(area->flags & VM_GROWSDOWN))
		return area->start;
	return area->start > guard ? area->start - guard : 0;
}

/* Where the area before it ends, that one being of the same space, or 0. */
static unsigned long end_before(const struct space_map *map, const struct drawn_space *space,
				const struct drawn_area *area)
{
	return area == map->areas + space->first_area ? 0 : area[-1].end;
}

/* The area that has just been added: does it fit in? */
static int check_area(const struct reading *r, const struct space_map *map,
		      const struct drawn_space *space)
{
	const struct drawn_area *area = &map->areas[map->nr_areas - 1];
	unsigned long before = end_before(map, space, area), free = start_of_guard(map, area);
	unsigned long gap = free > before ? free - before : 0;

	if (!IS_ALIGNED(area->start | area->end, PAGE_SIZE) || area->start >= area->end ||
	    area->end > map->end)
		return unexpected(r, "expected a range of pages below %08lx", map->end);
	if (area->start < before)
		return unexpected(r, "expected areas in order, from %08lx on", before);
	if (area->present > (area->end - area->start) >> PAGE_SHIFT)
		return unexpected(r, "it has fewer pages than %lu", area->present);
	if (area->gap != gap)
		return unexpected(r, "the gap below it is %lx", gap);
	return 0;
}

static int read_area(const struct reading *r, struct space_map *map, struct drawn_space *space)
{
	struct drawn_area area = {.start = 0};
	int len = 0;

	if (sscanf(r->line,
		   "area %lx-%lx flags %lx offset %llx file %u present %lu gap %lx largest %lx "
		   "depth %u%n",
		   &area.start, &area.end, &area.flags, &area.offset, &area.file, &area.present,
		   &area.gap, &area.largest, &area.depth, &len) != 9)
		return unexpected(r, "expected \"area START-END flags FLAGS offset OFFSET file N "
				     "present N gap GAP largest GAP depth N NAME\"");
	const char *name = r->line + len + (r->line[len] == ' ');

	if (r->line[len] == ' ' && !*name)
		return unexpected(r, "expected a name, or no blank");
	if (strlen(name) >= sizeof(area.name))
		return unexpected(r, "expected no such long name");
	strcpy(area.name, name);
	if (expect_this_line(r,
			     "area %08lx-%08lx flags %08lx offset %08llx file %u present %lu gap "
			     "%lx largest %lx depth %u%s%s",
			     area.start, area.end, area.flags, area.offset, area.file, area.present,
			     area.gap, area.largest, area.depth, *name ? " " : "", name))
		return -1;
	map->areas = one_more(map->areas, map->nr_areas, sizeof(area));
	map->areas[map->nr_areas++] = area;
	return check_area(r, map, space);
}

static int read_task(const struct reading *r, struct space_map *map, struct drawn_space *space)
{
	struct drawn_task task = {.pid = 0};
	char how[8] = "";

	if (sscanf(r->line, "task %d %7s", &task.pid, how) != 2)
		return unexpected(r, "expected \"task PID runs\" or \"borrows\"");
	task.borrows = strcmp(how, "borrows") == 0;
	task.current = behind(r, "task %d %s current", task.pid, how);
	if (expect_this_line(r, "task %d %s%s", task.pid, task.borrows ? "borrows" : "runs",
			     task.current ? " current" : ""))
		return -1;
	map->tasks = one_more(map->tasks, map->nr_tasks, sizeof(task));
	map->tasks[map->nr_tasks++] = task;
	space->nr_tasks++;
	return 0;
}

/* The line in r is a space's first one. *nr_areas: how many it says it has. */
static int read_heading(const struct reading *r, struct drawn_space *space, size_t *nr_areas)
{
	char way[8];
	unsigned int areas;

	if (sscanf(r->line, "space %u users %u areas %u base %lx %7s tables %lu", &space->number,
		   &space->users, &areas, &space->base, way, &space->tables) != 6)
		return unexpected(r, "expected \"space NUMBER users N areas N base BASE "
				     "DIRECTION tables N\"");
	space->down = strcmp(way, "down") == 0;
	*nr_areas = areas;
	return expect_this_line(r, "space %u users %u areas %u base %08lx %s tables %lu",
				space->number, space->users, areas, space->base,
				space->down ? "down" : "up", space->tables);
}

static int read_figures(struct reading *r, struct drawn_space *space)
{
	next_line(r);
	if (sscanf(r->line, "pages total %lu locked %lu data %lu exec %lu stack %lu", &space->total,
		   &space->locked, &space->data, &space->exec, &space->stack) != 5)
		return unexpected(r, "expected \"pages total N locked N data N exec N stack N\"");
	if (expect_this_line(r, "pages total %lu locked %lu data %lu exec %lu stack %lu",
			     space->total, space->locked, space->data, space->exec, space->stack))
		return -1;
	next_line(r);
	if (sscanf(r->line, "rss file %ld anon %ld swap %ld shmem %ld", &space->file, &space->anon,
		   &space->swap, &space->shmem) != 4)
		return unexpected(r, "expected \"rss file N anon N swap N shmem N\"");
	return expect_this_line(r, "rss file %ld anon %ld swap %ld shmem %ld", space->file,
				space->anon, space->swap, space->shmem);
}

/* The line in r is a space's first one; reads up to the next one's. */
static int read_space(struct reading *r, struct space_map *map)
{
	struct drawn_space space = {.first_area = map->nr_areas, .first_task = map->nr_tasks};
	size_t nr_areas = 0;

	if (read_heading(r, &space, &nr_areas) || read_figures(r, &space))
		return -1;
	while (next_line(r) && behind(r, "task "))
		if (read_task(r, map, &space))
			return -1;
	for (; behind(r, "area "); next_line(r), space.nr_areas++)
		if (read_area(r, map, &space))
			return -1;
	if (space.nr_areas != nr_areas)
		return unexpected(r, "space %u says %zu areas, found %zu", space.number, nr_areas,
				  space.nr_areas);
	map->spaces = one_more(map->spaces, map->nr_spaces, sizeof(space));
	map->spaces[map->nr_spaces++] = space;
	return 0;
}

static int read_bounds(struct reading *r, struct space_map *map)
{
	next_line(r);
	if (sscanf(r->line, "spaces %u end %lx min %lx guard %lu", &map->all, &map->end, &map->min,
		   &map->guard) != 4)
		return unexpected(r, "expected \"spaces N end END min MIN guard PAGES\"");
	if (!IS_ALIGNED(map->end, PAGE_SIZE) || !map->end)
		return unexpected(r, "expected whole pages of addresses");
	return expect_this_line(r, "spaces %u end %08lx min %08lx guard %lu", map->all, map->end,
				map->min, map->guard);
}

int space_map_read(struct space_map *map, const struct text *text)
{
	struct reading r = reading_start("space_map", text);
	size_t first = map->nr_spaces, found;

	if (read_bounds(&r, map))
		return -1;
	for (bool more = next_line(&r); more; more = *r.line) {
		unsigned int before =
			map->nr_spaces > first ? map->spaces[map->nr_spaces - 1].number : 0;

		if (read_space(&r, map))
			return -1;
		if (map->spaces[map->nr_spaces - 1].number <= before ||
		    map->spaces[map->nr_spaces - 1].number > map->all)
			return unexpected(&r, "expected spaces in order, up to %u", map->all);
	}
	if (*r.at || memcmp(text->data + text->size - 2, "\n\n", 2) == 0)
		return unexpected(&r, "expected a space, a task or an area");
	found = map->nr_spaces - first;
	if (found != map->all && found != 1)
		return unexpected(&r, "expected %u spaces, or one, found %zu", map->all, found);
	return 0;
}

void space_map_free(struct space_map *map)
{
	free(map->spaces);
	free(map->areas);
	free(map->tasks);
	*map = (struct space_map){0};
}

/* ---- stretches ----------------------------------------------------------------------------- */

static enum space_part kind_of_area(const struct drawn_area *area)
{
	unsigned long flags = area->flags;

	if (flags & VM_GROWSDOWN)
		return AREA_STACK;
	/* vm_insert_page() makes no driver's area of another. */
	if (flags & VM_SPECIAL & ~VM_MIXEDMAP)
		return AREA_SPECIAL;
	if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		return AREA_CODE;
	if (flags & VM_MAYSHARE)
		return AREA_SHARED;
	if (!area->file && strcmp(area->name, "[heap]") == 0)
		return AREA_HEAP;
	if (flags & VM_WRITE)
		return AREA_DATA;
	return area->file ? AREA_FILE : AREA_OTHER;
}

static size_t add_row(struct space_row *rows, size_t count, struct space_row row)
{
	if (row.start < row.end)
		rows[count++] = row;
	return count;
}

size_t space_rows(const struct space_map *map, const struct drawn_space *space,
		  struct space_row **rows)
{
	const struct drawn_area *areas = map->areas + space->first_area;
	unsigned long end = map->end;
	size_t count = 0;

	*rows = calloc(3 * space->nr_areas + 1, sizeof(**rows));
	if (!*rows)
		abort();
	for (size_t i = space->nr_areas; i--;) {
		const struct drawn_area *area = &areas[i];
		unsigned long before = end_before(map, space, area);
		unsigned long guard = max(start_of_guard(map, area), before);

		/* What is free above is the gap of the area above, or of none. */
		count = add_row(*rows, count, (struct space_row){SPACE_FREE, area->end, end, NULL});
		count = add_row(
			*rows, count,
			(struct space_row){kind_of_area(area), area->start, area->end, area});
		count = add_row(*rows, count,
				(struct space_row){SPACE_GUARD, guard, area->start, area});
		end = guard;
	}
	return add_row(*rows, count, (struct space_row){SPACE_FREE, 0, end, NULL});
}

/* ---- in words ------------------------------------------------------------------------------ */

#define MOST_TASKS 6 /* that are listed by their numbers */

/* Those that run in a space, or those that borrow it: "tasks 2 (now), 3, 4". */
static void append_tasks(char *buf, size_t size, const struct space_map *map,
			 const struct drawn_space *space, bool borrows, const char *before)
{
	size_t count = 0, shown = 0;

	for (size_t i = 0; i < space->nr_tasks; i++)
		count += map->tasks[space->first_task + i].borrows == borrows;
	if (count)
		string_append(buf, size, "%stask%s", before, count == 1 ? "" : "s");
	for (size_t i = 0; i < space->nr_tasks && shown < min(count, MOST_TASKS); i++) {
		const struct drawn_task *task = &map->tasks[space->first_task + i];

		if (task->borrows == borrows)
			string_append(buf, size, "%s %d%s", shown++ ? "," : "", task->pid,
				      task->current ? " (now)" : "");
	}
	if (shown < count)
		string_append(buf, size, " and %zu more", count - shown);
}

static bool nobody_runs(const struct space_map *map, const struct drawn_space *space)
{
	for (size_t i = 0; i < space->nr_tasks; i++)
		if (!map->tasks[space->first_task + i].borrows)
			return false;
	return true;
}

void describe_space(char *buf, size_t size, const struct space_map *map,
		    const struct drawn_space *space)
{
	snprintf(buf, size, "space %u: %s", space->number,
		 nobody_runs(map, space) ? "no task" : "");
	append_tasks(buf, size, map, space, false, "");
	append_tasks(buf, size, map, space, true, ", borrowed by ");
	string_append(buf, size, "; %zu area%s; mmap base %08lx, %s", space->nr_areas,
		      space->nr_areas == 1 ? "" : "s", space->base, space->down ? "down" : "up");
}

void describe_pages(char *buf, size_t size, const struct drawn_space *space)
{
	snprintf(buf, size, "pages: total %lu, locked %lu, data %lu, exec %lu, stack %lu",
		 space->total, space->locked, space->data, space->exec, space->stack);
}

void describe_present(char *buf, size_t size, const struct space_map *map,
		      const struct drawn_space *space)
{
	unsigned long present = 0;

	for (size_t i = 0; i < space->nr_areas; i++)
		present += map->areas[space->first_area + i].present;
	snprintf(buf, size,
		 "rss %ld: file %ld, anon %ld, shmem %ld; swapped %ld; %lu present in %lu page "
		 "table%s",
		 space->file + space->anon + space->shmem, space->file, space->anon, space->shmem,
		 space->swap, present, space->tables, space->tables == 1 ? "" : "s");
}

const char *rights_text(char buf[RIGHTS_TEXT], unsigned long flags)
{
	snprintf(buf, RIGHTS_TEXT, "%c%c%c%c", flags & VM_READ ? 'r' : '-',
		 flags & VM_WRITE ? 'w' : '-', flags & VM_EXEC ? 'x' : '-',
		 flags & VM_MAYSHARE ? 's' : 'p');
	return buf;
}

const char *flags_text(char buf[AREA_WORDS], unsigned long flags)
{
	unsigned long missing = VM_MAYACCESS & ~flags;

	/* What the rights tell is no news. */
	if (flags & VM_MAYSHARE) {
		missing |= VM_SHARED & ~flags;
		flags &= ~VM_SHARED;
	}
	flags &= ~(VM_ACCESS_FLAGS | VM_MAYACCESS | VM_MAYSHARE);
	buf[0] = '\0';
	for (unsigned long bit = 1; bit; bit <<= 1) {
		const char *letters = vm_flag_letters(bit);

		if (!((flags | missing) & bit))
			continue;
		string_append(buf, AREA_WORDS, "%s%s", *buf ? " " : "", missing & bit ? "-" : "");
		if (letters)
			string_append(buf, AREA_WORDS, "%s", letters);
		else
			string_append(buf, AREA_WORDS, "%lx", bit);
	}
	return buf;
}

const char *gap_text(char buf[SIZE_TEXT], unsigned long bytes)
{
	return bytes ? size_text(buf, bytes >> PAGE_SHIFT) : "-";
}
