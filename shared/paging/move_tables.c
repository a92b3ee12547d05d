#include "paging/move_tables.h"

#include "base/bug.h"
#include "base/errno.h"
#include "paging/memory.h"
#include "pgtable/pgtable.h"

/* ---- tables -------------------------------------------------------------------------------- */

/* Tables that a move has made ahead: those that were there before stay where it fails. */
struct new_tables {
	u32 made[USER_PTRS_PER_PGD / 32];
};

static int make_table(struct mm_struct *mm, unsigned long addr, struct new_tables *tables)
{
	unsigned long slot = addr >> PGDIR_SHIFT;

	if (pgd_present(mm->pgd[slot]))
		return 0;
	tables->made[slot / 32] |= 1u << slot % 32;
	return make_pte_table(mm->pgd, addr);
}

static void drop_tables(struct mm_struct *mm, const struct new_tables *tables)
{
	struct mmu_gather tlb;

	tlb_gather(&tlb, mm->pgd);
	for (unsigned long slot = 0; slot < USER_PTRS_PER_PGD; slot++)
		if (tables->made[slot / 32] >> slot % 32 & 1)
			free_tables(&tlb, slot << PGDIR_SHIFT, (slot + 1) << PGDIR_SHIFT);
	tlb_finish(&tlb);
}

int move_page_tables_prepare(struct mm_struct *mm, unsigned long from, unsigned long to,
			     unsigned long len)
{
	unsigned long end = from + len, distance = to - from;
	struct new_tables tables = {{0}};
	int err = 0;

	for (unsigned long addr = from; addr < end && !err; addr += PAGE_SIZE) {
		if (!pgd_present(mm->pgd[pgd_index(addr)])) {
			addr = table_end(addr, end) - PAGE_SIZE;
			continue;
		}
		if (!pte_none(pte_at(mm->pgd, addr)))
			err = make_table(mm, addr + distance, &tables);
	}
	if (err)
		drop_tables(mm, &tables);
	return err;
}

/* ---- entries ------------------------------------------------------------------------------- */

/* One stretch that is within one table both here and there. There may be no table where nothing is
 * to be moved to. */
static void move_entries(struct mmu_gather *tlb, unsigned long from, unsigned long to,
			 unsigned long len)
{
	pte_t *old = pte_map(tlb->pgd, from), *new = old ? pte_map(tlb->pgd, to) : NULL;

	for (unsigned long at = 0; new &&at < len; at += PAGE_SIZE) {
		pte_t *source = &old[at >> PAGE_SHIFT], *target = &new[at >> PAGE_SHIFT], pte;

		if (pte_none(*source))
			continue;
		MM_ASSERT(pte_none(*target), "something is mapped at %lx", to + at);
		pte = ptep_get_and_clear(source);
		tlb_note_entry(tlb, from + at, pte, (pte_t){0});
		set_pte(target, pte);
	}
	tlb_flush(tlb);
	if (new)
		pte_unmap(new);
	if (old)
		pte_unmap(old);
}

void move_page_tables(struct mm_struct *mm, unsigned long from, unsigned long to, unsigned long len)
{
	unsigned long done = 0;
	struct mmu_gather tlb;

	tlb_gather(&tlb, mm->pgd);
	while (done < len) {
		unsigned long here = table_end(from + done, from + len) - (from + done);
		unsigned long there = table_end(to + done, to + len) - (to + done);
		unsigned long stretch = min(here, there);

		spin_lock(&mm->page_table_lock);
		move_entries(&tlb, from + done, to + done, stretch);
		spin_unlock(&mm->page_table_lock);
		done += stretch;
	}
	tlb_finish(&tlb);
}
