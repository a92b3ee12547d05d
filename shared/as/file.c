#include "as/file.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/lock.h"
#include "base/string.h"
#include "kmem/slab.h"

__mm_state struct list_head file_list, inode_list;
static __mm_state spinlock_t files_lock; /* file_list, inode_list */
static __mm_state struct kmem_cache *filp_cachep, *inode_cachep;

void file_init(void)
{
	list_init(&file_list);
	list_init(&inode_list);
	spin_lock_init(&files_lock, "files_lock", LOCK_RANK_FILES, 0);
	filp_cachep = kmem_cache_create("filp", sizeof(struct file), 0,
					SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
	inode_cachep = kmem_cache_create("inode_cache", sizeof(struct inode), 0,
					 SLAB_HWCACHE_ALIGN | SLAB_PANIC, NULL);
}

static void add_to(struct list_head *all, struct list_head *node)
{
	unsigned long flags = spin_lock_irqsave(&files_lock);

	list_add_tail(node, all);
	spin_unlock_irqrestore(&files_lock, flags);
}

/* ---- inodes -------------------------------------------------------------------------------- */

struct inode *alloc_inode(const char *name, u64 size, const struct file_operations *i_fop,
			  const struct address_space_operations *a_ops)
{
	struct inode *inode = kmem_cache_zalloc(inode_cachep, GFP_KERNEL);
	struct address_space *mapping;

	if (!inode)
		return NULL;
	inode->i_count = 1;
	inode->i_fop = i_fop;
	i_size_write(inode, size);
	memcpy(inode->name, name, strnlen(name, FILE_NAME_SIZE - 1));
	mapping = inode->i_mapping = &inode->i_data;
	mapping->host = inode;
	mapping->page_tree = RADIX_TREE_ROOT;
	mapping->i_mmap = INTERVAL_ROOT;
	mapping->i_mmap_rwsem = (struct rw_semaphore)RWSEM_INIT("i_mmap_rwsem", MUTEX_RANK_I_MMAP);
	mapping->a_ops = a_ops;
	spin_lock_init(&mapping->tree_lock, "tree_lock", LOCK_RANK_PAGE_TREE, 0);
	add_to(&inode_list, &inode->list);
	return inode;
}

/*
 * Nobody finds it any more from the moment that its count is 0: that, and that it leaves the list,
 * is one step to find_inode().
 */
void iput(struct inode *inode)
{
	unsigned long flags = spin_lock_irqsave(&files_lock);
	u32 users;

	BUG_ON(!inode->i_count, "inode %s has no users", inode->name);
	users = __atomic_sub_fetch(&inode->i_count, 1, __ATOMIC_RELEASE);
	if (!users)
		list_del(&inode->list);
	spin_unlock_irqrestore(&files_lock, flags);
	if (users)
		return;
	if (inode->i_fop->release)
		inode->i_fop->release(inode);
	BUG_ON(inode->i_data.nrpages, "inode %s ends with %lu pages", inode->name,
	       inode->i_data.nrpages);
	kmem_cache_free(inode_cachep, inode);
}

static struct inode *inode_of_name(const char *name)
{
	list_for_each (at, &inode_list) {
		struct inode *inode = list_entry(at, struct inode, list);

		if (strcmp(inode->name, name) == 0)
			return inode;
	}
	return NULL;
}

struct inode *find_inode(const char *name)
{
	unsigned long flags = spin_lock_irqsave(&files_lock);
	struct inode *inode = inode_of_name(name);

	if (inode)
		__atomic_add_fetch(&inode->i_count, 1, __ATOMIC_RELAXED);
	spin_unlock_irqrestore(&files_lock, flags);
	return inode;
}

/* ---- files --------------------------------------------------------------------------------- */

struct file *alloc_file(struct inode *inode, u32 mode)
{
	struct file *file = kmem_cache_zalloc(filp_cachep, GFP_KERNEL);

	if (!file)
		return NULL;
	file->f_count = 1;
	file->f_mode = mode;
	file->f_op = inode->i_fop;
	file->f_inode = inode;
	file->f_mapping = inode->i_mapping;
	add_to(&file_list, &file->list);
	return file;
}

int file_setup(const char *name, u64 size, u32 mode, const struct file_operations *i_fop,
	       const struct address_space_operations *a_ops, struct file **file)
{
	struct inode *inode;

	if (size > MAX_FILE_SIZE)
		return -EINVAL;
	inode = alloc_inode(name, size, i_fop, a_ops);
	*file = inode ? alloc_file(inode, mode) : NULL;
	if (*file)
		return 0;
	if (inode)
		iput(inode);
	return -ENOMEM;
}

struct file *get_file(struct file *file)
{
	u32 users = __atomic_add_fetch(&file->f_count, 1, __ATOMIC_RELAXED);

	BUG_ON(users < 2, "file %s: count wraps, or came back from 0", file->f_inode->name);
	return file;
}

void fput(struct file *file)
{
	unsigned long flags;

	BUG_ON(!file->f_count, "file %s has no users", file->f_inode->name);
	if (__atomic_sub_fetch(&file->f_count, 1, __ATOMIC_RELEASE))
		return;
	flags = spin_lock_irqsave(&files_lock);
	list_del(&file->list);
	spin_unlock_irqrestore(&files_lock, flags);
	iput(file->f_inode);
	kmem_cache_free(filp_cachep, file);
}
