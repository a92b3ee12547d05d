/*
 * The verifier's part on what is mapped: each entry against its area, each page against the entries
 * that its rmap finds.
 */
#include "as/anon_vma.h"
#include "as/file.h"
#include "as/rmap.h"
#include "as/vma.h"
#include "boot/setup.h"
#include "pgtable/pgtable.h"
#include "top/mm_spaces.h"
#include "top/mm_verify_priv.h"

/* ---- entries ------------------------------------------------------------------------------- */

static const struct anon_vma *anon_vma_of(const struct page *page)
{
	return (const struct anon_vma *)((unsigned long)page->mapping & ~PAGE_MAPPING_ANON);
}

static bool is_in_chain(const struct vm_area_struct *vma, const struct anon_vma *anon_vma)
{
	list_for_each (at, &vma->anon_vma_chain)
		if (list_entry(at, struct anon_vma_chain, same_vma)->anon_vma == anon_vma)
			return true;
	return false;
}

/* May the area have this page at that address? */
static bool belongs(const struct vm_area_struct *vma, unsigned long addr, const struct page *page)
{
	if (!page->mapping)
		return vma->vm_flags & VM_MIXEDMAP;
	if (page->index != linear_page_index(vma, addr))
		return false;
	if (page_is_anon(page))
		return !(vma->vm_flags & VM_SHARED) && is_in_chain(vma, anon_vma_of(page));
	return vma->vm_file && vma->vm_file->f_mapping == page->mapping;
}

/* May the entry be writable? What others have as well is not one's own to write. */
static bool may_write(const struct vm_area_struct *vma, const struct page *page)
{
	if (!(vma->vm_flags & VM_WRITE))
		return false;
	return vma->vm_flags & VM_SHARED || (page && page_is_anon(page) && !page->_mapcount);
}

static void verify_entry(const struct mm_struct *mm, const struct vm_area_struct *vma,
			 unsigned long addr, pte_t pte)
{
	u32 rights = _PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_USER;
	const struct page *page;

	if (!vma || addr < vma->vm_start) {
		violation("space %08x: %08lx is mapped outside all areas", __pa(mm->pgd), addr);
		return;
	}
	page = vm_normal_page(vma, pte);
	if ((pte_val(pte) ^ vma->vm_page_prot.bits) & rights ||
	    (pte_write(pte) && !may_write(vma, page)))
		violation("space %08x: %08lx has entry %08x, the area flags %08lx, rights %03x",
			  __pa(mm->pgd), addr, pte_val(pte), vma->vm_flags, vma->vm_page_prot.bits);
	if (page && !belongs(vma, addr, page))
		violation("space %08x: %08lx has pfn %lx, which is not of its area", __pa(mm->pgd),
			  addr, page_to_pfn(page));
}

static void count_entry(const struct vm_area_struct *vma, pte_t pte, long *rss)
{
	const struct page *page = vma ? vm_normal_page(vma, pte) : NULL;

	if (page)
		rss[mm_counter(page)]++;
}

/* One table's entries, from *vma on, which is the first area that ends above addr, afterwards as
 * before. */
static void verify_mapped_table(const struct mm_struct *mm, const struct vm_area_struct **vma,
				const pte_t *table, unsigned long addr, long *rss)
{
	for (unsigned int i = 0; i < PTRS_PER_PTE; i++, addr += PAGE_SIZE) {
		if (pte_none(table[i]))
			continue;
		while (*vma && (*vma)->vm_end <= addr)
			*vma = (*vma)->vm_next;
		verify_entry(mm, *vma, addr, table[i]);
		count_entry(*vma, table[i], rss);
	}
}

void verify_mapped(const struct mm_struct *mm)
{
	static const char *const names[] = {"file", "anon", "swap", "shmem"};
	const struct vm_area_struct *vma = mm->mmap;
	long rss[NR_MM_COUNTERS] = {0};

	for (unsigned long slot = 0; slot < USER_PTRS_PER_PGD; slot++) {
		pte_t *table;

		if (!pgd_present(mm->pgd[slot]))
			continue;
		table = pgd_table_map(mm->pgd[slot]);
		verify_mapped_table(mm, &vma, table, slot << PGDIR_SHIFT, rss);
		pte_unmap(table);
	}
	for (unsigned int i = 0; i < NR_MM_COUNTERS; i++)
		if (rss[i] != mm->rss_stat[i])
			violation("space %08x: rss %s is %ld, %ld were counted", __pa(mm->pgd),
				  names[i], mm->rss_stat[i], rss[i]);
}

/* ---- pages --------------------------------------------------------------------------------- */

/* Uses of pages that are not a cache's or an entry's. */
static unsigned long (*count_pins)(void);

void set_page_pins(unsigned long (*count)(void))
{
	count_pins = count;
}

static bool count_visit(const struct rmap_visit *visit __maybe_unused, void *arg)
{
	++*(s32 *)arg;
	return true;
}

/* Returns the uses of the page that nothing here explains. */
static unsigned long verify_owned_page(struct page *page)
{
	bool cached = page->mapping && !page_is_anon(page);
	u32 explained = page->_mapcount + 1 + cached;
	s32 found = 0;

	if (page->mapping)
		rmap_walk(page, count_visit, &found);
	if (found != page->_mapcount + 1)
		violation("pfn %lx has %d mappings, its rmap finds %d", page_to_pfn(page),
			  page->_mapcount + 1, found);
	if (page_flag(page, PG_locked))
		violation("pfn %lx is locked", page_to_pfn(page));
	if (page->_count < explained) {
		violation("pfn %lx has count %u, %u users were found", page_to_pfn(page),
			  page->_count, explained);
		return 0;
	}
	return page->_count - explained;
}

/* Is it a page of an anon_vma's or a file's, or was it the latter's? The hoard of verbs_page.c
 * marks its own by mapping. */
static bool is_owned(const struct page *page)
{
	return page->_count && page_flag(page, PG_uptodate) &&
	       !(page->flags & PAGE_FLAGS_CHECK & ~(1u << PG_locked));
}

static void verify_zero_page(void)
{
	const u32 *words = __va(BOOT_EMPTY_ZERO_PAGE);

	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u32); i++)
		if (words[i]) {
			violation("the zero page has %08x at word %u", words[i], i);
			return;
		}
}

void verify_rmap(void)
{
	unsigned long unexplained = 0;

	verify_zero_page();
	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn++)
		if (is_owned(pfn_to_page(pfn)))
			unexplained += verify_owned_page(pfn_to_page(pfn));
	if (count_pins && unexplained != count_pins())
		violation("%lu uses of pages are nobody's, %lu were taken", unexplained,
			  count_pins());
}
