/*
 * User copies: what they return, to the byte, and what they leave alone. They run with the rights
 * of CPL 0 under CR0.WP (arch/arch.h).
 */
#include "conform/bench.h"
#include "conform/cases.h"

#include "base/errno.h"
#include "base/string.h"

/* Pages that a copy may span, and the kernel's buffer for them. */
#define SPAN 4
#define BUFFER_SIZE (SPAN * PAGE_SIZE)
static u8 buffer[BUFFER_SIZE + 16];

/* User memory of a case: pages in a row, the frames of neighbours are none. */
static struct {
	pgd_t *pgd;
	u8 *page[SPAN];
	unsigned int faults_allowed;
} user;

enum direction { FROM_USER, TO_USER, CLEAR, NR_DIRECTIONS };

static const char *const direction_names[NR_DIRECTIONS] = {"from user", "to user", "clear"};

/* The fill of either side before a copy; bytes that a copy should bring differ from both. */
#define USER_FILL 0x55
#define BUFFER_FILL 0xBB

/* The i-th byte that a copy should bring. */
static u8 pattern(unsigned int i)
{
	return 1 + i % 83;
}

static u8 *user_byte(unsigned int i)
{
	return &user.page[i / PAGE_SIZE][i % PAGE_SIZE];
}

/* Maps the pages whose bit is set in `mapped`, with `bits`. */
static void begin(unsigned int mapped, u32 bits)
{
	bench_begin();
	user.pgd = enter_new_space();
	for (unsigned int i = 0; i < SPAN; i++) {
		user.page[SPAN - 1 - i] = (u8 *)new_page(0);
		new_page(0);
	}
	for (unsigned int i = 0; i < SPAN; i++)
		if (mapped >> i & 1)
			set_mapping(user.pgd, BENCH_USER + i * PAGE_SIZE, user.page[i], bits);
}

static void fill(enum direction direction)
{
	memset(buffer, BUFFER_FILL, sizeof(buffer));
	for (unsigned int i = 0; i < SPAN; i++)
		memset(user.page[i], USER_FILL, PAGE_SIZE);
	if (direction == FROM_USER)
		for (unsigned int i = 0; i < BUFFER_SIZE; i++)
			*user_byte(i) = pattern(i);
	if (direction == TO_USER)
		for (unsigned int i = 0; i < BUFFER_SIZE; i++)
			buffer[i] = pattern(i);
}

static size_t copy(enum direction direction, unsigned int at, unsigned int skew, size_t n)
{
	switch (direction) {
	case FROM_USER:
		return arch_copy_from_user(buffer + skew, BENCH_USER + at, n);
	case TO_USER:
		return arch_copy_to_user(BENCH_USER + at, buffer + skew, n);
	default:
		return arch_clear_user(BENCH_USER + at, n);
	}
}

/* What byte i of the destination must be: the buffer's, or user memory's. */
static u8 expected_byte(enum direction direction, unsigned int i, unsigned int at,
			unsigned int skew, size_t done)
{
	unsigned int start = direction == FROM_USER ? skew : at;

	if (i < start || i >= start + done)
		return direction == FROM_USER ? BUFFER_FILL : USER_FILL;
	if (direction == CLEAR)
		return 0;
	return pattern(direction == FROM_USER ? i - skew + at : i - at + skew);
}

/*
 * One copy of n bytes at user offset `at`, kernel offset `skew`: `done` of them must be copied, and
 * no other byte of the destination may change. Checks all bytes within `margin` of the copy.
 */
static const char *expect_copy(enum direction direction, unsigned int at, unsigned int skew,
			       size_t n, size_t done)
{
	const unsigned int margin = 32;
	unsigned int start = direction == FROM_USER ? skew : at;
	unsigned int first = start > margin ? start - margin : 0;
	unsigned int end = min((unsigned int)(start + n + margin), (unsigned int)BUFFER_SIZE);
	size_t left;

	fill(direction);
	left = copy(direction, at, skew, n);
	CHECK(left == n - done, "%s: %zu bytes at +%u: %zu left, expected %zu",
	      direction_names[direction], n, at, left, n - done);
	for (unsigned int i = first; i < end; i++) {
		u8 byte = direction == FROM_USER ? buffer[i] : *user_byte(i);
		u8 expected = expected_byte(direction, i, at, skew, done);

		CHECK(byte == expected, "%s: %zu bytes at +%u: byte %u is %02x, expected %02x",
		      direction_names[direction], n, at, i, byte, expected);
	}
	return NULL;
}

/* ---- whole copies -------------------------------------------------------------------------- */

const char *copy_whole(void)
{
	static const size_t sizes[] = {
		1, 4, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 2 * PAGE_SIZE, BUFFER_SIZE - 5};

	begin(0xF, USER_RW);
	for (enum direction d = 0; d < NR_DIRECTIONS; d++)
		for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
			TRY(expect_copy(d, 0, 0, sizes[i], sizes[i]));
			TRY(expect_copy(d, 5, 3, sizes[i], sizes[i]));
		}
	return NULL;
}

const char *copy_nothing(void)
{
	begin(0, 0);
	watch_faults(NULL);
	for (enum direction d = 0; d < NR_DIRECTIONS; d++) {
		CHECK(copy(d, 0, 0, 0) == 0, "%s: no bytes, and some left", direction_names[d]);
		CHECK(copy(d, 1, 0, 0) == 0, "%s: no bytes, and some left", direction_names[d]);
	}
	CHECK(watch.count == 0, "copies of no bytes raised %u faults", watch.count);
	return NULL;
}

/* Every offset of user memory and buffer within two words, every short length. */
const char *copy_unaligned(void)
{
	begin(0xF, USER_RW);
	for (enum direction d = 0; d < NR_DIRECTIONS; d++)
		for (unsigned int at = PAGE_SIZE - 12; at < PAGE_SIZE - 4; at++)
			for (unsigned int skew = 0; skew < (d == CLEAR ? 1 : 4); skew++)
				for (size_t n = 0; n <= 17; n += 1 + n / 9)
					TRY(expect_copy(d, at, skew, n, n));
	return NULL;
}

/* ---- partial copies ------------------------------------------------------------------------ */

/* Copies that run from `before` bytes before a refused page to `after` bytes into it. */
static const char *expect_stop(enum direction direction, unsigned int boundary)
{
	static const unsigned int befores[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, PAGE_SIZE - 1, PAGE_SIZE};
	static const unsigned int afters[] = {1, 2, 3, 4, 5, 8, PAGE_SIZE};

	for (unsigned int b = 0; b < ARRAY_SIZE(befores); b++)
		for (unsigned int a = 0; a < ARRAY_SIZE(afters); a++)
			TRY(expect_copy(direction, boundary - befores[b], b % 4,
					befores[b] + afters[a], befores[b]));
	return NULL;
}

/* The boundaries behind the first, the second and the third page. */
const char *copy_stops(void)
{
	for (unsigned int pages = 1; pages < SPAN; pages++) {
		begin((1u << pages) - 1, USER_RW);
		for (enum direction d = 0; d < NR_DIRECTIONS; d++)
			TRY(expect_stop(d, pages * PAGE_SIZE));
	}
	/* Nothing at all. */
	begin(0, 0);
	for (enum direction d = 0; d < NR_DIRECTIONS; d++)
		TRY(expect_copy(d, 9, 2, 100, 0));
	return NULL;
}

const char *copy_read_only(void)
{
	begin(0x1, USER_RW);
	for (unsigned int i = 1; i < SPAN; i++)
		set_mapping(user.pgd, BENCH_USER + i * PAGE_SIZE, user.page[i], USER_RO);
	TRY(expect_copy(FROM_USER, 1, 0, BUFFER_SIZE - 1, BUFFER_SIZE - 1));
	for (enum direction d = TO_USER; d < NR_DIRECTIONS; d++) {
		TRY(expect_stop(d, PAGE_SIZE));
		watch_faults(NULL);
		TRY(expect_copy(d, PAGE_SIZE - 3, 0, 10, 3));
		CHECK(watch.count == 1, "%s: %u faults", direction_names[d], watch.count);
		TRY(expect_seen(0, BENCH_USER + PAGE_SIZE, PF_PROT | PF_WRITE));
		arch_set_fault_handler(NULL);
	}
	return NULL;
}

/* U/S does not bind CPL 0; the caller has checked the range. */
const char *copy_supervisor(void)
{
	begin(0xF, SUPERVISOR_RW);
	for (enum direction d = 0; d < NR_DIRECTIONS; d++)
		TRY(expect_copy(d, 3, 1, 2 * PAGE_SIZE, 2 * PAGE_SIZE));
	return NULL;
}

/* ---- faults in the middle ------------------------------------------------------------------ */

/* Maps the page that faults, as often as it is allowed to. */
static int map_user_page(const struct fault_record *fault)
{
	if (user.faults_allowed == 0)
		return -EFAULT;
	user.faults_allowed--;
	set_mapping(user.pgd, fault->address, user.page[pte_index(fault->address)], USER_RW);
	return 0;
}

static void allow_faults(unsigned int count)
{
	user.faults_allowed = count;
	watch_faults(map_user_page);
}

/* Pages 0 and 2 come by fault; each fault is at the first byte that the copy wants of the page. */
const char *copy_resolved(void)
{
	for (enum direction d = 0; d < NR_DIRECTIONS; d++)
		for (unsigned int at = 0; at < 6; at++) {
			u32 code = d == FROM_USER ? 0 : PF_WRITE;
			size_t n = 3 * PAGE_SIZE - at + 7;

			begin(0xA, USER_RW);
			allow_faults(2);
			TRY(expect_copy(d, at, 1, n, n));
			CHECK(watch.count == 2, "%s: %u faults", direction_names[d], watch.count);
			TRY(expect_seen(0, BENCH_USER + at, code));
			TRY(expect_seen(1, BENCH_USER + 2 * PAGE_SIZE, code));
			CHECK(watch.seen[0].ip != 0, "a fault of kernel code has no ip");
		}
	return NULL;
}

const char *copy_refused_midway(void)
{
	for (enum direction d = 0; d < NR_DIRECTIONS; d++) {
		begin(0x2, USER_RW);
		allow_faults(1);
		TRY(expect_copy(d, 5, 0, 2 * PAGE_SIZE + 100, 2 * PAGE_SIZE - 5));
		CHECK(watch.count == 2, "%s: %u faults", direction_names[d], watch.count);
		TRY(expect_seen(1, BENCH_USER + 2 * PAGE_SIZE, d == FROM_USER ? 0 : PF_WRITE));
	}
	return NULL;
}

/* ---- places -------------------------------------------------------------------------------- */

/* The last bytes of user space: the range's end is TASK_SIZE itself. */
const char *copy_task_size(void)
{
	const size_t n = 101;

	begin(0, 0);

	u32 *page = new_page(0x31313131);
	u8 *end = (u8 *)page + PAGE_SIZE;

	set_mapping(user.pgd, TASK_SIZE - PAGE_SIZE, page, USER_RW);
	memset(buffer, 0x77, sizeof(buffer));
	CHECK(!arch_copy_from_user(buffer, TASK_SIZE - n, n), "copy from the end of user space");
	CHECK(buffer[0] == 0x31 && buffer[n - 1] == 0x31 && buffer[n] == 0x77, "wrong bytes came");
	memset(buffer, 0x32, n);
	CHECK(!arch_copy_to_user(TASK_SIZE - n, buffer, n), "copy to the end of user space");
	CHECK(end[-1] == 0x32 && *(end - n) == 0x32 && *(end - n - 1) == 0x31, "wrong bytes went");
	CHECK(!arch_clear_user(TASK_SIZE - n, n), "clear the end of user space");
	CHECK(end[-1] == 0 && *(end - n) == 0 && *(end - n - 1) == 0x31, "wrong bytes cleared");
	/* The page before is not there, and a copy that starts in it copies nothing. */
	CHECK(arch_clear_user(TASK_SIZE - PAGE_SIZE - 1, 10) == 10, "a hole before the last page");
	return NULL;
}

/* Through a 4 MiB page to its end, which is that of the pool; nothing is mapped behind it. */
const char *copy_large(void)
{
	const unsigned long end = BENCH_USER + PGDIR_SIZE;
	u8 *last = __va(BOOT_MAPPED);

	if (!cpu_has(ARCH_CPU_PSE))
		return NULL;
	begin(0, 0);
	set_large_mapping(user.pgd, BENCH_USER, PGDIR_SIZE, USER_RW);
	for (unsigned int i = 0; i < BUFFER_SIZE; i++)
		buffer[i] = pattern(i);
	memset(last - BUFFER_SIZE, USER_FILL, BUFFER_SIZE);
	CHECK(arch_copy_to_user(end - 9000, buffer, 9100) == 100,
	      "copy to a 4 MiB page and beyond");
	CHECK(!memcmp(last - 9000, buffer, 9000), "the wrong bytes went");
	CHECK(last[-9001] == USER_FILL, "a byte before the copy is %02x", last[-9001]);
	memset(buffer, BUFFER_FILL, sizeof(buffer));
	CHECK(arch_copy_from_user(buffer, end - 9000, 9001) == 1,
	      "copy from a 4 MiB page and beyond");
	CHECK(!memcmp(last - 9000, buffer, 9000) && buffer[9000] == BUFFER_FILL,
	      "the wrong bytes came");
	CHECK(arch_clear_user(end - 5000, 5001) == 1, "clear a 4 MiB page and beyond");
	CHECK(last[-1] == 0 && last[-5000] == 0 && last[-5001] != 0, "the wrong bytes cleared");
	return NULL;
}
