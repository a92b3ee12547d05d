/*
 * Files, as far as mappings care, and what they are files of. Corresponds to Linux
 * include/linux/fs.h, struct file and struct inode.
 *
 * A file is counted: each variable or descriptor that names it and each area that maps it holds a
 * reference; the last fput() releases it. An inode is counted by its files, which all have its
 * contents: the last file's end is its own.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"
#include "as/address_space.h"
#include "base/list.h"

struct file;
struct vm_area_struct;

#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u
#define FMODE_APPEND 0x4u /* the file may only grow: no shared writable mapping */

/* Linux: MAX_LFS_FILESIZE on 32 bits. */
#define MAX_FILE_PAGES 0xFFFFFFFFul
#define MAX_FILE_SIZE ((u64)MAX_FILE_PAGES << PAGE_SHIFT)

#define FILE_NAME_SIZE 64

struct inode {
	u32 i_count;			     /* atomic; files of it */
	u64 i_size;			     /* bytes: i_size_read(), i_size_write() */
	unsigned long accounted;	     /* constant: pages of vm_committed_as that it has */
	const struct file_operations *i_fop; /* constant; of each of its files */
	struct address_space *i_mapping;     /* constant: &i_data */
	struct address_space i_data;
	struct list_head list;	   /* files_lock: in inode_list */
	char name[FILE_NAME_SIZE]; /* constant */
};

struct file_operations {
	/* vma maps the file from now on; sets vm_ops. 0, or a negative errno: it does not. May
	 * sleep. NULL: such files cannot be mapped. */
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	/* The last file of the inode is gone: so are its pages, afterwards. May sleep. */
	void (*release)(struct inode *inode);
};

struct file {
	u32 f_count;			    /* atomic */
	u32 f_mode;			    /* constant */
	const struct file_operations *f_op; /* constant */
	struct inode *f_inode;		    /* constant; a reference */
	struct address_space *f_mapping;    /* constant: f_inode's */
	struct list_head list;		    /* files_lock: in file_list */
};

/* All files and all inodes, the oldest first; under files_lock. */
extern struct list_head file_list, inode_list;

void file_init(void);

/*
 * An inode without pages, with one reference, which is the first file's; the name is cut to fit.
 * NULL: no memory. May sleep.
 */
struct inode *__must_check alloc_inode(const char *name, u64 size,
				       const struct file_operations *i_fop,
				       const struct address_space_operations *a_ops);
/* Drops a reference; the last one releases the inode. May sleep. */
void iput(struct inode *inode);

/* The first inode of that name, with a reference; or NULL. */
struct inode *__must_check find_inode(const char *name);

/* A file with one reference; takes over that of the inode. NULL: no memory; the caller still has
 * the latter. May sleep. */
struct file *__must_check alloc_file(struct inode *inode, u32 mode);

/* An inode, and its first file for FMODE_* mode. -ENOMEM; -EINVAL: size is above MAX_FILE_SIZE;
 * nothing is left behind. May sleep. */
int file_setup(const char *name, u64 size, u32 mode, const struct file_operations *i_fop,
	       const struct address_space_operations *a_ops, struct file **file);

struct file *get_file(struct file *file);
/* Drops a reference; the last one releases the file. May sleep. */
void fput(struct file *file);

/*
 * The size: two words, which a 32-bit processor reads and writes one by one. There is one task at
 * a time, and interrupts have no business with it.
 */
static inline u64 i_size_read(const struct inode *inode)
{
	return inode->i_size;
}

static inline void i_size_write(struct inode *inode, u64 size)
{
	inode->i_size = size;
}

/* How many pages the file has, the last one maybe in part; those from there on are beyond it. */
static inline u64 i_size_pages(const struct inode *inode)
{
	return (i_size_read(inode) + PAGE_SIZE - 1) >> PAGE_SHIFT;
}
