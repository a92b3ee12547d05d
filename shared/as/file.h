/*
 * Open files, as far as mappings care. Corresponds to Linux include/linux/fs.h, struct file.
 *
 * A file is counted: each variable or descriptor that names it and each area that maps it holds a
 * reference; the last fput() releases it.
 */
#pragma once

#include "arch/types.h"
#include "base/list.h"

struct file;
struct vm_area_struct;

#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
#define FMODE_APPEND 0x4u /* the file may only grow: no shared writable mapping */

/* Linux: MAX_LFS_FILESIZE on 32 bits. */
#define MAX_FILE_PAGES 0xFFFFFFFFul

#define FILE_NAME_SIZE 64

struct file_operations {
	/* vma maps the file from now on; sets vm_ops. 0, or a negative errno: it does not. May
	 * sleep. NULL: such files cannot be mapped. */
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	/* The last reference is gone. */
	void (*release)(struct file *file);
	const struct vm_operations_struct *vm_ops;
};

struct file {
	u32 f_count;			    /* atomic */
	u32 f_mode;			    /* constant */
	const struct file_operations *f_op; /* constant */
	u64 size;			    /* bytes */
	unsigned long accounted; /* constant: pages of vm_committed_as that the object stands for */
	struct list_head list;	 /* files_lock: in file_list */
	char name[FILE_NAME_SIZE]; /* constant */
};

/* All files, the oldest first; under files_lock. */
extern struct list_head file_list;

void file_init(void);

/* A file with one reference; the name is cut to fit. NULL: no memory. May sleep. */
struct file *__must_check alloc_file(const char *name, u64 size, u32 mode,
				     const struct file_operations *f_op);
struct file *get_file(struct file *file);
/* Drops a reference; the last one releases the file. */
void fput(struct file *file);
