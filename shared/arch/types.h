/* Basic types. Corresponds to Linux include/linux/types.h. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/compiler.h"

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t s32;
typedef int64_t s64;

/* A physical address the page tables can hold. 32 bits without PAE. */
typedef u32 phys_addr_t;

/* Bit mask that says how to allocate: phys/gfp.h. */
typedef u32 gfp_t;

_Static_assert(sizeof(long) == 4 && sizeof(void *) == 4, "pagetwin is ILP32 on both sides");
