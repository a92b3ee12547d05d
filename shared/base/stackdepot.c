#include "base/stackdepot.h"

#include "base/hash.h"
#include "base/string.h"

size_t stack_depot_bytes(u32 room)
{
	return 2 * room * sizeof(u32) + (room + 1) * sizeof(struct stack_trace);
}

void stack_depot_init(struct stack_depot *depot, void *mem, u32 room)
{
	*depot = (struct stack_depot){.room = room, .slots = mem};
	depot->entries = (struct stack_trace *)(depot->slots + 2 * room);
	spin_lock_init(&depot->lock, "stack depot", LOCK_RANK_DEPOT, 0);
}

static bool same_trace(const struct stack_trace *a, const struct stack_trace *b)
{
	return a->nr == b->nr && memcmp(a->pcs, b->pcs, a->nr * sizeof(a->pcs[0])) == 0;
}

static u32 hash_trace(const struct stack_trace *trace)
{
	struct digest d = DIGEST_INIT;

	for (unsigned int i = 0; i < trace->nr; i++)
		digest_word(&d, trace->pcs[i]);
	return (u32)digest_value(d);
}

/* The slot that has the trace, or would have it: with half of them empty there is one. */
static u32 *find_slot(const struct stack_depot *depot, const struct stack_trace *trace)
{
	u32 mask = 2 * depot->room - 1, at = hash_trace(trace) & mask;

	while (depot->slots[at] && !same_trace(&depot->entries[depot->slots[at]], trace))
		at = (at + 1) & mask;
	return &depot->slots[at];
}

depot_stack_handle_t stack_depot_save(struct stack_depot *depot, const struct stack_trace *trace)
{
	unsigned long flags;
	u32 *slot, handle;

	if (!depot->room)
		return 0;
	flags = spin_lock_irqsave(&depot->lock);
	slot = find_slot(depot, trace);
	if (!*slot && depot->nr < depot->room) {
		*slot = ++depot->nr;
		depot->entries[*slot] = *trace;
	}
	handle = *slot;
	spin_unlock_irqrestore(&depot->lock, flags);
	return handle;
}

const struct stack_trace *stack_depot_fetch(const struct stack_depot *depot,
					    depot_stack_handle_t handle)
{
	return handle && handle <= depot->nr ? &depot->entries[handle] : NULL;
}
