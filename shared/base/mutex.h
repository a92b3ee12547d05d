/*
 * Sleeping locks. Corresponds to Linux include/linux/mutex.h.
 *
 * Who waits for one sleeps, so none may be taken with a spinlock held. There is one task so far:
 * nobody can be waited for, and a mutex that is taken already is a deadlock, which is a BUG.
 * Mutexes come before all spinlocks; among themselves they have ranks, as those have.
 */
#pragma once

#include "base/lock.h"

struct mutex {
	u32 locked;
	u16 rank;
	const char *name;
};

/* The order of all mutexes. */
enum mutex_rank {
	MUTEX_RANK_SLAB = 1, /* kmem/common.c: slab_mutex, the list of caches */
	MUTEX_RANK_MEMPOOL,  /* kmem/mempool.h: mempools, the list of pools; nothing within */
};

#define MUTEX_INIT(mutex_name, mutex_rank)                                                         \
	{                                                                                          \
		.rank = (mutex_rank), .name = (mutex_name)                                         \
	}

void mutex_lock(struct mutex *mutex);
void mutex_unlock(struct mutex *mutex);
void mutex_assert_held(const struct mutex *mutex);

/* How many this task holds. */
unsigned int mutexes_held(void);
