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

void down_read(struct rw_semaphore *sem)
{
	note_acquire(sem, sem->name, sem->rank);
	BUG_ON(__atomic_fetch_add(&sem->holders, 1, __ATOMIC_ACQUIRE) < 0,
	       "%s has a writer, and there is nobody to wait for", sem->name);
}

void up_read(struct rw_semaphore *sem)
{
	note_release(sem, sem->name);
	BUG_ON(__atomic_fetch_sub(&sem->holders, 1, __ATOMIC_RELEASE) <= 0, "%s has no reader",
	       sem->name);
}

void down_write_nested(struct rw_semaphore *sem, unsigned int subclass)
{
	s32 holders = 0;

	note_acquire(sem, sem->name, sem->rank + subclass);
	BUG_ON(!__atomic_compare_exchange_n(&sem->holders, &holders, -1, false, __ATOMIC_ACQUIRE,
					    __ATOMIC_RELAXED),
	       "%s is taken, and there is nobody to wait for", sem->name);
}

void down_write(struct rw_semaphore *sem)
{
	down_write_nested(sem, 0);
}

void up_write(struct rw_semaphore *sem)
{
	note_release(sem, sem->name);
	rwsem_assert_held_write(sem);
	__atomic_store_n(&sem->holders, 0, __ATOMIC_RELEASE);
}

void downgrade_write(struct rw_semaphore *sem)
{
	rwsem_assert_held_write(sem);
	__atomic_store_n(&sem->holders, 1, __ATOMIC_RELEASE);
}

void rwsem_assert_held(const struct rw_semaphore *sem)
{
	MM_ASSERT(sem->holders, "%s must be held here", sem->name);
}

void rwsem_assert_held_write(const struct rw_semaphore *sem)
{
	MM_ASSERT(sem->holders < 0, "%s must be held for writing here", sem->name);
}
