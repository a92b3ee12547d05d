/*
 * The state digest: a 64-bit hash in two 32-bit lanes that i386 computes fast. It tells states
 * apart; it does not withstand an adversary.
 */
#pragma once

#include "arch/types.h"

struct digest {
	u32 a, b;
};

#define DIGEST_INIT ((struct digest){0x9E3779B9u, 0x7F4A7C15u})

static inline u32 rotate_left(u32 x, unsigned int n)
{
	return x << n | x >> (32 - n);
}

static inline void digest_word(struct digest *d, u32 word)
{
	d->a = rotate_left(d->a ^ word, 13) * 0x85EBCA6Bu;
	d->b = (rotate_left(d->b, 7) + word) * 0xC2B2AE35u;
}

static inline void digest_u64(struct digest *d, u64 value)
{
	digest_word(d, (u32)value);
	digest_word(d, (u32)(value >> 32));
}

static inline u64 digest_value(struct digest d)
{
	d.a ^= d.b >> 15;
	d.b ^= d.a * 0x27D4EB2Fu;
	d.a ^= d.b >> 13;
	return (u64)d.a << 32 | d.b;
}
