#include "store/shmem.h"

#include "as/account.h"
#include "as/mm_types.h"
#include "base/errno.h"
#include "pgtable/highmem.h"
#include "store/filemap.h"

/* Nothing is read from anywhere, so no fault is a major one. */
static unsigned int shmem_fault(struct vm_fault *vmf)
{
	return filemap_fault(vmf) & ~VM_FAULT_MAJOR;
}

static const struct vm_operations_struct shmem_vm_ops = {.fault = shmem_fault};

static int shmem_mmap(struct file *file __maybe_unused, struct vm_area_struct *vma)
{
	vma->vm_ops = &shmem_vm_ops;
	return 0;
}

static void shmem_release(struct inode *inode)
{
	truncate_inode_pages(inode->i_mapping, 0);
	vm_unacct_memory(inode->accounted);
}

static const struct file_operations shmem_file_operations = {
	.mmap = shmem_mmap,
	.release = shmem_release,
};

static void shmem_readpage(struct page *page)
{
	clear_highpage(page);
	set_page_flag(page, PG_swapbacked);
	set_page_flag(page, PG_uptodate);
}

static const struct address_space_operations shmem_aops = {.readpage = shmem_readpage};

int shmem_file_setup(const char *name, u64 size, u32 mode, const struct mm_struct *mm,
		     struct file **result)
{
	unsigned long pages = mm ? PFN_UP(size) : 0;
	int err;

	if (mm && vm_enough_memory(mm, pages))
		return -ENOMEM;
	err = file_setup(name, size, mode, &shmem_file_operations, &shmem_aops, result);
	if (err)
		vm_unacct_memory(pages);
	else
		(*result)->f_inode->accounted = pages;
	return err;
}

int shmem_zero_file(const struct mm_struct *mm, unsigned long len, unsigned long vm_flags,
		    struct file **result)
{
	return shmem_file_setup(SHMEM_ANONYMOUS_NAME, len, FMODE_READ | FMODE_WRITE,
				vm_flags & VM_NORESERVE ? NULL : mm, result);
}
