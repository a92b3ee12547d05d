#include "base/lock.h"

#include "base/bug.h"

void spin_lock_init(spinlock_t *lock, const char *name, enum lock_rank rank, unsigned int index)
{
	*lock = (spinlock_t){.rank = rank, .index = index, .name = name};
}

#if CONFIG_CHECKED

/* Locks nest by rank, and at most a few of one rank are ever held together. */
#define MAX_HELD 8

static __mm_state spinlock_t *held[MAX_HELD];
static __mm_state unsigned int nr_held;

static bool is_held(const spinlock_t *lock)
{
	for (unsigned int i = 0; i < nr_held; i++)
		if (held[i] == lock)
			return true;
	return false;
}

void lock_note_acquire(spinlock_t *lock)
{
	BUG_ON(is_held(lock), "lock %s taken twice", lock->name);
	BUG_ON(!lock->name, "a lock that was never initialised");
	if (nr_held) {
		const spinlock_t *top = held[nr_held - 1];

		BUG_ON(top->rank > lock->rank ||
			       (top->rank == lock->rank && top->index >= lock->index),
		       "lock order: %s (rank %u.%u) wanted while %s (rank %u.%u) is held",
		       lock->name, lock->rank, lock->index, top->name, top->rank, top->index);
	}
	BUG_ON(nr_held == MAX_HELD, "more than %u locks held", MAX_HELD);
	held[nr_held++] = lock;
}

void lock_note_release(spinlock_t *lock)
{
	unsigned int i = nr_held;

	while (i > 0 && held[i - 1] != lock)
		i--;
	BUG_ON(i == 0, "lock %s released but not held", lock->name);
	for (; i < nr_held; i++)
		held[i - 1] = held[i];
	nr_held--;
}

void lock_assert_held(const spinlock_t *lock)
{
	BUG_ON(!is_held(lock), "lock %s must be held here", lock->name);
}

unsigned int locks_held(void)
{
	return nr_held;
}

#endif
