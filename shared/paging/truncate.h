/*
 * Files that become shorter, and the mappings of what goes. Corresponds to Linux mm/truncate.c and
 * mm/memory.c, unmap_mapping_range().
 */
#pragma once

#include "as/address_space.h"

struct file;

/*
 * Unmaps the file's pages [first, last], private copies of them included, in whichever space they
 * are mapped. Takes i_mmap_rwsem.
 */
void unmap_mapping_range(struct address_space *mapping, unsigned long first, unsigned long last);

/*
 * ftruncate(): the file has size bytes from now on. What was beyond is gone, from the cache and
 * from all spaces; what comes in its place when the file grows again is zero. -EINVAL: not open for
 * writing; -EFBIG: no file is so large. May sleep.
 */
int do_ftruncate(struct file *file, u64 size);
