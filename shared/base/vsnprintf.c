/*
 * The formatter behind printk. One pass over the format; a conversion is parsed into a struct spec,
 * then emitted by type. Numbers are built backwards into a small buffer, then padded.
 */
#include "base/printk.h"

#include "base/string.h"

struct output {
	char *at;
	char *end; /* the last byte, kept for the NUL */
};

struct spec {
	bool left, zero, alternate, plus, space, upper;
	int width;
	int precision; /* -1: none given */
	int length;    /* -2 hh, -1 h, 0 int, 1 long, 2 long long */
};

/* 22 octal digits hold 64 bits. */
#define NUMBER_DIGITS 22

static void put(struct output *out, char c)
{
	if (out->at < out->end)
		*out->at++ = c;
}

static void put_repeated(struct output *out, char c, int n)
{
	while (n-- > 0)
		put(out, c);
}

static void put_string(struct output *out, const struct spec *spec, const char *s)
{
	if (!s)
		s = "(null)";
	int len = spec->precision >= 0 ? strnlen(s, spec->precision) : strlen(s);

	if (!spec->left)
		put_repeated(out, ' ', spec->width - len);
	for (int i = 0; i < len; i++)
		put(out, s[i]);
	if (spec->left)
		put_repeated(out, ' ', spec->width - len);
}

static int digits_of(char *digits, u64 value, unsigned int base, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int n = 0;

	while (value) {
		if (value >> 32) {
			digits[n++] = alphabet[value % base];
			value /= base;
		} else { /* most numbers: a 32-bit division, no library call */
			u32 low = value;

			digits[n++] = alphabet[low % base];
			value = low / base;
		}
	}
	return n;
}

static void put_number(struct output *out, const struct spec *spec, u64 value, bool negative,
		       unsigned int base)
{
	char digits[NUMBER_DIGITS];
	int n = digits_of(digits, value, base, spec->upper);
	int precision = spec->precision < 0 ? 1 : spec->precision;
	char sign = negative ? '-' : spec->plus ? '+' : spec->space ? ' ' : 0;
	int prefix = spec->alternate && base == 16 && value ? 2 : 0;
	int body = max(n, precision) + prefix + (sign != 0);
	bool zero = spec->zero && !spec->left && spec->precision < 0;

	if (!spec->left && !zero)
		put_repeated(out, ' ', spec->width - body);
	if (sign)
		put(out, sign);
	if (prefix) {
		put(out, '0');
		put(out, spec->upper ? 'X' : 'x');
	}
	if (zero)
		put_repeated(out, '0', spec->width - body);
	put_repeated(out, '0', precision - n);
	while (n > 0)
		put(out, digits[--n]);
	if (spec->left)
		put_repeated(out, ' ', spec->width - body);
}

static int parse_count(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		return va_arg(*args, int);
	}
	while (**fmt >= '0' && **fmt <= '9')
		n = n * 10 + *(*fmt)++ - '0';
	return n;
}

static const char *parse_spec(const char *fmt, struct spec *spec, va_list *args)
{
	*spec = (struct spec){.precision = -1};
	for (;; fmt++) {
		if (*fmt == '-')
			spec->left = true;
		else if (*fmt == '0')
			spec->zero = true;
		else if (*fmt == '#')
			spec->alternate = true;
		else if (*fmt == '+')
			spec->plus = true;
		else if (*fmt == ' ')
			spec->space = true;
		else
			break;
	}
	spec->width = parse_count(&fmt, args);
	if (spec->width < 0) {
		spec->left = true;
		spec->width = -spec->width;
	}
	if (*fmt == '.') {
		fmt++;
		spec->precision = parse_count(&fmt, args);
	}
	for (;; fmt++) {
		if (*fmt == 'l')
			spec->length++;
		else if (*fmt == 'h')
			spec->length--;
		else if (*fmt != 'z')
			return fmt;
	}
}

static void put_signed(struct output *out, const struct spec *spec, va_list *args)
{
	s64 value;

	if (spec->length >= 2)
		value = va_arg(*args, s64);
	else
		value = va_arg(*args, int); /* int and long are one size here */
	if (spec->length == -1)
		value = (short)value;
	else if (spec->length <= -2)
		value = (signed char)value;
	put_number(out, spec, value < 0 ? -(u64)value : (u64)value, value < 0, 10);
}

static void put_unsigned(struct output *out, const struct spec *spec, va_list *args, int base)
{
	struct spec plain = *spec;
	u64 value;

	if (spec->length >= 2)
		value = va_arg(*args, u64);
	else
		value = va_arg(*args, u32);
	if (spec->length == -1)
		value = (u16)value;
	else if (spec->length <= -2)
		value = (u8)value;
	plain.plus = plain.space = false;
	put_number(out, &plain, value, false, base);
}

static void put_conversion(struct output *out, struct spec *spec, char conversion, va_list *args)
{
	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(out, spec, args);
		break;
	case 'u':
		put_unsigned(out, spec, args, 10);
		break;
	case 'o':
		put_unsigned(out, spec, args, 8);
		break;
	case 'X':
		spec->upper = true;
		put_unsigned(out, spec, args, 16);
		break;
	case 'x':
		put_unsigned(out, spec, args, 16);
		break;
	case 'p':
		spec->precision = 2 * sizeof(void *);
		put_unsigned(out, spec, args, 16);
		break;
	case 'c':
		put_string(out, spec, (char[]){(char)va_arg(*args, int), 0});
		break;
	case 's':
		put_string(out, spec, va_arg(*args, const char *));
		break;
	default: /* a slip in the format: show it */
		put(out, '%');
		put(out, conversion);
		break;
	}
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output out = {buf, buf + size - 1};
	struct spec spec;
	va_list copy;

	va_copy(copy, args);
	while (*fmt) {
		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &spec, &copy);
		if (!*fmt)
			break;
		if (*fmt == '%')
			put(&out, '%');
		else
			put_conversion(&out, &spec, *fmt, &copy);
		fmt++;
	}
	va_end(copy);
	*out.at = '\0';
	return out.at - buf;
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vscnprintf(buf, size, fmt, args);
	va_end(args);
	return n;
}
