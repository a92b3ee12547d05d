/*
 * Files that have their pages in the page cache and nowhere else: a hole is all zeroes, and a page
 * once there stays. Corresponds to Linux fs/ramfs/.
 *
 * The cache treats them as those of any file: a fault that finds no page is a major one.
 */
#pragma once

#include "as/file.h"

/* A file of size bytes, with one reference, for FMODE_* mode. -ENOMEM; -EINVAL: size is above
 * MAX_FILE_SIZE; nothing is left behind. May sleep. */
int ramfs_file_setup(const char *name, u64 size, u32 mode, struct file **file);
