/*
 * Sleeping locks. Corresponds to Linux include/linux/mutex.h and rwsem.h.
 *
 * Who waits for one sleeps, so none may be taken with a spinlock held. There is one task at a time
 * so far: nobody can be waited for, and a lock that is taken already is a deadlock, which is a BUG.
 * Sleeping locks come before all spinlocks; among themselves they have ranks, as those have.
 */
#pragma once

#include "base/lock.h"

/* The order of all sleeping locks. */
enum mutex_rank {
	MUTEX_RANK_MMAP = 1,   /* as/mm_types.h: mmap_sem, a space's areas */
	MUTEX_RANK_MMAP_CHILD, /* the same of the child's space, in fork */
	MUTEX_RANK_I_MMAP,     /* as/address_space.h: i_mmap_rwsem, the areas of a file */
	MUTEX_RANK_ANON_VMA,   /* as/anon_vma.h: a family of anon_vmas */
	MUTEX_RANK_SLAB,       /* kmem/common.c: slab_mutex, the list of caches */
	MUTEX_RANK_MEMPOOL,    /* kmem/mempool.h: mempools, the list of pools; nothing within */
};

struct mutex {
	u32 locked;
	u16 rank;
	const char *name;
};

#define MUTEX_INIT(mutex_name, mutex_rank)                                                         \
	{                                                                                          \
		.rank = (mutex_rank), .name = (mutex_name)                                         \
	}

void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
void mutex_assert_held(const struct mutex *mutex);

/* ---- one writer, or many readers ----------------------------------------------------------- */

struct rw_semaphore {
	s32 holders; /* readers; -1: a writer */
	u16 rank;
	const char *name;
};

#define RWSEM_INIT(sem_name, sem_rank)                                                             \
	{                                                                                          \
		.rank = (sem_rank), .name = (sem_name)                                             \
	}

/* Who holds what, and whether the order is kept, is known to checked builds. */
#if CONFIG_CHECKED
void rwsem_note_acquire(const struct rw_semaphore *sem, unsigned int subclass);
void rwsem_note_release(const struct rw_semaphore *sem);
#else
#define rwsem_note_acquire(sem, subclass) ((void)0)
#define rwsem_note_release(sem) ((void)0)
#endif

/* There is nobody to wait for. Panics. */
void __noreturn rwsem_deadlock(const struct rw_semaphore *sem);

static inline void down_read(struct rw_semaphore *sem)
{
	rwsem_note_acquire(sem, 0);
	if (unlikely(__atomic_fetch_add(&sem->holders, 1, __ATOMIC_ACQUIRE) < 0))
		rwsem_deadlock(sem);
}

static inline void up_read(struct rw_semaphore *sem)
{
	rwsem_note_release(sem);
	if (unlikely(__atomic_fetch_sub(&sem->holders, 1, __ATOMIC_RELEASE) <= 0))
		rwsem_deadlock(sem);
}

/* Takes it as the inner one of two of a kind: its rank counts as higher by subclass. */
static inline void down_write_nested(struct rw_semaphore *sem, unsigned int subclass __maybe_unused)
{
	s32 nobody = 0;

	rwsem_note_acquire(sem, subclass);
	if (unlikely(!__atomic_compare_exchange_n(&sem->holders, &nobody, -1, false,
						  __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)))
		rwsem_deadlock(sem);
}

static inline void down_write(struct rw_semaphore *sem)
{
	down_write_nested(sem, 0);
}

/* Held by anybody; by a writer. */
#if CONFIG_CHECKED
void rwsem_held_check(const struct rw_semaphore *sem, bool write);
#define rwsem_assert_held(sem) rwsem_held_check((sem), false)
#define rwsem_assert_held_write(sem) rwsem_held_check((sem), true)
#else
#define rwsem_assert_held(sem) ((void)0)
#define rwsem_assert_held_write(sem) ((void)0)
#endif

static inline void up_write(struct rw_semaphore *sem)
{
	rwsem_note_release(sem);
	rwsem_assert_held_write(sem);
	__atomic_store_n(&sem->holders, 0, __ATOMIC_RELEASE);
}

/* The writer goes on as a reader. */
static inline void downgrade_write(struct rw_semaphore *sem)
{
	rwsem_assert_held_write(sem);
	__atomic_store_n(&sem->holders, 1, __ATOMIC_RELEASE);
}

/* How many sleeping locks this task holds; in unchecked builds, mutexes alone. */
unsigned int mutexes_held(void);
