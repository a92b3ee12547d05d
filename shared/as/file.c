#include "as/file.h"

#include "base/bug.h"
#include "base/lock.h"
#include "base/string.h"
#include "kmem/slab.h"

__mm_state struct list_head file_list;
static __mm_state spinlock_t files_lock; /* file_list */
static __mm_state struct kmem_cache *filp_cachep;

void file_init(void)
{
	list_init(&file_list);
	spin_lock_init(&files_lock, "files_lock", LOCK_RANK_FILES, 0);
	filp_cachep = kmem_cache_create("filp", sizeof(struct file), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}

struct file *alloc_file(const char *name, u64 size, u32 mode, const struct file_operations *f_op)
{
	struct file *file = kmem_cache_zalloc(filp_cachep, GFP_KERNEL);
	size_t len = strnlen(name, FILE_NAME_SIZE - 1);
	unsigned long flags;

	if (!file)
		return NULL;
	file->f_count = 1;
	file->f_mode = mode;
	file->f_op = f_op;
	file->size = size;
	memcpy(file->name, name, len);
	flags = spin_lock_irqsave(&files_lock);
	list_add_tail(&file->list, &file_list);
	spin_unlock_irqrestore(&files_lock, flags);
	return file;
}

struct file *get_file(struct file *file)
{
	u32 users = __atomic_add_fetch(&file->f_count, 1, __ATOMIC_RELAXED);

	BUG_ON(users < 2, "file %s: count wraps, or came back from 0", file->name);
	return file;
}

void fput(struct file *file)
{
	unsigned long flags;

	BUG_ON(!file->f_count, "file %s has no users", file->name);
	if (__atomic_sub_fetch(&file->f_count, 1, __ATOMIC_RELEASE))
		return;
	if (file->f_op->release)
		file->f_op->release(file);
	flags = spin_lock_irqsave(&files_lock);
	list_del(&file->list);
	spin_unlock_irqrestore(&files_lock, flags);
	kmem_cache_free(filp_cachep, file);
}
