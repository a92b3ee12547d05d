/*
 * Memory and string functions. The C library gives those of C's names to the twin, kernel/string.c
 * to the image; they mean what the C standard says.
 */
#pragma once

#include "arch/types.h"
#include "base/kasan.h"

void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);
char *strstr(const char *s, const char *find);

/*
 * Clear and copy whole words, at least one; both addresses word-aligned. "rep" is what the
 * page-sized callers want on every i386 (Intel Optimization Manual, "REP prefix and data
 * movement").
 */
static inline void clear_words(void *to, size_t words)
{
	if (CONFIG_KASAN)
		kasan_check_write(to, words * sizeof(u32));
	__asm__ __volatile__("rep stosl" : "+D"(to), "+c"(words) : "a"(0) : "memory");
}

static inline void copy_words(void *to, const void *from, size_t words)
{
	if (CONFIG_KASAN) {
		kasan_check_read(from, words * sizeof(u32));
		kasan_check_write(to, words * sizeof(u32));
	}
	__asm__ __volatile__("rep movsl" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
}

static inline void fill_words(void *to, u32 word, size_t words)
{
	__asm__ __volatile__("rep stosl" : "+D"(to), "+c"(words) : "a"(word) : "memory");
}
