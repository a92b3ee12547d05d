#include "kmem/debug.h"

#include "base/printk.h"
#include "base/stacktrace.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/inspect.h"

/* An object's contents are printed up to this many bytes. */
#define DUMP_MAX 64u
#define DUMP_LINE 16u

/* Who allocated or freed an object last. */
struct track {
	u32 when; /* debug_clock; 0: never */
	struct stack_trace trace;
};

enum track_kind { TRACK_ALLOC, TRACK_FREE, NR_TRACKS };

/* Counts what is tracked: ages are told in such events. */
static __mm_state u32 debug_clock;

/* ---- layout -------------------------------------------------------------------------------- */

void kmem_layout(struct kmem_cache *s, bool pointer)
{
	unsigned int size = ALIGN(s->object_size, sizeof(void *));

	if (s->ctor)
		s->flags &= ~SLAB_POISON; /* a free object stays constructed */
	/* Without room behind the object, a word for the right red zone. */
	if (s->flags & SLAB_RED_ZONE && size == s->object_size)
		size += sizeof(void *);
	s->inuse = size;
	s->offset = 0;
	if (pointer && (s->ctor || s->flags & (SLAB_POISON | SLAB_RED_ZONE))) {
		s->offset = size;
		size += sizeof(void *);
	}
	s->track = size;
	if (s->flags & SLAB_STORE_USER)
		size += NR_TRACKS * sizeof(struct track);
	s->red_left = 0;
	if (s->flags & SLAB_RED_ZONE) {
		s->red_left = ALIGN(sizeof(void *), s->align);
		/* The next object's left one is not enough: its free pointer could be hit first. */
		size += s->red_left;
	}
	s->size = ALIGN(size, s->align);
}

/* Where an object's padding begins, from the object. */
static unsigned int padding_start(const struct kmem_cache *s)
{
	return s->track + (s->flags & SLAB_STORE_USER ? NR_TRACKS * sizeof(struct track) : 0);
}

static struct track *track_of(const struct kmem_cache *s, void *object, enum track_kind kind)
{
	return (struct track *)((char *)object + s->track) + kind;
}

static void set_track(struct kmem_cache *s, void *object, enum track_kind kind,
		      unsigned long caller)
{
	struct track *track = track_of(s, object, kind);

	if (!(s->flags & SLAB_STORE_USER))
		return;
	track->when = ++debug_clock;
	stack_trace_save(&track->trace, caller);
}

/* ---- reports ------------------------------------------------------------------------------- */

static void print_track(const char *what, const struct track *track)
{
	if (!track->when)
		return;
	printk("  %s age=%u by\n", what, debug_clock - track->when);
	stack_trace_print(&track->trace);
}

static void print_tracks(const struct kmem_cache *s, void *object)
{
	if (!(s->flags & SLAB_STORE_USER))
		return;
	print_track("Allocated", track_of(s, object, TRACK_ALLOC));
	print_track("Freed", track_of(s, object, TRACK_FREE));
}

static void print_bytes(const char *what, const u8 *from, unsigned int n)
{
	for (unsigned int i = 0; i < n; i += DUMP_LINE) {
		char line[DUMP_LINE * 3 + 1] = "";
		int len = 0;

		for (unsigned int j = i; j < min(i + DUMP_LINE, n); j++)
			len += scnprintf(line + len, sizeof(line) - len, " %02x", from[j]);
		printk("  %-8s %08lx:%s\n", what, (unsigned long)(from + i), line);
	}
}

static unsigned long slab_offset(const struct debug_slab *slab, const void *p)
{
	return (const char *)p - (const char *)page_address(slab->page);
}

/* The first two lines and what is known of the object. */
static void report(const struct debug_slab *slab, void *object, const char *what)
{
	printk("BUG %s: %s\n", slab->cache->name, what);
	printk("  Object %08lx @offset=%lu of the slab at pfn %05lx, objects=%u\n",
	       (unsigned long)object, slab_offset(slab, object), page_to_pfn(slab->page),
	       slab->objects);
}

static void print_object(const struct debug_slab *slab, void *object)
{
	const struct kmem_cache *s = slab->cache;

	print_tracks(s, object);
	print_bytes("Redzone", (u8 *)object - s->red_left, min(s->red_left, DUMP_LINE));
	print_bytes("Object", object, min(s->object_size, DUMP_MAX));
	if (s->flags & SLAB_RED_ZONE)
		print_bytes("Redzone", (u8 *)object + s->object_size, s->inuse - s->object_size);
}

/* The bytes from `from` must all be value. Reports the run that is not, and restores it. */
static bool check_bytes(const struct debug_slab *slab, void *object, const char *what, u8 *from,
			unsigned int n, u8 value)
{
	unsigned int first = 0, end = n;
	char message[40];

	while (first < n && from[first] == value)
		first++;
	if (first == n)
		return true;
	while (from[end - 1] == value)
		end--;
	scnprintf(message, sizeof(message), "%s overwritten", what);
	report(slab, object, message);
	printk("  %08lx-%08lx @offset=%lu. First byte 0x%02x instead of 0x%02x\n",
	       (unsigned long)(from + first), (unsigned long)(from + end - 1),
	       slab_offset(slab, from + first), from[first], value);
	print_object(slab, object);
	printk("FIX %s: Restoring %s %08lx-%08lx=0x%02x\n", slab->cache->name, what,
	       (unsigned long)(from + first), (unsigned long)(from + end - 1), value);
	memset(from + first, value, end - first);
	return false;
}

/* ---- one object ----------------------------------------------------------------------------- */

static void mark_object(struct kmem_cache *s, void *object, u8 red, u8 poison)
{
	u8 *p = object;

	if (s->flags & SLAB_RED_ZONE) {
		memset(p - s->red_left, red, s->red_left);
		memset(p + s->object_size, red, s->inuse - s->object_size);
	}
	if (s->flags & SLAB_POISON) {
		memset(p, poison, s->object_size);
		if (poison == POISON_FREE)
			p[s->object_size - 1] = POISON_END;
	}
}

static bool check_red_zones(const struct debug_slab *slab, u8 *object, u8 red)
{
	const struct kmem_cache *s = slab->cache;

	return check_bytes(slab, object, "Left Redzone", object - s->red_left, s->red_left, red) &
	       check_bytes(slab, object, "Right Redzone", object + s->object_size,
			   s->inuse - s->object_size, red);
}

static bool check_poison(const struct debug_slab *slab, u8 *object)
{
	unsigned int last = slab->cache->object_size - 1;

	return check_bytes(slab, object, "Poison", object, last, POISON_FREE) &
	       check_bytes(slab, object, "End Poison", object + last, 1, POISON_END);
}

/* Is the object as it must be, free or in use? Each damage is reported and restored. */
static bool check_object(const struct debug_slab *slab, void *object, bool free)
{
	const struct kmem_cache *s = slab->cache;
	unsigned int padding = padding_start(s);
	bool sound = true;

	if (s->flags & SLAB_RED_ZONE)
		sound &= check_red_zones(slab, object, free ? RED_INACTIVE : RED_ACTIVE);
	if (s->flags & SLAB_POISON && free)
		sound &= check_poison(slab, object);
	if (s->flags & SLAB_POISON)
		sound &= check_bytes(slab, object, "Object padding", (u8 *)object + padding,
				     s->size - s->red_left - padding, POISON_INUSE);
	return sound;
}

void debug_init_object(struct kmem_cache *s, void *object)
{
	u8 *p = object;

	if (s->flags & SLAB_POISON)
		memset(p - s->red_left, POISON_INUSE, s->size);
	mark_object(s, object, RED_INACTIVE, POISON_FREE);
	if (s->flags & SLAB_STORE_USER)
		memset(track_of(s, object, TRACK_ALLOC), 0, NR_TRACKS * sizeof(struct track));
}

/* ---- the hooks ------------------------------------------------------------------------------ */

static bool is_object(const struct debug_slab *slab, const void *p)
{
	unsigned long offset = (const char *)p - slab->first;

	return (const char *)p >= slab->first && offset / slab->cache->size < slab->objects &&
	       offset % slab->cache->size == 0;
}

static void trace(const struct debug_slab *slab, const char *what, const void *object)
{
	if (slab->cache->flags & SLAB_TRACE)
		printk("TRACE %s %s %08lx inuse=%u\n", slab->cache->name, what,
		       (unsigned long)object, slab->page->inuse);
}

void *debug_next_free(const struct debug_slab *slab, void *object, void *next)
{
	struct kmem_cache *s = slab->cache;

	if (!(s->flags & SLAB_CONSISTENCY_CHECKS) || !next || is_object(slab, next))
		return next;
	report(slab, object, "Freepointer corrupt");
	printk("  it leads to %08lx\n", (unsigned long)next);
	print_object(slab, object);
	printk("FIX %s: Objects behind it are isolated\n", s->name);
	return NULL;
}

bool debug_alloc(const struct debug_slab *slab, void *object, unsigned long caller)
{
	struct kmem_cache *s = slab->cache;

	if (!check_object(slab, object, true)) {
		printk("FIX %s: Object %08lx is not used\n", s->name, (unsigned long)object);
		/* It counts as in use from now on, and has to look so. */
		mark_object(s, object, RED_ACTIVE, POISON_INUSE);
		return false;
	}
	set_track(s, object, TRACK_ALLOC, caller);
	mark_object(s, object, RED_ACTIVE, POISON_INUSE);
	trace(slab, "alloc", object);
	return true;
}

bool debug_free(const struct debug_slab *slab, void *object, unsigned long caller)
{
	struct kmem_cache *s = slab->cache;

	if (s->flags & SLAB_CONSISTENCY_CHECKS) {
		if (!is_object(slab, object)) {
			report(slab, object, "Invalid object pointer");
			return false;
		}
		if (kmem_object_is_free(s, slab->page, object)) {
			report(slab, object, "Object already free");
			print_tracks(s, object);
			return false;
		}
	}
	if (!check_object(slab, object, false)) {
		printk("FIX %s: Object %08lx is not freed\n", s->name, (unsigned long)object);
		return false;
	}
	set_track(s, object, TRACK_FREE, caller);
	mark_object(s, object, RED_INACTIVE, POISON_FREE);
	trace(slab, "free", object);
	return true;
}

/* ---- all objects ---------------------------------------------------------------------------- */

static void for_each_slab_of(struct kmem_cache *s, void (*fn)(const struct slab_view *slab))
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		struct slab_view slab;

		if (slab_of_page(pfn_to_page(pfn), &slab) && slab.cache == s)
			fn(&slab);
	}
}

static __mm_state unsigned int damaged;

static void validate_slab(const struct slab_view *view)
{
	struct debug_slab slab = {view->cache, view->page, view->first, view->objects};

	for (unsigned int i = 0; i < slab.objects; i++) {
		char *object = slab.first + i * slab.cache->size;

		damaged += !check_object(&slab, object,
					 kmem_object_is_free(slab.cache, slab.page, object));
	}
}

unsigned int kmem_cache_validate(struct kmem_cache *s)
{
	damaged = 0;
	for_each_slab_of(s, validate_slab);
	return damaged;
}

static void list_slab(const struct slab_view *view)
{
	for (unsigned int i = 0; i < view->objects; i++) {
		void *object = (char *)view->first + i * view->cache->size;
		bool free = kmem_object_is_free(view->cache, view->page, object);

		printk("%s %08lx %s\n", view->cache->name, (unsigned long)object,
		       free ? "free" : "in use");
		print_tracks(view->cache, object);
	}
}

void kmem_cache_list_objects(struct kmem_cache *s)
{
	for_each_slab_of(s, list_slab);
}
