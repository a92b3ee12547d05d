/*
 * Guest RAM: a memfd of 4 GiB, sparse, so that an address below 4 GiB always has a page behind it
 * and costs nothing until it is used. How much of it counts as RAM is an option of the machine.
 *
 * Two ways lead to it, and they never mix:
 * - The kernel's: host mappings at kernel addresses, made and dropped by window.c as a TLB would.
 * - The machine's own: chunks of 4 MiB, mapped anywhere in the host's address space when first
 *   used. Page-table walks, user accesses and user copies go this way. 4 GiB does not fit a 32-bit
 *   process, so VIEW_MAX chunks are kept and the oldest goes when another is needed. A pinned
 *   chunk stays: a user copy holds a pointer into one while a fault on its kernel buffer walks
 *   page tables in another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arch/layout.h"
#include "twin/machine_priv.h"
#include "twin/ram.h"

/* 512 MiB of address space: more than vectors touch, less than what is free below 0xC0000000. */
#define VIEW_MAX 128

u8 *ram_chunks[RAM_CHUNKS];
static u8 pins[RAM_CHUNKS];
static u16 view[VIEW_MAX]; /* the mapped chunks, a ring in order of age from view_next on */
static unsigned int view_used;
static unsigned int view_next;
static int ram_fd = -1;

static int new_memfd(void)
{
	int fd = memfd_create("pagetwin-ram", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, (off_t)RAM_MAX) < 0) {
		int err = -errno;

		close(fd);
		return err;
	}
	return fd;
}

int ram_create(void)
{
	int fd = new_memfd();

	if (fd < 0)
		return fd;
	ram_fd = fd;
	return 0;
}

/*
 * The system call itself: a 32-bit process needs page offsets for 4 GiB, and the sanitizer's
 * wrapper would clear an eighth of every mapping's size in shadow memory.
 */
static void *map_pages(unsigned long va, size_t bytes, int prot, int flags, unsigned long pfn)
{
	return (void *)syscall(SYS_mmap2, va, bytes, prot, MAP_SHARED | flags, ram_fd, pfn);
}

int ram_map_at(unsigned long va, size_t bytes, int prot, unsigned long pfn)
{
	return map_pages(va, bytes, prot, MAP_FIXED, pfn) == MAP_FAILED ? -errno : 0;
}

/* Takes the oldest chunk that nobody has pinned out of the view; returns its place in the ring. */
static unsigned int evict_chunk(void)
{
	for (unsigned int i = 0; i < VIEW_MAX; i++) {
		unsigned int place = (view_next + i) % VIEW_MAX;
		unsigned int chunk = view[place];

		if (pins[chunk])
			continue;
		munmap(ram_chunks[chunk], PGDIR_SIZE);
		ram_chunks[chunk] = NULL;
		view_next = (place + 1) % VIEW_MAX;
		return place;
	}
	twin_panic(TWIN_PANIC_WAIST, "the machine's view of RAM: every chunk is pinned");
}

u8 *ram_map_chunk(unsigned int chunk)
{
	unsigned int place = view_used < VIEW_MAX ? view_used++ : evict_chunk();
	void *p = map_pages(0, PGDIR_SIZE, PROT_READ | PROT_WRITE, 0,
			    chunk << (PGDIR_SHIFT - PAGE_SHIFT));

	if (p == MAP_FAILED)
		twin_panicf(TWIN_PANIC_WAIST, "the host refuses to map guest RAM: %s",
			    strerror(errno));
	view[place] = chunk;
	ram_chunks[chunk] = p;
	return p;
}

void *ram_pin(phys_addr_t pa)
{
	void *p = ram_ptr(pa);

	pins[pa >> PGDIR_SHIFT]++;
	return p;
}

void ram_unpin(phys_addr_t pa)
{
	pins[pa >> PGDIR_SHIFT]--;
}

void ram_unpin_all(void)
{
	memset(pins, 0, sizeof(pins));
}

void ram_zero(void)
{
	if (fallocate(ram_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)RAM_MAX) < 0)
		twin_panicf(TWIN_PANIC_WAIST, "the host refuses to clear guest RAM: %s",
			    strerror(errno));
}

static int copy_range(int from, int to, off_t pos, off_t end)
{
	static u8 buffer[1 << 16];

	while (pos < end) {
		size_t want = min((off_t)sizeof(buffer), end - pos);
		ssize_t got = pread(from, buffer, want, pos);

		if (got <= 0)
			return got < 0 ? -errno : -EIO;
		if (pwrite(to, buffer, got, pos) != got)
			return -EIO;
		pos += got;
	}
	return 0;
}

/* Copies what has content; the holes of one are the holes of the other. */
static int copy_ram(int from, int to)
{
	off_t end = 0;

	for (;;) {
		off_t start = lseek(from, end, SEEK_DATA);
		int err;

		if (start < 0)
			return errno == ENXIO ? 0 : -errno;
		end = lseek(from, start, SEEK_HOLE);
		if (end < 0)
			return -errno;
		err = copy_range(from, to, start, end);
		if (err)
			return err;
	}
}

int ram_detach(void)
{
	int fd = new_memfd();
	int err;

	if (fd < 0)
		return fd;
	err = copy_ram(ram_fd, fd);
	if (err) {
		close(fd);
		return err;
	}
	for (unsigned int i = 0; i < view_used; i++) {
		munmap(ram_chunks[view[i]], PGDIR_SIZE);
		ram_chunks[view[i]] = NULL;
	}
	view_used = 0;
	view_next = 0;
	close(ram_fd);
	ram_fd = fd;
	return 0;
}
