#include "as/account.h"
#include "as/anon_vma.h"
#include "as/file.h"
#include "as/mm.h"
#include "as/task.h"
#include "as/vma.h"
#include "pgtable/pgtable.h"
#include "top/mm_init.h"
#include "top/mm_spaces.h"
#include "top/mm_verify_priv.h"

/* ---- areas --------------------------------------------------------------------------------- */

/* What the areas add up to. */
struct figures {
	unsigned long areas, total, locked, data, exec, stack, accounted, end;
	bool cache_found;
};

static void verify_area(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	unsigned long start = vma->vm_start, end = vma->vm_end;

	if (start >= end || end > TASK_SIZE || !IS_ALIGNED(start | end, PAGE_SIZE))
		violation("area %08lx-%08lx is no range of user pages", start, end);
	if (vma->vm_mm != mm)
		violation("area %08lx-%08lx is of another space", start, end);
	if (vma->vm_page_prot.bits != vm_get_page_prot(vma->vm_flags).bits)
		violation("area %08lx-%08lx: rights %03x do not follow from flags %08lx", start,
			  end, vma->vm_page_prot.bits, vma->vm_flags);
	if (vma->vm_next && vma->vm_next->vm_prev != vma)
		violation("area %08lx-%08lx: the list is broken behind it", start, end);
	if (anon_vma_fault(vma))
		violation("area %08lx-%08lx: %s", start, end, anon_vma_fault(vma));
	if (vma->vm_flags & VM_SHARED && !vma->vm_file)
		violation("area %08lx-%08lx is shared, and has no file", start, end);
	if (vma->vm_flags & VM_SPECIAL && vma->vm_flags & VM_LOCKED &&
	    !(vma->vm_flags & VM_MIXEDMAP))
		violation("area %08lx-%08lx is special, and locked", start, end);
}

static void add_area(struct figures *sum, const struct mm_struct *mm,
		     const struct vm_area_struct *vma)
{
	unsigned long pages = vma_pages(vma), flags = vma->vm_flags;

	sum->areas++;
	sum->total += pages;
	sum->locked += flags & VM_LOCKED ? pages : 0;
	sum->accounted += flags & VM_ACCOUNT ? pages : 0;
	if (flags & VM_GROWSDOWN)
		sum->stack += pages;
	else if ((flags & (VM_EXEC | VM_WRITE)) == VM_EXEC)
		sum->exec += pages;
	else if ((flags & (VM_WRITE | VM_SHARED)) == VM_WRITE)
		sum->data += pages;
	sum->end = vma->vm_end;
	sum->cache_found |= mm->mmap_cache == vma;
}

static void compare(const struct mm_struct *mm, const char *what, unsigned long is,
		    unsigned long counted)
{
	if (is != counted)
		violation("space %08x: %s is %lu, %lu were counted", __pa(mm->pgd), what, is,
			  counted);
}

/* Returns the pages that count in vm_committed_as. */
static unsigned long verify_areas(struct mm_struct *mm)
{
	struct figures sum = {.areas = 0};
	const char *fault = vma_tree_fault(mm);

	if (fault)
		violation("space %08x: %s", __pa(mm->pgd), fault);
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		verify_area(mm, vma);
		add_area(&sum, mm, vma);
	}
	compare(mm, "map_count", mm->map_count, sum.areas);
	compare(mm, "total_vm", mm->total_vm, sum.total);
	compare(mm, "locked_vm", mm->locked_vm, sum.locked);
	compare(mm, "data_vm", mm->data_vm, sum.data);
	compare(mm, "exec_vm", mm->exec_vm, sum.exec);
	compare(mm, "stack_vm", mm->stack_vm, sum.stack);
	compare(mm, "highest_vm_end", mm->highest_vm_end, sum.end);
	if (mm->mmap_cache && !sum.cache_found)
		violation("space %08x: mmap_cache is none of its areas", __pa(mm->pgd));
	if (mm->mmap_sem.holders)
		violation("space %08x: mmap_sem is held", __pa(mm->pgd));
	return sum.accounted;
}

/* ---- page tables ------------------------------------------------------------------------- */

/* Each page table has an area's address: others would never be freed. */
static void verify_tables(const struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->mmap;

	for (unsigned long i = 0; i < USER_PTRS_PER_PGD; i++) {
		unsigned long start = i << PGDIR_SHIFT;

		while (vma && vma->vm_end <= start)
			vma = vma->vm_next;
		if (pgd_present(mm->pgd[i]) && (!vma || vma->vm_start >= start + PGDIR_SIZE))
			violation("space %08x: the page table of %08lx is no area's", __pa(mm->pgd),
				  start);
	}
}

/* ---- users --------------------------------------------------------------------------------- */

static void verify_users(const struct mm_struct *mm)
{
	unsigned long users = 0, borrowers = 0;

	list_for_each (at, &task_list) {
		const struct task_struct *task = list_entry(at, struct task_struct, tasks);

		users += task->mm == mm;
		borrowers += !task->mm && task->active_mm == mm;
	}
	compare(mm, "mm_users", mm->mm_users, users);
	compare(mm, "mm_count", mm->mm_count, borrowers + (users > 0));
}

/* ---- files --------------------------------------------------------------------------------- */

static unsigned long (*count_holders)(const struct file *file);

void set_file_holders(unsigned long (*count)(const struct file *file))
{
	count_holders = count;
}

static void verify_file(const struct file *file)
{
	unsigned long users = 0;

	list_for_each (at, &mm_list) {
		const struct mm_struct *mm = list_entry(at, struct mm_struct, mmlist);

		for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
			users += vma->vm_file == file;
	}
	if (count_holders)
		users += count_holders(file);
	if (count_holders ? file->f_count != users : file->f_count < users)
		violation("file %s has count %u, and %lu users", file->f_inode->name, file->f_count,
			  users);
}

void verify_spaces(void)
{
	unsigned long committed = 0;

	if (mm_stage() < MM_AS)
		return;
	list_for_each (at, &mm_list) {
		struct mm_struct *mm = list_entry(at, struct mm_struct, mmlist);

		committed += verify_areas(mm);
		verify_mapped(mm);
		verify_tables(mm);
		verify_users(mm);
	}
	list_for_each (at, &file_list) {
		verify_file(list_entry(at, struct file, list));
	}
	committed += verify_inodes();
	verify_rmap();
	if (committed != vm_committed_as)
		violation("vm_committed_as is %lu, %lu were counted", vm_committed_as, committed);
	if (arch_read_cr3() != __pa(current->active_mm->pgd))
		violation("CR3 is %08x, the task's space has %08x", arch_read_cr3(),
			  __pa(current->active_mm->pgd));
}
