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

/* Behind "slub_debug=": a copy, up to the word's end. "" for none. */
static __mm_state char debug_rules[COMMAND_LINE_SIZE];

/* ---- slub_debug ---------------------------------------------------------------------------- */

static const struct {
	char letter;
	u32 flag;
} debug_letters[] = {
	{'F', SLAB_CONSISTENCY_CHECKS}, {'Z', SLAB_RED_ZONE}, {'P', SLAB_POISON},
	{'U', SLAB_STORE_USER},		{'T', SLAB_TRACE},    {'A', SLAB_FAILSLAB},
};

#define DEBUG_DEFAULT_FLAGS                                                                        \
	(SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

/* The letters from *at to the "," or ";" behind them; -EINVAL for one that does not exist. */
static int parse_letters(const char **at, u32 *flags)
{
	*flags = 0;
	if (**at == '-' && (!(*at)[1] || strchr(",;", (*at)[1]))) {
		++*at;
		return 0;
	}
	if (!**at || strchr(",;", **at)) {
		*flags = DEBUG_DEFAULT_FLAGS;
		return 0;
	}
	for (; **at && !strchr(",;", **at); ++*at) {
		unsigned int i = 0;

		while (i < ARRAY_SIZE(debug_letters) && debug_letters[i].letter != **at)
			i++;
		if (i == ARRAY_SIZE(debug_letters))
			return -EINVAL;
		*flags |= debug_letters[i].flag;
	}
	return 0;
}

/* Does the name match the pattern of len characters? */
static bool name_matches(const char *pattern, size_t len, const char *name)
{
	if (len && pattern[len - 1] == '*')
		return strncmp(pattern, name, len - 1) == 0;
	return strlen(name) == len && strncmp(pattern, name, len) == 0;
}

/* Is the cache among the names from *at to the ";" or the end? *at goes there. No names: yes. */
static bool rule_names(const char **at, const char *name)
{
	bool found = **at != ',';

	while (**at == ',') {
		const char *pattern = ++*at;

		while (**at && !strchr(",;", **at))
			++*at;
		found |= name_matches(pattern, *at - pattern, name);
	}
	return found;
}

/* The flags of the first rule that names the cache; -EINVAL where the rules do not parse. */
static int apply_rules(const char *at, const char *name, u32 *flags)
{
	for (;;) {
		u32 rule;

		if (parse_letters(&at, &rule))
			return -EINVAL;
		if (rule_names(&at, name)) {
			*flags = rule;
			return 0;
		}
		if (!*at)
			return 0;
		at++;
	}
}

u32 kmem_debug_flags(const char *name)
{
	u32 flags = 0;

	if (debug_rules[0])
		apply_rules(debug_rules + 1, name, &flags);
	return flags;
}

/* ---- words --------------------------------------------------------------------------------- */

/* Keeps the rules behind a first character, so that "slub_debug" alone is not "". */
static int set_debug_rules(const char *value, size_t len)
{
	u32 flags;

	debug_rules[0] = '=';
	memcpy(debug_rules + 1, value, len);
	debug_rules[len + 1] = '\0';
	/* A name that no cache can have: all rules are read. */
	if (apply_rules(debug_rules + 1, "", &flags)) {
		debug_rules[0] = '\0';
		return -EINVAL;
	}
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

	if (name_matches(word, name_len, "slub_debug"))
		return set_debug_rules(value, value_len);
	if (name_matches(word, name_len, "slub_nomerge")) {
		kmem_options.nomerge |= !value_len;
		return value_len ? -EINVAL : 0;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++)
		if (name_matches(word, name_len, numbers[i].name))
			return set_number(value, value_len, numbers[i].number, numbers[i].most);
	return 0;
}

void kmem_parse_options(const char *line)
{
	kmem_options = (struct kmem_options){.max_order = PAGE_ALLOC_COSTLY_ORDER};
	debug_rules[0] = '\0';
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
