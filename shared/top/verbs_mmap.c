/* Verbs of the system calls on memory, and of what /proc says of a space. */
#include "top/verbs.h"

#include "as/mman.h"
#include "as/task.h"
#include "as/unmapped_area.h"
#include "as/vma.h"
#include "base/errno.h"
#include "paging/brk.h"
#include "paging/madvise.h"
#include "paging/mincore.h"
#include "paging/mlock.h"
#include "paging/mmap.h"
#include "paging/mprotect.h"
#include "paging/mremap.h"
#include "paging/munmap.h"
#include "top/mm_spaces.h"
#include "top/vec_sweep.h"

static void result_address(struct stmt *stmt, int err, unsigned long addr)
{
	if (err)
		stmt_result_err(stmt, err);
	else
		stmt_result(stmt, "0x%08lx", addr);
}

static u32 arg(const struct stmt *stmt, unsigned int index)
{
	return stmt->nr_args > index ? (u32)stmt->args[index].number : 0;
}

/* What the system call checks before do_mmap() comes in. */
static int mmap_file(const struct stmt *stmt, u64 offset, struct file **file)
{
	struct var *var = stmt->nr_args > 5 ? stmt->args[5].var : NULL;

	if (!IS_ALIGNED(offset, PAGE_SIZE) || offset >> PAGE_SHIFT >> 32)
		return -EINVAL;
	*file = NULL;
	if (arg(stmt, 4) & MAP_ANONYMOUS)
		return 0;
	if (!var || !var->file)
		return -EBADF;
	*file = var->file;
	return 0;
}

static void run_mmap(struct stmt *stmt)
{
	u64 offset = stmt->nr_args > 6 ? stmt->args[6].number : 0;
	unsigned long addr = 0;
	struct file *file;
	int err;

	if (!run_in_space(stmt))
		return;
	err = mmap_file(stmt, offset, &file);
	if (!err)
		err = vm_mmap_pgoff(file, arg(stmt, 1), arg(stmt, 2), arg(stmt, 3), arg(stmt, 4),
				    offset >> PAGE_SHIFT, &addr);
	result_address(stmt, err, addr);
}

static void run_munmap(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	int err;

	if (!mm)
		return;
	down_write(&mm->mmap_sem);
	err = do_munmap(mm, arg(stmt, 1), arg(stmt, 2));
	up_write(&mm->mmap_sem);
	stmt_result_err(stmt, err);
}

static void run_mprotect(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_mprotect(arg(stmt, 1), arg(stmt, 2), arg(stmt, 3)));
}

static void run_mremap(struct stmt *stmt)
{
	unsigned long addr = 0;
	int err;

	if (!run_in_space(stmt))
		return;
	err = do_mremap(arg(stmt, 1), arg(stmt, 2), arg(stmt, 3), arg(stmt, 4), arg(stmt, 5),
			&addr);
	result_address(stmt, err, addr);
}

static void run_brk(struct stmt *stmt)
{
	if (run_in_space(stmt))
		result_address(stmt, 0, sys_brk(arg(stmt, 1)));
}

static void run_madvise(struct stmt *stmt)
{
	u32 advice = arg(stmt, 3);

	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		sweep_may_keep();
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_madvise(arg(stmt, 1), arg(stmt, 2), advice));
}

/* -EAGAIN: it is locked, and a page could not be had. */
static void result_mlock(struct stmt *stmt, int err)
{
	if (err == -EAGAIN)
		sweep_may_keep();
	stmt_result_err(stmt, err);
}

static void run_mlock(struct stmt *stmt)
{
	if (run_in_space(stmt))
		result_mlock(stmt, do_mlock(arg(stmt, 1), arg(stmt, 2), VM_LOCKED));
}

static void run_mlock2(struct stmt *stmt)
{
	if (run_in_space(stmt))
		result_mlock(stmt, do_mlock2(arg(stmt, 1), arg(stmt, 2), arg(stmt, 3)));
}

static void run_munlock(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_munlock(arg(stmt, 1), arg(stmt, 2)));
}

static void run_mlockall(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_mlockall(arg(stmt, 1)));
}

static void run_munlockall(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_munlockall());
}

static void run_msync(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_msync(arg(stmt, 1), arg(stmt, 2), arg(stmt, 3)));
}

struct residents {
	unsigned int pages, resident;
};

static void note_resident(void *arg, bool resident)
{
	struct residents *count = arg;

	count->pages++;
	count->resident += resident;
}

static void run_mincore(struct stmt *stmt)
{
	struct residents count = {0, 0};
	int err;

	if (!run_in_space(stmt))
		return;
	err = do_mincore(arg(stmt, 1), arg(stmt, 2), note_resident, &count);
	if (err)
		stmt_result_err(stmt, err);
	else
		stmt_result(stmt, "%u of %u pages", count.resident, count.pages);
}

static void run_remap_file_pages(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, do_remap_file_pages(arg(stmt, 1), arg(stmt, 2), arg(stmt, 3),
							  arg(stmt, 4), arg(stmt, 5)));
}

static void run_expand_stack(struct stmt *stmt)
{
	if (run_in_space(stmt))
		stmt_result_err(stmt, find_or_expand(arg(stmt, 1)));
}

/* ---- looking ------------------------------------------------------------------------------- */

static void result_area(struct stmt *stmt, const struct vm_area_struct *vma)
{
	if (vma)
		stmt_result(stmt, "%08lx-%08lx", vma->vm_start, vma->vm_end);
	else
		stmt_result(stmt, "none");
}

static void run_find_vma(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);

	if (!mm)
		return;
	down_read(&mm->mmap_sem);
	result_area(stmt, find_vma(mm, arg(stmt, 1)));
	up_read(&mm->mmap_sem);
}

static void run_find_vma_prev(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	struct vm_area_struct *prev;

	if (!mm)
		return;
	down_read(&mm->mmap_sem);
	find_vma_prev(mm, arg(stmt, 1), &prev);
	result_area(stmt, prev);
	up_read(&mm->mmap_sem);
}

static void run_find_vma_intersection(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);

	if (!mm)
		return;
	down_read(&mm->mmap_sem);
	result_area(stmt, find_vma_intersection(mm, arg(stmt, 1), arg(stmt, 2)));
	up_read(&mm->mmap_sem);
}

static void run_get_unmapped_area(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);
	unsigned long addr = 0;
	int err = -EINVAL;

	if (!mm)
		return;
	down_read(&mm->mmap_sem);
	if (arg(stmt, 2) && IS_ALIGNED(arg(stmt, 2), PAGE_SIZE))
		err = get_unmapped_area(mm, arg(stmt, 1), arg(stmt, 2), arg(stmt, 3), &addr);
	up_read(&mm->mmap_sem);
	result_address(stmt, err, addr);
}

static void show(struct stmt *stmt, void (*fn)(struct mm_struct *mm))
{
	struct mm_struct *mm = run_in_space(stmt);

	if (!mm)
		return;
	fn(mm);
	stmt_result(stmt, "ok");
}

static void run_maps(struct stmt *stmt)
{
	show(stmt, show_maps);
}

static void run_vmflags(struct stmt *stmt)
{
	show(stmt, show_vmflags);
}

static void run_mm_status(struct stmt *stmt)
{
	show(stmt, show_mm_status);
}

static void run_vma_sum(struct stmt *stmt)
{
	struct mm_struct *mm = run_in_space(stmt);

	if (mm)
		stmt_result(stmt,
			    "%u vmas total %lu locked %lu data %lu exec %lu stack %lu "
			    "committed %lu sum %08x",
			    mm->map_count, mm->total_vm, mm->locked_vm, mm->data_vm, mm->exec_vm,
			    mm->stack_vm, committed_pages(), vma_sum(mm));
}

static const struct verb verbs[] = {
	{"mmap", "task:t addr:x len:x prot:x flags:x file:f? offset:N?", VAR_NONE, MM_AS, MM_LAST,
	 run_mmap, "map memory or a file"},
	{"munmap", "task:t addr:x len:x", VAR_NONE, MM_AS, MM_LAST, run_munmap, "unmap"},
	{"mprotect", "task:t addr:x len:x prot:x", VAR_NONE, MM_AS, MM_LAST, run_mprotect,
	 "change rights"},
	{"mremap", "task:t addr:x old_len:x new_len:x flags:x new_addr:x?", VAR_NONE, MM_AS,
	 MM_LAST, run_mremap, "resize or move"},
	{"brk", "task:t addr:x", VAR_NONE, MM_AS, MM_LAST, run_brk, "move the heap's end"},
	{"madvise", "task:t addr:x len:x advice:x", VAR_NONE, MM_AS, MM_LAST, run_madvise,
	 "advise"},
	{"mlock", "task:t addr:x len:x", VAR_NONE, MM_AS, MM_LAST, run_mlock, "lock"},
	{"mlock2", "task:t addr:x len:x flags:x", VAR_NONE, MM_AS, MM_LAST, run_mlock2,
	 "lock, with flags"},
	{"munlock", "task:t addr:x len:x", VAR_NONE, MM_AS, MM_LAST, run_munlock, "unlock"},
	{"mlockall", "task:t flags:x", VAR_NONE, MM_AS, MM_LAST, run_mlockall,
	 "lock all that is there, or will be"},
	{"munlockall", "task:t", VAR_NONE, MM_AS, MM_LAST, run_munlockall, "unlock all"},
	{"msync", "task:t addr:x len:x flags:x", VAR_NONE, MM_AS, MM_LAST, run_msync,
	 "write to the file"},
	{"mincore", "task:t addr:x len:x", VAR_NONE, MM_AS, MM_LAST, run_mincore,
	 "count the pages that are there"},
	{"remap_file_pages", "task:t addr:x size:x prot:x pgoff:x flags:x", VAR_NONE, MM_AS,
	 MM_LAST, run_remap_file_pages, "map other pages of the file"},
	{"expand_stack", "task:t addr:x", VAR_NONE, MM_AS, MM_LAST, run_expand_stack,
	 "what a fault there would do first"},
	{"find_vma", "task:t addr:x", VAR_NONE, MM_AS, MM_LAST, run_find_vma,
	 "the first area that ends above"},
	{"find_vma_prev", "task:t addr:x", VAR_NONE, MM_AS, MM_LAST, run_find_vma_prev,
	 "the area before that"},
	{"find_vma_intersection", "task:t start:x end:x", VAR_NONE, MM_AS, MM_LAST,
	 run_find_vma_intersection, "the first area of a range"},
	{"get_unmapped_area", "task:t addr:x len:x flags:x", VAR_NONE, MM_AS, MM_LAST,
	 run_get_unmapped_area, "where mmap would go"},
	{"maps", "task:t", VAR_NONE, MM_AS, MM_LAST, run_maps, "/proc/PID/maps"},
	{"vmflags", "task:t", VAR_NONE, MM_AS, MM_LAST, run_vmflags, "VmFlags of /proc/PID/smaps"},
	{"mm_status", "task:t", VAR_NONE, MM_AS, MM_LAST, run_mm_status, "Vm* of /proc/PID/status"},
	{"vma_sum", "task:t", VAR_NONE, MM_AS, MM_LAST, run_vma_sum,
	 "figures of a space, and a sum over its areas"},
};

const struct verb_table mmap_verbs = {verbs, ARRAY_SIZE(verbs)};
