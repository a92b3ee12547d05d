/* The quarantine: freed objects in the order of their frees, linked through their metadata. */
#include "base/bug.h"
#include "kmem/kasan.h"
#include "kmem/pages.h"

__mm_state struct kasan_quarantine quarantine;

void quarantine_init(unsigned long limit)
{
	spin_lock_init(&quarantine.lock, "quarantine", LOCK_RANK_QUARANTINE, 0);
	quarantine.limit = limit;
}

static bool is_queued(const void *object)
{
	return slab_page_of(object) && *kasan_shadow_of(object) == KASAN_SLAB_FREETRACK;
}

static struct kmem_cache *cache_of(const void *object)
{
	BUG_ON(!is_queued(object), "%08lx in the quarantine is no freed object",
	       (unsigned long)object);
	return slab_page_of(object)->slab_cache;
}

static void **next_of(const void *object)
{
	return &kasan_meta_of(cache_of(object), object)->next;
}

/* The lock is held. */
static void append(void *object)
{
	*next_of(object) = NULL;
	if (quarantine.tail)
		*next_of(quarantine.tail) = object;
	else
		quarantine.head = object;
	quarantine.tail = object;
	quarantine.count++;
	quarantine.bytes += cache_of(object)->size;
}

/* The lock is held, and there is one. */
static void *take_oldest(void)
{
	void *object = quarantine.head;

	quarantine.head = *next_of(object);
	if (!quarantine.head)
		quarantine.tail = NULL;
	quarantine.count--;
	quarantine.bytes -= cache_of(object)->size;
	return object;
}

void quarantine_put(void *object)
{
	unsigned long flags = spin_lock_irqsave(&quarantine.lock);

	*kasan_shadow_of(object) = KASAN_SLAB_FREETRACK;
	append(object);
	spin_unlock_irqrestore(&quarantine.lock, flags);
}

/* At last. To the allocator it looks as if who freed the object did so now. */
static void release(void *object)
{
	struct kmem_cache *s = cache_of(object);
	const struct stack_trace *freed =
		stack_depot_fetch(&kasan_depot, kasan_meta_of(s, object)->free);

	*kasan_shadow_of(object) = KASAN_SLAB_FREE;
	kmem_free_object(s, object, freed ? freed->pcs[0] : 0);
}

u32 quarantine_reduce(unsigned long bytes)
{
	u32 released = 0;

	for (;; released++) {
		unsigned long flags = spin_lock_irqsave(&quarantine.lock);
		void *object = quarantine.bytes > bytes ? take_oldest() : NULL;

		spin_unlock_irqrestore(&quarantine.lock, flags);
		if (!object)
			return released;
		release(object);
	}
}

void quarantine_remove_cache(struct kmem_cache *s)
{
	unsigned long flags = spin_lock_irqsave(&quarantine.lock);
	void *mine = NULL, **last = &mine;

	/* Once around: the others go back to where they were. */
	for (u32 left = quarantine.count; left; left--) {
		void *object = take_oldest();

		if (cache_of(object) != s) {
			append(object);
			continue;
		}
		*next_of(object) = NULL;
		*last = object;
		last = next_of(object);
	}
	spin_unlock_irqrestore(&quarantine.lock, flags);
	while (mine) {
		void *object = mine;

		mine = *next_of(object);
		release(object);
	}
}

void quarantine_for_each(void (*fn)(const void *object, void *arg), void *arg)
{
	u32 left = quarantine.count;

	for (void *object = quarantine.head; left-- && is_queued(object); object = *next_of(object))
		fn(object, arg);
}
