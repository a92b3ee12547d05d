/*
 * Page tables and the pages behind them, read from what the verbs space_map and page_map print
 * (top/mm_space_map.h, top/mm_page_map.h), and which pages are in several places.
 */
#pragma once

#include "tool/space_map.h"

/* What an entry leads to: the kinds of page_map. */
enum page_kind {
	PAGE_ZERO,
	PAGE_ANON,
	PAGE_FILE,
	PAGE_SHMEM,
	PAGE_OWNERLESS,
	PAGE_FRAME,
	NR_PAGE_KINDS
};

extern const struct holder page_kinds[NR_PAGE_KINDS];

/* Equal entries of one table that are neighbours; frames go on one by one from pfn. */
struct drawn_entries {
	unsigned long start, end;
	enum page_kind kind;
	char rights[8]; /* rw, ro, none */
	bool young, dirty;
	unsigned long pfn;  /* of the zero page: 0 */
	unsigned int count; /* 0 where nobody counts, as maps is; what it says may be wrong */
	int maps;
	const struct drawn_area *area; /* NULL: outside all areas */
};

struct drawn_table {
	unsigned int slot; /* of the page directory */
	unsigned long pfn, entries;
	size_t first_run, nr_runs;
};

/* The user half of a page directory; the space is that of the same place in spaces.spaces. */
struct drawn_tree {
	unsigned int number;
	unsigned long pgd, tables, entries;
	bool kernel_shared;
	size_t first_table, nr_tables;
};

/* Pages first to end, one past the last, of a file. */
struct drawn_cached {
	unsigned long first, end;
	enum page_kind kind;
	unsigned long pfn;
	unsigned int count;
	int maps;
};

struct drawn_page_cache {
	unsigned long pages;
	u64 size;
	char name[80];
	size_t first_run, nr_runs;
};

/* An entry, and the frame it leads to. */
struct drawn_place {
	unsigned long pfn, address;
	size_t tree, run;
};

/*
 * Pages that more than one entry maps: frames from pfn on, of one kind, and in each place, of which
 * the first page's are told, one behind the other. Numbers count from 1, in the order of frames:
 * those of a run's pages follow one another.
 */
struct drawn_shared {
	unsigned int number;
	unsigned long pfn, pages;
	enum page_kind kind;
	int maps;
	size_t first_place, nr_places; /* of those shown */
};

struct page_tables {
	struct space_map spaces;
	unsigned int all, all_caches;
	size_t nr_trees, nr_tables, nr_runs, nr_caches, nr_cached, nr_places, nr_shared;
	struct drawn_tree *trees;
	struct drawn_table *tables;
	struct drawn_entries *runs;
	struct drawn_page_cache *caches;
	struct drawn_cached *cached;
	struct drawn_place *places;
	struct drawn_shared *shared;
};

/*
 * Adds the spaces that a text of space_map and one of page_map tell of, which are the same. 0, or
 * -1 with the reason on stderr: also where entries are out of order, or not as many as is said.
 */
int page_tables_read(struct page_tables *map, const struct text *space_map,
		     const struct text *page_map);
void page_tables_free(struct page_tables *map);

/* ---- sharing ------------------------------------------------------------------------------- */

/* Finds places and shared, when all has been read. */
void page_tables_share(struct page_tables *map);

/* The first of shared that has a page of the run, and how many there are; or NULL and 0. */
const struct drawn_shared *shared_of_run(const struct page_tables *map,
					 const struct drawn_entries *run, size_t *count);

/* Of a place of shared pages, all the addresses: start of the first page, end of the last. */
static inline unsigned long end_of_place(const struct drawn_shared *shared,
					 const struct drawn_place *place)
{
	return place->address + (shared->pages << PAGE_SHIFT);
}

/* How many entries lead to the zero page, and in how many spaces. */
unsigned long count_zero(const struct page_tables *map, unsigned int *spaces);
/* How many pages of a cache no entry maps, or with NULL of all caches. */
unsigned long count_unmapped(const struct page_tables *map, const struct drawn_page_cache *cache);

/* ---- in words ------------------------------------------------------------------------------ */

#define TREE_WORDS 256

static inline unsigned long run_pages(const struct drawn_entries *run)
{
	return (run->end - run->start) >> PAGE_SHIFT;
}

/* "page directory 03c05; 3 page tables with 14 entries; the kernel's half is shared" */
void describe_tree(char *buf, size_t size, const struct drawn_tree *tree);
/* "01081-01083", "01081", or "-" for the zero page. */
#define FRAMES_TEXT 24
const char *frames_text(char buf[FRAMES_TEXT], unsigned long pfn, unsigned long pages);
/* "#3", "#3-5", or "" */
#define SHARED_TEXT 24
const char *shared_text(char buf[SHARED_TEXT], const struct page_tables *map,
			const struct drawn_entries *run);
/* "anon 01081-01082: copy-on-write after a fork; 2 entries each" */
void describe_shared(char *buf, size_t size, const struct page_tables *map,
		     const struct drawn_shared *shared);
/* What is to be said of the entries that are not among the places, or "". */
void describe_missing(char *buf, size_t size, const struct page_tables *map,
		      const struct drawn_shared *shared);
/* "lib: 3 of 4 pages in the cache", of those that no entry maps. */
void describe_page_cache(char *buf, size_t size, const struct page_tables *map,
			 const struct drawn_page_cache *cache);
/* "page 4" or "pages 4-6", hexadecimal, of a file. */
void describe_cached(char *buf, size_t size, const struct drawn_cached *run);
