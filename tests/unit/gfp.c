/* Which gfp words are requests: every bit by itself, and the pairs that contradict each other. */
#include "unit/unit.h"

#include "phys/page_alloc.h"

const char *gfp_soundness(void)
{
	u32 known = 0;

	for (unsigned int bit = 0; bit < 32; bit++)
		known |= gfp_is_sound(1u << bit) ? 1u << bit : 0;
	/* Linux 2.6.24's numbers: DMA, HIGHMEM; WAIT to NORETRY; ZERO, NOMEMALLOC; RECLAIMABLE,
	 * MOVABLE. */
	if (known != 0x00199FF3)
		return "other bits are known than should be";
	if (!gfp_is_sound(GFP_NOWAIT) || !gfp_is_sound(GFP_HIGHUSER_MOVABLE) ||
	    !gfp_is_sound(GFP_TEMPORARY | __GFP_ZERO))
		return "a sound request is refused";
	if (gfp_is_sound(__GFP_ZERO | __GFP_HIGHMEM) ||
	    gfp_is_sound(GFP_KERNEL | __GFP_MOVABLE | __GFP_RECLAIMABLE))
		return "a contradiction is taken";
	return NULL;
}
