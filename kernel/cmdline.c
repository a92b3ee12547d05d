#include "kernel/cmdline.h"

#include "base/string.h"
#include "boot/boot_params.h"

static char command_line[COMMAND_LINE_SIZE];

void cmdline_init(const char *line)
{
	memcpy(command_line, line, strnlen(line, COMMAND_LINE_SIZE - 1));
}

const char *cmdline_text(void)
{
	return command_line;
}

static size_t word_length(const char *s)
{
	const char *space = strchr(s, ' ');

	return space ? (size_t)(space - s) : strlen(s);
}

/* The word after the one at s, or NULL; s may also be at a space. */
static const char *next_word(const char *s)
{
	s += word_length(s);
	while (*s == ' ')
		s++;
	return *s ? s : NULL;
}

bool cmdline_has(const char *word)
{
	size_t length = strlen(word);

	for (const char *s = command_line; s; s = next_word(s))
		if (word_length(s) == length && !memcmp(s, word, length))
			return true;
	return false;
}

bool cmdline_value(const char *prefix, char *value, size_t size)
{
	size_t length = strlen(prefix);

	for (const char *s = command_line; s; s = next_word(s)) {
		if (strncmp(s, prefix, length) != 0)
			continue;
		size_t n = min(word_length(s) - length, size - 1);

		memcpy(value, s + length, n);
		value[n] = '\0';
		return true;
	}
	return false;
}
