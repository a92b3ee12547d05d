/*
 * Reports in words. Corresponds to Linux mm/kasan/report.c.
 *
 *   BUG: KASAN: slab-out-of-bounds in FUNCTION
 *   Write of size 1 at addr c1040025
 *     FUNCTION                                            and its callers
 *   The buggy address belongs to the object at c1040000 of the cache kmalloc-64 of size 64
 *   The buggy address is located 0 bytes to the right of 37-byte region [c1040000, c1040025)
 *   Allocated by:
 *     ...
 *   Freed by:                                             of a freed object
 *     ...
 *   Memory state around the buggy address:
 *    c103ff80: fc fc ...                                  8 bytes of memory each
 *   >c1040000: 00 00 00 00 05 fc ...
 *                          ^^
 *    c1040080: ...
 */
#include "kmem/kasan.h"

#include "base/printk.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "kmem/pages.h"
#include "phys/page_owner.h"

#define ROW_GRANULES 16u
#define ROW_BYTES (ROW_GRANULES * KASAN_GRANULE)

/* ---- what it is ---------------------------------------------------------------------------- */

static const char *access_kind(unsigned long bad)
{
	const u8 *shadow = kasan_shadow_of((void *)bad);

	/* The granule ends within an object: what follows says what lies there. */
	if (*shadow < KASAN_FIRST_POISON && kasan_covers((void *)(bad + KASAN_GRANULE)))
		shadow++;
	switch (*shadow) {
	case KASAN_PAGE_FREE:
	case KASAN_SLAB_FREE:
	case KASAN_SLAB_FREETRACK:
		return "use-after-free";
	case KASAN_SLAB_REDZONE:
		return "slab-out-of-bounds";
	default:
		return "out-of-bounds";
	}
}

static const char *bug_name(const struct kasan_bug *bug)
{
	if (bug->kind == KASAN_DOUBLE_FREE)
		return "double-free";
	return bug->kind == KASAN_INVALID_FREE ? "invalid-free" : access_kind(bug->bad);
}

static void print_title(const struct kasan_bug *bug, const struct stack_trace *trace)
{
	unsigned int at = 0;
	int len = 1;
	const char *name = stack_trace_next(trace, &at, &len);

	printk("BUG: KASAN: %s in %.*s\n", bug_name(bug), len, name ? name : "?");
	if (bug->kind == KASAN_READ || bug->kind == KASAN_WRITE)
		printk("%s of size %zu at addr %08lx\n", bug->kind == KASAN_READ ? "Read" : "Write",
		       bug->size, bug->addr);
	else
		printk("Free of addr %08lx\n", bug->addr);
}

/* ---- whose it is --------------------------------------------------------------------------- */

/* Where addr is, seen from a region. */
static void print_place(unsigned long addr, unsigned long start, size_t size)
{
	const char *where = "inside of";
	unsigned long bytes = addr - start;

	if (addr < start) {
		where = "to the left of";
		bytes = start - addr;
	} else if (bytes >= size) {
		where = "to the right of";
		bytes -= size;
	}
	printk("The buggy address is located %lu bytes %s %zu-byte region [%08lx, %08lx)\n", bytes,
	       where, size, start, start + size);
}

static void print_track(const char *what, depot_stack_handle_t handle)
{
	const struct stack_trace *trace = stack_depot_fetch(&kasan_depot, handle);

	if (!trace)
		return;
	printk("%s by:\n", what);
	stack_trace_print(trace);
}

/* The object in whose place addr is; in front of the first or behind the last: that one. */
static void *nearest_object(const struct slab_view *slab, unsigned long addr)
{
	unsigned long first = (unsigned long)slab->first - slab->cache->red_left;
	unsigned long index = addr < first ? 0 : (addr - first) / slab->cache->size;

	return (char *)slab->first + min(index, slab->objects - 1ul) * slab->cache->size;
}

static bool is_freed(const void *object)
{
	u8 shadow = *kasan_shadow_of(object);

	return shadow == KASAN_SLAB_FREE || shadow == KASAN_SLAB_FREETRACK;
}

/* What lies in front of an object is in the place of the one before, and told of that: nobody knows
 * whose it was meant to be. */
static void print_object(const struct slab_view *slab, unsigned long addr)
{
	const struct kmem_cache *s = slab->cache;
	void *object = nearest_object(slab, addr);
	const struct kasan_meta *meta = kasan_meta_of(s, object);
	size_t size = kasan_accessible(object, s->object_size);

	printk("The buggy address belongs to the object at %08lx of the cache %s of size %u\n",
	       (unsigned long)object, s->name, s->object_size);
	print_place(addr, (unsigned long)object, size ? size : s->object_size);
	print_track("Allocated", meta->alloc);
	if (is_freed(object))
		print_track("Freed", meta->free);
}

/* The first page of a block in use; a page that is of none is its own. */
static struct page *block_head(struct page *page)
{
	struct page *head = page;

	while (head > mem_map && !head->_count &&
	       !(head->flags & (1u << PG_buddy | 1u << PG_reserved)))
		head--;
	return head->_count && page < head + (1ul << page_order_in_use(head)) ? head : page;
}

static void print_page_block(struct page *page, unsigned long addr)
{
	char text[160];

	page = block_head(page);
	print_page(page, text, sizeof(text));
	printk("The buggy address belongs to the %s\n", text);
	if (page_flag(page, PG_kmalloc))
		print_place(
			addr, (unsigned long)page_address(page),
			kasan_accessible(page_address(page), PAGE_SIZE << page_order_in_use(page)));
	print_page_owner(page);
}

static void print_owner(unsigned long addr)
{
	struct page *page = virt_to_page((void *)addr);
	struct slab_view slab;

	if (page_flag(page, PG_slab) && slab_of_page(slab_head(page), &slab))
		print_object(&slab, addr);
	else
		print_page_block(page, addr);
}

/* ---- the shadow around --------------------------------------------------------------------- */

static void print_row(unsigned long start, bool marked)
{
	char text[ROW_GRANULES * 3 + 1];
	int n = 0;

	if (!kasan_covers((void *)start))
		return;
	for (unsigned int i = 0; i < ROW_GRANULES; i++)
		n += scnprintf(text + n, sizeof(text) - n, " %02x",
			       *kasan_shadow_of((void *)(start + i * KASAN_GRANULE)));
	printk("%c%08lx:%s\n", marked ? '>' : ' ', start, text);
}

static void print_shadow(unsigned long addr)
{
	unsigned long row = ALIGN_DOWN(addr, ROW_BYTES);

	printk("Memory state around the buggy address:\n");
	print_row(row - ROW_BYTES, false);
	print_row(row, true);
	/* Behind ">", the address, a colon: three characters a granule. */
	printk("%*s\n", (int)(10 + 3 * ((addr - row) / KASAN_GRANULE + 1)), "^^");
	print_row(row + ROW_BYTES, false);
}

void kasan_print_bug(const struct kasan_bug *bug)
{
	struct stack_trace trace;

	stack_trace_save(&trace, bug->caller);
	print_title(bug, &trace);
	stack_trace_print(&trace);
	print_owner(bug->bad);
	print_shadow(bug->bad);
}
