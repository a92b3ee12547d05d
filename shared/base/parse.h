/* Numbers in text. Corresponds to Linux lib/cmdline.c (memparse) and lib/kstrtox.c. */
#pragma once

#include "arch/types.h"

/*
 * Parses an unsigned number: decimal, 0x hexadecimal, or 0 octal.
 * - Stores the value and the first byte after it; -EINVAL (nothing stored) when there is no digit,
 *   -ERANGE when it does not fit 64 bits. "0x" without a digit after it is "0", then "x".
 */
int parse_u64(const char *text, u64 *value, const char **end);

/* The same with an optional suffix K, M or G (either case): a size in bytes. */
int memparse(const char *text, u64 *bytes, const char **end);

bool is_digit(char c);
bool is_space(char c);
