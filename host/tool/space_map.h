/* Address spaces area by area, read from what the verb space_map prints (top/mm_space_map.h). */
#pragma once

#include "tool/drawing.h"

/*
 * What a stretch of addresses is: a row of space_parts. Of areas, the first that fits, so that the
 * kinds come close to a space's figures: stack and code are stack_vm and exec_vm, data and heap
 * data_vm, but for what is special.
 */
enum space_part {
	AREA_STACK,   /* grows down */
	AREA_SPECIAL, /* the kernel's own, or a driver's */
	AREA_CODE,    /* executable, not writable */
	AREA_SHARED,
	AREA_HEAP,
	AREA_DATA,  /* writable */
	AREA_FILE,  /* pages of a file, only to be read */
	AREA_OTHER, /* neither writable nor of a file */
	NR_AREA_KINDS,
	SPACE_GUARD = NR_AREA_KINDS, /* what a stack keeps free below it */
	SPACE_FREE,
	NR_SPACE_PARTS
};

/* Letters for pages that are there, in capitals, and others; about continues the name. */
extern const struct holder space_parts[NR_SPACE_PARTS];

struct drawn_area {
	unsigned long start, end;
	unsigned long flags; /* vm_flags */
	u64 offset;	     /* bytes into the file */
	unsigned int file;   /* 0: none */
	unsigned long present;
	unsigned long gap, largest; /* bytes: its own, and of its subtree */
	unsigned int depth;
	char name[80];
};

struct drawn_task {
	int pid;
	bool borrows, current;
};

struct drawn_space {
	unsigned int number, users;
	unsigned long base; /* where searches for free addresses begin */
	bool down;	    /* and whereto they go */
	unsigned long tables;
	unsigned long total, locked, data, exec, stack; /* pages, as the space says */
	long file, anon, swap, shmem;			/* likewise */
	size_t first_area, nr_areas, first_task, nr_tasks;
};

struct space_map {
	unsigned int all;	/* spaces that there are */
	unsigned long end, min; /* of the addresses that a task can have */
	unsigned long guard;	/* pages */
	size_t nr_spaces, nr_areas, nr_tasks;
	struct drawn_space *spaces;
	struct drawn_area *areas; /* of a space in the order of addresses */
	struct drawn_task *tasks;
};

/*
 * Adds the spaces that a text of space_map tells of. 0, or -1 with the reason on stderr: also where
 * areas overlap or are missing of what the space says that it has, or gaps are not what is between
 * them.
 */
int space_map_read(struct space_map *map, const struct text *text);
void space_map_free(struct space_map *map);

/* ---- stretches ----------------------------------------------------------------------------- */

/* Addresses start to end, one past the last, of one part. */
struct space_row {
	enum space_part part;
	unsigned long start, end;
	const struct drawn_area *area; /* of a guard, the stack; NULL: free */
};

/* All addresses of a space, the highest first; free() the rows. Returns how many there are. */
size_t space_rows(const struct space_map *map, const struct drawn_space *space,
		  struct space_row **rows);

static inline unsigned long row_pages(const struct space_row *row)
{
	return (row->end - row->start) >> PAGE_SHIFT;
}

/* How often a page has to be doubled to be at most so many, which are > 0. */
static inline unsigned int doublings(unsigned long pages)
{
	return 31 - __builtin_clzl(pages);
}

/* ---- in words ------------------------------------------------------------------------------ */

#define SPACE_WORDS 320
#define AREA_WORDS 192

/* "space 1: tasks 2 (now), 3, borrowed by task 4; 3 areas; mmap base b8000000, down" */
void describe_space(char *buf, size_t size, const struct space_map *map,
		    const struct drawn_space *space);
/* "pages: total 36, locked 0, data 33, exec 0, stack 33" */
void describe_pages(char *buf, size_t size, const struct drawn_space *space);
/* "rss 3: file 3, anon 0, shmem 0; swapped 0; 3 present in 1 page table" */
void describe_present(char *buf, size_t size, const struct space_map *map,
		      const struct drawn_space *space);
#define RIGHTS_TEXT 5
/* "rw-p" */
const char *rights_text(char buf[RIGHTS_TEXT], unsigned long flags);
/*
 * What else there is in vm_flags, in the letters of /proc/PID/smaps: "gd ac". Rights that can be
 * had are told where they are missing: "-mw"; "-sh" is shared, but not VM_SHARED.
 */
const char *flags_text(char buf[AREA_WORDS], unsigned long flags);
/* size_text() of so many bytes, or "-" of none. */
const char *gap_text(char buf[SIZE_TEXT], unsigned long bytes);
