/*
 * Calls on memory, good ones and bad ones, made to be recorded: which error comes first is what the
 * vectors tell. With the name of a family of calls: a table of cases; with "random SEED COUNT":
 * whatever comes.
 *
 * The program itself needs nothing of what it maps: it works in an arena far from its own mappings.
 * What a 6.1 of 32 bits answers otherwise than a newer kernel of 64 bits is kept out; README.md has
 * the list.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fixture.h"

int fd_r, fd_w, fd_rw, noreserve;

long map(uint32_t addr, uint32_t len, int prot, int flags, int fd, uint32_t pgoff)
{
	return syscall(SYS_mmap2, addr, len, prot, flags, fd, pgoff);
}

void unmap(uint32_t addr, uint32_t len)
{
	syscall(SYS_munmap, addr, len);
}

/* Newer kernels cut what is there before they look at limits; so it goes, where they have refused.
 */
void map_over(uint32_t addr, uint32_t len, int prot, int flags, int fd, uint32_t pgoff)
{
	if (map(addr, len, prot, flags, fd, pgoff) == -1 && errno == ENOMEM && flags & MAP_FIXED)
		unmap(addr, len);
}

void fixture(void)
{
	const int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | noreserve;

	unmap(ARENA, ARENA_SIZE);
	map(RW, 8 * PAGE, PROT_READ | PROT_WRITE, anon, -1, 0);
	map(RO, 8 * PAGE, PROT_READ, anon, -1, 0);
	map(FILE_RW, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd_rw, 2);
	map(FILE_R, 8 * PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd_r, 0);
	map(NONE, 4 * PAGE, PROT_NONE, anon, -1, 0);
	map(SHARED, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
	    0);
	map(FILE_RO, 4 * PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd_r, 1);
	map(DOWN, 4 * PAGE, PROT_READ | PROT_WRITE, anon | MAP_GROWSDOWN, -1, 0);
}

void limit(int resource, rlim_t cur)
{
	struct rlimit value;

	if (getrlimit(resource, &value))
		exit(3);
	value.rlim_cur = cur < value.rlim_max ? cur : value.rlim_max;
	if (setrlimit(resource, &value))
		exit(3);
}

static void files(void)
{
	fd_rw = syscall(SYS_memfd_create, "truth", 0);
	char path[64];

	if (fd_rw < 0 || ftruncate(fd_rw, 1 << 20))
		exit(3);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd_rw);
	fd_r = open(path, O_RDONLY);
	fd_w = open(path, O_WRONLY);
	if (fd_r < 0 || fd_w < 0)
		exit(3);
}

/* The kernel's own access makes a mapping grow down, or is refused; the recorder knows it by the
 * mode. */
static void probe(uint32_t addr)
{
	syscall(SYS_access, addr, 7);
}

/* ---- tables ---- */

/* Where calls on ranges begin; no range that begins there wraps at 4 GiB, with no length of below.
 */
static const uint32_t points[] = {
	0,
	1,
	RW,
	RW + 1,
	RW + 3 * PAGE,
	RO,
	HOLE,
	FILE_RW,
	FILE_RW + 0x800,
	FILE_R,
	NONE,
	SHARED,
	FILE_RO,
	DOWN,
	DOWN - PAGE,
	0xBFFF0000U - 0x10000000U,
	KERNEL,
	KERNEL + PAGE,
	0xFFFC0000U,
};
static const uint32_t lengths[] = {0, 1, PAGE, PAGE + 1, 8 * PAGE, 9 * PAGE, 0x18000, 0x34000};

static void each_range(void (*call)(uint32_t addr, uint32_t len, uint32_t what),
		       const uint32_t *what, size_t count)
{
	for (size_t w = 0; w < count; w++) {
		fixture();
		for (size_t p = 0; p < LENGTH(points); p++)
			for (size_t l = 0; l < LENGTH(lengths); l++)
				if ((p + l + w) % 3 == 0 || lengths[l] == 0 || p < 2)
					call(points[p], lengths[l], what[w]);
	}
}

static void one_mprotect(uint32_t addr, uint32_t len, uint32_t prot)
{
	syscall(SYS_mprotect, addr, len, prot);
}

static void one_madvise(uint32_t addr, uint32_t len, uint32_t advice)
{
	syscall(SYS_madvise, addr, len, advice);
}

static void one_msync(uint32_t addr, uint32_t len, uint32_t flags)
{
	syscall(SYS_msync, addr, len, flags);
}

static void one_mincore(uint32_t addr, uint32_t len, uint32_t unused)
{
	static unsigned char vec[0x40];

	(void)unused;
	if (len || addr <= KERNEL) /* where user memory ends differs */
		syscall(SYS_mincore, addr, len, vec);
}

static void one_munmap(uint32_t addr, uint32_t len, uint32_t unused)
{
	(void)unused;
	unmap(addr, len);
}

/* Locking makes pages present where there may be none: not where it would fail. */
static bool has_pages(uint32_t addr, uint32_t len)
{
	return addr + len <= NONE || addr >= NONE + 4 * PAGE || addr + len < addr;
}

static void one_mlock(uint32_t addr, uint32_t len, uint32_t flags)
{
	if (has_pages(addr, len))
		syscall(flags == ~0U ? SYS_mlock : SYS_mlock2, addr, len, flags);
	if ((addr >> 12) % 3 == 0)
		syscall(SYS_munlock, addr, len);
}

static void family_mprotect(void)
{
	static const uint32_t prots[] = {
		PROT_NONE,
		PROT_READ,
		PROT_READ | PROT_WRITE,
		PROT_READ | PROT_WRITE | PROT_EXEC,
		0x10,
		0x8,
		PROT_READ | PROT_GROWSDOWN,
		PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP,
		PROT_GROWSUP,
	};

	noreserve = MAP_NORESERVE;
	each_range(one_mprotect, prots, LENGTH(prots));
	/* A huge length, and one that wraps, from where nothing is. */
	syscall(SYS_mprotect, HOLE, 0x60000000, PROT_READ);
	syscall(SYS_mprotect, HOLE, 0xB0000000, PROT_READ);
	syscall(SYS_mprotect, HOLE, 0xFFFFFFFF, PROT_READ);
	syscall(SYS_mprotect, HOLE + 1, 0xFFFFFFFF, PROT_READ);
	syscall(SYS_mprotect, RW, 0x60000000, PROT_READ);
}

static void family_madvise(void)
{
	static const uint32_t advices[] = {
		MADV_NORMAL,
		MADV_RANDOM,
		MADV_SEQUENTIAL,
		MADV_WILLNEED,
		MADV_DONTNEED,
		MADV_FREE,
		MADV_DONTFORK,
		MADV_DOFORK,
		MADV_DONTDUMP,
		MADV_DODUMP,
		MADV_WIPEONFORK,
		MADV_KEEPONFORK,
		24 /* MADV_DONTNEED_LOCKED */,
		5,
		7,
		26,
		100,
		101,
		104,
		0x7fffffff,
	};

	each_range(one_madvise, advices, LENGTH(advices));
}

/* Advice that is about pages alone. */
static void family_advice(void)
{
	static const uint32_t advices[] = {MADV_REMOVE, MADV_COLD, MADV_PAGEOUT};

	each_range(one_madvise, advices, LENGTH(advices));
	fixture();
	syscall(SYS_mlock, RW + PAGE, 2 * PAGE);
	syscall(SYS_mlock, FILE_RW + PAGE, 2 * PAGE);
	for (size_t i = 0; i < LENGTH(advices); i++) {
		one_madvise(RW, 4 * PAGE, advices[i]);
		one_madvise(FILE_RW, 4 * PAGE, advices[i]);
		one_madvise(FILE_RW + PAGE, PAGE, advices[i]);
	}
}

static void family_sync(void)
{
	static const uint32_t flags[] = {
		0, MS_ASYNC,   MS_SYNC, MS_INVALIDATE, MS_ASYNC | MS_SYNC, MS_SYNC | MS_INVALIDATE,
		8, 0xffffffff,
	};
	static const uint32_t nothing[] = {0};

	each_range(one_msync, flags, LENGTH(flags));
	fixture();
	syscall(SYS_mlock, FILE_RW, 2 * PAGE);
	syscall(SYS_msync, FILE_RW, 2 * PAGE, MS_SYNC);
	syscall(SYS_msync, FILE_RW, 2 * PAGE, MS_INVALIDATE);
	syscall(SYS_msync, FILE_RW + 2 * PAGE, 2 * PAGE, MS_INVALIDATE);
	syscall(SYS_msync, HOLE, 6 * PAGE, MS_INVALIDATE);
	each_range(one_mincore, nothing, 1);
	each_range(one_munmap, nothing, 1);
	for (uint32_t size = 0; size < 3 * PAGE; size += 0x900)
		for (int pgoff = 0; pgoff < 4; pgoff++) {
			fixture();
			syscall(SYS_remap_file_pages, FILE_RW, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, FILE_RW + 0x10, size, 0, pgoff, MAP_NONBLOCK);
			syscall(SYS_remap_file_pages, FILE_RW + 7 * PAGE, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, FILE_RW, size, PROT_READ, pgoff, 0);
			syscall(SYS_remap_file_pages, SHARED + PAGE, size, 0, pgoff, MAP_SHARED);
			syscall(SYS_remap_file_pages, RW, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, FILE_R, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, FILE_RO, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, HOLE, size, 0, pgoff, 0);
			syscall(SYS_remap_file_pages, KERNEL, size, 0, pgoff, 0);
		}
}

static void family_mlock(void)
{
	static const uint32_t flags[] = {~0U, 0, 1 /* MLOCK_ONFAULT */, 2};
	static const uint32_t all[] = {0,
				       MCL_CURRENT,
				       MCL_FUTURE,
				       MCL_ONFAULT,
				       8,
				       0xffffffff,
				       MCL_CURRENT | MCL_FUTURE,
				       MCL_CURRENT | MCL_ONFAULT};
	static const rlim_t limits[] = {8 << 20, 6 * PAGE, 2 * PAGE - 1, 0};

	for (size_t l = 0; l < LENGTH(limits); l++) {
		limit(RLIMIT_MEMLOCK, limits[l]);
		syscall(SYS_munlockall);
		each_range(one_mlock, flags, l ? 1 : LENGTH(flags));
		fixture();
		for (size_t i = 0; i < LENGTH(all); i++) {
			syscall(SYS_mlockall, all[i]);
			map(HOLE, 2 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			    0);
			map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
			map(0, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0);
			map(0, KERNEL + PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED,
			    -1, 0);
			map(0, PAGE, PROT_READ, MAP_PRIVATE | MAP_LOCKED, fd_w, 0);
			map(HOLE, PAGE, PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_FIXED_NOREPLACE, -1, 0);
			syscall(SYS_mremap, RW, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
			if (i % 3 == 2)
				syscall(SYS_munlockall);
		}
	}
}

/* Addresses, lengths, flags and files of mmap, each with each other's good ones, and some pairs. */
static void family_mmap(void)
{
	static const uint32_t addrs[] = {0,
					 1,
					 PAGE - 1,
					 ARENA + 0x80000,
					 ARENA + 0x80001,
					 RW + PAGE,
					 KERNEL - PAGE,
					 KERNEL,
					 0xFFFFF000U,
					 0xFFFFFFFFU};
	static const uint32_t lens[] = {
		PAGE,	0,	    1,		 PAGE + 1,    KERNEL - 0x20000,
		KERNEL, KERNEL + 1, 0xFFFFF000U, 0xFFFFF001U, 0xFFFFFFFFU};
	static const int types[] = {MAP_PRIVATE, MAP_SHARED, 0, 3, 4, 5};
	static const int extras[] = {0,
				     MAP_FIXED,
				     MAP_FIXED_NOREPLACE,
				     MAP_GROWSDOWN,
				     MAP_NORESERVE,
				     0x40000000,
				     MAP_LOCKED | MAP_FIXED_NOREPLACE};
	const int fds[] = {-1, fd_r, fd_w, fd_rw};

	fixture();
	for (size_t t = 0; t < LENGTH(types); t++)
		for (size_t x = 0; x < LENGTH(extras); x++)
			for (size_t f = 0; f <= LENGTH(fds); f++)
				for (int prot = 0; prot < 8; prot += 3) {
					int flags = types[t] | extras[x] | (f ? 0 : MAP_ANONYMOUS);
					bool fixed = extras[x] & (MAP_FIXED | MAP_FIXED_NOREPLACE);

					map(fixed ? ARENA + 0x90000 : 0, PAGE, prot, flags,
					    f ? fds[f - 1] : -1, f);
					if (prot == 3)
						unmap(ARENA + 0x90000, PAGE);
				}
	for (size_t a = 0; a < LENGTH(addrs); a++)
		for (size_t l = 0; l < LENGTH(lens); l++)
			for (size_t x = 0; x < 3; x++) {
				/* Only what fails, or lies in the arena, may be fixed. */
				bool in_arena =
					addrs[a] - ARENA < ARENA_SIZE && lens[l] <= 2 * PAGE;
				bool fails = addrs[a] % PAGE || addrs[a] >= KERNEL || !lens[l] ||
					     lens[l] > KERNEL || (!addrs[a] && lens[l] <= PAGE);

				if (extras[x] && !in_arena && !fails)
					continue;
				long got = map(addrs[a], lens[l], PROT_READ,
					       MAP_PRIVATE | MAP_ANONYMOUS | extras[x], -1, 0);
				if (got != -1)
					unmap(got, lens[l]);
			}
}

/* Old mmap takes bytes: the only way to an offset within a page. */
static void family_offset(void)
{
	static const uint32_t offsets[] = {0,		1,	     PAGE - 1,	  PAGE,
					   0x7FFFF000U, 0x80000000U, 0xFFFFF000U, 0xFFFFFFFFU};
	static const uint32_t pgoffs[] = {0, 1, 0x7FFFF, 0x80000, 0xFFFFF};
	const int fds[] = {-1, fd_r, fd_rw};

	for (size_t o = 0; o < LENGTH(offsets); o++)
		for (size_t f = 0; f < LENGTH(fds); f++)
			for (uint32_t len = 0; len <= 2 * PAGE; len += 2 * PAGE) {
				uint32_t arg[6] = {0,		len,	PROT_READ,
						   MAP_PRIVATE, fds[f], offsets[o]};
				long got = syscall(SYS_mmap, arg);

				if (got != -1)
					unmap(got, len);
			}
	for (size_t o = 0; o < LENGTH(pgoffs); o++)
		for (size_t f = 0; f < LENGTH(fds); f++)
			map(0, PAGE, PROT_READ, MAP_SHARED, fds[f], pgoffs[o]);
}

/*
 * Left out: ranges whose old or new length, the smaller one, crosses the end of a mapping;
 * addresses with no mapping together with a bad new address; lengths beyond 3 GiB.
 */
static void family_mremap(void)
{
	static const uint32_t starts[] = {RW,	  RW + 2 * PAGE, RO,	  FILE_RW, FILE_R,
					  SHARED, NONE,		 FILE_RO, DOWN};
	static const uint32_t sizes[] = {0, 1, PAGE, 3 * PAGE, 4 * PAGE};
	static const uint32_t flags[] = {0,
					 MREMAP_MAYMOVE,
					 MREMAP_MAYMOVE | MREMAP_FIXED,
					 MREMAP_FIXED,
					 MREMAP_MAYMOVE | 4,
					 MREMAP_MAYMOVE | MREMAP_FIXED | 4,
					 4,
					 8};
	static const uint32_t targets[] = {ARENA + 0xA0000, ARENA + 0xA0001, KERNEL - PAGE,
					   KERNEL,	    RW + PAGE,	     0xFFFFF000U};

	for (size_t f = 0; f < LENGTH(flags); f++)
		for (size_t s = 0; s < (flags[f] == MREMAP_FIXED || flags[f] == 4 || flags[f] == 8
						? 1
						: LENGTH(starts));
		     s++) {
			fixture();
			for (size_t o = 0; o < LENGTH(sizes); o++)
				for (size_t n = 0; n < LENGTH(sizes); n++)
					if (((o + n + s) % 2 == 0 || !sizes[o]) &&
					    !(flags[f] & 4 && o + n == 3))
						syscall(SYS_mremap, starts[s], sizes[o], sizes[n],
							flags[f], ARENA + 0xA0000 + 0x8000 * o);
		}
	for (size_t t = 0; t < LENGTH(targets); t++) {
		fixture();
		syscall(SYS_mremap, RW, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			targets[t]);
		syscall(SYS_mremap, RO + PAGE, PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			targets[t]);
		syscall(SYS_mremap, FILE_RW, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | 4, targets[t]);
	}
	fixture();
	for (size_t f = 0; f < LENGTH(flags); f++) {
		syscall(SYS_mremap, HOLE, PAGE, 2 * PAGE, flags[f], ARENA + 0xA0000);
		syscall(SYS_mremap, RW + 1, PAGE, 2 * PAGE, flags[f], ARENA + 0xA0000);
		syscall(SYS_mremap, KERNEL, PAGE, 2 * PAGE, flags[f], ARENA + 0xA0000);
		syscall(SYS_mremap, RO + PAGE, 8 * PAGE, 9 * PAGE, flags[f], ARENA + 0xA0000);
	}
	syscall(SYS_mremap, SHARED, PAGE, 0xB0000000U, MREMAP_MAYMOVE);
	syscall(SYS_mremap, SHARED, PAGE, 0xB0000000U, 0);
}

void brk_to(uint32_t addr)
{
	syscall(SYS_brk, addr);
}

/* Limits, one after the other, with calls that run into them. */
static void family_limits(void)
{
	static const int resources[] = {RLIMIT_DATA, RLIMIT_AS, RLIMIT_MEMLOCK, RLIMIT_STACK};
	static const rlim_t limits[] = {RLIM_INFINITY, 64 << 20, 3 << 20, 1 << 20, 200000, 4096, 0};
	uint32_t start = syscall(SYS_brk, 0);

	for (size_t r = 0; r < LENGTH(resources); r++)
		for (size_t l = 0; l < LENGTH(limits); l++) {
			fixture();
			limit(resources[r], limits[l]);
			brk_to(start + 5 * PAGE);
			brk_to(start + 0x100001);
			brk_to(start - 1);
			brk_to(0xBFFFF000U);
			brk_to(start + 0x4000000);
			brk_to(start);
			for (uint32_t len = 8 * PAGE; len < 0x8000000; len *= 8) {
				map(ARENA + 0x80000, len, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
				map_over(RW + PAGE, 4 * PAGE, PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
				map(0, len, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
				map(0, len, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
				syscall(SYS_mremap, RW, 2 * PAGE, len, MREMAP_MAYMOVE);
				syscall(SYS_mremap, FILE_R, 2 * PAGE, len, MREMAP_MAYMOVE);
				syscall(SYS_mremap, RO, PAGE, PAGE, MREMAP_MAYMOVE | 4, 0);
				syscall(SYS_mprotect, FILE_R, PAGE, PROT_READ | PROT_WRITE);
				syscall(SYS_mprotect, RO, 2 * PAGE, PROT_READ | PROT_WRITE);
			}
			/* The kernel's own access makes it grow, or is refused. */
			probe(DOWN - PAGE);
			limit(resources[r],
			      resources[r] == RLIMIT_STACK || resources[r] == RLIMIT_MEMLOCK
				      ? 8 << 20
				      : RLIM_INFINITY);
			unmap(0x60000000, 0xB7F00000U - 0x60000000U);
		}
}

/* A mapping that grows down, with much room below, and what else is near it. */
static void stack_at(uint32_t addr, int flags)
{
	unmap(addr - 0x800000, 0x1000000);
	map(addr, 2 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN | flags, -1, 0);
}

static void probes(uint32_t addr)
{
	static const uint32_t below[] = {1, PAGE, PAGE + 1, 5 * PAGE, 0x40000, 0x100000, 0x200000};

	for (size_t i = 0; i < LENGTH(below); i++)
		probe(addr - below[i]);
	probe(addr);
	probe(addr + 2 * PAGE);
}

/* How near may growth come to its neighbour below, and a new mapping to what grows: GAP pages. */
static void stack_neighbours(uint32_t addr)
{
	const uint32_t gap = 0x100000,
		       kinds[] = {MAP_PRIVATE, MAP_SHARED, MAP_PRIVATE | MAP_GROWSDOWN};

	for (size_t k = 0; k < LENGTH(kinds); k++)
		for (int prot = 0; prot < 2; prot++) {
			stack_at(addr, 0);
			map(addr - gap - 0x10000, 2 * PAGE, prot,
			    kinds[k] | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
			probes(addr - 0xC000);
			stack_at(addr, 0);
			for (int near = -2; near <= 2; near++) {
				uint32_t at = addr - gap + near * (int)PAGE;

				map(at, PAGE, prot, kinds[k] | MAP_ANONYMOUS, -1, 0);
				map(at, PAGE, prot, kinds[k] | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
				    -1, 0);
				unmap(at, PAGE);
			}
		}
}

static void family_stack(void)
{
	static const rlim_t sizes[] = {8 << 20, 64 * PAGE, 3 * PAGE, 0};
	const uint32_t addr = ARENA + 0x1000000;

	for (size_t i = 0; i < LENGTH(sizes); i++) {
		limit(RLIMIT_STACK, sizes[i]);
		stack_at(addr, 0);
		probes(addr);
		limit(RLIMIT_STACK, 8 << 20);
		limit(RLIMIT_MEMLOCK, sizes[i]);
		stack_at(addr, 0);
		syscall(SYS_mlock2, addr, 2 * PAGE, 1);
		probes(addr);
		limit(RLIMIT_MEMLOCK, 8 << 20);
		limit(RLIMIT_AS, 0xa00000 + sizes[i] / 8);
		stack_at(addr, MAP_NORESERVE);
		probes(addr);
		limit(RLIMIT_AS, RLIM_INFINITY);
	}
	stack_neighbours(addr);
	/* Parts of a mapping that grows grow as well; made over, they still do. */
	stack_at(addr, 0);
	probe(addr - 6 * PAGE);
	syscall(SYS_mprotect, addr - 4 * PAGE, 2 * PAGE, PROT_READ);
	unmap(addr - 2 * PAGE, PAGE);
	probe(addr - 2 * PAGE);
	syscall(SYS_mprotect, addr, PAGE, PROT_READ | PROT_GROWSDOWN);
	syscall(SYS_mremap, addr - 6 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		addr - 0x80000);
	probe(addr - 0x80000 - PAGE);
	probes(addr - 0x90000);
	/* The lowest addresses. */
	map(0x20000, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1,
	    0);
	for (uint32_t at = 0x1F000; at >= 0x10000; at -= 0x5000)
		probe(at);
}

static void fill(uint32_t len, int flags)
{
	for (int i = 0; i < 40; i++)
		if (map(0, len, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0) == -1)
			return;
}

/*
 * The address space until nothing fits: top-down, then above mmap_base. Not below 64 KiB: where
 * that ends differs, and nothing is asked for that would fit there.
 */
static void family_full(void)
{
	static const uint32_t lens[] = {0x20000000, 0x8000000, 0x2000000, 0x800000,
					0x200000,   0x80000,   0x20000,	  0x10000};

	fixture();
	for (size_t l = 0; l < LENGTH(lens); l++)
		fill(lens[l], l % 3 == 2 ? MAP_GROWSDOWN : 0);
	map(0x90000000U, 0x10000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map(0, 0x10000, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	syscall(SYS_mremap, RW, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
	brk_to(syscall(SYS_brk, 0) + 0x40000000);
	for (uint32_t at = 0x60000000; at < 0xA0000000U; at += 0x9876000) {
		unmap(at, 0x11000);
		map(0, 0x12000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		map(at + 0x8000, 0x10000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN,
		    -1, 0);
		syscall(SYS_mremap, RW, 8 * PAGE, 16 * PAGE, MREMAP_MAYMOVE);
		map(at + 0x1000, 0x10000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		unmap(at, 0x300000);
		map(0, 0x1FF000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0);
		map(0, 0x80000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		map(0, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
}

static const struct {
	const char *name;
	void (*run)(void);
} families[] = {
	{"mmap", family_mmap},	   {"offset", family_offset},	{"mprotect", family_mprotect},
	{"mremap", family_mremap}, {"madvise", family_madvise}, {"advice", family_advice},
	{"mlock", family_mlock},   {"sync", family_sync},	{"limits", family_limits},
	{"stack", family_stack},   {"full", family_full},
};

int main(int argc, char *argv[])
{
	files();
	for (size_t i = 0; argc == 2 && i < LENGTH(families); i++) {
		if (!strcmp(argv[1], families[i].name)) {
			families[i].run();
			return 0;
		}
	}
	if (argc == 4 && (!strcmp(argv[1], "random") || !strcmp(argv[1], "locked"))) {
		random_calls(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
			     *argv[1] == 'l');
		return 0;
	}
	fprintf(stderr,
		"usage: record-errno FAMILY | random SEED COUNT | locked SEED COUNT\nfamilies:");
	for (size_t i = 0; i < LENGTH(families); i++)
		fprintf(stderr, " %s", families[i].name);
	fputc('\n', stderr);
	return 2;
}
