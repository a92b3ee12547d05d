/* Frames, their contents, and the entries that map them. */
#include "tool/as_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *as_need(void *memory)
{
	if (!memory) {
		perror("pagetwin");
		exit(2);
	}
	return memory;
}

void as_memory_init(struct as_memory *memory)
{
	*memory = (struct as_memory){0};
	memory->room_frames = memory->room_anons = 64;
	memory->frames = as_need(calloc(memory->room_frames, sizeof(*memory->frames)));
	memory->frames[AS_ZERO_FRAME].kind = AS_FRAME_ZERO;
	memory->nr_frames = 2;
	memory->anons = as_need(calloc(memory->room_anons, sizeof(*memory->anons)));
	memory->nr_anons = 1;
}

void as_memory_free(struct as_memory *memory)
{
	for (u32 i = 0; i < memory->nr_frames; i++)
		free(memory->frames[i].words);
	for (u32 i = 0; i < memory->nr_anons; i++)
		free(memory->anons[i].chain);
	free(memory->frames);
	free(memory->anons);
	*memory = (struct as_memory){0};
}

/* ---- frames --------------------------------------------------------------------------------- */

u32 as_new_frame(struct as_memory *memory, enum as_frame_kind kind)
{
	u32 frame = memory->free_frame;

	if (frame) {
		memory->free_frame = memory->frames[frame].next;
	} else {
		if (memory->nr_frames == memory->room_frames) {
			memory->room_frames *= 2;
			memory->frames = as_need(realloc(
				memory->frames, memory->room_frames * sizeof(*memory->frames)));
		}
		frame = memory->nr_frames++;
	}
	memory->frames[frame] = (struct as_frame){.kind = kind};
	memory->used++;
	return frame;
}

u32 as_copy_frame(struct as_memory *memory, u32 frame)
{
	u32 copy = as_new_frame(memory, AS_FRAME_ANON);
	const struct as_frame *from = &memory->frames[frame];
	struct as_frame *to = &memory->frames[copy];

	to->first = from->first;
	if (from->words) {
		to->words = as_need(malloc(4096));
		memcpy(to->words, from->words, 4096);
	}
	return copy;
}

void as_release_frame(struct as_memory *memory, u32 n)
{
	struct as_frame *frame = &memory->frames[n];

	if (n == AS_ZERO_FRAME || frame->maps || frame->cached)
		return;
	free(frame->words);
	*frame = (struct as_frame){.next = memory->free_frame};
	memory->free_frame = n;
	memory->used--;
}

u32 as_read_word(const struct as_memory *memory, u32 n, u32 index)
{
	const struct as_frame *frame = &memory->frames[n];

	if (index == 0)
		return frame->first;
	return frame->words ? frame->words[index] : 0;
}

void as_write_word(struct as_memory *memory, u32 n, u32 index, u32 value)
{
	struct as_frame *frame = &memory->frames[n];

	if (index == 0) {
		frame->first = value;
		return;
	}
	if (!frame->words) {
		if (!value)
			return;
		frame->words = as_need(calloc(1, 4096));
	}
	frame->words[index] = value;
}

/* ---- entries -------------------------------------------------------------------------------- */

struct as_entry *as_entry_at(const struct as_entries *entries, u32 n)
{
	struct as_table *table = entries->tables[n / AS_TABLE];

	return table ? &table->entries[n % AS_TABLE] : NULL;
}

/* Counts an entry in, or out. */
static void count(struct as_memory *memory, struct as_entries *entries, u32 n, int by)
{
	struct as_frame *frame = &memory->frames[n];

	if (frame->kind == AS_FRAME_ZERO)
		return;
	frame->maps += by;
	if (frame->kind == AS_FRAME_ANON)
		entries->rss[AS_RSS_ANON] += by;
	else
		entries->rss[frame->shmem ? AS_RSS_SHMEM : AS_RSS_FILE] += by;
}

static struct as_table *table_for(struct as_entries *entries, u32 n)
{
	struct as_table **table = &entries->tables[n / AS_TABLE];

	if (!*table)
		*table = as_need(calloc(1, sizeof(**table)));
	return *table;
}

void as_set_entry(struct as_memory *memory, struct as_entries *entries, u32 n,
		  struct as_entry entry)
{
	struct as_table *table =
		entry.frame ? table_for(entries, n) : entries->tables[n / AS_TABLE];
	struct as_entry *at, old;

	if (!table)
		return;
	at = &table->entries[n % AS_TABLE];
	old = *at;
	*at = entry;
	table->used += (entry.frame != AS_NO_FRAME) - (old.frame != AS_NO_FRAME);
	if (entry.frame)
		count(memory, entries, entry.frame, 1);
	if (old.frame) {
		count(memory, entries, old.frame, -1);
		as_release_frame(memory, old.frame);
	}
	if (!table->used) {
		free(table);
		entries->tables[n / AS_TABLE] = NULL;
	}
}

/* The next entry from n on, below end; end when there is none. */
static u32 next_entry(const struct as_entries *entries, u32 n, u32 end)
{
	while (n < end) {
		const struct as_table *table = entries->tables[n / AS_TABLE];

		if (!table)
			n = n - n % AS_TABLE + AS_TABLE;
		else if (table->entries[n % AS_TABLE].frame)
			return n;
		else
			n++;
	}
	return end;
}

void as_zap(struct as_memory *memory, struct as_entries *entries, u32 from, u32 to)
{
	for (u32 n = next_entry(entries, from, to); n < to; n = next_entry(entries, n + 1, to))
		as_set_entry(memory, entries, n, (struct as_entry){0});
}

void as_move_entries(struct as_memory *memory, struct as_entries *entries, u32 from, u32 to,
		     u32 pages)
{
	u32 end = from + pages;

	for (u32 n = next_entry(entries, from, end); n < end; n = next_entry(entries, n + 1, end)) {
		struct as_entry entry = *as_entry_at(entries, n);

		as_set_entry(memory, entries, to + n - from, entry);
		as_set_entry(memory, entries, n, (struct as_entry){0});
	}
}

void as_protect_entries(struct as_entries *entries, u32 from, u32 to, bool write)
{
	for (u32 n = next_entry(entries, from, to); n < to; n = next_entry(entries, n + 1, to))
		as_entry_at(entries, n)->write = write;
}

void as_copy_entries(struct as_memory *memory, struct as_entries *to, struct as_entries *from,
		     u32 first, u32 last, bool shared)
{
	for (u32 n = next_entry(from, first, last); n < last; n = next_entry(from, n + 1, last)) {
		struct as_entry *entry = as_entry_at(from, n), copy;

		if (!shared)
			entry->write = false;
		copy = *entry;
		copy.young = AS_OLD;
		if (shared)
			copy.dirty = false;
		as_set_entry(memory, to, n, copy);
	}
}

u32 as_present(const struct as_entries *entries, u32 from, u32 to)
{
	u32 pages = 0;

	for (u32 n = next_entry(entries, from, to); n < to; n = next_entry(entries, n + 1, to))
		pages++;
	return pages;
}
