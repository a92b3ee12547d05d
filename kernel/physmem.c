#include "kernel/physmem.h"

#include "arch/layout.h"
#include "base/string.h"
#include "kernel/window.h"

/* Bytes from phys to the end of its page, n at most. */
static size_t within_page(u32 phys, size_t n)
{
	return min(PAGE_SIZE - (phys & ~PAGE_MASK), n);
}

static const u8 *map_byte(u32 phys)
{
	return (const u8 *)window_scratch(0, PFN_DOWN(phys)) + (phys & ~PAGE_MASK);
}

void phys_read(void *to, u32 phys, size_t n)
{
	u8 *at = to;

	while (n) {
		size_t step = within_page(phys, n);

		memcpy(at, map_byte(phys), step);
		at += step;
		phys += step;
		n -= step;
	}
}

bool phys_read_string(char *to, size_t size, u32 phys)
{
	for (size_t i = 0; i < size; i++) {
		to[i] = *map_byte(phys + i);
		if (!to[i])
			return true;
	}
	to[size - 1] = '\0';
	return false;
}

void phys_copy_frame(unsigned long to, unsigned long from)
{
	memcpy(window_scratch(1, to), window_scratch(0, from), PAGE_SIZE);
}
