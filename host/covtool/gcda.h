/*
 * GCC's counter files. See gcda.c.
 */
#pragma once

#include "host/covtool/file.h"

/* The counters of one object, as libgcov serialized them, and where gcov looks for them. */
struct gcda {
	char *path;
	struct bytes content;
};

struct gcda_list {
	struct gcda *items;
	size_t count;
};

/* Appends to the list: path is copied, content becomes the list's. Dies if either is not valid. */
void gcda_add(struct gcda_list *list, const char *path, struct bytes content);

/*
 * Adds the counters of every item to its file, which is made if need be. Dies, naming the file, if
 * one belongs to another build. May run several times at once: each file is locked while it is
 * changed.
 */
void gcda_store(struct gcda_list *list);
