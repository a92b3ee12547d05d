#include "base/mutex.h"

#include "base/bug.h"

/* More ranks than this are never held together. */
#define MAX_HELD 8

/* The sleeping locks that are held, in the order in which they were taken. */
static __mm_state struct {
	const void *lock;
	const char *name;
	unsigned int rank;
} held[MAX_HELD];
static __mm_state unsigned int nr_held;

static void note_acquire(const void *lock, const char *name, unsigned int rank)
{
	BUG_ON(locks_held(), "%s wanted with a spinlock held", name);
	BUG_ON(nr_held && held[nr_held - 1].rank >= rank,
	       "mutex order: %s (rank %u) wanted while %s (rank %u) is held", name, rank,
	       held[nr_held - 1].name, held[nr_held - 1].rank);
	BUG_ON(nr_held == MAX_HELD, "more than %u sleeping locks held", MAX_HELD);
	held[nr_held].lock = lock;
	held[nr_held].name = name;
	held[nr_held++].rank = rank;
}

static void note_release(const void *lock, const char *name)
{
	BUG_ON(!nr_held || held[nr_held - 1].lock != lock, "%s is not the last one taken", name);
	nr_held--;
}

void mutex_lock(struct mutex *mutex)
{
	note_acquire(mutex, mutex->name, mutex->rank);
	BUG_ON(__atomic_exchange_n(&mutex->locked, 1, __ATOMIC_ACQUIRE),
	       "mutex %s is taken, and there is nobody to wait for", mutex->name);
}

void mutex_unlock(struct mutex *mutex)
{
	note_release(mutex, mutex->name);
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

/* ---- one writer, or many readers ----------------------------------------------------------- */

#if CONFIG_CHECKED
void rwsem_note_acquire(const struct rw_semaphore *sem, unsigned int subclass)
{
	note_acquire(sem, sem->name, sem->rank + subclass);
}

void rwsem_note_release(const struct rw_semaphore *sem)
{
	note_release(sem, sem->name);
}

void rwsem_held_check(const struct rw_semaphore *sem, bool write)
{
	BUG_ON(write ? sem->holders >= 0 : !sem->holders, "%s must be held%s here", sem->name,
	       write ? " for writing" : "");
}
#endif

void rwsem_deadlock(const struct rw_semaphore *sem)
{
	BUG("%s has %d holders, and there is nobody to wait for", sem->name, sem->holders);
}
