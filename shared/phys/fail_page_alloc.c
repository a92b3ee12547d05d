#include "phys/fail_page_alloc.h"

#include "arch/layout.h"
#include "base/printk.h"
#include "boot/setup.h"
#include "phys/pcp.h"
#include "phys/watermark.h"

__mm_state struct fail_page_alloc fail_page_alloc = {.attr = FAULT_ATTR_INIT};

bool fail_page_alloc_armed(void)
{
	return fault_attr_armed(&fail_page_alloc.attr) || fault_attr_armed(&fault_sweep);
}

void fail_page_alloc_setup(const struct fail_page_alloc *knobs)
{
	fail_page_alloc = *knobs;
	close_alloc_marks(CLOSED_FOR_FAULTS, fail_page_alloc_armed());
}

void fail_page_alloc_init(void)
{
	struct fail_page_alloc knobs = {.attr = memory.options.fail_page_alloc};

	fail_page_alloc_setup(&knobs);
}

static bool fail_and_say(struct fault_attr *attr, const char *whose, gfp_t gfp, unsigned int order)
{
	if (!should_fail(attr, PAGE_SIZE << order))
		return false;
	if (!(gfp & __GFP_NOWARN))
		printk("%s: page allocation fails: order %u, gfp 0x%x\n", whose, order, gfp);
	return true;
}

static bool excluded(gfp_t gfp, unsigned int order)
{
	return order < fail_page_alloc.min_order ||
	       (fail_page_alloc.ignore_gfp_wait && gfp & __GFP_WAIT) ||
	       (fail_page_alloc.ignore_gfp_highmem && gfp & __GFP_HIGHMEM);
}

/* The sweep does not count what fails anyway. */
bool should_fail_alloc_page(gfp_t gfp, unsigned int order)
{
	if (gfp & __GFP_NOFAIL)
		return false;
	if (!excluded(gfp, order) &&
	    fail_and_say(&fail_page_alloc.attr, "fail_page_alloc", gfp, order))
		return true;
	return fail_and_say(&fault_sweep, "sweep", gfp, order);
}
