/* The shadow, and what the compiler's instrumentation calls. Not instrumented itself. */
#include "base/kasan.h"

#include "base/kasan_calls.h"
#include "base/string.h"

__mm_state struct kasan kasan;

/* ---- the shadow ---------------------------------------------------------------------------- */

/* Bytes of [p, p + size) that have a shadow. */
static size_t covered_bytes(unsigned long p, size_t size)
{
	unsigned long offset = p - PAGE_OFFSET;

	return offset < kasan.covered ? min(size, kasan.covered - offset) : 0;
}

void kasan_poison(const void *p, size_t size, u8 why)
{
	size = covered_bytes((unsigned long)p, size);
	memset(kasan_shadow_of(p), why, DIV_ROUND_UP(size, KASAN_GRANULE));
}

void kasan_unpoison(const void *p, size_t size)
{
	u8 *shadow = kasan_shadow_of(p);

	size = covered_bytes((unsigned long)p, size);
	memset(shadow, 0, size >> KASAN_GRANULE_SHIFT);
	if (size % KASAN_GRANULE)
		shadow[size >> KASAN_GRANULE_SHIFT] = size % KASAN_GRANULE;
}

/* The first byte of [at, end), all of it covered, that must not be touched; end for none. */
static unsigned long first_bad(unsigned long at, unsigned long end)
{
	while (at < end) {
		unsigned long next = ALIGN_DOWN(at, KASAN_GRANULE) + KASAN_GRANULE;
		u8 allowed = *kasan_shadow_of((void *)at);

		if (unlikely(allowed)) {
			unsigned long stop = next - KASAN_GRANULE;

			stop += allowed < KASAN_FIRST_POISON ? allowed : 0;
			if (min(end, next) > stop)
				return max(at, stop);
		}
		at = next;
	}
	return end;
}

size_t kasan_accessible(const void *p, size_t max)
{
	unsigned long at = (unsigned long)p;

	return first_bad(at, at + covered_bytes(at, max)) - at;
}

/* ---- checks -------------------------------------------------------------------------------- */

void kasan_report(const struct kasan_bug *bug)
{
	if (kasan.disabled)
		return;
	kasan.reports++;
	kasan.disabled = true;
	if (kasan.report)
		kasan.report(bug);
	kasan.disabled = false;
}

bool kasan_check_range(unsigned long addr, size_t size, bool write, unsigned long caller)
{
	unsigned long end = addr + covered_bytes(addr, size), bad;

	if (likely(addr == end))
		return true;
	bad = first_bad(addr, end);
	if (likely(bad == end))
		return true;
	kasan_report(&(struct kasan_bug){.kind = write ? KASAN_WRITE : KASAN_READ,
					 .addr = addr,
					 .size = size,
					 .bad = bad,
					 .caller = caller});
	return false;
}

void kasan_check_read(const void *p, size_t size)
{
	kasan_check_range((unsigned long)p, size, false, RETURN_ADDRESS);
}

void kasan_check_write(const void *p, size_t size)
{
	kasan_check_range((unsigned long)p, size, true, RETURN_ADDRESS);
}

/* ---- what the compiler calls ---------------------------------------------------------------- */

#define DEFINE_ACCESS(bytes)                                                                       \
	void __asan_load##bytes##_noabort(unsigned long addr)                                      \
	{                                                                                          \
		kasan_check_range(addr, bytes, false, RETURN_ADDRESS);                             \
	}                                                                                          \
	void __asan_store##bytes##_noabort(unsigned long addr)                                     \
	{                                                                                          \
		kasan_check_range(addr, bytes, true, RETURN_ADDRESS);                              \
	}

DEFINE_ACCESS(1)
DEFINE_ACCESS(2)
DEFINE_ACCESS(4)
DEFINE_ACCESS(8)
DEFINE_ACCESS(16)

void __asan_loadN_noabort(unsigned long addr, size_t size)
{
	kasan_check_range(addr, size, false, RETURN_ADDRESS);
}

void __asan_storeN_noabort(unsigned long addr, size_t size)
{
	kasan_check_range(addr, size, true, RETURN_ADDRESS);
}

/* Stacks have no shadow: there is nothing to clean up. */
void __asan_handle_no_return(void)
{
}

/* ---- string functions of instrumented files -------------------------------------------------- */

void *kasan_memcpy(void *to, const void *from, size_t n)
{
	kasan_check_range((unsigned long)from, n, false, RETURN_ADDRESS);
	kasan_check_range((unsigned long)to, n, true, RETURN_ADDRESS);
	return memcpy(to, from, n);
}

void *kasan_memmove(void *to, const void *from, size_t n)
{
	kasan_check_range((unsigned long)from, n, false, RETURN_ADDRESS);
	kasan_check_range((unsigned long)to, n, true, RETURN_ADDRESS);
	return memmove(to, from, n);
}

void *kasan_memset(void *to, int byte, size_t n)
{
	kasan_check_range((unsigned long)to, n, true, RETURN_ADDRESS);
	return memset(to, byte, n);
}

int kasan_memcmp(const void *a, const void *b, size_t n)
{
	kasan_check_range((unsigned long)a, n, false, RETURN_ADDRESS);
	kasan_check_range((unsigned long)b, n, false, RETURN_ADDRESS);
	return memcmp(a, b, n);
}

size_t kasan_strnlen(const char *s, size_t max)
{
	size_t n = strnlen(s, max);

	kasan_check_range((unsigned long)s, n + (n < max), false, RETURN_ADDRESS);
	return n;
}

size_t kasan_strlen(const char *s)
{
	size_t n = strlen(s);

	kasan_check_range((unsigned long)s, n + 1, false, RETURN_ADDRESS);
	return n;
}

/* Of both, what has to be read to tell them apart. */
static int checked_strncmp(const char *a, const char *b, size_t max, unsigned long caller)
{
	size_t n = 0;

	while (n < max && a[n] && a[n] == b[n])
		n++;
	n += n < max;
	kasan_check_range((unsigned long)a, n, false, caller);
	kasan_check_range((unsigned long)b, n, false, caller);
	return strncmp(a, b, max);
}

int kasan_strcmp(const char *a, const char *b)
{
	return checked_strncmp(a, b, SIZE_MAX, RETURN_ADDRESS);
}

int kasan_strncmp(const char *a, const char *b, size_t n)
{
	return checked_strncmp(a, b, n, RETURN_ADDRESS);
}
