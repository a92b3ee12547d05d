/*
 * The patterns with malloc() and free(), whosesoever they are: the C library's, or those of a
 * library that the program is linked with. "version" says whose.
 */
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/pairs.h"

/* No function stands between: the best case for them. */
static const struct pairs_allocator bare = {malloc, free};

static int print_version(void)
{
	int (*mallctl)(const char *, void *, size_t *, void *, size_t) =
		dlsym(RTLD_DEFAULT, "mallctl");
	int (*mi_version)(void) = dlsym(RTLD_DEFAULT, "mi_version");
	const char *jemalloc = NULL;
	size_t size = sizeof(jemalloc);

	if (mallctl && mallctl("version", &jemalloc, &size, NULL, 0) == 0)
		printf("jemalloc %.*s\n", (int)strcspn(jemalloc, "-"), jemalloc);
	else if (mi_version)
		printf("mimalloc %d.%d.%d\n", mi_version() / 100, mi_version() / 10 % 10,
		       mi_version() % 10);
	else
		printf("glibc %s\n", gnu_get_libc_version());
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int rounds;

	if (argc == 2 && strcmp(argv[1], "version") == 0)
		return print_version();
	if (pairs_usage(argc, argv, "malloc nothing", &rounds))
		return 2;
	return pairs_run(argv[2], rounds, strcmp(argv[1], "malloc") ? &pairs_nothing : &bare) ? 2
											      : 0;
}
