/*
 * The i386 page-table entry codec: 32-bit paging with PSE. Entries are opaque; only the accessors
 * here know their bits, so that PAE can replace this file. Corresponds to Linux
 * include/asm-i386/pgtable.h. Source: Intel SDM vol. 3A, 4.3 "32-bit paging", tables 4-4 to 4-6.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"

#define _PAGE_PRESENT 0x001u
#define _PAGE_RW 0x002u
#define _PAGE_USER 0x004u
#define _PAGE_PWT 0x008u
#define _PAGE_PCD 0x010u
#define _PAGE_ACCESSED 0x020u
#define _PAGE_DIRTY 0x040u
#define _PAGE_PSE 0x080u    /* in a page-directory entry: maps 4 MiB */
#define _PAGE_GLOBAL 0x100u /* survives a CR3 load when CR4.PGE is set */
/* In an entry that is not present, so that the processor ignores it: there is a page, to which
 * nobody has any right. */
#define _PAGE_PROTNONE 0x100u

/* Bits 21:13 of a 4 MiB entry are reserved, but for PSE-36's 16:13, which name address bits 35:32.
 */
#define PSE_RESERVED 0x003E0000u
#define PSE_HIGH_ADDRESS 0x0001E000u
#define PSE_ADDRESS 0xFFC00000u

/*
 * A and D are set beforehand in kernel entries: nobody reads them there, and the CPU need not
 * write. A user table's entry comes without A: the processor caches nothing that it leads to before
 * it has set it (Intel SDM vol. 3A, 4.10.2.3), so it tells whether there is anything to flush.
 */
#define _PAGE_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)
#define _KERNPG_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_ACCESSED | _PAGE_DIRTY)
#define _PAGE_KERNEL _KERNPG_TABLE
#define _PAGE_KERNEL_RO (_PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_DIRTY)

typedef struct {
	u32 raw;
} pte_t;

typedef struct {
	u32 raw;
} pgd_t;

/* Flag bits of an entry, apart from its address. */
typedef struct {
	u32 bits;
} pgprot_t;

#define __pgprot(b) ((pgprot_t){(b)})
#define PAGE_KERNEL __pgprot(_PAGE_KERNEL)
#define PAGE_KERNEL_RO __pgprot(_PAGE_KERNEL_RO)

static inline pte_t pfn_pte(unsigned long pfn, pgprot_t prot)
{
	return (pte_t){(u32)PFN_PHYS(pfn) | prot.bits};
}

static inline unsigned long pte_pfn(pte_t pte)
{
	return pte.raw >> PAGE_SHIFT;
}

static inline bool pte_none(pte_t pte)
{
	return pte.raw == 0;
}

/* Is there a page, whoever may use it? */
static inline bool pte_present(pte_t pte)
{
	return pte.raw & (_PAGE_PRESENT | _PAGE_PROTNONE);
}

static inline bool pte_young(pte_t pte)
{
	return pte.raw & _PAGE_ACCESSED;
}

static inline bool pte_dirty(pte_t pte)
{
	return pte.raw & _PAGE_DIRTY;
}

static inline bool pte_write(pte_t pte)
{
	return pte.raw & _PAGE_RW;
}

static inline bool pte_same(pte_t a, pte_t b)
{
	return a.raw == b.raw;
}

static inline pte_t pte_wrprotect(pte_t pte)
{
	return (pte_t){pte.raw & ~_PAGE_RW};
}

static inline pte_t pte_mkwrite(pte_t pte)
{
	return (pte_t){pte.raw | _PAGE_RW};
}

static inline pte_t pte_mkold(pte_t pte)
{
	return (pte_t){pte.raw & ~_PAGE_ACCESSED};
}

static inline pte_t pte_mkyoung(pte_t pte)
{
	return (pte_t){pte.raw | _PAGE_ACCESSED};
}

static inline pte_t pte_mkclean(pte_t pte)
{
	return (pte_t){pte.raw & ~_PAGE_DIRTY};
}

static inline pte_t pte_mkdirty(pte_t pte)
{
	return (pte_t){pte.raw | _PAGE_DIRTY};
}

/* Other rights; frame, A and D are kept. */
static inline pte_t pte_modify(pte_t pte, pgprot_t prot)
{
	const u32 kept = (u32)PAGE_MASK | _PAGE_ACCESSED | _PAGE_DIRTY;

	return (pte_t){(pte.raw & kept) | (prot.bits & ~kept)};
}

/* May a processor have cached what this entry says? Not before A is set (4.10.2.3). */
static inline bool pte_may_be_cached(pte_t pte)
{
	return (pte.raw & (_PAGE_PRESENT | _PAGE_ACCESSED)) == (_PAGE_PRESENT | _PAGE_ACCESSED);
}

/*
 * Must old be flushed where new stands now? If it leads elsewhere, gave more, or would keep A or D
 * from being set again: an entry without A is taken for one that nobody has cached.
 */
static inline bool pte_needs_flush(pte_t old, pte_t new)
{
	const u32 rights = _PAGE_PRESENT | _PAGE_RW | _PAGE_USER | _PAGE_ACCESSED | _PAGE_DIRTY;

	return pte_may_be_cached(old) &&
	       ((old.raw ^ new.raw) & (u32)PAGE_MASK || old.raw & ~new.raw &rights);
}

static inline u32 pte_val(pte_t pte)
{
	return pte.raw;
}

static inline u32 pgd_val(pgd_t pgd)
{
	return pgd.raw;
}

static inline bool pgd_none(pgd_t pgd)
{
	return pgd.raw == 0;
}

static inline bool pgd_present(pgd_t pgd)
{
	return pgd.raw & _PAGE_PRESENT;
}

/* Does this entry map 4 MiB itself, rather than name a page table? */
static inline bool pgd_large(pgd_t pgd)
{
	return (pgd.raw & (_PAGE_PRESENT | _PAGE_PSE)) == (_PAGE_PRESENT | _PAGE_PSE);
}

/* The physical address of the page table that a directory entry names. */
static inline phys_addr_t pgd_table(pgd_t pgd)
{
	return pgd.raw & (u32)PAGE_MASK;
}

static inline pgd_t make_pgd(phys_addr_t table, u32 bits)
{
	return (pgd_t){table | bits};
}

static inline unsigned int pgd_index(unsigned long va)
{
	return va >> PGDIR_SHIFT;
}

static inline unsigned int pte_index(unsigned long va)
{
	return (va >> PAGE_SHIFT) & (PTRS_PER_PTE - 1);
}

/*
 * Entries are written with one store, so that a walk by the MMU sees the old entry or the new one.
 * Flushing the stale translation is the caller's part.
 */
static inline void set_pte(pte_t *slot, pte_t pte)
{
	WRITE_ONCE(slot->raw, pte.raw);
}

static inline pte_t ptep_get(const pte_t *slot)
{
	return (pte_t){READ_ONCE(slot->raw)};
}

/*
 * Changes to an entry that a processor may be using, and marking, at this moment: each is one
 * locked operation, so that no A or D is lost (4.8).
 */
static inline pte_t ptep_get_and_clear(pte_t *slot)
{
	return (pte_t){__atomic_exchange_n(&slot->raw, 0, __ATOMIC_RELAXED)};
}

static inline void ptep_set_wrprotect(pte_t *slot)
{
	__atomic_fetch_and(&slot->raw, ~_PAGE_RW, __ATOMIC_RELAXED);
}

static inline void ptep_set_used(pte_t *slot, bool written)
{
	__atomic_fetch_or(&slot->raw, _PAGE_ACCESSED | (written ? _PAGE_DIRTY : 0),
			  __ATOMIC_RELAXED);
}

static inline bool ptep_test_and_clear_young(pte_t *slot)
{
	return __atomic_fetch_and(&slot->raw, ~_PAGE_ACCESSED, __ATOMIC_RELAXED) & _PAGE_ACCESSED;
}

static inline bool pgd_young(pgd_t pgd)
{
	return pgd.raw & _PAGE_ACCESSED;
}

static inline void set_pgd(pgd_t *slot, pgd_t pgd)
{
	WRITE_ONCE(slot->raw, pgd.raw);
}
