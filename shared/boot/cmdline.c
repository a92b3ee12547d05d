#include "boot/cmdline.h"

#include "base/errno.h"
#include "base/parse.h"
#include "base/printk.h"
#include "base/string.h"
#include "boot/e820.h"

static bool word_ends(char c)
{
	return c == '\0' || is_space(c);
}

static bool word_is(const char *word, const char *expected)
{
	size_t len = strlen(expected);

	return strncmp(word, expected, len) == 0 && word_ends(word[len]);
}

/* Overlaps that a user's region makes are resolved at once, so that e820 stays sorted. */
static int add_user_region(u64 start, u64 size, u32 type)
{
	int err = add_memory_region(start, size, type);

	if (err || e820.nr_map < 2)
		return err;
	err = sanitize_e820_map(e820.map, &e820.nr_map, E820MAX);
	if (err)
		e820.nr_map--; /* the map is as it was: take the region off again */
	return err;
}

static void forget_map(struct mem_options *options)
{
	options->user_map = options->exact_map = true;
	e820.nr_map = 0;
}

/* "SIZE", "SIZE@START", "SIZE#START" or "SIZE$START". */
static int parse_region(const char *word, bool memmap, struct mem_options *options)
{
	u64 size, start;
	u32 type = E820_RAM;
	int err = memparse(word, &size, &word);

	if (err)
		return err;
	if (word_ends(*word)) {
		options->user_map = true;
		limit_regions(size);
		return 0;
	}
	if (memmap && *word == '#')
		type = E820_ACPI;
	else if (memmap && *word == '$')
		type = E820_RESERVED;
	else if (*word != '@')
		return -EINVAL;
	err = memparse(word + 1, &start, &word);
	if (err)
		return err;
	if (!word_ends(*word) || size == 0 || start + size < start)
		return -EINVAL;
	if (!memmap && !options->exact_map)
		forget_map(options);
	options->user_map = true;
	return add_user_region(start, size, type);
}

/* A size that is the whole rest of the word, and not 0. */
static int parse_size(const char *word, u64 *size)
{
	u64 value;
	int err = memparse(word, &value, &word);

	if (err)
		return err;
	if (!word_ends(*word) || !value)
		return -EINVAL;
	*size = value;
	return 0;
}

static int parse_switch(const char *word, bool *on)
{
	if (word_is(word, "on"))
		*on = true;
	else if (word_is(word, "off"))
		*on = false;
	else
		return -EINVAL;
	return 0;
}

/* 1: it is none of these. */
static int parse_detector(const char *word, struct mem_options *options)
{
	if (strncmp(word, "page_owner=", 11) == 0)
		return parse_switch(word + 11, &options->page_owner);
	if (strncmp(word, "page_poison=", 12) == 0)
		return parse_switch(word + 12, &options->page_poison);
	if (strncmp(word, "kmemleak=", 9) == 0)
		return parse_switch(word + 9, &options->kmemleak);
	return 1;
}

static int parse_word(const char *word, struct mem_options *options)
{
	bool memmap = strncmp(word, "memmap=", 7) == 0;
	int detector = parse_detector(word, options);

	if (detector <= 0)
		return detector;
	if (strncmp(word, "kernelcore=", 11) == 0)
		return parse_size(word + 11, &options->kernelcore);
	if (strncmp(word, "movablecore=", 12) == 0)
		return parse_size(word + 12, &options->movablecore);
	if (strncmp(word, "fail_page_alloc=", 16) == 0)
		return setup_fault_attr(&options->fail_page_alloc, word + 16);
	if (strncmp(word, "failslab=", 9) == 0)
		return setup_fault_attr(&options->failslab, word + 9);
	if (!memmap && strncmp(word, "mem=", 4) != 0)
		return 0;
	word += memmap ? 7 : 4;
	if (word_is(word, "nopentium") && !memmap) {
		options->nopentium = true;
		return 0;
	}
	if (word_is(word, "exactmap")) {
		forget_map(options);
		return 0;
	}
	return parse_region(word, memmap, options);
}

void parse_mem_cmdline(const char *line, struct mem_options *options)
{
	*options = (struct mem_options){
		.page_poison = CONFIG_CHECKED,
		.fail_page_alloc = FAULT_ATTR_INIT,
		.failslab = FAULT_ATTR_INIT,
	};
	while (*line) {
		const char *end = line;

		while (!word_ends(*end))
			end++;
		int err = parse_word(line, options);

		if (err)
			printk("command line: \"%.*s\" ignored: error %d\n", (int)(end - line),
			       line, err);
		line = end;
		while (is_space(*line))
			line++;
	}
	if (options->user_map) {
		printk("user-defined physical RAM map:\n");
		print_memory_map("user");
	}
}
