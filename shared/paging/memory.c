#include "paging/memory.h"

#include "as/vma.h"
#include "base/bug.h"
#include "base/errno.h"
#include "pgtable/pgtable.h"

/* The end of the page table that addr is in, or end if that is before. */
static unsigned long table_end(unsigned long addr, unsigned long end)
{
	unsigned long next = (addr & PGDIR_MASK) + PGDIR_SIZE;

	return min(next, end);
}

typedef int (*page_fn)(struct mm_struct *mm, unsigned long addr, pte_t pte, void *arg);

/* The pages of [addr, end), which one table has. */
static int walk_table(struct mm_struct *mm, pte_t *pte, unsigned long addr, unsigned long end,
		      page_fn fn, void *arg)
{
	int err = 0;

	for (; addr < end && !err; addr += PAGE_SIZE, pte++)
		if (pte_present(*pte))
			err = fn(mm, addr, *pte, arg);
	return err;
}

/*
 * Calls fn for each page that is mapped in [start, end), until it returns an error. locked: under
 * page_table_lock, so that fn may change the entry, and must not sleep.
 */
static int walk_mapped(struct mm_struct *mm, unsigned long start, unsigned long end, page_fn fn,
		       void *arg, bool locked)
{
	unsigned long next;
	int err = 0;

	for (unsigned long addr = start; addr < end && !err; addr = next) {
		pte_t *pte = pte_lookup(mm->pgd, addr);

		next = table_end(addr, end);
		if (!pte)
			continue;
		if (locked)
			spin_lock(&mm->page_table_lock);
		err = walk_table(mm, pte, addr, next, fn, arg);
		if (locked)
			spin_unlock(&mm->page_table_lock);
	}
	return err;
}

static int look_at_mapped(struct mm_struct *mm, unsigned long start, unsigned long end, page_fn fn,
			  void *arg)
{
	return walk_mapped(mm, start, end, fn, arg, false);
}

static int change_mapped(struct mm_struct *mm, unsigned long start, unsigned long end, page_fn fn,
			 void *arg)
{
	return walk_mapped(mm, start, end, fn, arg, true);
}

static void add_rss(struct mm_struct *mm, enum mm_counter kind, long pages)
{
	__atomic_fetch_add(&mm->rss_stat[kind], pages, __ATOMIC_RELAXED);
}

unsigned long get_mm_rss(const struct mm_struct *mm)
{
	return mm->rss_stat[MM_FILEPAGES] + mm->rss_stat[MM_ANONPAGES] +
	       mm->rss_stat[MM_SHMEMPAGES];
}

unsigned long get_mm_hiwater_rss(const struct mm_struct *mm)
{
	return max(mm->hiwater_rss, get_mm_rss(mm));
}

unsigned long get_mm_hiwater_vm(const struct mm_struct *mm)
{
	return max(mm->hiwater_vm, mm->total_vm);
}

void update_hiwater(struct mm_struct *mm)
{
	mm->hiwater_rss = get_mm_hiwater_rss(mm);
	mm->hiwater_vm = get_mm_hiwater_vm(mm);
}

/* ---- going --------------------------------------------------------------------------------- */

static int zap_page(struct mm_struct *mm, unsigned long addr, pte_t pte __maybe_unused,
		    void *arg __maybe_unused)
{
	add_rss(mm, MM_FILEPAGES, -1);
	return unmap_page(mm->pgd, addr);
}

void zap_page_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	change_mapped(mm, start, end, zap_page, NULL);
}

/* A table is free if it touches the range, and no area above or below has a byte of its 4 MiB. */
void free_pgtables(struct mm_struct *mm, unsigned long start, unsigned long end,
		   unsigned long floor, unsigned long ceiling)
{
	unsigned long first = ALIGN(floor, PGDIR_SIZE), last = ALIGN_DOWN(ceiling, PGDIR_SIZE);

	first = max(first, ALIGN_DOWN(start, PGDIR_SIZE));
	last = min(last, ALIGN(end, PGDIR_SIZE));
	if (first < last)
		free_tables(mm->pgd, first, last);
}

/* ---- changing ------------------------------------------------------------------------------ */

static int protect_one(struct mm_struct *mm, unsigned long addr, pte_t pte __maybe_unused,
		       void *arg)
{
	return protect_page(mm->pgd, addr, *(const pgprot_t *)arg);
}

void change_protection(struct mm_struct *mm, unsigned long start, unsigned long end, pgprot_t prot)
{
	change_mapped(mm, start, end, protect_one, &prot);
}

/* ---- moving -------------------------------------------------------------------------------- */

/* Tables that a move has made ahead: those that were there before stay where it fails. */
struct new_tables {
	unsigned long distance; /* modulo 2^32 */
	u32 made[USER_PTRS_PER_PGD / 32];
};

static int make_table(struct mm_struct *mm, unsigned long addr, pte_t pte __maybe_unused, void *arg)
{
	struct new_tables *tables = arg;
	unsigned long to = addr + tables->distance, slot = to >> PGDIR_SHIFT;

	if (pte_lookup(mm->pgd, to))
		return 0;
	tables->made[slot / 32] |= 1u << slot % 32;
	return make_pte_table(mm->pgd, to);
}

int move_page_tables_prepare(struct mm_struct *mm, unsigned long from, unsigned long to,
			     unsigned long len)
{
	struct new_tables tables = {.distance = to - from};
	int err = look_at_mapped(mm, from, from + len, make_table, &tables);

	for (unsigned long slot = 0; err && slot < USER_PTRS_PER_PGD; slot++)
		if (tables.made[slot / 32] >> slot % 32 & 1)
			free_tables(mm->pgd, slot << PGDIR_SHIFT, (slot + 1) << PGDIR_SHIFT);
	return err;
}

/* arg: the distance, modulo 2^32. */
static int move_one(struct mm_struct *mm, unsigned long addr, pte_t pte __maybe_unused, void *arg)
{
	return move_page(mm->pgd, addr, addr + *(const unsigned long *)arg);
}

void move_page_tables(struct mm_struct *mm, unsigned long from, unsigned long to, unsigned long len)
{
	unsigned long distance = to - from;
	int err = change_mapped(mm, from, from + len, move_one, &distance);

	BUG_ON(err, "no page table for what moves to %lx: %d", to, err);
}

/* ---- copying ------------------------------------------------------------------------------- */

struct copy {
	struct mm_struct *dst;
	pgprot_t prot;
};

static int make_copy_table(struct mm_struct *mm __maybe_unused, unsigned long addr,
			   pte_t pte __maybe_unused, void *arg)
{
	return make_pte_table(((const struct copy *)arg)->dst->pgd, addr);
}

/* Nobody knows of dst so far: its own lock need not be taken inside the source's. */
static int copy_one(struct mm_struct *mm __maybe_unused, unsigned long addr, pte_t pte, void *arg)
{
	const struct copy *copy = arg;
	int err = map_page(copy->dst->pgd, addr, pfn_to_page(pte_pfn(pte)), copy->prot);

	if (!err)
		add_rss(copy->dst, MM_FILEPAGES, 1);
	return err;
}

int copy_page_range(struct mm_struct *dst, struct vm_area_struct *vma)
{
	struct copy copy = {dst, vma->vm_page_prot};
	struct mm_struct *src = vma->vm_mm;
	int err = look_at_mapped(src, vma->vm_start, vma->vm_end, make_copy_table, &copy);

	return err ? err : change_mapped(src, vma->vm_start, vma->vm_end, copy_one, &copy);
}

int vm_insert_page(struct vm_area_struct *vma, unsigned long addr, struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	int err;

	rwsem_assert_held_write(&mm->mmap_sem);
	if (addr < vma->vm_start || addr >= vma->vm_end || !IS_ALIGNED(addr, PAGE_SIZE))
		return -EFAULT;
	if (!page->_count || vma->vm_flags & VM_PFNMAP)
		return -EINVAL;
	err = make_pte_table(mm->pgd, addr);
	if (err)
		return err;
	spin_lock(&mm->page_table_lock);
	err = map_page(mm->pgd, addr, page, vma->vm_page_prot);
	spin_unlock(&mm->page_table_lock);
	if (err)
		return err == -EEXIST ? -EBUSY : err;
	vma_set_flags(vma, vma->vm_flags | VM_MIXEDMAP);
	add_rss(mm, MM_FILEPAGES, 1);
	return 0;
}
