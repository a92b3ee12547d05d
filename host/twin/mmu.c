/*
 * The TLB, the PDE cache, and what drops them (Intel SDM vol. 3A, 4.10).
 *
 * An adversarial cache: it keeps whatever the architecture lets it keep.
 *
 *	what is cached		how long (mode KEEP)
 *	4 KiB translation	INVLPG of the page; CR3 load unless global; full flush
 *	4 MiB, 2 MiB of PAE	INVLPG of any byte of the page (4.10.4.1); the rest likewise
 *	PDE of a page table	INVLPG of any address, CR3 load, full flush (4.10.3.1, 4.10.4.1)
 *
 * Nothing is cached of an entry that is not present or that refused the access. Capacity is
 * unlimited: one slot for each of the 2^20 pages and each large page, valid iff its epoch is the
 * current one, so that dropping everything is one increment. A change of the paging mode drops
 * everything, so all that is cached is of the mode in force.
 *
 * Refusals (4.10.4.1, 4.10.4.3): a page fault drops what is cached for the address. The model goes
 * one step further, as processors that re-walk do, and never raises a fault that the page tables
 * in memory do not justify: a cached entry that refuses is dropped and the walk starts at CR3. So
 * no flush is needed after rights were only added. A write through an entry cached with D clear
 * walks again to set D (4.8); it does not count as a use of the cached entry.
 *
 * Speculation (4.10.2.3, 4.10.3.1): a processor may cache the translation of an address that it
 * only might access, at any moment, if P and A are set all the way. The moment after an INVLPG is
 * one: what was cached of a user page comes straight back if the page tables still say so. So a
 * flush ahead of the change that it is meant for is no flush, and a directory entry stays cached
 * when the last page of its table goes, until it is itself cleared and flushed.
 *
 * Stale use: an access that a cached entry permits, while a walk now would refuse it or lead to
 * another frame. Then a flush was forgotten. With report_stale the run ends there; without it the
 * access goes where the cached entry leads, as on a real processor. Extra rights of the entry that
 * this access does not need are not held against it: batched flushes are sound.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "twin/machine_priv.h"
#include "twin/mmu.h"
#include "twin/ram.h"
#include "twin/walk_priv.h"
#include "twin/window.h"

struct tlb_entry {
	u32 word;    /* the translation, 0 for none */
	u32 epoch;   /* valid iff it is the one of its kind: see entry_valid() */
	u32 filled;  /* the moment it was cached */
	u32 dropped; /* the last moment an INVLPG named it */
};

struct pde_entry {
	u32 table; /* as in struct walk */
	u32 epoch;
};

static struct tlb_entry small[1u << 20];
/* With PAE there are 2048 directory entries of 2 MiB. */
static struct tlb_entry large[2 * PTRS_PER_PGD];
static struct pde_entry tables[2 * PTRS_PER_PGD];

/* One count gives all epochs; entries are cached with the epoch of their kind. 0 is never one. */
static u32 epoch_count = 1;
static u32 local_epoch = 1, global_epoch = 1, table_epoch = 1;
static bool kernel_cached; /* does small[] or large[] hold kernel addresses at all? */

/*
 * Moments: accesses and flushes, counted together. For messages only, where they count from the
 * reset.
 */
static u32 now, reset_moment;
static u32 last_cr3_load, last_full_flush;

static unsigned int large_index(unsigned long va)
{
	return va / large_size();
}

static bool entry_valid(const struct tlb_entry *e)
{
	return e->word && e->epoch == (e->word & _PAGE_GLOBAL ? global_epoch : local_epoch);
}

static u32 next_epoch(void)
{
	if (unlikely(++epoch_count == 0)) {
		/* After 2^32 flushes old epochs would come back to life. */
		memset(small, 0, sizeof(small));
		memset(large, 0, sizeof(large));
		memset(tables, 0, sizeof(tables));
		epoch_count = 1;
		local_epoch = 1;
		global_epoch = 1;
		table_epoch = 1;
	}
	return epoch_count;
}

static void drop_everything(void)
{
	local_epoch = next_epoch();
	global_epoch = local_epoch;
	table_epoch = local_epoch;
	kernel_cached = false;
}

static void drop_page(unsigned long va)
{
	small[va >> PAGE_SHIFT].word = 0;
	large[large_index(va)].word = 0;
}

/* The entry that an access to va would use, or NULL. A 4 KiB entry goes before a 4 MiB one. */
static struct tlb_entry *lookup(unsigned long va)
{
	struct tlb_entry *e = &small[va >> PAGE_SHIFT];

	if (entry_valid(e))
		return e;
	e = &large[large_index(va)];
	return entry_valid(e) ? e : NULL;
}

static void cache_translation(unsigned long va, u32 word)
{
	struct tlb_entry *e = word & _PAGE_PSE ? &large[large_index(va)] : &small[va >> PAGE_SHIFT];

	if (machine.options.tlb == TWIN_TLB_NONE)
		return;
	e->word = word;
	e->epoch = word & _PAGE_GLOBAL ? global_epoch : local_epoch;
	e->filled = now;
	if (va >= PAGE_OFFSET)
		kernel_cached = true;
}

/* ---- forgotten flushes --------------------------------------------------------------------- */

static const char *rights_words(u32 word)
{
	static const char *const words[] = {"ro kernel", "rw kernel", "ro user", "rw user"};

	return words[(word & (_PAGE_RW | _PAGE_USER)) >> 1];
}

static void describe_fresh(char *buf, size_t size, bool ok, const struct walk *w, unsigned long va)
{
	if (ok)
		snprintf(buf, size, "pfn %05lx %s",
			 (unsigned long)xlate_phys(w->word, va) >> PAGE_SHIFT,
			 rights_words(w->word));
	else
		snprintf(buf, size, "%s (pde %08llx pte %08llx)", error_code_words(w->error),
			 w->pde, w->pte);
}

/* A moment as messages give it: 0 for one before the reset. */
static u32 since_reset(u32 moment)
{
	s32 since = (s32)(moment - reset_moment);

	return since > 0 ? since : 0;
}

static void describe_drop(char *buf, size_t size, const struct tlb_entry *e)
{
	u32 cr3_load = e && (e->word & _PAGE_GLOBAL) ? 0 : since_reset(last_cr3_load);
	u32 full_flush = since_reset(last_full_flush);
	u32 dropped = e ? since_reset(e->dropped) : 0;
	u32 last = max(max(cr3_load, full_flush), dropped);

	if (!last)
		snprintf(buf, size, "never dropped");
	else
		snprintf(buf, size, "last dropped at %u by %s", (unsigned int)last,
			 last == dropped      ? "INVLPG"
			 : last == full_flush ? "a full flush"
					      : "a CR3 load");
}

/*
 * Called when a cached entry is about to be used. The fresh walk only looks.
 * - what: which cache; e: the entry, NULL where moments are not recorded.
 */
static void check_stale(const char *what, unsigned long va, unsigned int access, u32 cached,
			const struct tlb_entry *e)
{
	char fresh_text[96], drop_text[64], fill_text[32] = "";
	struct walk fresh = {0};
	bool ok = walk_root(va, access, WALK_PEEK, &fresh);

	if (likely(ok && xlate_phys(fresh.word, va) == xlate_phys(cached, va)))
		return;
	machine.stats.stale++;
	if (!machine.options.report_stale)
		return;
	describe_fresh(fresh_text, sizeof(fresh_text), ok, &fresh, va);
	describe_drop(drop_text, sizeof(drop_text), e);
	if (e)
		snprintf(fill_text, sizeof(fill_text), " at %u",
			 (unsigned int)since_reset(e->filled));
	twin_panicf(TWIN_PANIC_STALE,
		    "stale %s: va %08lx %s %s at %u: cached%s: pfn %05lx %s%s; page tables now "
		    "say: %s; %s",
		    what, va, access & PF_USER ? "user" : "kernel",
		    access & PF_WRITE ? "write" : "read", (unsigned int)since_reset(now), fill_text,
		    (unsigned long)xlate_phys(cached, va) >> PAGE_SHIFT, rights_words(cached),
		    cached & _PAGE_GLOBAL ? " global" : "", fresh_text, drop_text);
}

void mmu_check_cached(unsigned long va, unsigned int access, u32 cached)
{
	check_stale("kernel mapping", va, access, cached, NULL);
}

/* ---- translation --------------------------------------------------------------------------- */

static bool table_cached(const struct pde_entry *t)
{
	return t->table && t->epoch == table_epoch;
}

bool mmu_walk(unsigned long va, unsigned int access, struct walk *w)
{
	struct pde_entry *t = &tables[large_index(va)];

	machine.stats.walks++;
	if (table_cached(t)) {
		*w = (struct walk){0};
		if (walk_table(t->table, va, access, WALK_COMMIT, w)) {
			machine.stats.pde_hits++;
			check_stale("PDE cache", va, access, w->word, NULL);
			return true;
		}
		t->table = 0;
	}
	if (walk_root(va, access, WALK_COMMIT, w)) {
		if (machine.options.tlb != TWIN_TLB_NONE) {
			t->table = w->table;
			t->epoch = table_epoch;
		}
		return true;
	}
	return false;
}

/* TWIN_TLB_RANDOM: the entries that this access is about to use may turn out to be gone. */
static void evict_at_random(unsigned long va)
{
	u32 r = machine_random();

	if ((r & 3) == 0 && lookup(va)) {
		drop_page(va);
		machine.stats.evictions++;
	}
	if ((r & 12) == 0)
		tables[large_index(va)].table = 0;
	if ((r & 0x3F0) == 0)
		window_evict_one(r >> 16);
}

static bool translate_slowly(unsigned long va, unsigned int access, phys_addr_t *pa,
			     unsigned int *error)
{
	struct walk w;

	/* Whatever is cached refuses this access, or has D clear. */
	drop_page(va);
	if (!mmu_walk(va, access, &w)) {
		*error = w.error;
		return false;
	}
	cache_translation(va, w.word);
	*pa = xlate_phys(w.word, va);
	return true;
}

bool mmu_translate(unsigned long va, unsigned int access, phys_addr_t *pa, unsigned int *error)
{
	const struct tlb_entry *e;

	now++;
	machine.stats.accesses++;
	if (unlikely(!machine.cr3)) {
		*error = access_error(access); /* no address space yet: nothing is present */
		return false;
	}
	if (unlikely(machine.options.tlb == TWIN_TLB_RANDOM))
		evict_at_random(va);
	e = lookup(va);
	if (likely(e && xlate_allows(e->word, access) &&
		   (!(access & PF_WRITE) || e->word & _PAGE_DIRTY))) {
		machine.stats.hits++;
		check_stale("TLB", va, access, e->word, e);
		*pa = xlate_phys(e->word, va);
		return true;
	}
	return translate_slowly(va, access, pa, error);
}

void mmu_reset(void)
{
	drop_everything();
	machine.cr3 = 0;
	machine.paging = PAGING_WP | (machine_paging_features() & (PAGING_PSE | PAGING_PGE));
	reset_moment = now;
}

/* ---- the waist ----------------------------------------------------------------------------- */

/*
 * With CR3 naming a directory that lacks the kernel, a processor could not fetch its next
 * instruction: IMAGE_START stands for the running code.
 */
static void check_kernel_half(void)
{
	struct walk w;

	if (!walk_root(PAGE_OFFSET + IMAGE_START, 0, WALK_PEEK, &w) ||
	    xlate_phys(w.word, PAGE_OFFSET + IMAGE_START) != IMAGE_START)
		twin_panicf(
			TWIN_PANIC_WAIST,
			"triple fault: CR3 %08lx does not map the kernel (pde %08llx pte %08llx)",
			(unsigned long)machine.cr3, w.pde, w.pte);
}

static void __noreturn refused_cr3(phys_addr_t table)
{
	twin_panicf(TWIN_PANIC_WAIST,
		    "general protection: CR3 %08lx names a table with reserved bits",
		    (unsigned long)table);
}

int machine_load_cr3(phys_addr_t pgd)
{
	if (!pgd || !IS_ALIGNED(pgd, PAGE_SIZE) || pgd >= machine.options.ram_size)
		twin_panicf(TWIN_PANIC_WAIST, "arch_load_cr3(%08lx): not a page of RAM",
			    (unsigned long)pgd);
	if (paging_is(PAGING_PAE) && !walk_pae_load(pgd))
		return -EFAULT;
	machine.cr3 = pgd;
	machine.stats.cr3_loads++;
	last_cr3_load = ++now;
	local_epoch = next_epoch();
	table_epoch = local_epoch;
	check_kernel_half();
	window_load_cr3();
	return 0;
}

void arch_load_cr3(phys_addr_t pgd)
{
	if (machine_load_cr3(pgd))
		refused_cr3(pgd);
}

phys_addr_t arch_read_cr3(void)
{
	return machine.cr3;
}

/* What was cached for va before an INVLPG, and may so be fetched again after it. */
struct fetched {
	bool page, table;
};

static struct fetched what_is_fetched(unsigned long va)
{
	bool speculates = machine.options.tlb == TWIN_TLB_KEEP && machine.cr3 && va < PAGE_OFFSET;

	return (struct fetched){
		.page = speculates && lookup(va),
		.table = speculates && table_cached(&tables[large_index(va)]),
	};
}

/* Caches va's entries as they are now, where A spares the processor all writing. */
static void fetch_again(unsigned long va, struct fetched before)
{
	struct pde_entry *t = &tables[large_index(va)];
	struct walk w = {0};
	bool ok;

	if (!before.page && !before.table)
		return;
	ok = walk_root(va, 0, WALK_PEEK, &w);
	if (!(w.pde & _PAGE_ACCESSED))
		return;
	if (before.table && w.table) {
		t->table = w.table;
		t->epoch = table_epoch;
	}
	if (before.page && ok && (w.word & _PAGE_PSE || w.pte & _PAGE_ACCESSED))
		cache_translation(va, w.word);
}

void arch_flush_tlb_one(unsigned long va)
{
	struct fetched before = what_is_fetched(va);

	machine.stats.invlpg++;
	drop_page(va);
	small[va >> PAGE_SHIFT].dropped = ++now;
	large[large_index(va)].dropped = now;
	table_epoch = next_epoch();
	if (va >= PAGE_OFFSET && va < MACHINE_WINDOW)
		window_flush(va & PAGE_MASK, (va & PAGE_MASK) + PAGE_SIZE);
	window_forget_if_uncached();
	fetch_again(va, before);
}

void arch_flush_tlb_all(void)
{
	machine.stats.full_flushes++;
	last_full_flush = ++now;
	/* A processor does it by writing CR3 or CR4, which reads these entries, too (4.4.1). */
	if (paging_is(PAGING_PAE) && !walk_pae_load(machine.cr3))
		refused_cr3(machine.cr3);
	drop_everything();
	window_flush_all();
}

void arch_flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	if (start < PAGE_OFFSET || end > MACHINE_WINDOW || start > end ||
	    !IS_ALIGNED(start | end, PAGE_SIZE))
		twin_panicf(TWIN_PANIC_WAIST, "arch_flush_tlb_kernel_range(%08lx, %08lx)", start,
			    end);
	machine.stats.range_flushes++;
	now++;
	if (start == end)
		return;
	table_epoch = next_epoch();
	if (kernel_cached)
		for (unsigned long va = start; va < end; va += PAGE_SIZE)
			drop_page(va);
	window_flush(start, end);
	window_forget_if_uncached();
}

/*
 * The mode in force, not what the options offer: on a processor, too, CR4 is what tells.
 */
unsigned int arch_cpu_features(void)
{
	return (paging_is(PAGING_PSE) ? ARCH_CPU_PSE : 0) |
	       (paging_is(PAGING_PGE) ? ARCH_CPU_PGE : 0);
}

/* ---- paging modes -------------------------------------------------------------------------- */

unsigned int machine_paging_features(void)
{
	unsigned int has = machine.options.cpu_features;

	return PAGING_WP | PAGING_PAE | PAGING_NXE | (has & ARCH_CPU_PSE ? PAGING_PSE : 0) |
	       (has & ARCH_CPU_PGE ? PAGING_PGE : 0);
}

unsigned int machine_paging_mode(void)
{
	return machine.paging;
}

int machine_set_paging_mode(unsigned int mode)
{
	if (mode & ~machine_paging_features())
		return -EOPNOTSUPP;
	if ((mode & (PAGING_PAE | PAGING_NXE)) == PAGING_NXE)
		twin_panic(TWIN_PANIC_WAIST, "machine_set_paging_mode(): NXE without PAE");
	machine.paging = mode;
	if (paging_is(PAGING_PAE) && machine.cr3 && !walk_pae_load(machine.cr3))
		refused_cr3(machine.cr3);
	drop_everything();
	last_full_flush = ++now;
	if (machine.cr3)
		check_kernel_half();
	window_flush_all();
	return 0;
}

unsigned int machine_physical_bits(void)
{
	return 32;
}

const char *machine_emulator(void)
{
	return NULL;
}

/* The twin's own stack is up there, but not in the guest's page tables. */
u32 arch_window_pde(unsigned int index __maybe_unused)
{
	return 0;
}
