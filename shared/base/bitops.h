/* Bit maps over 32-bit words, and find-bit primitives. Corresponds to include/asm-i386/bitops.h. */
#pragma once

#include "arch/types.h"

#define BITS_PER_WORD 32

static inline bool test_bit(unsigned long nr, const u32 *map)
{
	return map[nr / BITS_PER_WORD] >> (nr % BITS_PER_WORD) & 1;
}

static inline void set_bit(unsigned long nr, u32 *map)
{
	map[nr / BITS_PER_WORD] |= 1u << (nr % BITS_PER_WORD);
}

static inline void clear_bit(unsigned long nr, u32 *map)
{
	map[nr / BITS_PER_WORD] &= ~(1u << (nr % BITS_PER_WORD));
}

/* Index of the lowest set bit; x != 0. */
static inline unsigned int lowest_bit(u32 x)
{
	return __builtin_ctz(x);
}

/* Index of the highest set bit; x != 0. */
static inline unsigned int highest_bit(u32 x)
{
	return 31 - __builtin_clz(x);
}
