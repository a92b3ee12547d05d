/*
 * A user address space as the model sees it: an entry for each of its 0xC0000 pages, and no other
 * structure. What Linux keeps as VMAs is here a run of mapped pages, the first of which begins one.
 *
 * The entries stand in chunks; a chunk whose entries are all alike is stored as one. That is all
 * there is for speed: searches walk from page to page.
 */
#pragma once

#include <stdbool.h>

#include "arch/types.h"

#define AS_PAGES 0xC0000u /* TASK_SIZE in pages */
#define AS_CHUNK 1024u
#define AS_CHUNKS (AS_PAGES / AS_CHUNK)
#define AS_FILES 1024u

/* VM_ flags, Linux 6.1's. */
#define AS_READ 0x1u
#define AS_WRITE 0x2u
#define AS_EXEC 0x4u
#define AS_SHARED 0x8u
#define AS_MAYREAD 0x10u
#define AS_MAYWRITE 0x20u
#define AS_MAYEXEC 0x40u
#define AS_MAYSHARE 0x80u
#define AS_GROWSDOWN 0x100u
#define AS_PFNMAP 0x400u
#define AS_LOCKED 0x2000u
#define AS_IO 0x4000u
#define AS_SEQ_READ 0x8000u
#define AS_RAND_READ 0x10000u
#define AS_DONTCOPY 0x20000u
#define AS_DONTEXPAND 0x40000u
#define AS_LOCKONFAULT 0x80000u
#define AS_ACCOUNT 0x100000u
#define AS_NORESERVE 0x200000u
#define AS_SYNC 0x800000u
#define AS_WIPEONFORK 0x2000000u
#define AS_DONTDUMP 0x4000000u
#define AS_MIXEDMAP 0x10000000u

#define AS_ACCESS (AS_READ | AS_WRITE | AS_EXEC)
#define AS_MAY (AS_MAYREAD | AS_MAYWRITE | AS_MAYEXEC)
#define AS_ANY_LOCK (AS_LOCKED | AS_LOCKONFAULT)
/* What is never merged, locked or grown. */
#define AS_SPECIAL (AS_IO | AS_DONTEXPAND | AS_PFNMAP | AS_MIXEDMAP)

/* A page's entry. flags is 0 iff nothing is mapped there: a mapping may at least be read some day.
 */
struct as_page {
	u32 flags;
	u32 shift;  /* vm_pgoff less the number of the VMA's first page: the same all over a VMA */
	u32 anon;   /* what the VMA has of anon_vmas, by number; 0: nothing */
	u16 file;   /* number of what is mapped, 0: nothing but memory */
	bool begin; /* a VMA begins here */
};

/* What there is in a space, counted; pages but for areas. */
struct as_counts {
	u32 areas, total, locked, data, exec, stack, accounted;
	bool files[AS_FILES]; /* which files are mapped */
};

struct as_space {
	struct as_chunk {
		struct as_page all;
		struct as_page *pages; /* NULL: each is like all, and begins nothing */
	} chunks[AS_CHUNKS];
	bool counted; /* counts holds */
	struct as_counts counts;
};

/* A VMA: pages [from, to). */
struct as_area {
	u32 from, to;
	struct as_page page;
};

struct as_page as_get(const struct as_space *space, u32 n);
/* Pages [from, to) become like page; the first begins a VMA if page says so, the others do not. */
void as_set(struct as_space *space, u32 from, u32 to, struct as_page page);
/* Pages [from, to) get other flags; where VMAs begin stays. All of them must be mapped. */
void as_set_flags(struct as_space *space, u32 from, u32 to, u32 clear, u32 add);
/* Pages [from, to), all of them mapped, are of a VMA with other anon_vmas. */
void as_set_anon(struct as_space *space, u32 from, u32 to, u32 anon);
/* Says whether a VMA begins at a mapped page; AS_PAGES and pages that are not mapped: nothing. */
void as_set_begin(struct as_space *space, u32 n, bool begin);

/* The first page from n on that is mapped, or is not; AS_PAGES when there is none. */
u32 as_first(const struct as_space *space, u32 n, bool mapped);
/* The VMA of a mapped page. */
struct as_area as_area_of(const struct as_space *space, u32 n);
/* The first VMA that ends above page n (what find_vma() looks for); false when there is none. */
bool as_find(const struct as_space *space, u32 n, struct as_area *area);
/* The last VMA that ends at page n or below; false when there is none. */
bool as_find_below(const struct as_space *space, u32 n, struct as_area *area);
/* Is any of [from, to) mapped? */
bool as_any(const struct as_space *space, u32 from, u32 to);

const struct as_counts *as_count(struct as_space *space);

void as_copy(struct as_space *to, const struct as_space *from);
void as_clear(struct as_space *space);
