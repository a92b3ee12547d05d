#include "paging/truncate.h"

#include "as/file.h"
#include "as/rmap.h"
#include "base/errno.h"
#include "paging/memory.h"
#include "store/filemap.h"

/* The stretch of an area that has pages [first, last] of its file: all of it that matches. */
static void unmap_in_area(struct vm_area_struct *vma, unsigned long first, unsigned long last)
{
	unsigned long begin = max(first, vma->vm_pgoff);
	unsigned long end = min(last, vma->vm_pgoff + vma_pages(vma) - 1);

	zap_page_range(vma, vma->vm_start + ((begin - vma->vm_pgoff) << PAGE_SHIFT),
		       vma->vm_start + ((end - vma->vm_pgoff + 1) << PAGE_SHIFT));
}

void unmap_mapping_range(struct address_space *mapping, unsigned long first, unsigned long last)
{
	down_read(&mapping->i_mmap_rwsem);
	interval_for_each(node, &mapping->i_mmap, first, last)
		unmap_in_area(container_of(node, struct vm_area_struct, shared), first, last);
	up_read(&mapping->i_mmap_rwsem);
}

/*
 * Linux does it in this order, too: first nobody finds pages beyond the new size any more, then
 * those that somebody has mapped go; a fault that was under way may have mapped one again, so once
 * more when the pages have left the cache.
 */
int do_ftruncate(struct file *file, u64 size)
{
	struct inode *inode = file->f_inode;
	struct address_space *mapping = inode->i_mapping;
	u64 first = (size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	bool shrinks = size < i_size_read(inode);

	if (!(file->f_mode & FMODE_WRITE))
		return -EINVAL;
	if (size > MAX_FILE_SIZE)
		return -EFBIG;
	i_size_write(inode, size);
	if (!shrinks)
		return 0;
	unmap_mapping_range(mapping, first, ~0ul);
	truncate_inode_pages(mapping, first);
	truncate_partial_page(mapping, size);
	unmap_mapping_range(mapping, first, ~0ul);
	return 0;
}
