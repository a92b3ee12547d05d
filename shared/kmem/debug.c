#include "kmem/debug.h"

#include "base/printk.h"
#include "base/stacktrace.h"
#include "base/string.h"
#include "boot/setup.h"
#include "kmem/inspect.h"
#include "kmem/kasan.h"
#include "kmem/options.h"
#include "phys/page_alloc.h"

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

/* What takes room. */
#define METADATA_FLAGS (SLAB_RED_ZONE | SLAB_POISON | SLAB_STORE_USER)

static void lay_out(struct kmem_cache *s, bool pointer)
{
	unsigned int size = ALIGN(s->object_size, sizeof(void *));

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
	if (CONFIG_KASAN)
		size += kasan_redzone(s->object_size);
	s->size = ALIGN(size, s->align);
}

void kmem_layout(struct kmem_cache *s, bool pointer)
{
	if (s->ctor)
		s->flags &= ~SLAB_POISON; /* a free object stays constructed */
	lay_out(s, pointer);
	if (!kmem_options.keep_order || get_order(s->size) == get_order(s->object_size))
		return;
	s->flags &= ~METADATA_FLAGS;
	lay_out(s, pointer);
}

/* Where an object's padding begins, from the object; and how much there is of it. */
static unsigned int padding_start(const struct kmem_cache *s)
{
	return s->track + (s->flags & SLAB_STORE_USER ? NR_TRACKS * sizeof(struct track) : 0);
}

static unsigned int padding_size(const struct kmem_cache *s)
{
	unsigned int not_padding = CONFIG_KASAN ? sizeof(struct kasan_meta) : 0;

	return s->size - s->red_left - padding_start(s) - not_padding;
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
	/* Who writes beyond an object may have come so far. */
	if (track->when > debug_clock || !track->trace.nr || track->trace.nr > STACK_TRACE_DEPTH) {
		printk("  %s by: overwritten\n", what);
		return;
	}
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

/* The first two lines. object: NULL where it is about none. */
static void report(const struct debug_slab *slab, void *object, const char *what)
{
	slab_errors++;
	printk("BUG %s: %s\n", slab->cache->name, what);
	if (object)
		printk("  Object %08lx @offset=%lu of the slab at pfn %05lx, objects=%u\n",
		       (unsigned long)object, slab_offset(slab, object), page_to_pfn(slab->page),
		       slab->objects);
	else
		printk("  Slab at pfn %05lx, objects=%u\n", page_to_pfn(slab->page), slab->objects);
}

static void print_object(const struct debug_slab *slab, void *object)
{
	const struct kmem_cache *s = slab->cache;
	unsigned int left = min(s->red_left, DUMP_LINE), padding = padding_start(s);

	print_tracks(s, object);
	print_bytes("Redzone", (u8 *)object - left, left);
	print_bytes("Object", object, min(s->object_size, DUMP_MAX));
	if (s->flags & SLAB_RED_ZONE)
		print_bytes("Redzone", (u8 *)object + s->object_size, s->inuse - s->object_size);
	if (s->flags & SLAB_POISON)
		print_bytes("Padding", (u8 *)object + padding,
			    min(s->size - s->red_left - padding, DUMP_LINE));
}

/* The bytes from `from` must all be value. Reports the run that is not, and restores it. object:
 * NULL where they are no object's. */
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
	printk("  %08lx-%08lx %s%+d bytes=%u. First byte 0x%02x instead of 0x%02x\n",
	       (unsigned long)(from + first), (unsigned long)(from + end - 1),
	       object ? "object" : "slab",
	       (int)(from + first - (object ? (u8 *)object : (u8 *)page_address(slab->page))),
	       end - first, from[first], value);
	if (object)
		print_object(slab, object);
	else
		print_bytes("Padding", from + first, min(end - first, DUMP_LINE));
	printk("FIX %s: Restoring %s %08lx-%08lx=0x%02x\n", slab->cache->name, what,
	       (unsigned long)(from + first), (unsigned long)(from + end - 1), value);
	memset(from + first, value, end - first);
	return false;
}

/* ---- one object ----------------------------------------------------------------------------- */

static void mark_red_zones(const struct kmem_cache *s, void *object, u8 red)
{
	u8 *p = object;

	if (s->flags & SLAB_RED_ZONE) {
		memset(p - s->red_left, red, s->red_left);
		memset(p + s->object_size, red, s->inuse - s->object_size);
	}
}

static void mark_object(const struct kmem_cache *s, void *object, u8 red, u8 poison)
{
	u8 *p = object;

	mark_red_zones(s, object, red);
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
	bool sound = true;

	if (s->flags & SLAB_RED_ZONE)
		sound &= check_red_zones(slab, object, free ? RED_INACTIVE : RED_ACTIVE);
	if (s->flags & SLAB_POISON && free)
		sound &= check_poison(slab, object);
	if (!(s->flags & SLAB_POISON))
		return sound;
	/* With red zones it is one of them. */
	if (!(s->flags & SLAB_RED_ZONE))
		sound &= check_bytes(slab, object, "Alignment padding",
				     (u8 *)object + s->object_size, s->inuse - s->object_size,
				     POISON_INUSE);
	return sound & check_bytes(slab, object, "Object padding", (u8 *)object + padding_start(s),
				   padding_size(s), POISON_INUSE);
}

/* ---- one slab ------------------------------------------------------------------------------- */

static void *nth_object(const struct debug_slab *slab, unsigned int n)
{
	return slab->first + n * slab->cache->size;
}

static bool is_object(const struct debug_slab *slab, const void *p)
{
	/* Before the first one it is larger than any slab. */
	unsigned long offset = (const char *)p - slab->first;

	return offset / slab->cache->size < slab->objects && offset % slab->cache->size == 0;
}

/* What is behind the last place. */
static u8 *slab_padding(const struct debug_slab *slab, unsigned int *n)
{
	u8 *from = (u8 *)nth_object(slab, slab->objects) - slab->cache->red_left;
	u8 *end = (u8 *)page_address(slab->page) + (PAGE_SIZE << page_order_in_use(slab->page));

	*n = end - from;
	return from;
}

static bool check_slab_padding(const struct debug_slab *slab)
{
	unsigned int n;
	u8 *from = slab_padding(slab, &n);

	return !(slab->cache->flags & SLAB_POISON) ||
	       check_bytes(slab, NULL, "Slab padding", from, n, POISON_INUSE);
}

static void init_object(const struct kmem_cache *s, void *object)
{
	u8 *p = object;

	if (s->flags & SLAB_POISON)
		memset(p - s->red_left, POISON_INUSE, s->size);
	mark_object(s, object, RED_INACTIVE, POISON_FREE);
	if (s->flags & SLAB_STORE_USER)
		memset(track_of(s, object, TRACK_ALLOC), 0, NR_TRACKS * sizeof(struct track));
}

void debug_init_slab(const struct debug_slab *slab)
{
	unsigned int n;
	u8 *from = slab_padding(slab, &n);

	for (unsigned int i = 0; i < slab->objects; i++)
		init_object(slab->cache, nth_object(slab, i));
	if (slab->cache->flags & SLAB_POISON)
		memset(from, POISON_INUSE, n);
}

void debug_end_slab(const struct debug_slab *slab)
{
	for (unsigned int i = 0; i < slab->objects; i++)
		check_object(slab, nth_object(slab, i), true);
	check_slab_padding(slab);
}

/* ---- a slab's free objects ------------------------------------------------------------------- */

struct chain {
	const struct debug_slab *slab;
	unsigned int length, most; /* there is no object more to come */
	void *last;		   /* the last one that is one, NULL: there is none */
	void *stray;		   /* what it leads to, if that is none */
};

static bool follow_chain(void *object, void *arg)
{
	struct chain *chain = arg;

	if (!is_object(chain->slab, object)) {
		chain->stray = object;
		return false;
	}
	chain->last = object;
	return ++chain->length <= chain->most;
}

/* Is each free object one of the slab's, and are they as many as inuse leaves? If not: a report. */
static bool check_chain(const struct debug_slab *slab, unsigned int inuse)
{
	struct chain chain = {.slab = slab, .most = slab->objects - inuse};
	struct slab_view view = {.cache = slab->cache,
				 .order = page_order_in_use(slab->page),
				 .page = slab->page,
				 .first = slab->first,
				 .objects = slab->objects};

	for_each_free_object(&view, follow_chain, &chain);
	if (!chain.stray && chain.length == chain.most)
		return true;
	report(slab, chain.last, chain.stray ? "Freepointer corrupt" : "Wrong object count");
	if (chain.stray)
		printk("  it leads to %08lx\n", (unsigned long)chain.stray);
	else
		printk("  %s%u free, where the slab counts %u\n",
		       chain.length > chain.most ? "more than " : "", min(chain.length, chain.most),
		       chain.most);
	if (chain.last)
		print_object(slab, chain.last);
	return false;
}

bool debug_check_chain(const struct debug_slab *slab)
{
	const struct kmem_cache *s = slab->cache;

	if (!(s->flags & SLAB_CONSISTENCY_CHECKS) || check_chain(slab, slab->page->inuse))
		return true;
	for (unsigned int i = 0; i < slab->objects; i++) {
		u8 *object = nth_object(slab, i);

		if (s->flags & SLAB_RED_ZONE && object[-1] == RED_INACTIVE)
			mark_red_zones(s, object, RED_ACTIVE);
	}
	printk("FIX %s: Free objects of the slab at pfn %05lx are not used\n", s->name,
	       page_to_pfn(slab->page));
	return false;
}

/* ---- the hooks ------------------------------------------------------------------------------ */

static void trace(const struct debug_slab *slab, const char *what, const void *object)
{
	if (slab->cache->flags & SLAB_TRACE)
		printk("TRACE %s %s %08lx inuse=%u\n", slab->cache->name, what,
		       (unsigned long)object, slab->page->inuse);
}

bool debug_alloc(const struct debug_slab *slab, void *object, unsigned long caller)
{
	struct kmem_cache *s = slab->cache;

	if (s->flags & SLAB_CONSISTENCY_CHECKS)
		check_slab_padding(slab);
	if (!check_object(slab, object, true)) {
		printk("FIX %s: Object %08lx is not used\n", s->name, (unsigned long)object);
		/* It counts as in use from now on, and has to look so. */
		mark_red_zones(s, object, RED_ACTIVE);
		return false;
	}
	set_track(s, object, TRACK_ALLOC, caller);
	mark_object(s, object, RED_ACTIVE, POISON_INUSE);
	trace(slab, "alloc", object);
	return true;
}

/* Is it an object in use, as far as the flags let one know? If not: a report. */
static bool check_freed(const struct debug_slab *slab, void *object)
{
	struct kmem_cache *s = slab->cache;

	/* Beside an object there is nothing that could be checked, or marked. */
	if (!is_object(slab, object)) {
		report(slab, object, "Invalid object pointer");
		return false;
	}
	/* Of what colour red zones must be depends on it. */
	if (s->flags & (SLAB_CONSISTENCY_CHECKS | SLAB_RED_ZONE) &&
	    kmem_object_is_free(s, slab->page, object)) {
		report(slab, object, "Object already free");
		print_tracks(s, object);
		return false;
	}
	return true;
}

bool debug_free(const struct debug_slab *slab, void *object, unsigned long caller)
{
	struct kmem_cache *s = slab->cache;

	if (s->flags & SLAB_CONSISTENCY_CHECKS)
		check_slab_padding(slab);
	if (!check_freed(slab, object))
		return false;
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

	damaged += !check_slab_padding(&slab);
	/* With a damaged chain nobody knows which objects are free. */
	if (!check_chain(&slab, view->inuse)) {
		damaged++;
		return;
	}
	for (unsigned int i = 0; i < slab.objects; i++) {
		void *object = nth_object(&slab, i);

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
