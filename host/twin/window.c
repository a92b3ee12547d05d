/*
 * Kernel addresses. The kernel's code runs natively on the host, so its loads and stores at
 * [PAGE_OFFSET, MACHINE_WINDOW) go through the host's MMU; the mappings that the host has there
 * are this machine's TLB for kernel addresses. At rest all of it is PROT_NONE. An access traps
 * (trap.c), window_fill() walks the guest's page tables and maps what they say; only what drops a
 * TLB entry takes a mapping away again: see mmu.c. A mapping of a page with D clear is read-only,
 * so that the first write traps again and sets D.
 *
 * Slots of 4 MiB, one for each page-directory entry. A slot is
 *
 *	empty		nothing mapped
 *	paged		some pages mapped one by one; words[] has the translation of each
 *	whole		4 MiB of direct map in one host mapping: each page is mapped to the
 *			frame at va - PAGE_OFFSET, writable and dirty, all with the same flags
 *
 *	empty --fill--> paged --fill--> paged		(a page, or a run of them)
 *	empty, paged --fill--> whole			(iff the tables say so for all 1024 pages)
 *	whole --flush of pages that changed--> paged
 *	any   --flush--> empty
 *
 * The whole slot is what makes the direct map cost nothing: after a flush that covers it, it is
 * compared with the page tables and stays if they still say the same, which is the same as dropping
 * and refilling it. The host's base mapping is the direct map with PROT_NONE, so that whole and
 * empty differ by mprotect() only, and what the host knows of the pages survives.
 *
 * Where the direct map ends is thus for the page tables to say, as it must be: with little RAM
 * vmalloc begins far below 896 MiB. While paging is off (CR3 0) all kernel addresses are direct
 * map.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "twin/machine_priv.h"
#include "twin/mmu.h"
#include "twin/ram.h"
#include "twin/window.h"

#define NR_SLOTS ((MACHINE_WINDOW - PAGE_OFFSET) >> PGDIR_SHIFT)
#define SLOT_PAGES PTRS_PER_PTE

/*
 * Linux allows a process 65530 mappings (vm.max_map_count). Each mapped page may be one and leave a
 * gap that is another only where the neighbour is empty; programs and libraries have some hundred.
 */
#define MAX_PAGED 30000

struct slot {
	u32 whole;	 /* flags that all pages share; 0: not whole */
	u16 nr;		 /* pages mapped one by one */
	u16 nr_local;	 /* of these, not global */
	u16 first, last; /* where they are: [first, last), pages in the slot */
};

static struct slot slots[NR_SLOTS];
static u32 words[NR_SLOTS * SLOT_PAGES];
static unsigned int nr_paged;

static unsigned long slot_address(unsigned int s)
{
	return PAGE_OFFSET + s * PGDIR_SIZE;
}

static unsigned int slot_of(unsigned long va)
{
	return (va - PAGE_OFFSET) >> PGDIR_SHIFT;
}

static unsigned int page_of(unsigned long va)
{
	return (va - PAGE_OFFSET) >> PAGE_SHIFT;
}

static void __noreturn host_failed(const char *what, int err)
{
	twin_panicf(TWIN_PANIC_WAIST, "kernel mappings: %s: %s", what, strerror(err));
}

static void protect_slot(unsigned int s, int prot)
{
	if (mprotect((void *)slot_address(s), PGDIR_SIZE, prot) < 0)
		host_failed("mprotect", errno);
}

/* Back to PROT_NONE over the direct map: pages [first, last), counted from PAGE_OFFSET. */
static int unmap_pages(unsigned int first, unsigned int last)
{
	return ram_map_at(PAGE_OFFSET + first * PAGE_SIZE, (last - first) * PAGE_SIZE, PROT_NONE,
			  first);
}

int window_reserve(void)
{
	memset(slots, 0, sizeof(slots));
	memset(words, 0, sizeof(words));
	nr_paged = 0;
	return unmap_pages(0, NR_SLOTS * SLOT_PAGES);
}

/* ---- dropping ------------------------------------------------------------------------------ */

static void forget_word(struct slot *slot, unsigned int page)
{
	slot->nr--;
	slot->nr_local -= !(words[page] & _PAGE_GLOBAL);
	nr_paged--;
	words[page] = 0;
}

/*
 * Drops those pages among [first, last) of one slot whose word has all bits of set and none of
 * clear. Each run of them costs one call to the host.
 */
static void drop_pages(struct slot *slot, unsigned int first, unsigned int last, u32 set, u32 clear)
{
	unsigned int base = (slot - slots) * SLOT_PAGES;
	unsigned int run = 0, run_end = 0;
	int err = 0;

	first = max(first, base + slot->first);
	last = min(last, base + slot->last);
	for (unsigned int page = first; page < last && !err; page++) {
		if (!words[page] || (words[page] & (set | clear)) != set) {
			/* An unmapped page in between may as well be covered. */
			if (words[page] && run_end) {
				err = unmap_pages(run, run_end);
				run_end = 0;
			}
			continue;
		}
		if (!run_end)
			run = page;
		run_end = page + 1;
		forget_word(slot, page);
	}
	if (run_end && !err)
		err = unmap_pages(run, run_end);
	if (err)
		host_failed("unmapping", -err);
	if (!slot->nr) {
		slot->first = 0;
		slot->last = 0;
	}
}

static void drop_whole(unsigned int s)
{
	slots[s].whole = 0;
	protect_slot(s, PROT_NONE);
}

static void drop_paged(unsigned int s)
{
	if (slots[s].nr)
		drop_pages(&slots[s], s * SLOT_PAGES, (s + 1) * SLOT_PAGES, 0, 0);
}

/*
 * Do the page tables map all of a slot as direct map, writable, A and D set already? Then returns
 * the flags that the translations share, else 0.
 */
static u32 direct_map_flags(unsigned int s)
{
	if ((u64)(s + 1) * PGDIR_SIZE > machine.options.ram_size)
		return 0;
	if (!machine.cr3)
		return _PAGE_PRESENT | _PAGE_RW | _PAGE_DIRTY;
	return walk_uniform(slot_address(s), s * PGDIR_SIZE);
}

/* Turns a whole slot into a paged one, with the same mappings. */
static void split_whole(unsigned int s)
{
	struct slot *slot = &slots[s];

	for (unsigned int i = 0; i < SLOT_PAGES; i++)
		words[s * SLOT_PAGES + i] = (s * PGDIR_SIZE + i * PAGE_SIZE) | slot->whole;
	slot->nr = SLOT_PAGES;
	slot->nr_local = slot->whole & _PAGE_GLOBAL ? 0 : SLOT_PAGES;
	slot->first = 0;
	slot->last = SLOT_PAGES;
	slot->whole = 0;
	nr_paged += SLOT_PAGES;
}

/*
 * A flush covers pages of a whole slot, all of them or not. The slot stays whole if the tables
 * still agree. If not, a 4 MiB translation goes as one; 4 KiB ones become a paged slot, of which
 * the caller drops those that are covered.
 */
static void flush_whole(unsigned int s, bool all)
{
	u32 flags = direct_map_flags(s);

	if (flags)
		slots[s].whole = flags;
	else if (all || slots[s].whole & _PAGE_PSE)
		drop_whole(s);
	else
		split_whole(s);
}

void window_load_cr3(void)
{
	for (unsigned int s = 0; s < NR_SLOTS; s++) {
		struct slot *slot = &slots[s];

		if (slot->whole && !(slot->whole & _PAGE_GLOBAL))
			flush_whole(s, true);
		if (slot->nr_local)
			drop_pages(slot, s * SLOT_PAGES, (s + 1) * SLOT_PAGES, 0, _PAGE_GLOBAL);
	}
	window_forget_if_uncached();
}

void window_flush(unsigned long start, unsigned long end)
{
	unsigned int first = page_of(start), last = page_of(end);

	for (unsigned int s = slot_of(start); s <= slot_of(end - 1); s++) {
		unsigned int from = max(first, s * SLOT_PAGES);
		unsigned int to = min(last, (s + 1) * SLOT_PAGES);

		if (slots[s].whole)
			flush_whole(s, to - from == SLOT_PAGES);
		if (!slots[s].nr)
			continue;
		drop_pages(&slots[s], from, to, 0, 0);
		/* A large page goes as a whole, also when the page flushed was never filled in. */
		from = ALIGN_DOWN(from, large_size() / PAGE_SIZE);
		to = ALIGN(to, large_size() / PAGE_SIZE);
		drop_pages(&slots[s], from, to, _PAGE_PSE, 0);
	}
}

void window_flush_all(void)
{
	for (unsigned int s = 0; s < NR_SLOTS; s++) {
		if (slots[s].whole)
			flush_whole(s, true);
		drop_paged(s);
	}
}

void window_forget_if_uncached(void)
{
	if (machine.options.tlb == TWIN_TLB_NONE && nr_paged)
		for (unsigned int s = 0; s < NR_SLOTS; s++)
			drop_paged(s);
}

void window_evict_one(u32 r)
{
	for (unsigned int i = 0; nr_paged && i < NR_SLOTS; i++) {
		unsigned int s = (r + i) % NR_SLOTS;

		if (slots[s].nr) {
			drop_paged(s);
			machine.stats.evictions++;
			return;
		}
	}
}

/* ---- filling ------------------------------------------------------------------------------- */

u32 window_cached(unsigned long va)
{
	const struct slot *slot = &slots[slot_of(va)];

	if (slot->whole)
		return ((va - PAGE_OFFSET) & PAGE_MASK) | (slot->whole & ~_PAGE_PSE);
	return words[page_of(va)] & ~_PAGE_PSE;
}

static bool host_writable(u32 word)
{
	return xlate_allows(word, PF_WRITE) && word & _PAGE_DIRTY;
}

static bool fill_whole(unsigned int s)
{
	u32 flags = direct_map_flags(s);

	if (!flags)
		return false;
	drop_paged(s);
	protect_slot(s, PROT_READ | PROT_WRITE);
	slots[s].whole = flags;
	machine.stats.slot_fills++;
	return true;
}

/* Drops pages one by one mapped, to stay below the host's limit. A TLB may, at any time. */
static void make_room(unsigned int nr)
{
	if (nr_paged + nr <= MAX_PAGED)
		return;
	machine.stats.overflows++;
	for (unsigned int s = 0; s < NR_SLOTS; s++)
		drop_paged(s);
}

/*
 * The pages around one that is to be mapped which the same call can map too: their entries name the
 * neighbouring frames with the same bits as the page's own, A among them by now: a processor may
 * cache entries in advance, but only those with A set (SDM 4.10.2.3).
 * - w: the walk that permitted the access to the page. Returns the pages as [*first, *last).
 */
static void find_run(unsigned int page, const struct walk *w, unsigned int *first,
		     unsigned int *last)
{
	const unsigned int base = page - page % SLOT_PAGES;
	const u32 *table;
	u32 pte;

	*first = page;
	*last = page + 1;
	if (!w->table || machine.options.tlb == TWIN_TLB_NONE || paging_is(PAGING_PAE))
		return;
	table = ram_ptr(w->table & PAGE_MASK);
	pte = table[page - base];
	while (*first > base && !words[*first - 1] &&
	       table[*first - 1 - base] == pte - (page - *first + 1) * PAGE_SIZE)
		--*first;
	while (*last < base + SLOT_PAGES && !words[*last] &&
	       table[*last - base] == pte + (*last - page) * PAGE_SIZE &&
	       (table[*last - base] & PAGE_MASK) < machine.options.ram_size)
		++*last;
}

/* Maps a page, which is not mapped, and those around it that go along. */
static void fill_pages(unsigned long va, const struct walk *w)
{
	struct slot *slot = &slots[slot_of(va)];
	unsigned int page = page_of(va), first, last;
	u32 word = (xlate_phys(w->word, va) & PAGE_MASK) | (w->word & XLATE_FLAGS);
	int err;

	find_run(page, w, &first, &last);
	make_room(last - first);
	word -= (page - first) * PAGE_SIZE;
	err = ram_map_at(PAGE_OFFSET + first * PAGE_SIZE, (last - first) * PAGE_SIZE,
			 PROT_READ | (host_writable(word) ? PROT_WRITE : 0), word >> PAGE_SHIFT);
	if (err)
		host_failed("mapping a page", -err);
	for (unsigned int i = first; i < last; i++, word += PAGE_SIZE)
		words[i] = word;
	slot->first = slot->nr ? min(slot->first, first % SLOT_PAGES) : first % SLOT_PAGES;
	slot->last = max(slot->last, (last - 1) % SLOT_PAGES + 1);
	slot->nr += last - first;
	slot->nr_local += word & _PAGE_GLOBAL ? 0 : last - first;
	nr_paged += last - first;
	machine.stats.page_fills++;
}

/* What stands for the walk while paging is off: RAM as direct map. */
static bool walk_nothing(unsigned long va, struct walk *w)
{
	if (va - PAGE_OFFSET >= machine.options.ram_size)
		return false;
	*w = (struct walk){.word = ((va - PAGE_OFFSET) & PAGE_MASK) | _PAGE_PRESENT | _PAGE_RW |
				   _PAGE_DIRTY};
	return true;
}

unsigned int window_fill(unsigned long va, unsigned int access)
{
	unsigned int s = slot_of(va);
	u32 cached = window_cached(va);
	struct walk w;

	if (slots[s].whole || (cached && (!(access & PF_WRITE) || host_writable(cached))))
		twin_panicf(TWIN_PANIC_WAIST, "kernel mapping of %08lx is there and yet it traps",
			    va);
	if (!machine.cr3) {
		if (!walk_nothing(va, &w))
			return PF_REFUSED | access;
	} else if (!mmu_walk(va, access, &w)) {
		/* A page fault drops what was cached for the address. */
		drop_pages(&slots[s], page_of(va), page_of(va) + 1, 0, 0);
		return PF_REFUSED | w.error;
	}
	if (xlate_phys(w.word, va) == va - PAGE_OFFSET && host_writable(w.word) && fill_whole(s))
		return 0;
	/* A read-only mapping of a clean page gives way to a writable one. */
	if (cached)
		forget_word(&slots[s], page_of(va));
	fill_pages(va, &w);
	return 0;
}
