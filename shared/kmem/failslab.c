#include "kmem/failslab.h"

#include "base/printk.h"
#include "boot/setup.h"

__mm_state struct failslab failslab = {.attr = FAULT_ATTR_INIT};

bool failslab_armed(void)
{
	return fault_attr_armed(&failslab.attr) || fault_attr_armed(&fault_sweep);
}

void failslab_setup(const struct failslab *knobs)
{
	failslab = *knobs;
	if (failslab_armed())
		__atomic_fetch_or(&kmem_gate, KMEM_GATE_FAILSLAB, __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&kmem_gate, ~KMEM_GATE_FAILSLAB, __ATOMIC_RELAXED);
}

void failslab_init(void)
{
	struct failslab knobs = {.attr = memory.options.failslab};

	failslab_setup(&knobs);
}

static bool fail_and_say(struct fault_attr *attr, const char *whose, const struct kmem_cache *s,
			 gfp_t gfp)
{
	if (!should_fail(attr, s ? s->object_size : 0))
		return false;
	if (!(gfp & __GFP_NOWARN))
		printk("%s: object allocation fails: cache %s, gfp 0x%x\n", whose,
		       s ? s->name : "none", gfp);
	return true;
}

static bool excluded(const struct kmem_cache *s, gfp_t gfp)
{
	return (failslab.ignore_gfp_wait && gfp & __GFP_WAIT) ||
	       (failslab.cache_filter && !(s && s->flags & SLAB_FAILSLAB));
}

/* The sweep does not count what fails anyway. */
bool should_failslab(const struct kmem_cache *s, gfp_t gfp)
{
	if (gfp & __GFP_NOFAIL)
		return false;
	if (!excluded(s, gfp) && fail_and_say(&failslab.attr, "failslab", s, gfp))
		return true;
	return fail_and_say(&fault_sweep, "sweep", s, gfp);
}
