#include "tool/files.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_add(struct text *text, const char *data, size_t size)
{
	if (text->size + size + 1 > text->room) {
		text->room = (text->size + size + 1) * 2;
		text->data = realloc(text->data, text->room);
		if (!text->data) {
			perror("pagetwin");
			exit(2);
		}
	}
	memcpy(text->data + text->size, data, size);
	text->size += size;
	text->data[text->size] = '\0';
}

void text_vprintf(struct text *text, const char *fmt, va_list args)
{
	char *line = NULL;
	int len = vasprintf(&line, fmt, args);

	if (len < 0) {
		perror("pagetwin");
		exit(2);
	}
	text_add(text, line, len);
	free(line);
}

void text_printf(struct text *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	text_vprintf(text, fmt, args);
	va_end(args);
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

static int complain(const char *path)
{
	fprintf(stderr, "pagetwin: %s: %s\n", path, strerror(errno));
	return -1;
}

int file_read(const char *path, struct text *text)
{
	FILE *file = fopen(path, "rb");
	char chunk[65536];
	size_t n;

	if (!file)
		return complain(path);
	text_add(text, "", 0);
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
		text_add(text, chunk, n);
	int failed = ferror(file);

	fclose(file);
	return failed ? complain(path) : 0;
}

int file_write(const char *path, const struct text *text)
{
	FILE *file = fopen(path, "wb");

	if (!file)
		return complain(path);
	size_t written = fwrite(text->data, 1, text->size, file);

	if (fclose(file) != 0 || written != text->size)
		return complain(path);
	return 0;
}

int stdout_write(const struct text *text)
{
	if (fwrite(text->data, 1, text->size, stdout) != text->size || fflush(stdout) != 0)
		return complain("standard output");
	return 0;
}

struct rig_module *modules_read(char *const *paths, unsigned int count)
{
	struct rig_module *modules = calloc(count ? count : 1, sizeof(*modules));

	for (unsigned int i = 0; modules && i < count; i++) {
		struct text text = {0};

		if (file_read(paths[i], &text))
			return NULL;
		modules[i] = (struct rig_module){paths[i], text.data, text.size};
	}
	return modules;
}

void string_append(char *buf, size_t size, const char *fmt, ...)
{
	size_t len = strlen(buf);
	va_list args;

	va_start(args, fmt);
	vsnprintf(buf + len, size - len, fmt, args);
	va_end(args);
}
