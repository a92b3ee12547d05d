#include "kmem/options.h"

#include "base/errno.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/boot_params.h"
#include "boot/cmdline.h"
#include "kmem/slab.h"
#include "phys/zone.h"

__mm_state struct kmem_options kmem_options;

/* What slub_debug= says, up to the word's end; "" without such a word. */
static __mm_state char debug_rules[COMMAND_LINE_SIZE];

static bool is_word_end(char c)
{
	return !c || is_space(c);
}

/* ---- slub_debug ---------------------------------------------------------------------------- */

/* Letter O: no flag of a cache, and for all caches. */
#define KEEP_ORDER 1u

static const struct {
	char letter;
	u32 flag;
} debug_letters[] = {
	{'F', SLAB_CONSISTENCY_CHECKS},
	{'Z', SLAB_RED_ZONE},
	{'P', SLAB_POISON},
	{'U', SLAB_STORE_USER},
	{'T', SLAB_TRACE},
	{'A', SLAB_FAILSLAB},
	{'O', KEEP_ORDER},
};

#define DEBUG_DEFAULT_LETTERS "FZPU"
#define DEBUG_DEFAULT_FLAGS                                                                        \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

static bool is_letters_end(char c)
{
	return is_word_end(c) || c == ',' || c == ';';
}

/* The flag of a letter of either case; 0: there is none. */
static u32 flag_of_letter(char letter)
{
	if (letter >= 'a' && letter <= 'z')
		letter += 'A' - 'a';
	for (unsigned int i = 0; i < ARRAY_SIZE(debug_letters); i++)
		if (debug_letters[i].letter == letter)
			return debug_letters[i].flag;
	return 0;
}

/* The letters from *at to what is behind them; -EINVAL for one that does not exist. */
static int parse_letters(const char **at, u32 *flags)
{
	bool none = false;

	for (*flags = 0; !is_letters_end(**at); ++*at) {
		u32 flag = flag_of_letter(**at);

		none |= **at == '-';
		if (!flag && **at != '-')
			return -EINVAL;
		*flags = flag ? *flags | flag : 0;
	}
	if (!none && !(*flags & ~KEEP_ORDER))
		*flags |= DEBUG_DEFAULT_FLAGS;
	return 0;
}

/* Does the name match the pattern of len characters? */
static bool name_matches(const char *pattern, size_t len, const char *name)
{
	if (len && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strlen(name) == len && strncmp(pattern, name, len) == 0;
}

/* Is the cache among the names that begin at *at, with a ","? *at goes behind them all. */
static bool rule_names(const char **at, const char *name)
{
	bool found = false;

	while (**at == ',') {
		const char *pattern = ++*at;

		while (!is_letters_end(**at))
			++*at;
		found |= name_matches(pattern, *at - pattern, name);
	}
	return found;
}

/*
 * The flags of the first block that names the cache, or else of the last one without names; and
 * KEEP_ORDER if any block has it. -EINVAL where the rules do not parse.
 */
static int apply_rules(const char *at, const char *name, u32 *flags)
{
	u32 all = 0, keep_order = 0;
	bool found = false;

	*flags = 0;
	for (;; at++) {
		const char *start = at;
		bool named;
		u32 block;

		if (parse_letters(&at, &block))
			return -EINVAL;
		if (*at != ',' && at != start)
			all = block;
		if (*at == ',' || at != start)
			keep_order |= block & KEEP_ORDER;
		named = rule_names(&at, name);
		if (named && !found)
			*flags = block;
		found |= named;
		if (is_word_end(*at))
			break;
	}
	*flags = (found ? *flags : all) | keep_order;
	return 0;
}

u32 kmem_debug_flags(const char *name)
{
	u32 flags;

	return apply_rules(debug_rules, name, &flags) ? 0 : flags & ~KEEP_ORDER;
}

/* ---- words --------------------------------------------------------------------------------- */

static int set_debug_rules(const char *value, size_t len)
{
	u32 flags;

	if (!len) {
		value = DEBUG_DEFAULT_LETTERS;
		len = strlen(value);
	}
	if (apply_rules(value, "", &flags))
		return -EINVAL;
	memcpy(debug_rules, value, len);
	debug_rules[len] = '\0';
	kmem_options.keep_order = flags & KEEP_ORDER;
	return 0;
}

static int set_number(const char *value, size_t len, unsigned int *number, unsigned int most)
{
	const char *end;
	u64 n;

	if (parse_u64(value, &n, &end) || end != value + len || n > most)
		return -EINVAL;
	*number = n;
	return 0;
}

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncmp(word, name, len) == 0;
}

/* One word: its name ends at name_len, its value, if it has one, is value_len long. */
static int parse_word(const char *word, size_t name_len, const char *value, size_t value_len)
{
	struct {
		const char *name;
		unsigned int *number, most;
	} numbers[] = {
		{"slub_min_order", &kmem_options.min_order, MAX_ORDER - 1},
		{"slub_max_order", &kmem_options.max_order, MAX_ORDER - 1},
		{"slub_min_objects", &kmem_options.min_objects, 1024},
	};

	if (is_word(word, name_len, "slub_debug"))
		return set_debug_rules(value, value_len);
	if (is_word(word, name_len, "slub_nomerge")) {
		if (value != word + name_len)
			return -EINVAL;
		kmem_options.nomerge = true;
		return 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (is_word(word, name_len, numbers[i].name))
			return set_number(value, value_len, numbers[i].number, numbers[i].most);
	return 0;
}

void kmem_parse_options(const char *line)
{
	kmem_options = (struct kmem_options){.max_order = PAGE_ALLOC_COSTLY_ORDER};
	while (*line) {
		const char *word = line, *value;
		size_t name_len = 0;

		while (*line && !is_space(*line))
			line++;
		while (word + name_len < line && word[name_len] != '=')
			name_len++;
		value = word + name_len + (word + name_len < line);
		if (parse_word(word, name_len, value, line - value))
			printk("command line: \"%.*s\" ignored: error %d\n", (int)(line - word),
			       word, -EINVAL);
		while (is_space(*line))
			line++;
	}
	kmem_options.max_order = max(kmem_options.max_order, kmem_options.min_order);
}
