#include "as/file.h"
#include "base/printk.h"
#include "base/string.h"
#include "paging/memory.h"
#include "pgtable/pgtable.h"
#include "top/mm_spaces.h"

/* ---- maps ---------------------------------------------------------------------------------- */

const char *area_name(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	if (vma->vm_file)
		return vma->vm_file->f_inode->name;
	if (vma->vm_ops && vma->vm_ops->name)
		return vma->vm_ops->name(vma);
	if (vma->vm_start <= mm->brk && vma->vm_end >= mm->start_brk)
		return "[heap]";
	if (vma->vm_start <= mm->start_stack && vma->vm_end >= mm->start_stack)
		return "[stack]";
	return "";
}

static void maps_line(const struct mm_struct *mm, const struct vm_area_struct *vma)
{
	unsigned long flags = vma->vm_flags;
	const char *name = area_name(mm, vma);
	u64 offset = vma->vm_file ? (u64)vma->vm_pgoff << PAGE_SHIFT : 0;

	printk("%08lx-%08lx %c%c%c%c %08llx%s%s\n", vma->vm_start, vma->vm_end,
	       flags & VM_READ ? 'r' : '-', flags & VM_WRITE ? 'w' : '-',
	       flags & VM_EXEC ? 'x' : '-', flags & VM_MAYSHARE ? 's' : 'p', offset,
	       *name ? " " : "", name);
}

static void for_each_area(struct mm_struct *mm,
			  void (*fn)(const struct mm_struct *mm, const struct vm_area_struct *vma))
{
	down_read(&mm->mmap_sem);
	for (const struct vm_area_struct *vma = mm->mmap; vma; vma = vma->vm_next)
		fn(mm, vma);
	up_read(&mm->mmap_sem);
}

void show_maps(struct mm_struct *mm)
{
	for_each_area(mm, maps_line);
}

/* ---- smaps --------------------------------------------------------------------------------- */

static const struct {
	unsigned long bit;
	const char *letters;
} flag_names[] = {
	{VM_READ, "rd"},	{VM_WRITE, "wr"},     {VM_EXEC, "ex"},	    {VM_SHARED, "sh"},
	{VM_MAYREAD, "mr"},	{VM_MAYWRITE, "mw"},  {VM_MAYEXEC, "me"},   {VM_MAYSHARE, "ms"},
	{VM_GROWSDOWN, "gd"},	{VM_PFNMAP, "pf"},    {VM_LOCKED, "lo"},    {VM_IO, "io"},
	{VM_SEQ_READ, "sr"},	{VM_RAND_READ, "rr"}, {VM_DONTCOPY, "dc"},  {VM_DONTEXPAND, "de"},
	{VM_LOCKONFAULT, "lf"}, {VM_ACCOUNT, "ac"},   {VM_NORESERVE, "nr"}, {VM_WIPEONFORK, "wf"},
	{VM_DONTDUMP, "dd"},	{VM_MIXEDMAP, "mm"},
};

const char *vm_flag_letters(unsigned long bit)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flag_names[i].bit == bit)
			return flag_names[i].letters;
	return NULL;
}

static void vmflags_line(const struct mm_struct *mm __maybe_unused,
			 const struct vm_area_struct *vma)
{
	char text[ARRAY_SIZE(flag_names) * 3 + 1];
	unsigned int len = 0;

	for (unsigned long bit = 1; bit; bit <<= 1) {
		const char *letters = vm_flag_letters(bit);

		if (!letters || !(vma->vm_flags & bit))
			continue;
		text[len++] = ' ';
		memcpy(text + len, letters, 2);
		len += 2;
	}
	text[len] = '\0';
	printk("%08lx-%08lx%s\n", vma->vm_start, vma->vm_end, text);
}

void show_vmflags(struct mm_struct *mm)
{
	for_each_area(mm, vmflags_line);
}

/* ---- status -------------------------------------------------------------------------------- */

static void status_line(const char *name, unsigned long pages)
{
	printk("%s:\t%8lu kB\n", name, pages << (PAGE_SHIFT - 10));
}

unsigned long count_tables(const struct mm_struct *mm)
{
	unsigned long tables = 0;

	for (unsigned int i = 0; i < USER_PTRS_PER_PGD; i++)
		tables += pgd_present(mm->pgd[i]);
	return tables;
}

void show_mm_status(struct mm_struct *mm)
{
	unsigned long text;

	down_read(&mm->mmap_sem);
	text = (ALIGN(mm->end_code, PAGE_SIZE) - (mm->start_code & PAGE_MASK)) >> PAGE_SHIFT;
	text = min(text, mm->exec_vm);
	status_line("VmPeak", get_mm_hiwater_vm(mm));
	status_line("VmSize", mm->total_vm);
	status_line("VmLck", mm->locked_vm);
	status_line("VmPin", mm->pinned_vm);
	status_line("VmHWM", get_mm_hiwater_rss(mm));
	status_line("VmRSS", get_mm_rss(mm));
	status_line("RssAnon", mm->rss_stat[MM_ANONPAGES]);
	status_line("RssFile", mm->rss_stat[MM_FILEPAGES]);
	status_line("RssShmem", mm->rss_stat[MM_SHMEMPAGES]);
	status_line("VmData", mm->data_vm);
	status_line("VmStk", mm->stack_vm);
	status_line("VmExe", text);
	status_line("VmLib", mm->exec_vm - text);
	status_line("VmPTE", count_tables(mm));
	status_line("VmSwap", mm->rss_stat[MM_SWAPENTS]);
	up_read(&mm->mmap_sem);
}
