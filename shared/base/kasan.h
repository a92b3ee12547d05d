/*
 * Shadow memory: which bytes of low memory may be touched, and a check before each access that the
 * compiler sees. Corresponds to Linux mm/kasan/, generic mode, and
 * Documentation/dev-tools/kasan.rst.
 *
 * One shadow byte tells of a granule of 8 bytes:
 *
 *   00        all 8 may be touched
 *   01..07    the first so many
 *   fa        freed object in the quarantine, its first granule
 *   fb        freed object
 *   fc        within a slab, and no object's: red zones, places never handed out
 *   fe        behind the bytes of a block of pages that kmalloc() handed out
 *   ff        free page
 *
 *     PAGE_OFFSET                                       PAGE_OFFSET + covered
 *     | direct map of low memory ..................................|  high memory, window:
 * unchecked | >> 3
 *          v
 *     shadow[0] ...................... shadow[covered / 8)      itself in low memory, from bootmem
 *
 * Who calls whom:
 *
 *   instrumented code --__asan_load4_noabort() etc.--+
 *   its memcpy() etc. --kasan_memcpy() etc.----------+--> kasan_check_range() --> kasan.report
 *   page allocator, slabs (phys/kasan_pages.h, kmem/kasan.h) --> kasan_poison(), kasan_unpoison()
 *
 * The compiler (-fsanitize=kernel-address) gives a call for each access, none of them inline: so
 * the shadow may lie anywhere, and twin and image have the same. shared/sources.cmake says which
 * files are instrumented. Before the shadow exists all is allowed: covered is 0.
 *
 * A build has it or not: CONFIG_KASAN, PAGETWIN_KASAN of CMake. Where it is 0 nothing of this is
 * compiled, and nobody calls it.
 *
 * Locking: none. A shadow byte belongs to whoever owns the memory.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"

#define KASAN_GRANULE_SHIFT 3
#define KASAN_GRANULE (1ul << KASAN_GRANULE_SHIFT)

#define KASAN_PAGE_FREE 0xFF
#define KASAN_PAGE_REDZONE 0xFE
#define KASAN_SLAB_REDZONE 0xFC
#define KASAN_SLAB_FREE 0xFB
#define KASAN_SLAB_FREETRACK 0xFA

/* The smallest shadow byte of a granule that nobody may touch. */
#define KASAN_FIRST_POISON 0x80

enum kasan_kind { KASAN_READ, KASAN_WRITE, KASAN_DOUBLE_FREE, KASAN_INVALID_FREE };

/* What somebody did that he must not. */
struct kasan_bug {
	enum kasan_kind kind;
	unsigned long addr; /* of the access, or what was freed */
	size_t size;
	unsigned long bad;    /* the first byte of it that must not be touched */
	unsigned long caller; /* return address of the code at fault */
};

struct kasan {
	u8 *shadow;
	unsigned long covered; /* bytes from PAGE_OFFSET on that have a shadow */
	/* Puts it into words; NULL: nobody does. */
	void (*report)(const struct kasan_bug *bug);
	u32 reports;   /* so far */
	bool disabled; /* a report is being made: its own accesses are not judged */
};

extern struct kasan kasan;

/* Reports so far. */
static inline u32 kasan_reports(void)
{
	return CONFIG_KASAN ? kasan.reports : 0;
}

/* The shadow byte of an address that is covered. */
static inline u8 *kasan_shadow_of(const void *p)
{
	return CONFIG_KASAN
		       ? kasan.shadow + (((unsigned long)p - PAGE_OFFSET) >> KASAN_GRANULE_SHIFT)
		       : NULL;
}

static inline bool kasan_covers(const void *p)
{
	return CONFIG_KASAN && (unsigned long)p - PAGE_OFFSET < kasan.covered;
}

/*
 * [p, p + size) must not be touched, and why; whole granules: the last one is poisoned even if size
 * ends within. p: a granule's start. Nothing where there is no shadow.
 */
void kasan_poison(const void *p, size_t size, u8 why);

/* The size bytes at p, a granule's start, may be touched; the rest of the last granule may not. */
void kasan_unpoison(const void *p, size_t size);

/* How many bytes from p on, up to max, may be touched. */
size_t kasan_accessible(const void *p, size_t max);

/* Reports an access to [addr, addr + size) by the code at caller unless all of it may be touched.
 * Returns whether it may. */
bool kasan_check_range(unsigned long addr, size_t size, bool write, unsigned long caller);

/* The same for code that the compiler does not look into: assembler. */
void kasan_check_read(const void *p, size_t size);
void kasan_check_write(const void *p, size_t size);

/* Counts a report, and has it made. */
void kasan_report(const struct kasan_bug *bug);
