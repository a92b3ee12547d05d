#include "host/covtool/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void die(const char *fmt, ...)
{
	va_list args;

	fputs("covtool: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

void *must_allocate(void *old, size_t size)
{
	void *p = realloc(old, size ?: 1);

	if (!p)
		die("out of memory");
	return p;
}

void append(struct bytes *to, const void *data, size_t size)
{
	to->data = must_allocate(to->data, to->size + size);
	memcpy(to->data + to->size, data, size);
	to->size += size;
}

struct bytes read_all(int fd, const char *path)
{
	struct bytes all = {};
	u8 part[65536];
	ssize_t n;

	while ((n = read(fd, part, sizeof(part))) > 0)
		append(&all, part, n);
	if (n < 0)
		die("%s: %s", path, strerror(errno));
	return all;
}

struct bytes read_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	struct bytes all = read_all(fd, path);
	close(fd);
	return all;
}
