#include "store/shmem.h"

#include "as/account.h"
#include "as/mm_types.h"
#include "base/errno.h"

static const struct vm_operations_struct shmem_vm_ops = {.open = NULL};

static int shmem_mmap(struct file *file __maybe_unused, struct vm_area_struct *vma)
{
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

static void shmem_release(struct inode *inode)
{
	vm_unacct_memory(inode->accounted);
}

static const struct file_operations shmem_file_operations = {
	.mmap = shmem_mmap,
	.release = shmem_release,
};

int shmem_file_setup(const char *name, u64 size, u32 mode, const struct mm_struct *mm,
		     struct file **result)
{
	unsigned long pages = mm ? PFN_UP(size) : 0;
	struct inode *inode;

	if (mm && vm_enough_memory(mm, pages))
		return -ENOMEM;
	inode = alloc_inode(name, size, &shmem_file_operations, NULL);
	if (!inode) {
		vm_unacct_memory(pages);
		return -ENOMEM;
	}
	inode->accounted = pages;
	*result = alloc_file(inode, mode);
	if (*result)
		return 0;
	iput(inode);
	return -ENOMEM;
}

int shmem_zero_file(const struct mm_struct *mm, unsigned long len, unsigned long vm_flags,
		    struct file **result)
{
	return shmem_file_setup(SHMEM_ANONYMOUS_NAME, len, FMODE_READ | FMODE_WRITE,
				vm_flags & VM_NORESERVE ? NULL : mm, result);
}
