#include "store/filemap.h"

#include "as/file.h"
#include "as/mm_types.h"
#include "base/bug.h"
#include "base/errno.h"
#include "base/string.h"
#include "kmem/slab.h"
#include "pgtable/highmem.h"
#include "phys/page_alloc.h"
#include "phys/page_lock.h"

static __mm_state struct kmem_cache *node_cachep;

void page_cache_init(void)
{
	node_cachep = kmem_cache_create("radix_tree_node", sizeof(struct radix_tree_node), 0,
					SLAB_RECLAIM_ACCOUNT | SLAB_PANIC, NULL);
}

/* ---- nodes of the tree --------------------------------------------------------------------- */

/* Brings the preload to nr nodes. -ENOMEM: it has those that there were. */
static int fill_preload(struct radix_tree_preload *preload, unsigned int nr)
{
	while (preload->nr < nr) {
		struct radix_tree_node *node = kmem_cache_zalloc(node_cachep, GFP_KERNEL);

		if (!node)
			return -ENOMEM;
		preload->nodes[preload->nr++] = node;
	}
	return 0;
}

static void release_preload(struct radix_tree_preload *preload)
{
	while (preload->nr)
		kmem_cache_free(node_cachep, preload->nodes[--preload->nr]);
}

/* ---- pages --------------------------------------------------------------------------------- */

bool page_is_cached(struct address_space *mapping, unsigned long index)
{
	bool cached;

	spin_lock(&mapping->tree_lock);
	cached = radix_tree_lookup(&mapping->page_tree, index) != NULL;
	spin_unlock(&mapping->tree_lock);
	return cached;
}

/* The first page at *index or above, with a use; *index is its own then. */
static struct page *find_get_next(struct address_space *mapping, unsigned long *index)
{
	struct page *page;

	spin_lock(&mapping->tree_lock);
	page = radix_tree_next(&mapping->page_tree, index);
	if (page)
		get_page(page);
	spin_unlock(&mapping->tree_lock);
	return page;
}

struct page *find_get_page(struct address_space *mapping, unsigned long index)
{
	struct page *page;

	spin_lock(&mapping->tree_lock);
	page = radix_tree_lookup(&mapping->page_tree, index);
	if (page)
		get_page(page);
	spin_unlock(&mapping->tree_lock);
	return page;
}

struct page *find_lock_page(struct address_space *mapping, unsigned long index)
{
	struct page *page = find_get_page(mapping, index);

	if (!page)
		return NULL;
	lock_page(page);
	/* Nobody else ran, so nobody took it out before it was locked. */
	BUG_ON(page->mapping != mapping, "pfn %lx left its file meanwhile", page_to_pfn(page));
	return page;
}

/* Under tree_lock. As radix_tree_insert(). */
static int insert_page(struct page *page, struct address_space *mapping, unsigned long index,
		       struct radix_tree_preload *preload)
{
	int err = radix_tree_insert(&mapping->page_tree, index, page, preload);

	if (err)
		return err;
	get_page(page);
	page->mapping = mapping;
	page->index = index;
	mapping->nrpages++;
	return 0;
}

int add_to_page_cache(struct page *page, struct address_space *mapping, unsigned long index)
{
	struct radix_tree_preload preload = {.nr = 0};
	unsigned int needs;
	int err;

	lock_page(page);
	do {
		spin_lock(&mapping->tree_lock);
		err = insert_page(page, mapping, index, &preload);
		needs = err == -ENOMEM ? radix_tree_needs(&mapping->page_tree, index) : 0;
		spin_unlock(&mapping->tree_lock);
	} while (needs && fill_preload(&preload, needs) == 0);
	release_preload(&preload);
	if (err)
		unlock_page(page);
	return err;
}

void delete_from_page_cache(struct page *page)
{
	struct radix_tree_preload preload = {.nr = 0};
	struct address_space *mapping = page->mapping;
	const void *deleted;

	MM_ASSERT(page_flag(page, PG_locked), "pfn %lx is not locked", page_to_pfn(page));
	BUG_ON(page->_mapcount >= 0, "pfn %lx leaves its file while it is mapped",
	       page_to_pfn(page));
	spin_lock(&mapping->tree_lock);
	deleted = radix_tree_delete(&mapping->page_tree, page->index, &preload);
	mapping->nrpages--;
	page->mapping = NULL;
	spin_unlock(&mapping->tree_lock);
	BUG_ON(deleted != page, "pfn %lx is not at its place", page_to_pfn(page));
	page->index = 0;
	release_preload(&preload);
	put_page(page);
}

/* A new page of the cache, locked, with a use for the caller, and nothing in it. */
static int add_new_page(struct address_space *mapping, unsigned long index, struct page **result)
{
	struct page *page = alloc_page(GFP_HIGHUSER_MOVABLE);
	int err;

	if (!page)
		return -ENOMEM;
	err = add_to_page_cache(page, mapping, index);
	if (err)
		put_page(page);
	else
		*result = page;
	return err;
}

int read_cache_page(struct address_space *mapping, unsigned long index, struct page **result)
{
	struct page *page = find_lock_page(mapping, index);
	int err = page ? 0 : add_new_page(mapping, index, &page);

	if (err)
		return err;
	*result = page;
	if (page_flag(page, PG_uptodate))
		return 0;
	mapping->a_ops->readpage(page);
	return 1;
}

/* ---- truncation ---------------------------------------------------------------------------- */

static void delete_and_put(struct page *page)
{
	lock_page(page);
	/* Who still has a use of it need not write it back: there is nothing to write it to. */
	clear_page_flag(page, PG_dirty);
	delete_from_page_cache(page);
	unlock_page(page);
	put_page(page);
}

void truncate_inode_pages(struct address_space *mapping, unsigned long first)
{
	struct page *page;

	for (unsigned long i = first; (page = find_get_next(mapping, &i)); i++)
		delete_and_put(page);
}

void truncate_partial_page(struct address_space *mapping, u64 size)
{
	unsigned long kept = size & (PAGE_SIZE - 1);
	struct page *page = kept ? find_lock_page(mapping, size >> PAGE_SHIFT) : NULL;
	char *address;

	if (!page)
		return;
	address = kmap_atomic(page);
	memset(address + kept, 0, PAGE_SIZE - kept);
	kunmap_atomic(address);
	set_page_flag(page, PG_dirty);
	unlock_page(page);
	put_page(page);
}

/* ---- faults -------------------------------------------------------------------------------- */

/*
 * Somebody has the page locked, for long maybe. A fault that may be tried again lets go of mmap_sem
 * before it waits, so that it does not keep others from changing the space: true. Linux:
 * __lock_page_or_retry().
 */
static bool waited_for_page(struct vm_fault *vmf, struct address_space *mapping)
{
	struct page *page;

	if (!(vmf->flags & FAULT_FLAG_ALLOW_RETRY))
		return false;
	page = find_get_page(mapping, vmf->pgoff);
	if (!page)
		return false;
	if (!page_flag(page, PG_locked)) {
		put_page(page);
		return false;
	}
	up_read(&vmf->vma->vm_mm->mmap_sem);
	lock_page(page);
	unlock_page(page);
	put_page(page);
	return true;
}

unsigned int filemap_fault(struct vm_fault *vmf)
{
	struct address_space *mapping = vmf->vma->vm_file->f_mapping;
	int brought;

	if (vmf->pgoff >= i_size_pages(mapping->host))
		return VM_FAULT_SIGBUS;
	if (waited_for_page(vmf, mapping))
		return VM_FAULT_RETRY;
	brought = read_cache_page(mapping, vmf->pgoff, &vmf->page);
	if (brought < 0)
		return VM_FAULT_OOM;
	/* A use for each entry that maps it, as programs like: not without end (try_get_page()). */
	if (unlikely(vmf->page->_count > PAGE_COUNT_LIMIT)) {
		unlock_page(vmf->page);
		put_page(vmf->page);
		return VM_FAULT_OOM;
	}
	return VM_FAULT_LOCKED | (brought ? VM_FAULT_MAJOR : 0);
}

/* ---- reading and writing ------------------------------------------------------------------- */

/* Of the pages [first, end), which are all there, those that were just added have nothing yet. */
static void drop_empty_pages(struct address_space *mapping, unsigned long first, unsigned long end)
{
	for (unsigned long i = first; i < end; i++) {
		struct page *page = find_get_page(mapping, i);

		if (page_flag(page, PG_uptodate))
			put_page(page);
		else
			delete_and_put(page);
	}
}

/* Sees to it that the cache has all of [first, last]: -ENOMEM: it is as before. */
static int prepare_pages(struct address_space *mapping, unsigned long first, unsigned long last)
{
	for (unsigned long i = first; i <= last; i++) {
		struct page *page;
		int err;

		if (page_is_cached(mapping, i))
			continue;
		err = add_new_page(mapping, i, &page);
		if (err) {
			drop_empty_pages(mapping, first, i);
			return err;
		}
		unlock_page(page);
		put_page(page);
	}
	return 0;
}

static void write_words(struct page *page, unsigned long from, unsigned long to, u32 word)
{
	char *address = kmap_atomic(page);

	for (; from < to; from += sizeof(word))
		*(u32 *)(address + from) = word;
	kunmap_atomic(address);
	set_page_flag(page, PG_dirty);
}

/* A page that prepare_pages() saw to. */
static void write_page(struct address_space *mapping, unsigned long index, unsigned long from,
		       unsigned long to, u32 word)
{
	struct page *page;
	int err = read_cache_page(mapping, index, &page);

	BUG_ON(err < 0, "page %lx is gone since it was prepared", index);
	write_words(page, from, to, word);
	unlock_page(page);
	put_page(page);
}

int filemap_write(struct inode *inode, u64 offset, u32 word, u64 len)
{
	struct address_space *mapping = inode->i_mapping;
	u64 end = offset + len;
	int err;

	if (!len)
		return 0;
	if (offset > MAX_FILE_SIZE || len > MAX_FILE_SIZE - offset)
		return -EFBIG;
	err = prepare_pages(mapping, offset >> PAGE_SHIFT, (end - 1) >> PAGE_SHIFT);
	if (err)
		return err;
	while (offset < end) {
		unsigned long from = offset & (PAGE_SIZE - 1);
		unsigned long to = min(PAGE_SIZE, from + (end - offset));

		write_page(mapping, offset >> PAGE_SHIFT, from, to, word);
		offset += to - from;
	}
	if (end > i_size_read(inode))
		i_size_write(inode, end);
	return 0;
}

bool filemap_read(struct inode *inode, u64 offset, u32 *word)
{
	struct page *page;
	char *address;

	if (offset >= i_size_read(inode))
		return false;
	*word = 0;
	page = find_get_page(inode->i_mapping, offset >> PAGE_SHIFT);
	if (!page)
		return true;
	address = kmap_atomic(page);
	*word = *(const u32 *)(address + (offset & (PAGE_SIZE - 1)));
	kunmap_atomic(address);
	put_page(page);
	return true;
}
