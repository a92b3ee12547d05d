#include "tool/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading reading_start(const char *verb, const struct text *text)
{
	return (struct reading){.verb = verb, .at = text->data ? text->data : ""};
}

int unexpected(const struct reading *r, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "pagetwin show: %s, line %u \"%s\": ", r->verb, r->number, r->line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return -1;
}

bool next_line(struct reading *r)
{
	size_t len = strcspn(r->at, "\n");

	r->line[0] = '\0';
	r->number++;
	if (!*r->at)
		return false;
	snprintf(r->line, sizeof(r->line), "%.*s", (int)len, r->at);
	r->at += len + (r->at[len] == '\n');
	return true;
}

static int expect(const struct reading *r, const char *fmt, va_list args)
{
	char expected[sizeof(r->line)];

	vsnprintf(expected, sizeof(expected), fmt, args);
	return strcmp(r->line, expected) == 0 ? 0 : unexpected(r, "expected \"%s\"", expected);
}

int expect_this_line(const struct reading *r, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int err = expect(r, fmt, args);

	va_end(args);
	return err;
}

int expect_line(struct reading *r, const char *fmt, ...)
{
	bool there = next_line(r);
	va_list args;

	va_start(args, fmt);
	int err = expect(r, fmt, args);

	va_end(args);
	return there || err ? err : unexpected(r, "expected one line more");
}

int expect_end(struct reading *r)
{
	return next_line(r) ? unexpected(r, "expected no more") : 0;
}

const char *behind(const struct reading *r, const char *fmt, ...)
{
	char expected[sizeof(r->line)];
	va_list args;

	va_start(args, fmt);
	int len = vsnprintf(expected, sizeof(expected), fmt, args);

	va_end(args);
	return strncmp(r->line, expected, len) == 0 ? r->line + len : NULL;
}

void *one_more(void *array, size_t count, size_t size)
{
	if (count & (count - 1))
		return array;
	array = realloc(array, (count ? 2 * count : 1) * size);
	if (!array)
		abort();
	return array;
}
