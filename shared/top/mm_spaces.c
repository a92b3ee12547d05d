#include "top/mm_spaces.h"

#include "as/account.h"
#include "as/file.h"
#include "as/mm.h"
#include "as/sysctl.h"
#include "as/task.h"
#include "as/vma.h"
#include "base/printk.h"
#include "pgtable/pgtable.h"

unsigned long committed_pages(void)
{
	return vm_committed_as;
}

/* FNV-1a, by bytes of a name, and by words of an area. */
#define FNV_OFFSET 2166136261u
#define FNV_PRIME 16777619u

static u32 name_sum(const struct inode *inode)
{
	u32 sum = FNV_OFFSET;

	for (const char *at = inode->name; *at; at++)
		sum = (sum ^ (u8)*at) * FNV_PRIME;
	return sum;
}

u32 vma_sum(const struct mm_struct *mm)
{
	u32 sum = FNV_OFFSET;

	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next) {
		const u32 words[] = {vma->vm_start, vma->vm_end, vma->vm_flags, vma->vm_pgoff,
				     vma->vm_file ? name_sum(vma->vm_file->f_inode) : 0};

		for (unsigned int i = 0; i < ARRAY_SIZE(words); i++)
			sum = (sum ^ words[i]) * FNV_PRIME;
	}
	return sum;
}

/* Its place in a list: pointers are the same on both sides, but say nothing. */
static unsigned int place_in(const struct list_head *list, const struct list_head *node)
{
	unsigned int place = 1;

	list_for_each (at, list) {
		if (at == node)
			return place;
		place++;
	}
	return 0;
}

/* 0: none, or the kernel's own. */
static unsigned int space_number(const struct mm_struct *mm)
{
	return mm && mm != &init_mm ? place_in(&mm_list, &mm->mmlist) : 0;
}

unsigned int file_number(const struct file *file)
{
	return file ? place_in(&file_list, &file->list) : 0;
}

static unsigned int inode_number(const struct inode *inode)
{
	return place_in(&inode_list, &inode->list);
}

/* Where the area begins that find_vma() found last; 0: none, or what is no area of the space. */
static unsigned long cached_start(const struct mm_struct *mm)
{
	const struct vm_area_struct *vma = mm->mmap;

	while (vma && vma != mm->mmap_cache)
		vma = vma->vm_next;
	return vma ? vma->vm_start : 0;
}

/* ---- digest -------------------------------------------------------------------------------- */

static void digest_area(struct digest *d, const struct vm_area_struct *vma)
{
	digest_word(d, vma->vm_start);
	digest_word(d, vma->vm_end);
	digest_word(d, vma->vm_flags);
	digest_word(d, vma->vm_page_prot.bits);
	digest_word(d, vma->vm_pgoff);
	digest_word(d, file_number(vma->vm_file));
	digest_word(d, vma->vm_ops != NULL);
}

static void digest_figures(struct digest *d, const struct mm_struct *mm)
{
	const unsigned long figures[] = {
		mm->mm_users,	  mm->map_count,  mm->total_vm,	   mm->locked_vm,  mm->pinned_vm,
		mm->data_vm,	  mm->exec_vm,	  mm->stack_vm,	   mm->def_flags,  mm->mmap_base,
		mm->mmap_topdown, mm->start_code, mm->end_code,	   mm->start_data, mm->end_data,
		mm->start_brk,	  mm->brk,	  mm->start_stack, mm->arg_start,  mm->arg_end,
		mm->env_start,	  mm->env_end,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(figures); i++)
		digest_word(d, figures[i]);
	for (unsigned int i = 0; i < NR_MM_COUNTERS; i++)
		digest_word(d, mm->rss_stat[i]);
	digest_word(d, __pa(mm->pgd));
}

static void digest_space(struct digest *d, const struct mm_struct *mm)
{
	digest_figures(d, mm);
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		digest_area(d, vma);
}

static void digest_task(struct digest *d, const struct task_struct *task)
{
	digest_word(d, task->pid);
	digest_word(d, task->ppid);
	digest_word(d, task->cap_effective);
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++) {
		digest_word(d, task->rlim[i].rlim_cur);
		digest_word(d, task->rlim[i].rlim_max);
	}
	digest_word(d, space_number(task->mm));
}

static void digest_sysctl(struct digest *d)
{
	digest_word(d, sysctl_overcommit_memory);
	digest_word(d, sysctl_overcommit_ratio);
	digest_word(d, sysctl_overcommit_kbytes);
	digest_word(d, sysctl_max_map_count);
	digest_word(d, mmap_min_addr);
	digest_word(d, stack_guard_gap);
	digest_word(d, sysctl_legacy_va_layout);
	digest_word(d, sysctl_admin_reserve_kbytes);
	digest_word(d, sysctl_user_reserve_kbytes);
	digest_word(d, vm_committed_as);
}

static void digest_inode(struct digest *d, const struct inode *inode)
{
	const struct address_space *mapping = &inode->i_data;
	const struct page *page;

	digest_word(d, inode->i_count);
	digest_u64(d, i_size_read(inode));
	digest_word(d, inode->accounted);
	digest_word(d, name_sum(inode));
	digest_word(d, mapping->nrpages);
	for (unsigned long i = 0; (page = radix_tree_next(&mapping->page_tree, &i)); i++) {
		digest_word(d, i);
		digest_word(d, page_to_pfn(page));
	}
}

static void digest_file(struct digest *d, const struct file *file)
{
	digest_word(d, file->f_count);
	digest_word(d, file->f_mode);
	digest_word(d, inode_number(file->f_inode));
}

void digest_held_spaces(struct digest *d)
{
	digest_sysctl(d);
	list_for_each (at, &inode_list)
		digest_inode(d, list_entry(at, struct inode, list));
	list_for_each (at, &file_list)
		digest_file(d, list_entry(at, struct file, list));
	list_for_each (at, &mm_list)
		digest_space(d, list_entry(at, struct mm_struct, mmlist));
	list_for_each (at, &task_list)
		digest_task(d, list_entry(at, struct task_struct, tasks));
}

void digest_spaces(struct digest *d)
{
	digest_held_spaces(d);
	list_for_each (at, &mm_list) {
		const struct mm_struct *mm = list_entry(at, struct mm_struct, mmlist);

		digest_word(d, mm->mm_count);
		digest_word(d, mm->hiwater_vm);
		digest_word(d, mm->hiwater_rss);
		digest_word(d, mm->highest_vm_end);
		digest_word(d, cached_start(mm));
	}
	list_for_each (at, &task_list)
		digest_word(d, space_number(list_entry(at, struct task_struct, tasks)->active_mm));
	digest_word(d, current->pid);
}

/* ---- in words ------------------------------------------------------------------------------ */

static void show_area(const struct vm_area_struct *vma)
{
	printk("area %08lx-%08lx flags %08lx prot %03x pgoff %05lx file %u gap %lx\n",
	       vma->vm_start, vma->vm_end, vma->vm_flags, vma->vm_page_prot.bits, vma->vm_pgoff,
	       file_number(vma->vm_file), vma_gap(vma));
}

static void show_space(const struct mm_struct *mm)
{
	printk("space %u users %u count %u areas %u base %08lx %s pgd %08x\n", space_number(mm),
	       mm->mm_users, mm->mm_count, mm->map_count, mm->mmap_base,
	       mm->mmap_topdown ? "down" : "up", __pa(mm->pgd));
	printk("pages total %lu locked %lu pinned %lu data %lu exec %lu stack %lu most %lu rss %ld "
	       "%ld %ld %ld most %lu\n",
	       mm->total_vm, mm->locked_vm, mm->pinned_vm, mm->data_vm, mm->exec_vm, mm->stack_vm,
	       mm->hiwater_vm, mm->rss_stat[MM_FILEPAGES], mm->rss_stat[MM_ANONPAGES],
	       mm->rss_stat[MM_SWAPENTS], mm->rss_stat[MM_SHMEMPAGES], mm->hiwater_rss);
	printk("code %08lx-%08lx data %08lx-%08lx brk %08lx-%08lx stack %08lx args %08lx-%08lx env "
	       "%08lx-%08lx new %lx end %08lx cached %08lx\n",
	       mm->start_code, mm->end_code, mm->start_data, mm->end_data, mm->start_brk, mm->brk,
	       mm->start_stack, mm->arg_start, mm->arg_end, mm->env_start, mm->env_end,
	       mm->def_flags, mm->highest_vm_end, cached_start(mm));
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		show_area(vma);
}

static void show_inode(const struct inode *inode)
{
	const struct address_space *mapping = &inode->i_data;
	const struct page *page;

	printk("inode %u count %u size %llu accounted %lu pages %lu %s\n", inode_number(inode),
	       inode->i_count, i_size_read(inode), inode->accounted, mapping->nrpages, inode->name);
	for (unsigned long i = 0; (page = radix_tree_next(&mapping->page_tree, &i)); i++)
		printk("cached %lx pfn %05lx\n", i, page_to_pfn(page));
}

static void show_task(const struct task_struct *task)
{
	printk("task %d%s space %u runs in %u caps %x parent %d\n", task->pid,
	       task == current ? " current" : "", space_number(task->mm),
	       space_number(task->active_mm), task->cap_effective, task->ppid);
	for (unsigned int i = 0; i < RLIM_NLIMITS; i++)
		if (task->rlim[i].rlim_cur != RLIM_INFINITY ||
		    task->rlim[i].rlim_max != RLIM_INFINITY)
			printk("limit %u: %lu, at most %lu\n", i, task->rlim[i].rlim_cur,
			       task->rlim[i].rlim_max);
}

void show_spaces(void)
{
	printk("overcommit %u ratio %u kbytes %lu reserves %lu %lu committed %lu limit %lu\n",
	       sysctl_overcommit_memory, sysctl_overcommit_ratio, sysctl_overcommit_kbytes,
	       sysctl_admin_reserve_kbytes, sysctl_user_reserve_kbytes, vm_committed_as,
	       vm_commit_limit());
	printk("max_map_count %u mmap_min_addr %lx stack_guard_gap %lu legacy %u\n",
	       sysctl_max_map_count, mmap_min_addr, stack_guard_gap, sysctl_legacy_va_layout);
	list_for_each (at, &inode_list)
		show_inode(list_entry(at, struct inode, list));
	list_for_each (at, &file_list) {
		const struct file *file = list_entry(at, struct file, list);

		printk("file %u count %u mode %x inode %u\n", file_number(file), file->f_count,
		       file->f_mode, inode_number(file->f_inode));
	}
	list_for_each (at, &mm_list)
		show_space(list_entry(at, struct mm_struct, mmlist));
	list_for_each (at, &task_list)
		show_task(list_entry(at, struct task_struct, tasks));
}
