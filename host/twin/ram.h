/* Guest RAM. Theory in ram.c. */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"

#define RAM_MAX (1ull << 32)
#define RAM_CHUNKS 1024 /* of 4 MiB */

extern u8 *ram_chunks[RAM_CHUNKS]; /* the machine's own view; NULL where not mapped now */

/* Creates the RAM, all zero. Returns 0 or a negative errno. */
int ram_create(void);

/*
 * Maps pages of RAM at a fixed host address, in place of what is there. Returns 0 or a negative
 * errno.
 */
int ram_map_at(unsigned long va, size_t bytes, int prot, unsigned long pfn);

/* Makes all of RAM zero and gives its memory back to the host. */
void ram_zero(void);

/*
 * Gives this process a private copy of RAM. The caller maps anew what it had mapped by
 * ram_map_at(). Returns 0 or a negative errno; RAM is then still the shared one.
 */
int ram_detach(void);

/* Forgets pins, after a non-local exit. */
void ram_unpin_all(void);

/* Maps a chunk that the view lacks; panics where the host refuses. */
u8 *ram_map_chunk(unsigned int chunk);

/* A physical address as a host pointer, good up to the page's end and until the next ram_ptr(). */
static inline void *ram_ptr(phys_addr_t pa)
{
	u8 *base = ram_chunks[pa >> PGDIR_SHIFT];

	if (unlikely(!base))
		base = ram_map_chunk(pa >> PGDIR_SHIFT);
	return base + (pa & ~PGDIR_MASK);
}

/* The same, good until ram_unpin() of the same address. */
void *ram_pin(phys_addr_t pa);
void ram_unpin(phys_addr_t pa);
