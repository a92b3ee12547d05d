/* Compiler attributes and the few macros that every file may use. */
#pragma once

#define __packed __attribute__((packed))
#define __aligned(n) __attribute__((aligned(n)))
#define __noreturn __attribute__((noreturn))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define __must_check __attribute__((warn_unused_result))
#define __maybe_unused __attribute__((unused))
#define noinline __attribute__((noinline))
/* Compiled by itself, as if in another file: not inlined, not cloned, not merged. */
#define __noipa __attribute__((noipa))
#undef __always_inline /* the C library has one, too */
#define __always_inline inline __attribute__((always_inline))
/* Arguments in registers: for functions that are called so often that the stack costs too much. */
#define __regparm __attribute__((regparm(3)))

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define barrier() __asm__ __volatile__("" ::: "memory")

/* Where the function that asks was called from. */
#define RETURN_ADDRESS ((unsigned long)__builtin_return_address(0))

#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define ALIGN(x, a) (((x) + ((a)-1)) & ~((__typeof__(x))(a)-1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a)-1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a)-1)) == 0)

/*
 * __mm_state: every writable global of the memory manager carries it. The section is saved once,
 * before anything ran, and restored before each vector, so that each vector starts from a pristine
 * memory manager (mm_state_restore() in top/mm_init.h). A test refuses shared/ objects with
 * writable data elsewhere, apart from the rig's own in top/.
 */
#define __mm_state __attribute__((section("mm_state")))
