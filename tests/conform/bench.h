/*
 * The workbench of the waist's suite: memory, page tables by hand, accesses with a stated outcome.
 *
 * Rules for a case:
 * - It begins with bench_begin(), which takes back all that the case before took.
 * - Its memory is what the pool below hands out, reached through the direct map.
 * - A check returns NULL, or what went wrong; TRY() passes the latter on.
 * - A feature that the processor lacks makes the case pass: there is nothing to be wrong.
 * - Only what the architecture defines is asserted:
 *   - A translation that was not flushed may be used or not: no access depends on it.
 *   - A refused access may leave A set in the entries that it used (Intel SDM vol. 3A, 4.8): only D
 *     is looked at then.
 *   - A processor may set A for an access that it only might make: that A stays clear is asserted
 *     of pages only whose address nothing has ever formed.
 *
 * Physical memory of a case:
 *
 *   BENCH_NEW_PAGE   the boot-parameter page, which rig_main() has copied by now
 *   BENCH_OLD_PAGE   as far into the second 4 MiB as BENCH_NEW_PAGE is into the first, so that
 *                    4 KiB entries and 4 MiB entries can lead to the same two pages
 *   above it         the pool, to the end of BOOT_MAPPED
 */
#pragma once

#include "arch/arch.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "arch/pte.h"
#include "arch/types.h"

#define BENCH_NEW_PAGE BOOT_EMPTY_ZERO_PAGE
#define BENCH_OLD_PAGE (PGDIR_SIZE + BENCH_NEW_PAGE)

/*
 * Where cases map things: from here on in user space, and in the range that the memory manager
 * fills with vmalloc, kmap and fixmap.
 */
#define BENCH_USER 0x40000000UL
#define BENCH_KERNEL 0xF9000000UL

_Static_assert(BENCH_USER % PGDIR_SIZE == 0 && BENCH_KERNEL % PGDIR_SIZE == 0,
	       "4 MiB entries need whole slots");
_Static_assert(BENCH_OLD_PAGE > IMAGE_END && BENCH_OLD_PAGE < BOOT_MAPPED,
	       "the old page is the cases' own");

/* Rights of the directory entries that set_mapping() makes: all, so that the table decides. */
#define BENCH_TABLE (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)

#define USER_RW (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)
#define USER_RO (_PAGE_PRESENT | _PAGE_USER)
#define SUPERVISOR_RW (_PAGE_PRESENT | _PAGE_RW)
#define SUPERVISOR_RO _PAGE_PRESENT

/* int $0x81 in the low bytes of a word, as ACCESS_EXEC wants them. */
#define EXEC_WORD 0x5A5A81CDu

enum ring { RING_0 = 0, RING_3 = 3 };

/* Returns from the enclosing check with its message if a check failed. */
#define TRY(check)                                                                                 \
	do {                                                                                       \
		const char *why_ = (check);                                                        \
                                                                                                   \
		if (why_)                                                                          \
			return why_;                                                               \
	} while (0)

/* Returns from the enclosing check with a message if the condition does not hold. */
#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (!(condition))                                                                  \
			return complain(__VA_ARGS__);                                              \
	} while (0)

/* Builds a failure's message; it lasts until the next but one, which may so quote it. */
const char *__printf(1, 2) complain(const char *fmt, ...);

/* ---- memory and page tables ---------------------------------------------------------------- */

/* Fresh pool, no fault handler, CR3 names swapper_pg_dir, nothing cached. */
void bench_begin(void);

/* The provisional page directory, which mm_reset() restores. */
static inline pgd_t *swapper(void)
{
	return __va(BOOT_SWAPPER_PG_DIR);
}

/* A page of the pool, by its direct-map address, every word set to `word`. */
u32 *new_page(u32 word);

/* A page directory with an empty user half and swapper's kernel half; not loaded. */
pgd_t *new_space(void);

/* The same, loaded into CR3. */
pgd_t *enter_new_space(void);

/* The directory entry and the table entry of va; the latter needs a page table there. */
pgd_t *directory_entry(pgd_t *pgd, unsigned long va);
pte_t *table_entry(pgd_t *pgd, unsigned long va);

/*
 * Writes the 4 KiB entry of va: the page at direct-map address `page`, flag bits `bits`. Makes a
 * page table with rights BENCH_TABLE if there is none. Flushes nothing.
 */
void set_mapping(pgd_t *pgd, unsigned long va, const void *page, u32 bits);

/* Writes a 4 MiB entry for va, frame being a multiple of 4 MiB. Flushes nothing. */
void set_large_mapping(pgd_t *pgd, unsigned long va, phys_addr_t frame, u32 bits);

bool cpu_has(unsigned int feature);

/* ---- accesses ------------------------------------------------------------------------------ */

/* What a load, a store or an execution must do. A load of less than a word comes zero-extended. */
const char *expect_load(enum ring ring, unsigned long va, unsigned int size, u32 value);
const char *expect_store(enum ring ring, unsigned long va, unsigned int size, u32 value);
const char *expect_exec(unsigned long va);

/*
 * The access must be refused, with CR2 = cr2 and the error code that follows from ring, kind and
 * `reason`: 0 (not present), PF_PROT or PF_RSVD.
 */
const char *expect_refused(enum ring ring, enum access_kind kind, unsigned long va,
			   unsigned int size, unsigned long cr2, u32 reason);

/* The same for a word that does not straddle. */
const char *expect_fault(enum ring ring, enum access_kind kind, unsigned long va, u32 reason);

/* The error code of an access but for P and RSVD: W and U. */
u32 access_code(enum ring ring, enum access_kind kind);

/*
 * Is this the error code, on this machine? P is missing from that of a reserved bit where the
 * machine is an emulator of which that is known (deviation.h).
 */
bool code_matches(u32 code, u32 expected);

/* "load", "store" or "exec". */
const char *access_name(enum access_kind kind);

/* Performs it, at either ring. */
int perform(enum ring ring, struct access *access);

/*
 * Runs a check at either ring, on BENCH_USER and on BENCH_KERNEL: each time in a fresh space,
 * loaded, with nothing cached and the pool full. User rights are the check's to give, also in the
 * kernel half.
 */
const char *at_every_place(const char *(*check)(pgd_t *pgd, enum ring ring, unsigned long va));

/* ---- handlers ------------------------------------------------------------------------------ */

#define WATCH_MAX 8

/* What the fault handler installed by watch_faults() was given, in order. */
struct watch {
	unsigned int count; /* may exceed WATCH_MAX: the first ones are kept */
	struct fault_record seen[WATCH_MAX];
	/* Resolves the fault, 0 or a negative errno; NULL refuses all. */
	int (*resolve)(const struct fault_record *fault);
};
extern struct watch watch;

void watch_faults(int (*resolve)(const struct fault_record *fault));

/* The index-th fault seen must have had this address and error code (as above). */
const char *expect_seen(unsigned int index, unsigned long address, u32 code);
