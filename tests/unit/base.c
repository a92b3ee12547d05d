/*
 * shared/base, judged by tables. What vscnprintf() is to print is what C17 7.21.6.1 says printf()
 * does, worked out by hand; cut-off and unknown conversions are printk.h's own rules.
 */
#include "arch/arch.h"
#include "base/bitops.h"
#include "base/errno.h"
#include "base/hash.h"
#include "base/list.h"
#include "base/lock.h"
#include "base/mutex.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "unit/unit.h"

static char why[200];

/* ---- formatting ---------------------------------------------------------------------------- */

/* Formats through a va_list, so that the compiler does not judge the formats that are meant to be
 * odd. */
static int format(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}

#define PRINTS(expected, ...)                                                                      \
	do {                                                                                       \
		char text[64];                                                                     \
		int n = format(text, sizeof(text), __VA_ARGS__);                                   \
		if (strcmp(text, expected) != 0 || n != (int)strlen(expected)) {                   \
			scnprintf(why, sizeof(why), "printed \"%s\", expected \"%s\"", text,       \
				  expected);                                                       \
			return why;                                                                \
		}                                                                                  \
	} while (0)

static const char *format_integers(void)
{
	PRINTS("0 -1 42", "%d %i %d", 0, -1, 42);
	PRINTS("-2147483648", "%d", (int)-2147483647 - 1);
	PRINTS("4294967295", "%u", ~0u);
	PRINTS("ff FF 377", "%x %X %o", 255, 255, 255);
	PRINTS("0xff 0XFF 0", "%#x %#X %#x", 255, 255, 0);
	PRINTS("+5  5 -5", "%+d % d %+d", 5, 5, -5);
	PRINTS("5 5", "%+u % u", 5, 5);
	PRINTS("18446744073709551615", "%llu", ~0ull);
	PRINTS("-9223372036854775808", "%lld", -9223372036854775807ll - 1);
	PRINTS("123456789abcdef0", "%llx", 0x123456789abcdef0ull);
	PRINTS("7 7 7", "%ld %lu %zu", 7l, 7ul, (size_t)7);
	PRINTS("-1 255 -1 65535", "%hhd %hhu %hd %hu", 255, 255, 65535, 65535);
	return NULL;
}

static const char *format_fields(void)
{
	PRINTS("[   42][42   ][00042]", "[%5d][%-5d][%05d]", 42, 42, 42);
	PRINTS("[  -42][-42  ][-0042]", "[%5d][%-5d][%05d]", -42, -42, -42);
	PRINTS("[  042][00042][]", "[%5.3d][%.5d][%.0d]", 42, 42, 0);
	PRINTS("[0x002a][  0x2a]", "[%#06x][%#6x]", 42, 42);
	PRINTS("[  7][7  ]", "[%*d][%*d]", 3, 7, -3, 7);
	PRINTS("[007]", "[%.*d]", 3, 7);
	PRINTS("[  042]", "[%05.3d]", 42);
	PRINTS("[7    ]", "[%-05d]", 7);
	return NULL;
}

static const char *format_text(void)
{
	PRINTS("a b%", "%c %s%%", 'a', "b");
	PRINTS("[  abc][abc  ][ab]", "[%5s][%-5s][%.2s]", "abc", "abc", "abc");
	PRINTS("(null)", "%s", (char *)NULL);
	PRINTS("c0101000", "%p", (void *)0xC0101000);
	PRINTS("%y", "%y");
	PRINTS("100", "100%");
	return NULL;
}

static const char *format_cut_off(void)
{
	char text[8];
	int n = scnprintf(text, sizeof(text), "%s", "0123456789");

	if (n != 7 || strcmp(text, "0123456") != 0)
		return "a long text is not cut to the buffer";
	n = scnprintf(text, 1, "%d", 5);
	return n == 0 && !*text ? NULL : "a buffer of one byte holds just the NUL";
}

/* ---- numbers ------------------------------------------------------------------------------- */

struct parse_row {
	const char *text;
	int err;
	u64 value;
	const char *rest;
};

static const char *check_rows(int (*parse)(const char *text, u64 *value, const char **end),
			      const struct parse_row *rows, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		u64 value = 0;
		const char *end = rows[i].text;
		int err = parse(rows[i].text, &value, &end);

		if (err == rows[i].err &&
		    (err || (value == rows[i].value && strcmp(end, rows[i].rest) == 0)))
			continue;
		scnprintf(why, sizeof(why), "\"%s\": error %d, value %llu, rest \"%s\"",
			  rows[i].text, err, value, end);
		return why;
	}
	return NULL;
}

static const char *parse_numbers(void)
{
	static const struct parse_row numbers[] = {
		{"0", 0, 0, ""},
		{"10x", 0, 10, "x"},
		{"0x1F", 0, 31, ""},
		{"0Xabg", 0, 0xab, "g"},
		{"0x", 0, 0, "x"},
		{"017", 0, 15, ""},
		{"08", 0, 0, "8"},
		{"", -EINVAL, 0, ""},
		{"-1", -EINVAL, 0, ""},
		{"x", -EINVAL, 0, ""},
		{"18446744073709551615", 0, ~0ull, ""},
		{"18446744073709551616", -ERANGE, 0, ""},
		{"0x10000000000000000", -ERANGE, 0, ""},
		{"99999999999999999999", -ERANGE, 0, ""},
	};
	static const struct parse_row sizes[] = {
		{"4k", 0, 4096, ""},	   {"4K@", 0, 4096, "@"},
		{"1m", 0, 1 << 20, ""},	   {"3M", 0, 3 << 20, ""},
		{"2g", 0, 2ull << 30, ""}, {"5G", 0, 5ull << 30, ""},
		{"7", 0, 7, ""},	   {"0x10K", 0, 16384, ""},
		{"k", -EINVAL, 0, ""},	   {"17179869184G", -ERANGE, 0, ""},
	};
	const char *wrong = check_rows(parse_u64, numbers, ARRAY_SIZE(numbers));

	return wrong ? wrong : check_rows(memparse, sizes, ARRAY_SIZE(sizes));
}

/* ---- bits, lists, locks -------------------------------------------------------------------- */

static const char *bits(void)
{
	u32 map[2] = {0};

	set_bit(0, map);
	set_bit(33, map);
	if (map[0] != 1 || map[1] != 2 || !test_bit(33, map) || test_bit(32, map))
		return "set_bit() or test_bit() is off";
	clear_bit(33, map);
	if (map[1] != 0)
		return "clear_bit() is off";
	for (unsigned int i = 0; i < 32; i++)
		if (lowest_bit(~0u << i) != i || highest_bit(~0u >> i) != 31 - i)
			return "lowest_bit() or highest_bit() is off";
	return NULL;
}

static const char *digests(void)
{
	struct digest a = DIGEST_INIT, b = DIGEST_INIT, c = DIGEST_INIT;

	digest_word(&a, 1);
	digest_word(&a, 2);
	digest_word(&b, 2);
	digest_word(&b, 1);
	digest_u64(&c, 2ull << 32 | 1);
	if (digest_value(a) == digest_value(b))
		return "the order of words does not count";
	return digest_value(a) == digest_value(c) ? NULL : "a u64 is not its two words, low first";
}

static const char *locks(void)
{
	spinlock_t outer, inner, second;
	unsigned long flags;

	spin_lock_init(&outer, "outer", LOCK_RANK_FIXMAP, 0);
	spin_lock_init(&inner, "inner", LOCK_RANK_ZONE, 0);
	spin_lock_init(&second, "second", LOCK_RANK_ZONE, 1);
	flags = spin_lock_irqsave(&outer);
	spin_lock(&inner);
	spin_lock(&second);
	if (!outer.locked || !inner.locked || !second.locked)
		return "a lock that is taken is not marked so";
	if (locks_held() != (CONFIG_CHECKED ? 3 : 0))
		return "the count of held locks is off";
	lock_assert_held(&inner);
	/* Not in reverse order: allowed. */
	spin_unlock(&inner);
	spin_unlock(&second);
	spin_unlock_irqrestore(&outer, flags);
	return outer.locked || inner.locked || locks_held() ? "a lock is still held" : NULL;
}

static const char *semaphores(void)
{
	struct rw_semaphore parent = RWSEM_INIT("parent", MUTEX_RANK_MMAP), child = parent;
	struct mutex inner = MUTEX_INIT("inner", MUTEX_RANK_SLAB);

	down_write(&parent);
	down_write_nested(&child, MUTEX_RANK_MMAP_CHILD - MUTEX_RANK_MMAP);
	mutex_lock(&inner);
	rwsem_assert_held_write(&parent);
	if (parent.holders != -1 || child.holders != -1)
		return "a writer is not marked so";
	if (mutexes_held() != (CONFIG_CHECKED ? 3 : 1))
		return "the count of held locks is off";
	mutex_unlock(&inner);
	up_write(&child);
	downgrade_write(&parent);
	rwsem_assert_held(&parent);
	if (parent.holders != 1)
		return "a writer that goes on as a reader is no reader";
	up_read(&parent);
	down_read(&parent);
	if (parent.holders != 1)
		return "a reader is not counted";
	up_read(&parent);
	return parent.holders || child.holders || mutexes_held() ? "a lock is still held" : NULL;
}

const struct rig_case unit_cases[UNIT_CASES] = {
	{"unit/format-integers", format_integers},
	{"unit/format-fields", format_fields},
	{"unit/format-text", format_text},
	{"unit/format-cut-off", format_cut_off},
	{"unit/parse-numbers", parse_numbers},
	{"unit/bits", bits},
	{"unit/digests", digests},
	{"unit/locks", locks},
	{"unit/semaphores", semaphores},
	{"unit/resources", resources},
	{"unit/gfp-soundness", gfp_soundness},
	{"unit/rbtree", rbtree_plain},
	{"unit/rbtree-augmented", rbtree_augmented},
	{"unit/rbtree-replace", rbtree_replace},
	{"unit/rbtree-faults", rbtree_faults},
	{"unit/interval", interval_random},
	{"unit/interval-faults", interval_faults},
	{"unit/radix", radix_random},
	{"unit/radix-most-nodes", radix_most_nodes},
	{"unit/radix-faults", radix_faults},
};
