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

/* How many sleeping locks this task holds. */
unsigned int mutexes_held(void);

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

void down_read(struct rw_semaphore *sem);
void up_read(struct rw_semaphore *sem);
void down_write(struct rw_semaphore *sem);
/* Takes it as the inner one of two of a kind: its rank counts as higher by subclass. */
void down_write_nested(struct rw_semaphore *sem, unsigned int subclass);
void up_write(struct rw_semaphore *sem);
/* The writer goes on as a reader. */
void downgrade_write(struct rw_semaphore *sem);

/* Held by anybody; by a writer. */
void rwsem_assert_held(const struct rw_semaphore *sem);
void rwsem_assert_held_write(const struct rw_semaphore *sem);
