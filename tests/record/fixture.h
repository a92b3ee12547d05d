/* The calls of errno.c and errno_random.c, and what lies in the arena to begin with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#define PAGE 4096U
#define ARENA 0x50000000U
#define ARENA_SIZE 0x100000U
#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* The fixture: what lies where in the arena. */
#define RW (ARENA + 0x00000U)	   /* 8 pages, private, anonymous */
#define RO (ARENA + 0x08000U)	   /* 8 pages, the same, read-only */
#define HOLE (ARENA + 0x10000U)	   /* 4 pages */
#define FILE_RW (ARENA + 0x14000U) /* 8 pages, shared */
#define FILE_R (ARENA + 0x1c000U)  /* 8 pages, private, of a file that is open for reading */
#define NONE (ARENA + 0x24000U)	   /* 4 pages */
#define SHARED (ARENA + 0x28000U)  /* 8 pages, anonymous */
#define FILE_RO (ARENA + 0x30000U) /* 4 pages, shared, of a file that is open for reading */
#define DOWN (ARENA + 0x60000U)	   /* 4 pages that grow down */
#define KERNEL 0xC0000000U

/* One memfd: open for reading, for writing, for both. */
extern int fd_r, fd_w, fd_rw;

/*
 * Memory that was made read-only still counts as committed in 6.1, and no longer in newer kernels
 * while it has no pages. Where calls take the right to write away, private memory is mapped with
 * MAP_NORESERVE: then it never counts.
 */
extern int noreserve;

long map(uint32_t addr, uint32_t len, int prot, int flags, int fd, uint32_t pgoff);
/* Newer kernels cut what is there before they look at limits; so it goes, where they have refused.
 */
void map_over(uint32_t addr, uint32_t len, int prot, int flags, int fd, uint32_t pgoff);
void unmap(uint32_t addr, uint32_t len);
void brk_to(uint32_t addr);
void limit(int resource, rlim_t cur); /* the soft one, at most the hard one */
void fixture(void);

/*
 * Calls that a generator with this seed makes up; the last ones in a child, and then again in its
 * parent. Odd seeds take rights away that even ones must not, for which all memory is
 * MAP_NORESERVE. pages: locks make pages present; else they are all "on fault".
 */
void random_calls(uint32_t seed, uint32_t count, bool pages);
