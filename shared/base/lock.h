/*
 * Spinlocks with ranks. Corresponds to Linux include/linux/spinlock.h and kernel/locking/lockdep.c.
 *
 * The lock word is real in every build. In checked builds each CPU also keeps the list of locks it
 * holds: a lock may only be taken while every held one has a lower rank, is released only by its
 * holder, and lock_assert_held() at the head of a function is its contract, executed. The order of
 * all locks stands here, once:
 */
#pragma once

#include "arch/arch.h"
#include "arch/types.h"

enum lock_rank {
	LOCK_RANK_FILES,      /* as/file.c: the list of files */
	LOCK_RANK_MMLIST,     /* as/mm.c: the list of spaces */
	LOCK_RANK_PAGE_TABLE, /* as/mm_types.h: a space's page tables and rss */
	LOCK_RANK_PAGE_TREE,  /* as/address_space.h: tree_lock, the pages of a file */
	LOCK_RANK_FIXMAP,     /* pgtable/fixmap.c: the fixmap's entries */
	LOCK_RANK_PGD,	      /* pgtable/pgtable.c: pgd_list */
	LOCK_RANK_KMEMLEAK,   /* kmem/kmemleak.h: records and roots */
	LOCK_RANK_KMEM_CACHE, /* a CPU's stock of a cache's objects (kmem/slab.c) */
	LOCK_RANK_KMEM_NODE,  /* the lists of a cache's slabs */
	LOCK_RANK_SLOB,	      /* kmem/slob.c: all of it */
	LOCK_RANK_MEMPOOL,    /* kmem/mempool.h: a pool's elements */
	LOCK_RANK_WATERMARK,  /* phys/watermark.c: min_free_kbytes and what follows from it */
	LOCK_RANK_PCP,	      /* phys/pcp.h: one CPU's page lists of one zone; tried */
	LOCK_RANK_ZONE,	      /* phys/zone.h: zone->lock, the free areas of one zone */
	LOCK_RANK_QUARANTINE, /* kmem/kasan.h: freed objects that wait */
	LOCK_RANK_DEPOT,      /* base/stackdepot.h: a depot's traces */
};

typedef struct spinlock {
	u32 locked;
	u16 rank;
	u16 index; /* among locks of one rank, taken in ascending order */
	const char *name;
} spinlock_t;

void spin_lock_init(spinlock_t *lock, const char *name, enum lock_rank rank, unsigned int index);

/* How many locks this CPU holds; always 0 in unchecked builds. */
#if CONFIG_CHECKED
unsigned int locks_held(void);
void lock_note_acquire(spinlock_t *lock);
void lock_note_release(spinlock_t *lock);
void lock_assert_held(const spinlock_t *lock);
#else
#define lock_note_acquire(lock) ((void)0)
#define lock_note_release(lock) ((void)0)
#define lock_assert_held(lock) ((void)0)
#define locks_held() 0u
#endif

static inline void spin_lock(spinlock_t *lock)
{
	lock_note_acquire(lock);
	while (unlikely(__atomic_exchange_n(&lock->locked, 1, __ATOMIC_ACQUIRE)))
		__builtin_ia32_pause();
}

/* Takes the lock if nobody holds it. */
static inline bool spin_trylock(spinlock_t *lock)
{
	if (__atomic_fetch_or(&lock->locked, 1, __ATOMIC_ACQUIRE) & 1)
		return false;
	lock_note_acquire(lock);
	return true;
}

static inline void spin_unlock(spinlock_t *lock)
{
	lock_note_release(lock);
	__atomic_store_n(&lock->locked, 0, __ATOMIC_RELEASE);
}

/* Takes the lock with interrupts off; returns what spin_unlock_irqrestore() wants back. */
static inline unsigned long spin_lock_irqsave(spinlock_t *lock)
{
	unsigned long flags = arch_irq_save();

	spin_lock(lock);
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *lock, unsigned long flags)
{
	spin_unlock(lock);
	arch_irq_restore(flags);
}
