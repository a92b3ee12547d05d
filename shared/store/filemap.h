/*
 * The page cache: the pages of files that are in memory. Corresponds to Linux mm/filemap.c and
 * mm/truncate.c.
 *
 *            add_to_page_cache()             a_ops->readpage()
 *   (none) ---------------------> locked ---------------------> uptodate, unlocked
 *     ^                                                               |
 *     +---------------- delete_from_page_cache(), locked -------------+
 *
 * Each page of the cache has one use for that, which keeps it; whoever finds one gets a use of his
 * own, so what he holds stays a page of that content, if not one of the cache: truncation takes
 * pages out under others. A page that is locked stays what it is.
 *
 * Callable without a spinlock held, but for find_get_page() and page_is_cached().
 */
#pragma once

#include "as/address_space.h"

struct file;
struct inode;
struct page;
struct vm_fault;

/* Boot time only. */
void page_cache_init(void);

/* ---- pages --------------------------------------------------------------------------------- */

/* Is there a page? It may be gone at once. */
bool page_is_cached(struct address_space *mapping, unsigned long index);

/* The page, with a use for the caller; NULL: there is none. find_lock_page(): locked as well. */
struct page *__must_check find_get_page(struct address_space *mapping, unsigned long index);
struct page *__must_check find_lock_page(struct address_space *mapping, unsigned long index);

/*
 * Makes a page, which nobody else knows, the cache's at index: with a use for the cache, and
 * locked. -EEXIST: there is one; -ENOMEM; the page is as it was. May sleep.
 */
int __must_check add_to_page_cache(struct page *page, struct address_space *mapping,
				   unsigned long index);

/* Takes a page out, with the cache's use of it. It is locked, nothing maps it any more, and the
 * caller has a use. */
void delete_from_page_cache(struct page *page);

/*
 * The page, which is brought in if need be, uptodate, locked, and with a use for the caller. 0: it
 * was there; 1: it was not; -ENOMEM. May sleep.
 */
int __must_check read_cache_page(struct address_space *mapping, unsigned long index,
				 struct page **page);

/* ---- truncation ---------------------------------------------------------------------------- */

/* Takes all pages at first and above out of the cache; nothing maps them any more. May sleep. */
void truncate_inode_pages(struct address_space *mapping, unsigned long first);

/* Zeroes what a file of so many bytes does not have of its last page, if that is there. */
void truncate_partial_page(struct address_space *mapping, u64 size);

/* ---- uses ---------------------------------------------------------------------------------- */

/* vm_ops->fault: VM_FAULT_LOCKED, with VM_FAULT_MAJOR for a page that had to be brought in;
 * VM_FAULT_SIGBUS beyond the size; VM_FAULT_OOM; VM_FAULT_RETRY, with mmap_sem dropped, when it had
 * to wait for the page's lock and the fault may be tried again. */
unsigned int filemap_fault(struct vm_fault *vmf);

/*
 * Writes a word again and again, to len bytes at offset, both multiples of its size; the file grows
 * if need be. -ENOMEM, -EFBIG: nothing is written. May sleep.
 */
int __must_check filemap_write(struct inode *inode, u64 offset, u32 word, u64 len);

/* Reads the word at offset, a multiple of its size, without bringing anything in: what is not there
 * is 0. False: it is beyond the size. May sleep. */
bool __must_check filemap_read(struct inode *inode, u64 offset, u32 *word);
