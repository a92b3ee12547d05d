#include "top/mm_space_map.h"

#include "as/file.h"
#include "as/mm.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/errno.h"
#include "base/printk.h"
#include "pgtable/pgtable.h"
#include "top/mm_spaces.h"

static unsigned long count_present(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	unsigned long present = 0;

	for (unsigned long addr = vma->vm_start; addr < vma->vm_end; addr += PAGE_SIZE) {
		/* Without a table: on to the last page that it would have. */
		if (pgd_present(mm->pgd[pgd_index(addr)]))
			present += pte_present(pte_at(mm->pgd, addr));
		else
			addr |= PGDIR_SIZE - PAGE_SIZE;
	}
	return present;
}

static unsigned int depth_of(const struct vm_area_struct *vma)
{
	unsigned int depth = 0;

	for (const struct rb_node *node = &vma->vm_rb; (node = rb_parent(node));)
		depth++;
	return depth;
}

static void show_area(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	const char *name = area_name(mm, vma);
	u64 offset = vma->vm_file ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0;

	printk("area %08lx-%08lx flags %08lx offset %08llx file %u present %lu gap %lx largest %lx "
	       "depth %u%s%s\n",
	       vma->vm_start, vma->vm_end, vma->vm_flags, offset, file_number(vma->vm_file),
	       count_present(mm, vma), vma_gap(vma), vma->rb_subtree_gap, depth_of(vma),
	       *name ? " " : "", name);
}

void show_tasks_of(const struct mm_struct *mm)
{
	list_for_each (at, &task_list) {
		const struct task_struct *task = list_entry(at, struct task_struct, tasks);

		if (task->mm == mm || (!task->mm && task->active_mm == mm))
			printk("task %d %s%s\n", task->pid, task->mm ? "runs" : "borrows",
			       task == current ? " current" : "");
	}
}

static void show_space(struct mm_struct *mm, unsigned int number)
{
	down_read(&mm->mmap_sem);
	printk("space %u users %u areas %u base %08lx %s tables %lu\n", number, mm->mm_users,
	       mm->map_count, mm->mmap_base, mm->mmap_topdown ? "down" : "up", count_tables(mm));
	printk("pages total %lu locked %lu data %lu exec %lu stack %lu\n", mm->total_vm,
	       mm->locked_vm, mm->data_vm, mm->exec_vm, mm->stack_vm);
	printk("rss file %ld anon %ld swap %ld shmem %ld\n", mm->rss_stat[MM_FILEPAGES],
	       mm->rss_stat[MM_ANONPAGES], mm->rss_stat[MM_SWAPENTS], mm->rss_stat[MM_SHMEMPAGES]);
	show_tasks_of(mm);
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		show_area(mm, vma);
	up_read(&mm->mmap_sem);
}

unsigned int count_spaces(void)
{
	unsigned int spaces = 0;

	list_for_each (at, &mm_list)
		spaces++;
	return spaces;
}

int show_space_map(unsigned int number)
{
	unsigned int spaces = count_spaces(), place = 0;

	if (number > spaces)
		return -ENOENT;
	printk("spaces %u end %08lx min %08lx guard %lu\n", spaces, TASK_SIZE, mmap_min_addr,
	       stack_guard_gap);
	list_for_each (at, &mm_list)
		if (++place == number || !number)
			show_space(list_entry(at, struct mm_struct, mmlist), place);
	return 0;
}
