/*
 * Bringing in what an entry lacks. Corresponds to Linux mm/memory.c, handle_mm_fault().
 *
 *	entry              access    area                 what is done
 *	none               read      private, no file     the zero page, read-only
 *	none               write     private, no file     a zeroed page of its own
 *	none               read      with fault()         the owner's page, read-only if private
 *	none               write     with fault(), shared the owner's page, dirty
 *	none               write     with fault(), priv.  a copy of the owner's page
 *	present, read-only write     shared               made writable
 *	present, read-only write     private              made writable if nobody else has the page,
 *	                                                  else a copy: copy-on-write
 *	present            any       any                  A, and D: somebody was faster
 *
 * Pages are made, and file's pages fetched, without page_table_lock; then the entry is looked at
 * again under the lock, and what was made is dropped if it changed meanwhile: the access will be
 * tried again anyhow.
 */
#pragma once

#include "as/mm_types.h"

/*
 * Resolves a fault at address, any byte of it, in vma, which allows it.
 * - mmap_sem is held, for reading at least; no spinlock; may sleep.
 * - Returns VM_FAULT_* bits. Without VM_FAULT_ERROR there was, at some moment, an entry that allows
 *   the access; with it nothing has changed but that tables, or the area's anon_vma, may be there.
 *   VM_FAULT_RETRY, where FAULT_FLAG_ALLOW_RETRY allows it: mmap_sem, which was held for reading, is
 *   not held any more; all is to be looked up again.
 */
unsigned int handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags);
