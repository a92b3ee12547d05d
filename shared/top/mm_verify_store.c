/* The verifier's part on files' contents: each page cache recounted. */
#include "as/file.h"
#include "phys/page.h"
#include "top/mm_verify_priv.h"

static void verify_cached_page(const struct inode *inode, const struct page *page,
			       unsigned long index)
{
	if (page->mapping != &inode->i_data || page->index != index)
		violation("inode %s page %lx: pfn %lx has mapping %p and index %lx", inode->name,
			  index, page_to_pfn(page), page->mapping, page->index);
	/* The cache's use, and one of each entry that maps it. */
	if ((s64)page->_count < (s64)page->_mapcount + 2)
		violation("inode %s page %lx: pfn %lx has count %u, mapcount %d", inode->name,
			  index, page_to_pfn(page), page->_count, page->_mapcount);
	if (!page_flag(page, PG_uptodate) || page_flag(page, PG_locked))
		violation("inode %s page %lx: pfn %lx has flags %08x", inode->name, index,
			  page_to_pfn(page), page->flags);
}

static void verify_mapping(const struct inode *inode)
{
	const struct address_space *mapping = inode->i_mapping;
	const char *tree = radix_tree_fault(&mapping->page_tree);
	const char *areas = interval_fault(&mapping->i_mmap);
	unsigned long pages = 0;
	const struct page *page;

	if (mapping != &inode->i_data || mapping->host != inode)
		violation("inode %s has not its own mapping", inode->name);
	if (areas)
		violation("inode %s, the areas that map it: %s", inode->name, areas);
	if (mapping->i_mmap_rwsem.holders)
		violation("inode %s: i_mmap_rwsem is held", inode->name);
	if (tree) {
		violation("inode %s, its pages: %s", inode->name, tree);
		return;
	}
	for (unsigned long i = 0; (page = radix_tree_next(&mapping->page_tree, &i)); i++) {
		verify_cached_page(inode, page, i);
		pages++;
	}
	if (pages != mapping->nrpages)
		violation("inode %s: nrpages is %lu, %lu were counted", inode->name,
			  mapping->nrpages, pages);
}

static void verify_files_of(const struct inode *inode)
{
	u32 files = 0;

	list_for_each (at, &file_list)
		files += list_entry(at, struct file, list)->f_inode == inode;
	if (files != inode->i_count)
		violation("inode %s has count %u, and %u files", inode->name, inode->i_count,
			  files);
}

unsigned long verify_inodes(void)
{
	unsigned long accounted = 0;

	list_for_each (at, &inode_list) {
		const struct inode *inode = list_entry(at, struct inode, list);

		verify_mapping(inode);
		verify_files_of(inode);
		accounted += inode->accounted;
	}
	return accounted;
}
