#include "tool/as_space.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct as_page as_get(const struct as_space *space, u32 n)
{
	const struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

	return chunk->pages ? chunk->pages[n % AS_CHUNK] : chunk->all;
}

static void *need(void *memory)
{
	if (!memory) {
		perror("pagetwin");
		exit(2);
	}
	return memory;
}

/* A chunk's entries one by one. */
static struct as_page *spread(struct as_chunk *chunk)
{
	if (!chunk->pages) {
		chunk->pages = need(malloc(AS_CHUNK * sizeof(*chunk->pages)));
		for (u32 i = 0; i < AS_CHUNK; i++)
			chunk->pages[i] = chunk->all;
	}
	return chunk->pages;
}

/* Stores a chunk as one entry again if all are alike. */
static void gather(struct as_chunk *chunk)
{
	const struct as_page *first = chunk->pages;

	for (u32 i = 0; first && i < AS_CHUNK; i++) {
		const struct as_page *page = &chunk->pages[i];

		if (page->begin || page->flags != first->flags || page->shift != first->shift ||
		    page->file != first->file || page->anon != first->anon)
			return;
	}
	if (first) {
		chunk->all = *first;
		free(chunk->pages);
		chunk->pages = NULL;
	}
}

void as_set(struct as_space *space, u32 from, u32 to, struct as_page page)
{
	bool begin = page.begin && page.flags;

	page.begin = false;
	space->counted = false;
	for (u32 n = from, end; n < to; n = end) {
		struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

		end = n - n % AS_CHUNK + AS_CHUNK;
		if (end > to)
			end = to;
		if (end - n == AS_CHUNK) {
			free(chunk->pages);
			*chunk = (struct as_chunk){page, NULL};
			continue;
		}
		spread(chunk);
		for (u32 i = n; i < end; i++)
			chunk->pages[i % AS_CHUNK] = page;
		gather(chunk);
	}
	if (from < to)
		as_set_begin(space, from, begin);
}

void as_set_flags(struct as_space *space, u32 from, u32 to, u32 clear, u32 add)
{
	space->counted = false;
	for (u32 n = from; n < to;) {
		struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

		if (!chunk->pages && n % AS_CHUNK == 0 && to - n >= AS_CHUNK) {
			chunk->all.flags = (chunk->all.flags & ~clear) | add;
			n += AS_CHUNK;
			continue;
		}
		struct as_page *page = &spread(chunk)[n % AS_CHUNK];

		page->flags = (page->flags & ~clear) | add;
		n++;
	}
	if (from < to) {
		gather(&space->chunks[from / AS_CHUNK]);
		gather(&space->chunks[(to - 1) / AS_CHUNK]);
	}
}

void as_set_anon(struct as_space *space, u32 from, u32 to, u32 anon)
{
	for (u32 n = from; n < to;) {
		struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

		if (!chunk->pages && n % AS_CHUNK == 0 && to - n >= AS_CHUNK) {
			chunk->all.anon = anon;
			n += AS_CHUNK;
			continue;
		}
		spread(chunk)[n % AS_CHUNK].anon = anon;
		n++;
	}
	if (from < to) {
		gather(&space->chunks[from / AS_CHUNK]);
		gather(&space->chunks[(to - 1) / AS_CHUNK]);
	}
}

void as_set_begin(struct as_space *space, u32 n, bool begin)
{
	struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

	if (n >= AS_PAGES || !as_get(space, n).flags || as_get(space, n).begin == begin)
		return;
	space->counted = false;
	spread(chunk)[n % AS_CHUNK].begin = begin;
	gather(chunk);
}

u32 as_first(const struct as_space *space, u32 n, bool mapped)
{
	while (n < AS_PAGES) {
		const struct as_chunk *chunk = &space->chunks[n / AS_CHUNK];

		if ((as_get(space, n).flags != 0) == mapped)
			return n;
		n = chunk->pages ? n + 1 : n - n % AS_CHUNK + AS_CHUNK;
	}
	return AS_PAGES;
}

struct as_area as_area_of(const struct as_space *space, u32 n)
{
	struct as_area area = {n, n + 1, as_get(space, n)};

	while (!as_get(space, area.from).begin) {
		const struct as_chunk *chunk = &space->chunks[area.from / AS_CHUNK];

		area.from = chunk->pages ? area.from - 1 : area.from - area.from % AS_CHUNK - 1;
	}
	while (area.to < AS_PAGES) {
		const struct as_chunk *chunk = &space->chunks[area.to / AS_CHUNK];
		struct as_page page = as_get(space, area.to);

		if (!page.flags || page.begin)
			break;
		area.to = chunk->pages ? area.to + 1 : area.to - area.to % AS_CHUNK + AS_CHUNK;
	}
	area.page.begin = true;
	return area;
}

bool as_find(const struct as_space *space, u32 n, struct as_area *area)
{
	n = as_first(space, n, true);
	if (n == AS_PAGES)
		return false;
	*area = as_area_of(space, n);
	return true;
}

bool as_find_below(const struct as_space *space, u32 n, struct as_area *area)
{
	if (n > AS_PAGES)
		n = AS_PAGES;
	while (n) {
		const struct as_chunk *chunk = &space->chunks[(n - 1) / AS_CHUNK];

		if (as_get(space, n - 1).flags) {
			*area = as_area_of(space, n - 1);
			return true;
		}
		n = chunk->pages ? n - 1 : (n - 1) / AS_CHUNK * AS_CHUNK;
	}
	return false;
}

bool as_any(const struct as_space *space, u32 from, u32 to)
{
	return from < to && as_first(space, from, true) < to;
}

const struct as_counts *as_count(struct as_space *space)
{
	struct as_counts *counts = &space->counts;
	struct as_area area;

	if (space->counted)
		return counts;
	*counts = (struct as_counts){0};
	for (u32 n = 0; as_find(space, n, &area); n = area.to) {
		u32 flags = area.page.flags, pages = area.to - area.from;

		counts->areas++;
		counts->total += pages;
		counts->files[area.page.file] = true;
		if (flags & AS_LOCKED)
			counts->locked += pages;
		if (flags & AS_ACCOUNT)
			counts->accounted += pages;
		if (flags & AS_GROWSDOWN)
			counts->stack += pages;
		else if ((flags & (AS_WRITE | AS_SHARED)) == AS_WRITE)
			counts->data += pages;
		else if ((flags & (AS_WRITE | AS_EXEC)) == AS_EXEC)
			counts->exec += pages;
	}
	space->counted = true;
	return counts;
}

void as_copy(struct as_space *to, const struct as_space *from)
{
	as_clear(to);
	*to = *from;
	for (u32 i = 0; i < AS_CHUNKS; i++) {
		struct as_chunk *chunk = &to->chunks[i];

		if (!chunk->pages)
			continue;
		chunk->pages = need(malloc(AS_CHUNK * sizeof(*chunk->pages)));
		memcpy(chunk->pages, from->chunks[i].pages, AS_CHUNK * sizeof(*chunk->pages));
	}
}

void as_clear(struct as_space *space)
{
	for (u32 i = 0; i < AS_CHUNKS; i++)
		free(space->chunks[i].pages);
	memset(space, 0, sizeof(*space));
}
