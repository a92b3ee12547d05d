#include "top/mm_verify.h"

#include "arch/arch.h"
#include "base/mutex.h"
#include "base/printk.h"
#include "base/string.h"
#include "as/rmap.h"
#include "boot/e820.h"
#include "boot/setup.h"
#include "pgtable/pgtable.h"
#include "phys/vmstat.h"
#include "top/mm_init.h"
#include "top/mm_kasan.h"
#include "kmem/kmemleak.h"
#include "top/mm_kmem.h"
#include "top/mm_spaces.h"
#include "top/mm_verify_priv.h"

/* Beyond this many the rest is counted, not printed. */
#define MAX_REPORTS 16

/* The rig's own: a verifier inside the state it judges could not be trusted. */
static unsigned int violations;

void violation(const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (violations++ >= MAX_REPORTS)
		return;
	va_start(args, fmt);
	vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printk("verify: %s\n", text);
}

static void verify_map(void)
{
	for (unsigned int i = 0; i < e820.nr_map; i++)
		if (e820.map[i].addr + e820.map[i].size < e820.map[i].addr)
			violation("e820 entry %u wraps", i);
}

/* ---- page tables --------------------------------------------------------------------------- */

/* Page directories and tables that can be reached; each carries PG_table. */
static unsigned long tables_reached;

static void verify_table(const struct page *table)
{
	tables_reached++;
	if (!page_flag(table, PG_table))
		violation("the page table in pfn %lx is not marked as one", page_to_pfn(table));
}

/* What a present entry maps is RAM in use, with a use for each mapping. */
static void verify_mapped_page(pte_t pte)
{
	const struct page *page = pfn_to_page(pte_pfn(pte));

	if (!pfn_valid(pte_pfn(pte)))
		violation("entry %08x maps pfn %lx, beyond RAM", pte_val(pte), pte_pfn(pte));
	else if (page_flag(page, PG_reserved) || !page->_count)
		violation("pfn %lx is mapped, and not in use", pte_pfn(pte));
}

/* Adds delta to the _mapcount of every page that a user entry maps; judges the entries if it is -1.
 */
static void count_mappings(pgd_t *pgd, s32 delta)
{
	if (delta < 0)
		verify_table(pgd_page(pgd));
	for (unsigned long i = 0; i < USER_PTRS_PER_PGD; i++) {
		if (!pgd_present(pgd[i]))
			continue;
		pte_t *table = pgd_table_map(pgd[i]);

		if (delta < 0)
			verify_table(pgd_table_page(pgd[i]));
		for (unsigned int j = 0; j < PTRS_PER_PTE; j++) {
			if (!pte_present(table[j]) || pte_pfn(table[j]) == ZERO_PFN)
				continue;
			if (delta < 0)
				verify_mapped_page(table[j]);
			if (pfn_valid(pte_pfn(table[j])))
				pfn_to_page(pte_pfn(table[j]))->_mapcount += delta;
		}
		pte_unmap(table);
	}
}

/* Kernel mappings above the direct map are copied on demand: do_page_fault(). */
static bool may_be_late(unsigned int slot)
{
	return slot > pgd_index((unsigned long)__va(PFN_PHYS(memory.max_low_pfn) - 1)) &&
	       slot < MACHINE_WINDOW >> PGDIR_SHIFT;
}

static void verify_kernel_half(const pgd_t *pgd)
{
	u32 ignored = _PAGE_ACCESSED | _PAGE_DIRTY;

	for (unsigned int i = USER_PTRS_PER_PGD; i < PTRS_PER_PGD; i++)
		if ((pgd_val(pgd[i]) ^ pgd_val(swapper_pg_dir[i])) & ~ignored &&
		    !(pgd_none(pgd[i]) && may_be_late(i)))
			violation("page directory %x, slot %u: %08x, swapper_pg_dir has %08x",
				  __pa(pgd), i, pgd_val(pgd[i]), pgd_val(swapper_pg_dir[i]));
}

static void for_each_pgd(void (*fn)(pgd_t *pgd, s32 arg), s32 arg)
{
	list_for_each (at, &pgd_list)
		fn(page_address(list_entry(at, struct page, lru)), arg);
}

static void verify_page_users(unsigned long pfn)
{
	const struct page *page = pfn_to_page(pfn);

	if (page->_mapcount >= 0 && (u32)page->_mapcount >= page->_count)
		violation("pfn %lx: count %u, fewer than its %d mappings", pfn, page->_count,
			  page->_mapcount + 1);
}

/* Takes every mapping off the counts, which must leave none, and puts them back. */
static void verify_mapcounts(void)
{
	unsigned long tables_marked = 0;

	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn++)
		verify_page_users(pfn);
	tables_reached = 0;
	for_each_pgd(count_mappings, -1);
	for (unsigned long pfn = 0; pfn < memory.max_pfn; pfn++) {
		const struct page *page = pfn_to_page(pfn);

		tables_marked += page_flag(page, PG_table);
		if (page->_mapcount != -1)
			violation("pfn %lx: mapcount is off by %d", pfn, page->_mapcount + 1);
	}
	for_each_pgd(count_mappings, 1);
	if (tables_marked != tables_reached)
		violation("%lu pages are marked as page tables, %lu are in use as such",
			  tables_marked, tables_reached);
	if (tables_reached != vm_counters[NR_PAGE_TABLE_PAGES])
		violation("nr_page_table_pages is %lu, %lu are in use",
			  vm_counters[NR_PAGE_TABLE_PAGES], tables_reached);
	list_for_each (at, &pgd_list)
		verify_kernel_half(page_address(list_entry(at, struct page, lru)));
}

/* ---- the direct map ------------------------------------------------------------------------ */

/* Judges the entry that maps low page pfn and returns how many pages it was good for. */
static unsigned long verify_direct_entry(unsigned long pfn)
{
	unsigned long va = (unsigned long)__va(PFN_PHYS(pfn));
	pgd_t pgd = swapper_pg_dir[pgd_index(va)];
	pte_t *pte = pte_lookup(swapper_pg_dir, va);
	u32 entry = pte ? pte_val(*pte) : pgd_val(pgd);
	u32 frame = pte ? entry & (u32)PAGE_MASK : entry & PSE_ADDRESS;

	bool text = !pgd_large(pgd) && PFN_PHYS(pfn) >= IMAGE_TEXT_START &&
		    PFN_PHYS(pfn) < IMAGE_TEXT_END;
	u32 rights = text ? _PAGE_KERNEL_RO : _PAGE_KERNEL;

	if ((entry & (_PAGE_KERNEL | _PAGE_USER)) != rights || frame != PFN_PHYS(pfn))
		violation("direct map of pfn %lx: entry %08x", pfn, entry);
	return pgd_large(pgd) || !pgd_present(pgd) ? PTRS_PER_PTE : 1;
}

static void verify_direct_map(void)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn;)
		pfn += verify_direct_entry(pfn);
}

/* ---- poison -------------------------------------------------------------------------------- */

static void verify_poison(void)
{
	for (unsigned long pfn = 0; pfn < memory.max_low_pfn; pfn++) {
		const u32 *words = page_address(pfn_to_page(pfn));

		if (!page_flag(pfn_to_page(pfn), PG_poison))
			continue;
		for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u32); i++)
			if (words[i] != PAGE_POISON) {
				violation("free pfn %lx was written: word %u is %08x", pfn, i,
					  words[i]);
				break;
			}
	}
}

static void verify_kmemleak(void)
{
	const char *fault = kmemleak_fault();

	if (fault)
		violation("kmemleak: %s", fault);
}

unsigned int mm_verify(bool deep)
{
	violations = 0;
	if (mutexes_held())
		violation("%u mutexes held", mutexes_held());
	if (locks_held())
		violation("%u locks held", locks_held());
	verify_map();
	if (mm_stage() >= MM_PAGING)
		verify_direct_map();
	if (mm_stage() >= MM_ZONES) {
		verify_zones();
		verify_mapcounts();
		verify_kmem();
		verify_spaces();
		if (CONFIG_KASAN)
			verify_kasan(deep);
		verify_kmemleak();
		if (deep)
			verify_poison();
	}
	if (violations > MAX_REPORTS)
		printk("verify: %u violations in all\n", violations);
	return violations;
}
