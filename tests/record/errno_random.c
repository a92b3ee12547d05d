/* Random calls in the arena of errno.c, most of them sound. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static uint32_t seed;
static bool locks_make_pages;

static uint32_t any(uint32_t below)
{
	seed = seed * 1664525U + 1013904223U;
	return (seed >> 8) % below;
}

struct area {
	uint32_t start, end;
	char rights[8];
	bool zero; /* shared, anonymous: its object may be shorter */
};

/* The mapping at addr, or the first one above; from /proc/self/maps, without a call on memory. */
static struct area area_at(uint32_t addr)
{
	static char text[65536];
	struct area area = {0};
	int fd = open("/proc/self/maps", O_RDONLY);
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, text + size, sizeof(text) - 1 - size)) > 0)
		size += n;
	close(fd);
	text[size] = '\0';
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		char *end = strchr(line += *line == '\n', '\n');
		if (sscanf(line, "%x-%x %7s", &area.start, &area.end, area.rights) == 3 &&
		    addr < area.end) {
			char *zero = strstr(line, "/dev/zero");

			area.zero = zero && (!end || zero < end);
			return area;
		}
	}
	return (struct area){.start = KERNEL, .end = KERNEL};
}

static uint32_t any_page(void)
{
	return ARENA + any(64) * PAGE;
}

static uint32_t any_length(void)
{
	static const uint32_t odd[] = {0, 1, PAGE + 1, 40 * PAGE};

	return any(8) ? (1 + any(8)) * PAGE : odd[any(LENGTH(odd))];
}

/* Mostly in the arena; sometimes unaligned, sometimes the kernel's. */
static uint32_t any_address(void)
{
	switch (any(24)) {
	case 0:
		return any_page() + 1 + any(PAGE - 1);
	case 1:
		return KERNEL + any(64) * PAGE;
	default:
		return any_page();
	}
}

static void random_mmap(void)
{
	static const int types[] = {
		MAP_PRIVATE, MAP_PRIVATE, MAP_PRIVATE, MAP_SHARED, MAP_SHARED, 3, 0};
	static const int extras[] = {MAP_FIXED,
				     MAP_FIXED,
				     MAP_FIXED,
				     0,
				     0,
				     MAP_FIXED_NOREPLACE,
				     MAP_LOCKED,
				     MAP_GROWSDOWN,
				     MAP_NORESERVE | MAP_FIXED,
				     MAP_LOCKED | MAP_FIXED};
	const int fds[] = {-1, fd_r, fd_w, fd_rw, fd_rw};
	int flags = types[any(LENGTH(types))] | extras[any(LENGTH(extras))];
	bool anonymous = any(3);
	uint32_t addr = any_address(), pgoff;

	if (!locks_make_pages)
		flags &= ~MAP_LOCKED;
	/* Of a file what follows another piece, so that they merge. */
	pgoff = any(4) ? (addr - ARENA) / PAGE % 64 : any(64);

	if (!(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) && any(2))
		addr = 0;
	if (anonymous)
		flags |= MAP_ANONYMOUS | ((flags & MAP_TYPE) == MAP_PRIVATE ? noreserve : 0);
	map_over(addr, any_length(), any(8), flags, fds[any(LENGTH(fds))], anonymous ? 0 : pgoff);
}

static void random_mremap(void)
{
	static const uint32_t flags[] = {0,
					 MREMAP_MAYMOVE,
					 MREMAP_MAYMOVE,
					 MREMAP_MAYMOVE | MREMAP_FIXED,
					 MREMAP_MAYMOVE | MREMAP_FIXED,
					 MREMAP_MAYMOVE | 4,
					 8};
	uint32_t flag = flags[any(LENGTH(flags))], addr = any_page(), target = any_page();
	struct area area = area_at(addr);
	uint32_t room = addr < area.start ? PAGE : area.end - addr;
	uint32_t old = any(12) ? (1 + any(room / PAGE)) * PAGE : 0;
	uint32_t new = any(3) ? any_length() : old;

	if (old > 32 * PAGE)
		old = 32 * PAGE;
	if (addr < area.start || (new < old ? new : old) > room) {
		syscall(SYS_mremap, addr, PAGE, 2 * PAGE, flag, ARENA + 0x80000);
		return;
	}
	if (flag & 4) { /* what is locked, and parts of pages: see README.md */
		syscall(SYS_munlock, area.start, area.end - area.start);
		new &= -PAGE;
	}
	if (target < addr + (old > new ? old : new) && addr < target + (old > new ? old : new))
		target = ARENA + 0x80000 + any(32) * PAGE;
	if (flag & MREMAP_FIXED && new > old) /* limits: with or without what is there */
		unmap(target, new);
	syscall(SYS_mremap, addr, old, new, flag, target);
}

static void random_lock(void)
{
	uint32_t addr = any_address(), len = any_length();

	for (uint32_t at = addr & -PAGE; at < addr + len;) {
		struct area area = area_at(at);

		if (area.start < addr + len && (area.zero || !strncmp(area.rights, "---", 3)))
			return;
		if (area.end <= at)
			break;
		at = area.end;
	}
	if (!locks_make_pages)
		syscall(SYS_mlock2, addr, len, 1 + (any(16) == 0));
	else if (any(2))
		syscall(SYS_mlock, addr, len);
	else
		syscall(SYS_mlock2, addr, len, any(8) ? 1 : any(3));
}

static void random_range(void)
{
	static const uint32_t advices[] = {
		MADV_NORMAL, MADV_RANDOM,     MADV_SEQUENTIAL, MADV_DONTNEED,
		MADV_FREE,   MADV_DONTFORK,   MADV_DOFORK,     MADV_DONTDUMP,
		MADV_DODUMP, MADV_WIPEONFORK, MADV_KEEPONFORK, 24,
		5,
	};
	uint32_t addr = any_address(), len = any_length();

	switch (any(12)) {
	case 0:
	case 1:
	case 2:
		syscall(SYS_munmap, addr, len);
		break;
	case 3:
	case 4:
	case 5:
	case 6:
		syscall(SYS_mprotect, addr, len,
			any(24) ? any(8) | (noreserve ? 0 : PROT_WRITE) : 0x10);
		break;
	case 7:
	case 8:
		syscall(SYS_madvise, addr, len, advices[any(LENGTH(advices))]);
		break;
	case 9:
		syscall(SYS_munlock, addr, len);
		break;
	case 10:
		syscall(SYS_msync, addr, len, any(9));
		break;
	default:
		if (syscall(SYS_remap_file_pages, addr, len, any(8) ? 0 : any(4), any(32), 0) &&
		    errno == ENOMEM)
			unmap(addr, len); /* as map_over() */
	}
}

static void random_other(uint32_t start_brk)
{
	switch (any(7)) {
	case 0:
		brk_to(start_brk + any(16 * PAGE));
		break;
	case 1:
		limit(RLIMIT_DATA, any(4) ? RLIM_INFINITY : any(200) * PAGE);
		break;
	case 2:
		limit(RLIMIT_AS, any(4) ? RLIM_INFINITY : (600 + any(800)) * PAGE);
		break;
	case 3:
		limit(RLIMIT_MEMLOCK, any(4) ? 8 << 20 : any(100) * PAGE);
		break;
	case 4:
	case 5:
		syscall(SYS_munlockall);
		break;
	default:
		syscall(SYS_mlockall, (any(4) ? 8 : any(9)) | (locks_make_pages ? 0 : MCL_ONFAULT));
	}
}

static void random_run(uint32_t start_brk, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint32_t kind = any(20);

		if (kind < 7)
			random_mmap();
		else if (kind < 10)
			random_mremap();
		else if (kind < 12)
			random_lock();
		else if (kind < 19)
			random_range();
		else
			random_other(start_brk);
	}
}

void random_calls(uint32_t first_seed, uint32_t count, bool pages)
{
	uint32_t start_brk = syscall(SYS_brk, 0);
	pid_t child;

	seed = first_seed;
	locks_make_pages = pages;
	noreserve = seed % 2 ? MAP_NORESERVE : 0;
	fixture();
	random_run(start_brk, count - count / 4);
	child = fork();
	if (child < 0)
		exit(3);
	if (child)
		waitpid(child, NULL, 0);
	random_run(start_brk, count / 8);
}
