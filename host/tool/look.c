#include "tool/look.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tool/twin_run.h"

#define SECONDS 600

unsigned int look_add(struct look *look, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vprintf(&look->vector, fmt, args);
	va_end(args);
	text_add(&look->vector, "\n", 1);
	return ++look->lines;
}

void look_run(struct look *look)
{
	struct rig_module module = {.name = look->file};
	struct twin_job job = {.modules = &module, .nr_modules = 1, .command_line = "verify=end"};

	look_add(look, "end");
	module.text = look->vector.data;
	module.size = look->vector.size;
	enum run_end end = twin_run_child(&job, &look->log, SECONDS);

	judge(&look->log, NULL, end, &look->judgement);
}

/* Is the line, behind the mark of its step, the one that tells the result? */
static bool is_result(const char *line, size_t len)
{
	return memmem(line, len, " => ", 4) != NULL;
}

bool look_output(const struct look *look, unsigned int number, struct text *out)
{
	char mark[24];
	size_t mark_len = snprintf(mark, sizeof(mark), "#  %u ", number);

	for (const char *line = look->log.data; *line;) {
		size_t len = strcspn(line, "\n");
		const char *said = line + mark_len;

		if (len < mark_len || strncmp(line, mark, mark_len) != 0)
			;
		else if (strncmp(said, "| ", 2) == 0)
			text_printf(out, "%.*s\n", (int)(line + len - said - 2), said + 2);
		else if (is_result(said, line + len - said))
			return true;
		line += len + (line[len] == '\n');
	}
	return false;
}

void look_complain(const struct look *look)
{
	static const char *const marks[] = {"# fail ", "# error ", "# panic: "};

	fprintf(stderr, "pagetwin show: the run did not pass: %s\n", look->judgement.why);
	for (const char *line = look->log.data; *line;) {
		size_t len = strcspn(line, "\n");

		for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
			if (strncmp(line, marks[i], strlen(marks[i])) == 0)
				fprintf(stderr, "%.*s\n", (int)len, line);
		line += len + (line[len] == '\n');
	}
}
