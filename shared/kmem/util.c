/* Conveniences over kmalloc(). Corresponds to Linux mm/util.c. */
#include "base/string.h"
#include "kmem/kasan.h"
#include "kmem/slab.h"

void *kzalloc(size_t size, gfp_t gfp)
{
	return kmalloc(size, gfp | __GFP_ZERO);
}

void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	size_t bytes;

	return __builtin_mul_overflow(n, size, &bytes) ? NULL : kzalloc(bytes, gfp);
}

void *krealloc(const void *p, size_t size, gfp_t gfp)
{
	size_t room = ksize(p);
	void *moved;

	if (!size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	if (room >= size)
		return CONFIG_KASAN ? kasan_krealloc(p, size) : (void *)p;
	moved = kmalloc(size, gfp);
	if (!moved)
		return NULL;
	if (room) {
		memcpy(moved, p, CONFIG_KASAN ? kasan_accessible(p, room) : room);
		kfree(p);
	}
	return moved;
}

void *kmemdup(const void *from, size_t size, gfp_t gfp)
{
	void *copy = kmalloc(size, gfp);

	if (copy)
		memcpy(copy, from, size);
	return copy;
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}
