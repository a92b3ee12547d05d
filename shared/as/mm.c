#include "as/mm.h"

#include "arch/arch.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "kmem/slab.h"
#include "pgtable/pgtable.h"

__mm_state struct mm_struct init_mm;
__mm_state struct list_head mm_list;
static __mm_state spinlock_t mmlist_lock; /* mm_list */
static __mm_state struct kmem_cache *mm_cachep;

static void init_locks(struct mm_struct *mm)
{
	spin_lock_init(&mm->page_table_lock, "page_table_lock", LOCK_RANK_PAGE_TABLE, 0);
	mm->mmap_sem = (struct rw_semaphore)RWSEM_INIT("mmap_sem", MUTEX_RANK_MMAP);
}

void mm_init_spaces(void)
{
	list_init(&mm_list);
	spin_lock_init(&mmlist_lock, "mmlist_lock", LOCK_RANK_MMLIST, 0);
	mm_cachep = kmem_cache_create("mm_struct", sizeof(struct mm_struct), 0,
				      SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	init_locks(&init_mm);
	init_mm.pgd = swapper_pg_dir;
	init_mm.mm_users = 1;
	init_mm.mm_count = 1;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_zalloc(mm_cachep, GFP_KERNEL);
	unsigned long flags;

	if (!mm)
		return NULL;
	mm->pgd = pgd_alloc();
	if (!mm->pgd) {
		kmem_cache_free(mm_cachep, mm);
		return NULL;
	}
	init_locks(mm);
	mm->mm_users = 1;
	mm->mm_count = 1;
	flags = spin_lock_irqsave(&mmlist_lock);
	list_add_tail(&mm->mmlist, &mm_list);
	spin_unlock_irqrestore(&mmlist_lock, flags);
	return mm;
}

void arch_pick_mmap_layout(struct mm_struct *mm)
{
	unsigned long room = rlimit(RLIMIT_STACK);
	unsigned long pad = stack_guard_gap << PAGE_SHIFT;

	mm->mmap_topdown = !sysctl_legacy_va_layout;
	if (!mm->mmap_topdown) {
		mm->mmap_base = TASK_UNMAPPED_BASE;
		return;
	}
	if (room + pad > room)
		room += pad;
	room = max(MIN_STACK_ROOM, min(room, MAX_STACK_ROOM));
	mm->mmap_base = ALIGN(TASK_SIZE - room, PAGE_SIZE);
}

void mmdrop(struct mm_struct *mm)
{
	unsigned long flags;

	BUG_ON(!mm->mm_count, "mm_count of %p is 0", (void *)mm);
	if (__atomic_sub_fetch(&mm->mm_count, 1, __ATOMIC_RELEASE))
		return;
	BUG_ON(mm->mmap || mm == &init_mm, "the space %p is in use", (void *)mm);
	flags = spin_lock_irqsave(&mmlist_lock);
	list_del(&mm->mmlist);
	spin_unlock_irqrestore(&mmlist_lock, flags);
	pgd_release(mm->pgd);
	kmem_cache_free(mm_cachep, mm);
}

void switch_mm(struct mm_struct *prev, struct mm_struct *next)
{
	if (prev != next)
		arch_load_cr3(__pa(next->pgd));
}

void leave_mm(struct mm_struct *mm)
{
	if (current->active_mm != mm || current->mm == mm)
		return;
	switch_mm(mm, &init_mm);
	current->active_mm = mmgrab(&init_mm);
	mmdrop(mm);
}

void activate_mm(struct mm_struct *prev, struct mm_struct *next)
{
	switch_mm(prev, next);
}
