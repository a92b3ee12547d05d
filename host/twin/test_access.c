/*
 * One access at a time, nothing cached: the soft MMU against an oracle, over all combinations of
 * entry bits, access and mode. The oracle is written from the SDM's sentences (vol. 3A, 4.6, 4.7,
 * 4.8) and shares nothing with the machine, not even the names of bits.
 */
#include <errno.h>

#include "twin/test.h"

/* ---- the oracle ---------------------------------------------------------------------------- */

struct question {
	unsigned int pde; /* low 12 bits: P 1, RW 2, US 4, A 32, D 64, PS 128, G 256 */
	unsigned int pte;
	bool pse;      /* CR4.PSE */
	bool reserved; /* one of bits 21:13 is set in the directory entry */
	bool user, write;
};

struct answer {
	bool allowed;
	bool large; /* the page is the 4 MiB one */
	unsigned int error;
	unsigned int pde, pte; /* as the access leaves them */
};

static struct answer ask_oracle(const struct question *q)
{
	bool present = q->pde % 2 == 1;
	bool big = present && q->pse && (q->pde / 128) % 2 == 1;
	bool bad = big && q->reserved;
	bool leaf_present = big || q->pte % 2 == 1;
	bool writable = (q->pde / 2) % 2 && (big || (q->pte / 2) % 2);
	bool for_user = (q->pde / 4) % 2 && (big || (q->pte / 4) % 2);
	bool rights = (!q->write || writable) && (!q->user || for_user);
	struct answer a = {.large = big, .pde = q->pde, .pte = q->pte};

	a.allowed = present && !bad && leaf_present && rights;
	if (!a.allowed)
		a.error = (present && leaf_present ? 1 : 0) + (q->write ? 2 : 0) +
			  (q->user ? 4 : 0) + (bad ? 8 : 0);
	if (present && !big)
		a.pde |= 32;
	if (a.allowed && big)
		a.pde |= q->write ? 96 : 32;
	if (a.allowed && !big)
		a.pte |= q->write ? 96 : 32;
	return a;
}

/* ---- the machine's answer ------------------------------------------------------------------ */

#define LARGE_FRAME 0x00800000u
#define VA (USER_VA + 0x3000u + 0x124u)
#define SMALL_PA (FRAME_A + 0x124u)
#define LARGE_PA (LARGE_FRAME + 0x3000u + 0x124u)
#define SMALL_VALUE 0x81CD1234u
#define LARGE_VALUE 0x5678ABCDu
#define STORED 0xCAFE5EEDu

static unsigned long differences;

static void report(const struct question *q, const struct answer *a, int err, enum access_kind kind)
{
	if (differences++ < 10)
		printf("pde %03x pte %03x pse %d rsvd %d user %d kind %d: err %d code %x, oracle: "
		       "allowed %d code %x pde %03x pte %03x; entries %08x %08x value %08x\n",
		       q->pde, q->pte, q->pse, q->reserved, q->user, kind, err,
		       last.fault.error_code, a->allowed, a->error, a->pde, a->pte,
		       (unsigned int)*PGD_SLOT(USER_SLOT), (unsigned int)*PTE_SLOT(USER_TABLE, 3),
		       (unsigned int)last.value);
}

static int perform(const struct question *q, enum access_kind kind)
{
	last = (struct access){.kind = kind, .address = VA, .size = 4, .value = STORED};
	return q->user ? machine_user_access(&last) : machine_kernel_access(&last);
}

static bool memory_as_expected(const struct answer *a, bool write)
{
	u32 small = a->allowed && write && !a->large ? STORED : SMALL_VALUE;
	u32 big = a->allowed && write && a->large ? STORED : LARGE_VALUE;

	return *phys_word(SMALL_PA) == small && *phys_word(LARGE_PA) == big;
}

static bool result_as_expected(const struct question *q, const struct answer *a, int err,
			       enum access_kind kind)
{
	if (!a->allowed)
		return err == -EFAULT && last.fault.error_code == a->error &&
		       last.fault.address == VA && (!q->user || last.fault.ip == 0);
	if (kind == ACCESS_EXEC)
		return err == -EINVAL; /* neither value begins with CD 81 */
	return err == 0 &&
	       (kind == ACCESS_STORE || last.value == (a->large ? LARGE_VALUE : SMALL_VALUE));
}

static void try_one(struct question q, u32 reserved_bits, enum access_kind kind)
{
	u32 pde_frame = (q.pde & 128) && q.pse ? LARGE_FRAME | reserved_bits : USER_TABLE;
	u32 pde = pde_frame | q.pde, pte = FRAME_A | q.pte;
	struct answer a;
	int err;

	*PGD_SLOT(USER_SLOT) = pde;
	*PTE_SLOT(USER_TABLE, 3) = pte;
	*phys_word(SMALL_PA) = SMALL_VALUE;
	*phys_word(LARGE_PA) = LARGE_VALUE;
	arch_flush_tlb_all();
	q.write = kind == ACCESS_STORE;
	q.reserved = reserved_bits && pde_frame != USER_TABLE;
	a = ask_oracle(&q);
	err = perform(&q, kind);
	if (!result_as_expected(&q, &a, err, kind) || !memory_as_expected(&a, q.write) ||
	    *PGD_SLOT(USER_SLOT) != (pde_frame | a.pde) ||
	    *PTE_SLOT(USER_TABLE, 3) != (FRAME_A | a.pte))
		report(&q, &a, err, kind);
}

/* P, RW, US, A, D, bit 7 (PS), G as the low bits of a number. */
static unsigned int spread(unsigned int bits)
{
	return (bits & 7) | (bits & 0x78) << 2;
}

static void try_all(bool pse, u32 reserved_bits)
{
	for (unsigned int d = 0; d < 128; d++)
		for (unsigned int t = 0; t < 128; t++)
			for (unsigned int user = 0; user < 2; user++)
				for (unsigned int kind = 0; kind < 2 + user; kind++)
					try_one((struct question){.pde = spread(d),
								  .pte = spread(t),
								  .pse = pse,
								  .user = user},
						reserved_bits, kind);
}

void test_access(void)
{
	struct twin_options o = quiet_options();
	unsigned int features;

	for (features = 0; features < 4; features++) {
		o.cpu_features = features;
		guest_boot(&o, features & ARCH_CPU_PGE ? _PAGE_GLOBAL : 0);
		try_all(features & ARCH_CPU_PSE, 0);
	}
	CHECK(differences == 0, "%lu answers differ from the oracle's", differences);
	differences = 0;
	for (unsigned int bit = 13; bit <= 21; bit++) {
		guest_boot(&o, 0);
		try_all(true, 1u << bit);
		CHECK(differences == 0, "bit %u: %lu answers differ from the oracle's", bit,
		      differences);
		differences = 0;
	}
}

/* ---- straddling ---------------------------------------------------------------------------- */

static void map_two(u32 first, u32 second)
{
	*PGD_SLOT(USER_SLOT) = USER_TABLE | USER_FLAGS;
	*PTE_SLOT(USER_TABLE, 0) = first ? FRAME_A | first : 0;
	*PTE_SLOT(USER_TABLE, 1) = second ? FRAME_C | second : 0;
	*phys_word(FRAME_A + FRAME_SIZE - 4) = 0x44332211;
	*phys_word(FRAME_C) = 0x88776655;
	arch_flush_tlb_all();
}

static void check_straddle(unsigned int before, unsigned int size)
{
	const u32 value = 0xA4A3A2A1;
	const u32 mask = size == 4 ? ~0u : (1u << size * 8) - 1;
	const unsigned long va = USER_VA + PAGE_SIZE - before;
	u64 bytes;

	map_two(USER_FLAGS, USER_FLAGS);
	bytes = (u64)0x88776655 << 32 | 0x44332211;
	CHECK(user_load(va, size) == 0 && last.value == ((u32)(bytes >> (4 - before) * 8) & mask),
	      "size %u: %08x", size, (unsigned int)last.value);
	CHECK(user_store(va, size, value) == 0, "size %u", size);
	CHECK(user_load(va, size) == 0 && last.value == (value & mask), "%08x",
	      (unsigned int)last.value);

	map_two(USER_FLAGS, 0);
	CHECK(user_load(va, size) == -EFAULT && last.fault.address == USER_VA + PAGE_SIZE &&
		      last.fault.error_code == PF_USER,
	      "%08lx", last.fault.address);
	CHECK(user_store(va, size, value) == -EFAULT && last.fault.address == USER_VA + PAGE_SIZE &&
		      *phys_word(FRAME_A + FRAME_SIZE - 4) == 0x44332211,
	      "a refused store wrote its first bytes");
	map_two(USER_FLAGS, USER_FLAGS & ~_PAGE_RW);
	CHECK(user_store(va, size, value) == -EFAULT &&
		      last.fault.error_code == (PF_USER | PF_WRITE | PF_PROT) &&
		      *phys_word(FRAME_A + FRAME_SIZE - 4) == 0x44332211,
	      "%x", last.fault.error_code);
	map_two(0, USER_FLAGS);
	CHECK(user_load(va, size) == -EFAULT && last.fault.address == va, "%08lx",
	      last.fault.address);
	map_two(0, 0);
	CHECK(user_load(va, size) == -EFAULT && last.fault.address == va, "%08lx",
	      last.fault.address);
}

static unsigned int handler_calls;

/* Resolves faults one page at a time. */
static int map_on_demand(const struct fault_record *fault)
{
	unsigned int index = pte_index(fault->address);

	handler_calls++;
	*PTE_SLOT(USER_TABLE, index) = (FRAME_A + index * FRAME_SIZE) | USER_FLAGS;
	return 0;
}

static int refuse_all(const struct fault_record *fault __maybe_unused)
{
	handler_calls++;
	return -EFAULT;
}

static void check_handler(void)
{
	map_two(0, 0);
	arch_set_fault_handler(map_on_demand);
	handler_calls = 0;
	CHECK(user_store(USER_VA + PAGE_SIZE - 1, 2, 0xBBAA) == 0 && handler_calls == 2, "%u calls",
	      handler_calls);
	CHECK(user_load(USER_VA + PAGE_SIZE - 1, 2) == 0 && last.value == 0xBBAA &&
		      handler_calls == 2,
	      "%u calls", handler_calls);
	*PTE_SLOT(USER_TABLE, 0) = 0;
	arch_flush_tlb_one(USER_VA);
	arch_set_fault_handler(refuse_all);
	handler_calls = 0;
	CHECK(user_load(USER_VA + PAGE_SIZE - 1, 2) == -EFAULT && handler_calls == 1, "%u calls",
	      handler_calls);
}

static void check_exec(void)
{
	map_two(USER_FLAGS, USER_FLAGS);
	last = (struct access){.kind = ACCESS_EXEC, .address = USER_VA + PAGE_SIZE - 1};
	CHECK(machine_user_access(&last) == -EINVAL, "44 55 is not int $0x81");
	*phys_word(FRAME_A + FRAME_SIZE - 4) = 0xCD000000;
	*phys_word(FRAME_C) = 0x81;
	CHECK(machine_user_access(&last) == 0, "int $0x81 across pages");
	*PTE_SLOT(USER_TABLE, 1) = 0;
	arch_flush_tlb_all();
	CHECK(machine_user_access(&last) == -EFAULT && last.fault.address == USER_VA + PAGE_SIZE &&
		      last.fault.error_code == PF_USER,
	      "%08lx %x", last.fault.address, last.fault.error_code);
}

void test_straddle(void)
{
	struct twin_options o = quiet_options();

	guest_boot(&o, 0);
	check_straddle(1, 2);
	check_straddle(1, 4);
	check_straddle(2, 4);
	check_straddle(3, 4);
	check_handler();
	arch_set_fault_handler(NULL);
	check_exec();
	/* The last bytes of user space: the next page is the kernel's. */
	*PGD_SLOT(USER_PTRS_PER_PGD - 1) = USER_TABLE2 | USER_FLAGS;
	*PTE_SLOT(USER_TABLE2, PTRS_PER_PTE - 1) = FRAME_B | USER_FLAGS;
	CHECK(user_load(TASK_SIZE - 2, 4) == -EFAULT && last.fault.address == PAGE_OFFSET &&
		      last.fault.error_code == (PF_USER | PF_PROT),
	      "%08lx %x", last.fault.address, last.fault.error_code);
	*phys_word(FRAME_B + FRAME_SIZE - 4) = 0xBBAA0000;
	*phys_word(0) = 0xDDCC;
	CHECK(kernel_load(TASK_SIZE - 2, 4) == 0 && last.value == 0xDDCCBBAA, "%08x",
	      (unsigned int)last.value);
	CHECK(user_load(MACHINE_WINDOW, 4) == -EFAULT && last.fault.error_code == PF_USER, "%x",
	      last.fault.error_code);
	CHECK(user_load(0xFFFFFFFF, 1) == -EFAULT && last.fault.address == 0xFFFFFFFF, "%08lx",
	      last.fault.address);
	CHECK(user_load(0xFFFFFFFF, 2) == -EINVAL && kernel_load(0xFFFFFFFD, 4) == -EINVAL,
	      "an access that wraps");
}

/* ---- user copies --------------------------------------------------------------------------- */

static u8 buffer[3 * FRAME_SIZE], source[3 * FRAME_SIZE];

static void check_partial(void)
{
	const unsigned long at = USER_VA + PAGE_SIZE - 100;
	size_t left;

	map_two(USER_FLAGS, 0);
	memset(__va(FRAME_A), 0x11, PAGE_SIZE);
	memset(buffer, 0xEE, sizeof(buffer));
	left = arch_copy_from_user(buffer, at, 300);
	CHECK(left == 200 && buffer[99] == 0x11 && buffer[100] == 0xEE, "%zu left", left);
	left = arch_copy_to_user(at, source, 300);
	CHECK(left == 200 && memcmp(__va(FRAME_A + FRAME_SIZE - 100), source, 100) == 0, "%zu left",
	      left);
	left = arch_clear_user(at - 28, 300);
	CHECK(left == 172 && *phys_word(FRAME_A + FRAME_SIZE - 128) == 0 &&
		      *phys_word(FRAME_A + FRAME_SIZE - 132) == 0x11111111,
	      "%zu left", left);
	/* Write-protected: CR0.WP holds CPL 0 off too. */
	map_two(USER_FLAGS & ~_PAGE_RW, USER_FLAGS);
	CHECK(arch_copy_to_user(USER_VA, source, 10) == 10, "wrote to a read-only page");
	CHECK(arch_copy_from_user(buffer, USER_VA, 10) == 0, "cannot read a read-only page");
	/* A supervisor page at a user address is open to CPL 0. */
	map_two(USER_FLAGS & ~_PAGE_USER, USER_FLAGS);
	CHECK(arch_copy_to_user(USER_VA, source, 10) == 0, "supervisor page");
	CHECK(user_load(USER_VA, 1) == -EFAULT, "user read of a supervisor page from the TLB");
}

static void copy_beyond(void)
{
	(void)!arch_copy_from_user(buffer, TASK_SIZE - 4, 8);
}

static void copy_irqs_off(void)
{
	arch_irq_save();
	(void)!arch_copy_from_user(buffer, USER_VA, 8);
}

static void call_irqs_off(void)
{
	struct syscall_regs regs = {0};

	arch_irq_save();
	machine_user_syscall(&regs);
}

void test_copies(void)
{
	struct twin_options o = quiet_options();

	guest_boot(&o, 0);
	for (unsigned int i = 0; i < sizeof(source); i++)
		source[i] = i * 7 + i / 251;
	check_partial();
	map_two(0, 0);
	arch_set_fault_handler(map_on_demand);
	handler_calls = 0;
	CHECK(arch_copy_to_user(USER_VA + 5, source, 2 * PAGE_SIZE) == 0 && handler_calls == 3,
	      "%u calls", handler_calls);
	CHECK(arch_copy_from_user(buffer, USER_VA + 5, 2 * PAGE_SIZE) == 0 &&
		      memcmp(buffer, source, 2 * PAGE_SIZE) == 0,
	      "copied back differs");
	CHECK(arch_clear_user(USER_VA, 3 * PAGE_SIZE) == 0 && *phys_word(FRAME_B) == 0, "clear");
	CHECK(arch_copy_from_user(buffer, TASK_SIZE, 0) == 0, "nothing at the limit is fine");
	CHECK(panics(copy_beyond) && panic_kind == TWIN_PANIC_WAIST, "%s", panic_message);
	guest_boot(&o, 0);
	CHECK(panics(copy_irqs_off) && panic_kind == TWIN_PANIC_WAIST, "%s", panic_message);
	guest_boot(&o, 0);
	CHECK(panics(call_irqs_off) && panic_kind == TWIN_PANIC_WAIST, "%s", panic_message);
}
