#include "base/mutex.h"

#include "base/bug.h"

/* More ranks than this are never held together. */
#define MAX_HELD 8

static __mm_state struct mutex *held[MAX_HELD];
static __mm_state unsigned int nr_held;

void mutex_lock(struct mutex *mutex)
{
	BUG_ON(locks_held(), "mutex %s wanted with a spinlock held", mutex->name);
	BUG_ON(nr_held && held[nr_held - 1]->rank >= mutex->rank,
	       "mutex order: %s (rank %u) wanted while %s (rank %u) is held", mutex->name,
	       mutex->rank, held[nr_held - 1]->name, held[nr_held - 1]->rank);
	BUG_ON(nr_held == MAX_HELD, "more than %u mutexes held", MAX_HELD);
	BUG_ON(__atomic_exchange_n(&mutex->locked, 1, __ATOMIC_ACQUIRE),
	       "mutex %s is taken, and there is nobody to wait for", mutex->name);
	held[nr_held++] = mutex;
}

void mutex_unlock(struct mutex *mutex)
{
	BUG_ON(!nr_held || held[nr_held - 1] != mutex, "mutex %s is not the last one taken",
	       mutex->name);
	nr_held--;
	__atomic_store_n(&mutex->locked, 0, __ATOMIC_RELEASE);
}

void mutex_assert_held(const struct mutex *mutex)
{
	MM_ASSERT(mutex->locked, "mutex %s must be held here", mutex->name);
}

unsigned int mutexes_held(void)
{
	return nr_held;
}
