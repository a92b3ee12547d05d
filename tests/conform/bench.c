#include "conform/bench.h"

#include "base/bug.h"
#include "base/errno.h"
#include "base/printk.h"
#include "base/string.h"
#include "conform/deviation.h"

#define PAGE_WORDS (PAGE_SIZE / sizeof(u32))
#define FIRST_KERNEL_SLOT (PAGE_OFFSET >> PGDIR_SHIFT)

#define POOL_START (BENCH_OLD_PAGE + PAGE_SIZE)

/* Pages up to here are used up. */
static phys_addr_t pool;

struct watch watch;

/* Two buffers in turn, so that a message can quote the one before. */
const char *complain(const char *fmt, ...)
{
	static char messages[2][240];
	static unsigned int turn;
	va_list args;

	turn ^= 1;
	va_start(args, fmt);
	vscnprintf(messages[turn], sizeof(messages[turn]), fmt, args);
	va_end(args);
	return messages[turn];
}

/* ---- memory and page tables ---------------------------------------------------------------- */

void bench_begin(void)
{
	/* The pool's pages may be page tables that are in use until here. */
	arch_load_cr3(BOOT_SWAPPER_PG_DIR);
	arch_flush_tlb_all();
	pool = POOL_START;
	deviations_begin();
	arch_set_fault_handler(NULL);
	arch_set_syscall_handler(NULL);
}

u32 *new_page(u32 word)
{
	BUG_ON(pool >= BOOT_MAPPED, "a case uses more pages than the bench has");

	u32 *page = __va(pool);

	pool += PAGE_SIZE;
	fill_words(page, word, PAGE_WORDS);
	return page;
}

pgd_t *new_space(void)
{
	pgd_t *pgd = (pgd_t *)new_page(0);

	for (unsigned int i = FIRST_KERNEL_SLOT; i < PTRS_PER_PGD; i++)
		set_pgd(&pgd[i], swapper()[i]);
	return pgd;
}

pgd_t *enter_new_space(void)
{
	pgd_t *pgd = new_space();

	arch_load_cr3(__pa(pgd));
	return pgd;
}

pgd_t *directory_entry(pgd_t *pgd, unsigned long va)
{
	return &pgd[pgd_index(va)];
}

pte_t *table_entry(pgd_t *pgd, unsigned long va)
{
	pgd_t entry = *directory_entry(pgd, va);

	BUG_ON(!pgd_present(entry), "no page table for %08lx", va);
	return (pte_t *)__va(pgd_table(entry)) + pte_index(va);
}

void set_mapping(pgd_t *pgd, unsigned long va, const void *page, u32 bits)
{
	pgd_t *slot = directory_entry(pgd, va);

	if (!pgd_present(*slot))
		set_pgd(slot, make_pgd(__pa(new_page(0)), BENCH_TABLE));
	set_pte(table_entry(pgd, va), pfn_pte(PFN_DOWN(__pa(page)), __pgprot(bits)));
}

void set_large_mapping(pgd_t *pgd, unsigned long va, phys_addr_t frame, u32 bits)
{
	set_pgd(directory_entry(pgd, va), make_pgd(frame, bits | _PAGE_PSE));
}

bool cpu_has(unsigned int feature)
{
	return arch_cpu_features() & feature;
}

/* ---- accesses ------------------------------------------------------------------------------ */

const char *access_name(enum access_kind kind)
{
	static const char *const names[] = {
		[ACCESS_LOAD] = "load", [ACCESS_STORE] = "store", [ACCESS_EXEC] = "exec"};

	return names[kind];
}

int perform(enum ring ring, struct access *access)
{
	return ring == RING_3 ? machine_user_access(access) : machine_kernel_access(access);
}

u32 access_code(enum ring ring, enum access_kind kind)
{
	return (kind == ACCESS_STORE ? PF_WRITE : 0) | (ring == RING_3 ? PF_USER : 0);
}

bool code_matches(u32 code, u32 expected)
{
	if (expected & PF_RSVD && deviates(DEVIATION_RSVD_WITHOUT_P))
		expected &= ~PF_PROT;
	return code == expected;
}

/* "CPL 3 load of 4 bytes at 40000000: " and how it went; lasts until the next one. */
static const char *describe_access(enum ring ring, const struct access *a, int err)
{
	static char text[120];
	int n = scnprintf(text, sizeof(text), "CPL %d %s of %u bytes at %08lx: ", ring,
			  access_name(a->kind), a->size, a->address);

	if (err == -EFAULT)
		scnprintf(text + n, sizeof(text) - n, "fault %08lx code %02x", a->fault.address,
			  a->fault.error_code);
	else if (err)
		scnprintf(text + n, sizeof(text) - n, "error %d", err);
	else if (a->kind == ACCESS_LOAD)
		scnprintf(text + n, sizeof(text) - n, "loaded %08x", a->value);
	else
		scnprintf(text + n, sizeof(text) - n, "done");
	return text;
}

const char *expect_load(enum ring ring, unsigned long va, unsigned int size, u32 value)
{
	/* Not zero, so that upper bytes left alone show. */
	struct access a = {.kind = ACCESS_LOAD, .address = va, .size = size, .value = 0xDEADBEEF};
	int err = perform(ring, &a);

	if (err || a.value != value)
		return complain("%s, expected %08x", describe_access(ring, &a, err), value);
	return NULL;
}

const char *expect_store(enum ring ring, unsigned long va, unsigned int size, u32 value)
{
	struct access a = {.kind = ACCESS_STORE, .address = va, .size = size, .value = value};
	int err = perform(ring, &a);

	return err ? complain("%s", describe_access(ring, &a, err)) : NULL;
}

const char *expect_exec(unsigned long va)
{
	struct access a = {.kind = ACCESS_EXEC, .address = va, .size = 2};
	int err = perform(RING_3, &a);

	return err ? complain("%s", describe_access(RING_3, &a, err)) : NULL;
}

const char *expect_refused(enum ring ring, enum access_kind kind, unsigned long va,
			   unsigned int size, unsigned long cr2, u32 reason)
{
	struct access a = {.kind = kind, .address = va, .size = size, .value = 0xDEADBEEF};
	u32 code = access_code(ring, kind) | reason;
	int err = perform(ring, &a);

	if (err != -EFAULT || a.fault.address != cr2 || !code_matches(a.fault.error_code, code))
		return complain("%s, expected fault %08lx code %02x",
				describe_access(ring, &a, err), cr2, code);
	CHECK(a.fault.ip == 0, "a refused access's record has ip %08lx", a.fault.ip);
	return NULL;
}

const char *expect_fault(enum ring ring, enum access_kind kind, unsigned long va, u32 reason)
{
	return expect_refused(ring, kind, va, sizeof(u32), va, reason);
}

const char *at_every_place(const char *(*check)(pgd_t *pgd, enum ring ring, unsigned long va))
{
	static const struct {
		enum ring ring;
		unsigned long va;
	} places[] = {
		{RING_3, BENCH_USER},
		{RING_0, BENCH_USER},
		{RING_3, BENCH_KERNEL},
		{RING_0, BENCH_KERNEL},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(places); i++) {
		bench_begin();

		const char *why = check(enter_new_space(), places[i].ring, places[i].va);

		if (why)
			return complain("CPL %d at %08lx: %s", places[i].ring, places[i].va, why);
	}
	return NULL;
}

/* ---- handlers ------------------------------------------------------------------------------ */

static int watching_handler(const struct fault_record *fault)
{
	if (watch.count < WATCH_MAX)
		watch.seen[watch.count] = *fault;
	watch.count++;
	return watch.resolve ? watch.resolve(fault) : -EFAULT;
}

void watch_faults(int (*resolve)(const struct fault_record *fault))
{
	watch = (struct watch){.resolve = resolve};
	arch_set_fault_handler(watching_handler);
}

const char *expect_seen(unsigned int index, unsigned long address, u32 code)
{
	const struct fault_record *seen = &watch.seen[index];

	CHECK(index < watch.count, "the handler saw %u faults, expected more", watch.count);
	CHECK(seen->address == address && code_matches(seen->error_code, code),
	      "the handler's fault %u: address %08lx code %02x, expected %08lx code %02x", index,
	      seen->address, seen->error_code, address, code);
	return NULL;
}
