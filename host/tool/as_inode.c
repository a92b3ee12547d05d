/* Files' pages. */
#include <stdlib.h>
#include <string.h>

#include "tool/as_memory.h"

/* The place of the first page with that index or a higher one. */
static u32 place(const struct as_inode *inode, u64 index)
{
	u32 low = 0, high = inode->nr_pages;

	while (low < high) {
		u32 middle = (low + high) / 2;

		if (inode->pages[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

u32 as_cache_find(const struct as_inode *inode, u32 index)
{
	u32 at = place(inode, index);

	return at < inode->nr_pages && inode->pages[at].index == index ? inode->pages[at].frame
								       : AS_NO_FRAME;
}

u32 as_cache_get(struct as_memory *memory, struct as_inode *inode, u32 index, bool *made)
{
	u32 at = place(inode, index), frame;

	*made = at == inode->nr_pages || inode->pages[at].index != index;
	if (!*made)
		return inode->pages[at].frame;
	if (inode->nr_pages == inode->room) {
		inode->room = inode->room * 2 + 8;
		inode->pages = as_need(realloc(inode->pages, inode->room * sizeof(*inode->pages)));
	}
	memmove(inode->pages + at + 1, inode->pages + at,
		(inode->nr_pages++ - at) * sizeof(*inode->pages));
	frame = as_new_frame(memory, AS_FRAME_CACHE);
	memory->frames[frame].shmem = !inode->ramfs;
	memory->frames[frame].cached = true;
	inode->pages[at] = (struct as_cached){index, frame};
	return frame;
}

void as_inode_cut(struct as_memory *memory, struct as_inode *inode, u64 first)
{
	u32 at = place(inode, first);

	for (u32 i = at; i < inode->nr_pages; i++) {
		memory->frames[inode->pages[i].frame].cached = false;
		as_release_frame(memory, inode->pages[i].frame);
	}
	inode->nr_pages = at;
}

void as_inode_clear(struct as_memory *memory, struct as_inode *inode)
{
	as_inode_cut(memory, inode, 0);
	free(inode->pages);
	*inode = (struct as_inode){0};
}

bool as_inode_has(const struct as_inode *inode, u32 index)
{
	return index < (inode->size + 4095) / 4096;
}
