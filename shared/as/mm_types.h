/*
 * Address spaces and the areas that they consist of. Corresponds to Linux
 * include/linux/mm_types.h.
 *
 * A space (mm_struct) is a row of areas (vm_area_struct) that do not overlap. An area is a stretch
 * of whole pages that are all of one kind: same rights, same file. It says what may be at an
 * address; what is there is the page tables' business.
 *
 * Invariants, which mm_verify() checks:
 *   - vm_start < vm_end <= TASK_SIZE, both page-aligned; the areas' list is in order of address,
 *     and the tree has the same areas in the same order
 *   - rb_subtree_gap is the largest gap below any area of the subtree (as/vma.h says what a gap is)
 *   - map_count areas; total_vm, data_vm, exec_vm, stack_vm, locked_vm are the pages of those areas
 *     that count as such; the pages of VM_ACCOUNT areas of all spaces and those of shared memory
 *     objects are vm_committed_as
 *   - an area with an anon_vma has a chain, and its own anon_vma in it; without, none
 *   - mm_users users, all of which together hold one reference of mm_count
 *
 * Letters behind the fields: who protects them.
 *   [s] mmap_sem    [a] atomic    [l] mmlist_lock    [c] constant    [p] page_table_lock
 */
#pragma once

#include "arch/pte.h"
#include "base/interval_tree.h"
#include "base/list.h"
#include "base/lock.h"
#include "base/mutex.h"
#include "base/rbtree.h"

struct anon_vma;
struct file;
struct mm_struct;
struct page;
struct vm_operations_struct;

/* vm_flags; Linux's values. */
#define VM_READ 0x00000001ul
#define VM_WRITE 0x00000002ul
#define VM_EXEC 0x00000004ul
#define VM_SHARED 0x00000008ul
#define VM_MAYREAD 0x00000010ul /* mprotect() may set VM_READ; and so on */
#define VM_MAYWRITE 0x00000020ul
#define VM_MAYEXEC 0x00000040ul
#define VM_MAYSHARE 0x00000080ul
#define VM_GROWSDOWN 0x00000100ul /* a stack */
#define VM_PFNMAP 0x00000400ul	  /* frames that have no struct page to count */
#define VM_LOCKED 0x00002000ul
#define VM_IO 0x00004000ul
#define VM_SEQ_READ 0x00008000ul
#define VM_RAND_READ 0x00010000ul
#define VM_DONTCOPY 0x00020000ul   /* fork() leaves it out */
#define VM_DONTEXPAND 0x00040000ul /* mremap() must not grow it */
#define VM_LOCKONFAULT 0x00080000ul
#define VM_ACCOUNT 0x00100000ul /* counts in vm_committed_as */
#define VM_NORESERVE 0x00200000ul
#define VM_WIPEONFORK 0x02000000ul /* the child has it empty */
#define VM_DONTDUMP 0x04000000ul
#define VM_MIXEDMAP 0x10000000ul /* vm_insert_page() was here */

#define VM_ACCESS_FLAGS (VM_READ | VM_WRITE | VM_EXEC)
#define VM_LOCKED_MASK (VM_LOCKED | VM_LOCKONFAULT)
/* Not like other memory: never merged, never locked. */
#define VM_SPECIAL (VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)
#define VM_MAYACCESS (VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC)
#define VM_DATA_FLAGS (VM_READ | VM_WRITE | VM_MAYACCESS)
#define VM_STACK_FLAGS (VM_DATA_FLAGS | VM_GROWSDOWN | VM_ACCOUNT)

struct vm_area_struct {
	unsigned long vm_start, vm_end;		  /* [s] bytes; one past the last */
	struct vm_area_struct *vm_next, *vm_prev; /* [s] in order of address */
	struct rb_node vm_rb;			  /* [s] in mm_rb */
	unsigned long rb_subtree_gap;		  /* [s] bytes */
	struct mm_struct *vm_mm;		  /* [c] */
	pgprot_t vm_page_prot;			  /* [s] what entries here may be at most */
	unsigned long vm_flags;			  /* [s] */
	/*
	 * Pages into the file. Without one: the page number of vm_start when it was mapped, so that
	 * neighbours that were one before can be one again.
	 */
	unsigned long vm_pgoff;			   /* [s] */
	struct file *vm_file;			   /* [c] a reference, or NULL */
	const struct vm_operations_struct *vm_ops; /* [c] NULL: anonymous */
	void *vm_private_data;			   /* [c] of vm_ops' owner */
	/* Who may have its pages, and whose pages it may have: as/anon_vma.h. */
	struct anon_vma *anon_vma;	 /* [s] or [s] for reading and [p]; NULL: none so far */
	struct list_head anon_vma_chain; /* likewise: anon_vma_chain's same_vma */
	struct interval_node shared;	 /* i_mmap_rwsem: in its file's i_mmap, by vm_pgoff */
};

/* How a fault came out: bits, Linux's values. 0: there is a page now. */
#define VM_FAULT_OOM 0x001u
#define VM_FAULT_SIGBUS 0x002u /* the file has no such page, or cannot give it */
#define VM_FAULT_MAJOR 0x004u  /* its contents had to be fetched */
#define VM_FAULT_WRITE 0x008u  /* the page is the area's own to write now: copied, or found so */
#define VM_FAULT_SIGSEGV 0x040u
#define VM_FAULT_NOPAGE 0x100u /* of fault(): it set the entry itself */
#define VM_FAULT_LOCKED 0x200u /* of fault(): vmf->page comes locked */
#define VM_FAULT_RETRY 0x400u  /* mmap_sem was dropped: from the beginning */
#define VM_FAULT_ERROR (VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV)
/* There is no page, for whatever reason. */
#define VM_FAULT_NO_PAGE (VM_FAULT_ERROR | VM_FAULT_RETRY)

/* What a fault is about: bits, Linux's values. */
#define FAULT_FLAG_WRITE 0x01u
#define FAULT_FLAG_ALLOW_RETRY 0x04u
#define FAULT_FLAG_TRIED 0x20u
#define FAULT_FLAG_USER 0x40u
#define FAULT_FLAG_REMOTE 0x80u /* for somebody else than current: get_user_pages() */

/* A fault on its way: what the handlers of one hand to each other. */
struct vm_fault {
	struct vm_area_struct *vma;
	unsigned int flags;    /* FAULT_FLAG_* */
	unsigned long address; /* page-aligned */
	unsigned long pgoff;   /* of that page in vma's file */
	pte_t orig_pte;	       /* the entry when it was looked at, without the lock */
	pte_t *pte;	       /* the entry; NULL: it is to be mapped before it is looked at */
	struct page *page;     /* of fault(): the page, with a use for the caller */
	struct page *cow_page; /* the copy to be, of a private area's write */
};

/* What the owner of an area's contents wants to know of it. Called with mmap_sem held for writing
 * (close also by exit_mmap(), when nobody is left to hold it against); may sleep. */
struct vm_operations_struct {
	/* One more area of this kind exists: a split, a copy, a fork. */
	void (*open)(struct vm_area_struct *vma);
	/* One is no more. An area with this is never merged: its owner counts. */
	void (*close)(struct vm_area_struct *vma);
	/* May it be cut in two at addr? 0, or a negative errno. */
	int (*may_split)(struct vm_area_struct *vma, unsigned long addr);
	/*
	 * Which page is at vmf->pgoff? Sets vmf->page, with a use for the caller, and returns
	 * VM_FAULT_LOCKED if it comes locked, VM_FAULT_MAJOR if that took long; or an error,
	 * without a page. mmap_sem is held for reading; may sleep. NULL: no fault is ever resolved.
	 */
	unsigned int (*fault)(struct vm_fault *vmf);
	/* For /proc/PID/maps, or NULL. */
	const char *(*name)(const struct vm_area_struct *vma);
};

/* Resident pages by kind. */
enum mm_counter { MM_FILEPAGES, MM_ANONPAGES, MM_SWAPENTS, MM_SHMEMPAGES, NR_MM_COUNTERS };

struct mm_struct {
	struct vm_area_struct *mmap;	   /* [s] the first area */
	struct rb_root mm_rb;		   /* [s] */
	struct vm_area_struct *mmap_cache; /* [a] what find_vma() found last, or NULL */
	unsigned long highest_vm_end;	   /* [s] vm_end of the last area, 0 without any */
	unsigned long mmap_base; /* [c] since exec: where a search for free addresses begins */
	bool mmap_topdown;	 /* [c] since exec: ... and goes down from there */
	pgd_t *pgd;		 /* [c] */
	u32 mm_users;		 /* [a] tasks that run in it, and others who need its areas */
	u32 mm_count;		 /* [a] references to the structure; all users have one together */
	unsigned int map_count;	 /* [s] areas */
	spinlock_t page_table_lock; /* page tables and rss */
	struct rw_semaphore mmap_sem;
	struct list_head mmlist; /* [l] in mm_list */

	/* Pages. */
	unsigned long hiwater_rss, hiwater_vm; /* [s] the most there were, when last looked */
	unsigned long total_vm;		       /* [s] all */
	unsigned long locked_vm;	       /* [s] VM_LOCKED */
	unsigned long pinned_vm;	       /* [a] held in place by drivers */
	unsigned long data_vm;		       /* [s] writable, private, no stack */
	unsigned long exec_vm;		       /* [s] executable, not writable, no stack */
	unsigned long stack_vm;		       /* [s] VM_GROWSDOWN */
	long rss_stat[NR_MM_COUNTERS];	       /* [p] */

	unsigned long def_flags; /* [s] what new areas get: VM_LOCKED after mlockall() */
	/* [s] Where things are; bytes. */
	unsigned long start_code, end_code, start_data, end_data;
	unsigned long start_brk, brk, start_stack;
	unsigned long arg_start, arg_end, env_start, env_end;
};

static inline unsigned long vma_pages(const struct vm_area_struct *vma)
{
	return (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* Does who writes get a copy? Whether or not he may at the moment: mprotect() may say so later. */
static inline bool is_cow_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}

static inline bool vma_is_anonymous(const struct vm_area_struct *vma)
{
	return !vma->vm_ops;
}
