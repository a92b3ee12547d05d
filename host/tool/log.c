#include "tool/log.h"

#include <stdlib.h>
#include <string.h>

static bool line_starts(const struct log_line *line, const char *with)
{
	return line->len >= strlen(with) && strncmp(line->text, with, strlen(with)) == 0;
}

static char *vector_name(const struct log_line *line)
{
	const char *name = line->text + strlen("# vector ");
	const char *end = memchr(name, ' ', line->text + line->len - name);

	return strndup(name, (end ? end : line->text + line->len) - name);
}

static void add_line(struct transcript *transcript, struct log_line line)
{
	if (transcript->count % 1024 == 0)
		transcript->lines =
			realloc(transcript->lines, (transcript->count + 1024) * sizeof(line));
	if (!transcript->lines)
		abort();
	transcript->lines[transcript->count++] = line;
}

void transcript_read(struct transcript *transcript, const struct text *log)
{
	const char *at, *vector = "";

	*transcript = (struct transcript){0};
	text_add(&transcript->copy, log->data, log->size);
	at = strstr(transcript->copy.data, "KTAP version 1");
	while (at && *at) {
		size_t len = strcspn(at, "\r\n");
		struct log_line line = {at, len, vector};

		if (line_starts(&line, "# vector "))
			line.vector = vector = vector_name(&line);
		if (line_starts(&line, "# end "))
			break;
		/* What these say is the machine's own affair. */
		if (!line_starts(&line, "# pagetwin ") && !line_starts(&line, "# machine: "))
			add_line(transcript, line);
		at += len;
		at += *at == '\r';
		at += *at == '\n';
	}
}

void transcript_free(struct transcript *transcript)
{
	text_free(&transcript->copy);
	free(transcript->lines);
}

static bool same(const struct log_line *a, const struct log_line *b)
{
	return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

long transcript_difference(const struct transcript *a, const struct transcript *b)
{
	for (size_t i = 0; i < a->count || i < b->count; i++)
		if (i >= a->count || i >= b->count || !same(&a->lines[i], &b->lines[i]))
			return i;
	return -1;
}

unsigned int log_line_number(const struct log_line *line)
{
	return line_starts(line, "#  ") ? strtoul(line->text + 3, NULL, 10) : 0;
}
