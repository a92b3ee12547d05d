#include "store/ramfs.h"

#include "as/mm_types.h"
#include "base/errno.h"
#include "pgtable/highmem.h"
#include "store/filemap.h"

static const struct vm_operations_struct ramfs_vm_ops = {.fault = filemap_fault};

static int ramfs_mmap(struct file *file __maybe_unused, struct vm_area_struct *vma)
{
	vma->vm_ops = &ramfs_vm_ops;
	return 0;
}

static void ramfs_release(struct inode *inode)
{
	truncate_inode_pages(inode->i_mapping, 0);
}

static const struct file_operations ramfs_file_operations = {
	.mmap = ramfs_mmap,
	.release = ramfs_release,
};

static void ramfs_readpage(struct page *page)
{
	clear_highpage(page);
	set_page_flag(page, PG_uptodate);
}

static const struct address_space_operations ramfs_aops = {.readpage = ramfs_readpage};

int ramfs_file_setup(const char *name, u64 size, u32 mode, struct file **result)
{
	return file_setup(name, size, mode, &ramfs_file_operations, &ramfs_aops, result);
}
