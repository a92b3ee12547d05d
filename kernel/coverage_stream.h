/*
 * The coverage stream: how the image hands its counters to covtool, over a port that carries bytes
 * and knows neither names nor ends. All numbers are 32 bits, little-endian.
 *
 *   stream  = STREAM_MAGIC object* end
 *   object  = OBJECT_MAGIC name_length name data_length data crc     one .gcda file
 *   end     = END_MAGIC object_count crc                             nothing follows
 *
 * name is the path of the .gcda file as compiled in, without a NUL; data is the file as GCC's
 * __gcov_info_to_gcda() makes it. Each crc is the CRC-32 (IEEE 802.3) of its frame's bytes from the
 * magic on. A stream that was cut off has no end frame or one that counts more objects than came.
 */
#pragma once

#include "arch/types.h"

#define STREAM_MAGIC "PTWGCOV1"
#define STREAM_MAGIC_SIZE 8
#define OBJECT_MAGIC 0x216a624fu /* "Obj!" */
#define END_MAGIC 0x21646e45u	 /* "End!" */

#define CRC32_INIT 0xffffffffu

/* Bit by bit: both ends take milliseconds with it. The final value is the complement. */
static inline u32 crc32_add(u32 crc, const void *bytes, u32 n)
{
	const u8 *at = bytes;

	while (n--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (0xedb88320u & -(crc & 1));
	}
	return crc;
}
