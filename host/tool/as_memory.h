/*
 * What the model knows of memory: page frames with their contents, page table entries, files'
 * pages, and the anon_vmas of VMAs. An entry is there or not; page tables, and memory that runs
 * out, are not in the model.
 */
#pragma once

#include <stdbool.h>

#include "arch/types.h"

#define AS_TABLE 1024u /* entries */
#define AS_TABLES (0xC0000u / AS_TABLE)

struct as_model;
struct as_mm;

/* ---- frames --------------------------------------------------------------------------------- */

enum as_frame_kind { AS_FRAME_FREE, AS_FRAME_ZERO, AS_FRAME_ANON, AS_FRAME_CACHE, AS_FRAME_DRIVER };

#define AS_NO_FRAME 0u
#define AS_ZERO_FRAME 1u

struct as_frame {
	enum as_frame_kind kind;
	bool shmem;  /* AS_FRAME_CACHE: of which kind of file */
	bool cached; /* its file has it; if not, it goes with its last entry */
	u32 maps;    /* entries that map it */
	u32 first;   /* its first word */
	u32 *words;  /* all others, at their places; NULL: zeros */
	u32 next;    /* in the list of those that are free */
};

/* An A bit is known, but of what was made without an access. */
enum as_young { AS_OLD, AS_YOUNG, AS_EITHER };

struct as_entry {
	u32 frame; /* AS_NO_FRAME: none */
	bool write, dirty;
	u8 young;
};

struct as_table {
	u32 used;
	struct as_entry entries[AS_TABLE];
};

enum as_rss { AS_RSS_FILE, AS_RSS_ANON, AS_RSS_SHMEM, AS_RSS_KINDS };

/* The entries of a space. */
struct as_entries {
	struct as_table *tables[AS_TABLES]; /* NULL: no entries */
	u32 rss[AS_RSS_KINDS];
};

/* ---- files' pages --------------------------------------------------------------------------- */

struct as_cached {
	u32 index, frame;
};

struct as_inode {
	bool used, ramfs;
	char name[64];
	u32 serial; /* older ones have lower numbers */
	u64 size;
	struct as_cached *pages; /* by index */
	u32 nr_pages, room;
};

/* ---- anon_vmas ------------------------------------------------------------------------------ */

/*
 * What a VMA has of anon_vmas: its own, and those of its ancestors' that it is linked to. An
 * anon_vma goes by the number of the record that was made with it.
 */
struct as_anon {
	u32 owner;  /* the VMA's own anon_vma */
	u32 parent; /* of that, if this record was made with it: the one forked from; 0: none */
	u32 links;
	u32 *chain; /* the oldest first */
};

struct as_memory {
	struct as_frame *frames;
	u32 nr_frames, room_frames, free_frame;
	u32 used; /* frames */
	struct as_anon *anons;
	u32 nr_anons, room_anons;
	u32 serial;
};

void *as_need(void *memory); /* or the end of the program */

/* ---- as_memory.c ---------------------------------------------------------------------------- */

void as_memory_init(struct as_memory *memory);
void as_memory_free(struct as_memory *memory);

u32 as_new_frame(struct as_memory *memory, enum as_frame_kind kind);
/* A copy for a space of its own. */
u32 as_copy_frame(struct as_memory *memory, u32 frame);
/* Frees it if nobody has it any more. */
void as_release_frame(struct as_memory *memory, u32 frame);
u32 as_read_word(const struct as_memory *memory, u32 frame, u32 index);
void as_write_word(struct as_memory *memory, u32 frame, u32 index, u32 value);

/* NULL, or one without a frame: none. */
struct as_entry *as_entry_at(const struct as_entries *entries, u32 n);
void as_set_entry(struct as_memory *memory, struct as_entries *entries, u32 n,
		  struct as_entry entry);
void as_zap(struct as_memory *memory, struct as_entries *entries, u32 from, u32 to);
void as_move_entries(struct as_memory *memory, struct as_entries *entries, u32 from, u32 to,
		     u32 pages);
/* All of them may be written, or not. */
void as_protect_entries(struct as_entries *entries, u32 from, u32 to, bool write);
/* How fork copies them; cow: neither side may write them. */
void as_copy_entries(struct as_memory *memory, struct as_entries *to, struct as_entries *from,
		     u32 first, u32 last, bool shared);
u32 as_present(const struct as_entries *entries, u32 from, u32 to);

/* ---- as_inode.c ----------------------------------------------------------------------------- */

/* The frame of a page in the cache; AS_NO_FRAME: it is not there. */
u32 as_cache_find(const struct as_inode *inode, u32 index);
/* The same; made if need be, *made says so. */
u32 as_cache_get(struct as_memory *memory, struct as_inode *inode, u32 index, bool *made);
void as_inode_clear(struct as_memory *memory, struct as_inode *inode);
/* Pages from index first on leave the cache. No entry maps them any more. */
void as_inode_cut(struct as_memory *memory, struct as_inode *inode, u64 first);
/* Is the page within the file? */
bool as_inode_has(const struct as_inode *inode, u32 index);

/* ---- as_anon.c ------------------------------------------------------------------------------ */

/* Could a stretch of one join a VMA with the other, as far as anon_vmas go? Records; 0: none. */
bool as_anon_joins(const struct as_memory *memory, u32 stretch, u32 vma);
/* Could three VMAs become one, of which the outer ones have these? */
bool as_anon_pairs(const struct as_memory *memory, u32 below, u32 above);
/* A private page is about to be in the VMA of page n: it has an anon_vma from now on. */
void as_anon_prepare(struct as_model *model, struct as_mm *mm, u32 n);
/* The VMAs of a space forked get their records, one after the other, from their parents'. */
struct as_forking {
	bool counted;
	u32 *active, *links, *children; /* by anon_vma */
	u32 room;
};
u32 as_anon_fork(struct as_model *model, struct as_forking *forking, u32 parent);
void as_anon_forked(struct as_forking *forking);
