/*
 * base/string.h for the image. Copies and fills use the string instructions, words first: on every
 * i686 they beat loops for the sizes that matter here, and they keep the code small.
 */
#include "base/string.h"

#define WORD sizeof(u32)

static void *forward_words(void **to, const void *from, size_t words)
{
	__asm__ volatile("rep movsl" : "+D"(*to), "+S"(from), "+c"(words) : : "memory");
	return (void *)from;
}

void *memcpy(void *to, const void *from, size_t n)
{
	void *at = to;
	size_t tail = n % WORD;

	from = forward_words(&at, from, n / WORD);
	__asm__ volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(tail) : : "memory");
	return to;
}

static void backward(void *to, const void *from, size_t n)
{
	size_t tail = n % WORD, words = n / WORD;
	void *to_last = (u8 *)to + n - 1;
	const void *from_last = (const u8 *)from + n - 1;

	/* Downward, a pointer names the last element: from a byte's it steps back to a word's. */
	__asm__ volatile("std\n\t"
			 "rep movsb\n\t"
			 "subl $3, %0\n\t"
			 "subl $3, %1\n\t"
			 "movl %3, %2\n\t"
			 "rep movsl\n\t"
			 "cld"
			 : "+D"(to_last), "+S"(from_last), "+c"(tail)
			 : "rm"(words)
			 : "memory");
}

void *memmove(void *to, const void *from, size_t n)
{
	if ((unsigned long)to - (unsigned long)from >= n)
		return memcpy(to, from, n);
	backward(to, from, n);
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	void *at = to;
	u32 word = (u8)byte * 0x01010101u;
	size_t words = n / WORD, tail = n % WORD;

	__asm__ volatile("rep stosl" : "+D"(at), "+c"(words) : "a"(word) : "memory");
	__asm__ volatile("rep stosb" : "+D"(at), "+c"(tail) : "a"(word) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const u8 *x = a, *y = b;

	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

size_t strlen(const char *s)
{
	return strnlen(s, SIZE_MAX);
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	do
		if (*s == (char)c)
			found = s;
	while (*s++);
	return (char *)found;
}

char *strstr(const char *s, const char *find)
{
	size_t n = strlen(find);

	for (; strncmp(s, find, n); s++)
		if (!*s)
			return NULL;
	return (char *)s;
}
