#include "base/parse.h"

#include "base/errno.h"

bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

static int digit_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 255;
}

int parse_u64(const char *text, u64 *value, const char **end)
{
	unsigned int base = 10;
	u64 n = 0;

	if (!is_digit(*text))
		return -EINVAL;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16) {
		base = 16;
		text += 2;
	} else if (text[0] == '0') {
		base = 8;
	}
	for (; digit_value(*text) < base; text++) {
		if (n > (UINT64_MAX - digit_value(*text)) / base)
			return -ERANGE;
		n = n * base + digit_value(*text);
	}
	*value = n;
	*end = text;
	return 0;
}

int memparse(const char *text, u64 *bytes, const char **end)
{
	unsigned int shift = 0;
	u64 n;
	int err = parse_u64(text, &n, &text);

	if (err)
		return err;
	if (*text == 'K' || *text == 'k')
		shift = 10;
	else if (*text == 'M' || *text == 'm')
		shift = 20;
	else if (*text == 'G' || *text == 'g')
		shift = 30;
	if (shift) {
		if (n >> (64 - shift))
			return -ERANGE;
		n <<= shift;
		text++;
	}
	*bytes = n;
	*end = text;
	return 0;
}
