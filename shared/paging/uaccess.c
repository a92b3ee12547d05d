#include "paging/uaccess.h"

#include "base/errno.h"
#include "base/string.h"

size_t copy_from_user(void *to, unsigned long from, size_t n)
{
	size_t left = n;

	if (access_ok(from, n))
		left = arch_copy_from_user(to, from, n);
	if (unlikely(left))
		memset((char *)to + (n - left), 0, left);
	return left;
}

size_t copy_to_user(unsigned long to, const void *from, size_t n)
{
	return access_ok(to, n) ? arch_copy_to_user(to, from, n) : n;
}

size_t clear_user(unsigned long to, size_t n)
{
	return access_ok(to, n) ? arch_clear_user(to, n) : n;
}

/* Up to the end of a page at a time: what is behind a string need not be readable. */
long strncpy_from_user(char *to, unsigned long from, long count)
{
	long done = 0;

	while (done < count) {
		unsigned long at = from + done, room = PAGE_SIZE - (at & ~PAGE_MASK);
		size_t part = min(room, (unsigned long)(count - done)), len;

		if (!access_ok(at, 1))
			return -EFAULT;
		part -= arch_copy_from_user(to + done, at, part);
		if (!part)
			return -EFAULT;
		len = strnlen(to + done, part);
		done += len;
		if (len < part)
			return done;
	}
	return done;
}
