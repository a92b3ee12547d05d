/*
 * What a file's pages and its mappings hang on. Corresponds to Linux include/linux/fs.h, struct
 * address_space.
 *
 * Invariants, which mm_verify() checks:
 *   - page_tree has nrpages pages; each has this as its mapping, and its place as its index
 *   - the cache holds one use of each of its pages, each page-table entry that maps one another
 */
#pragma once

#include "base/interval_tree.h"
#include "base/lock.h"
#include "base/mutex.h"
#include "base/radix_tree.h"

struct inode;
struct page;

struct address_space_operations {
	/*
	 * Brings in what a page of the cache is to hold: it comes locked and not uptodate, and is
	 * uptodate, and still locked, afterwards. page->mapping and index say which one it is.
	 */
	void (*readpage)(struct page *page);
};

struct address_space {
	struct inode *host;		  /* constant */
	struct radix_tree_root page_tree; /* tree_lock; pages by their offset in the file */
	unsigned long nrpages;		  /* tree_lock */
	spinlock_t tree_lock;
	struct interval_root i_mmap; /* i_mmap_rwsem; areas that map it, by vm_pgoff */
	struct rw_semaphore i_mmap_rwsem;
	/* Constant. NULL: it never has pages. */
	const struct address_space_operations *a_ops;
};
