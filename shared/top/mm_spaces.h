/* Address spaces, tasks and files in the digest, in show_state(), in mm_verify() and in /proc's
 * words. From MM_AS on. */
#pragma once

#include "as/mm_types.h"
#include "base/hash.h"

/* Each file, each space with its areas, each task; what can be set. */
void digest_spaces(struct digest *d);
/* The same as far as a task can tell: not which space is loaded, nor who borrows it. */
void digest_held_spaces(struct digest *d);
/* The same in words. */
void show_spaces(void);

/* Each space, task and file, recounted; see mm_verify.h. Any stage. */
void verify_spaces(void);

/*
 * Who counts the references of files that no area has: open descriptors, or what stands for them.
 * Without it, they are just not fewer than the areas'.
 */
struct file;
void set_file_holders(unsigned long (*count)(const struct file *file));

/* The same for uses of pages of programs and files that neither an entry nor a cache has. Without
 * it, there may be any. */
void set_page_pins(unsigned long (*count)(void));

/* /proc/PID/maps, without device and inode. Takes mmap_sem, as the next two do. */
void show_maps(struct mm_struct *mm);
/* "VmFlags:" of /proc/PID/smaps, behind each area's addresses. */
void show_vmflags(struct mm_struct *mm);
/* The Vm lines of /proc/PID/status. */
void show_mm_status(struct mm_struct *mm);

/* A file's place among those that there are, from 1; 0: no file. */
unsigned int file_number(const struct file *file);
/* What /proc/PID/maps calls the area, or "". */
const char *area_name(const struct mm_struct *mm, const struct vm_area_struct *vma);
/* The two letters that "VmFlags:" has for a flag of vm_flags, or NULL. */
const char *vm_flag_letters(unsigned long bit);
/* The page tables of a space. */
unsigned long count_tables(const struct mm_struct *mm);

/* Committed_AS, in pages. */
unsigned long committed_pages(void);
/* A sum over all areas: bounds, flags, offset, the file's name. docs/vectors.md says how. */
u32 vma_sum(const struct mm_struct *mm);
