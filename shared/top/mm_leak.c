#include "top/mm_leak.h"

#include "base/printk.h"
#include "kmem/kmemleak.h"

static void digest_object(const struct kmemleak_view *view, void *arg)
{
	struct digest *d = arg;

	digest_word(d, view->start);
	digest_word(d, view->size);
	digest_word(d, view->min_count);
	digest_word(d, view->count);
	digest_word(d, view->no_scan << 1 | view->reported);
	digest_word(d, view->sequence);
	digest_word(d, view->areas);
}

void digest_kmemleak(struct digest *d)
{
	if (!kmemleak_is_on())
		return;
	digest_word(d, true);
	for_each_kmemleak_object(digest_object, d);
}

static void show_object(const struct kmemleak_view *view, void *arg __maybe_unused)
{
	printk("kmemleak %08lx size %zu sequence %u count %d of %d areas %u%s%s\n", view->start,
	       view->size, view->sequence, view->count, view->min_count, view->areas,
	       view->no_scan ? " no-scan" : "", view->reported ? " reported" : "");
}

void show_kmemleak(void)
{
	if (!kmemleak_is_on())
		return;
	printk("kmemleak on\n");
	for_each_kmemleak_object(show_object, NULL);
}
