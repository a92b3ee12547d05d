/*
 * Accesses through the soft MMU: user code's as a vector states it, the rig's at CPL 0, user
 * copies.
 *
 * An access that straddles two pages translates the first, then the second, and touches memory
 * only when both agreed; CR2 is the first byte that is refused. After a fault that the kernel
 * resolved all of it runs again from the start, as an instruction does.
 *
 * A CPL 0 access to a kernel address is not modelled but done, by one instruction on the host,
 * under the guard of trap.c. Fetches are modelled everywhere: guest memory holds no code of the
 * host's.
 */
#include <errno.h>
#include <string.h>

#include "arch/layout.h"
#include "twin/machine_priv.h"
#include "twin/mmu.h"
#include "twin/ram.h"
#include "twin/trap.h"
#include "twin/window.h"

/*
 * One access has at most two pages to wait for; a kernel that needs this many faults is in a loop.
 */
#define ACCESS_FAULTS_MAX 10000

/* int $0x81, as ACCESS_EXEC wants it. */
#define EXEC_SIZE 2
#define EXEC_BYTES 0x81CDu

struct piece {
	phys_addr_t pa;
	unsigned int size;
};

struct pieces {
	struct piece part[2];
	unsigned int nr;
};

/* Translates one page's part; on refusal fills fault, all but ip. */
static bool translate(unsigned long va, unsigned int access, phys_addr_t *pa,
		      struct fault_record *fault)
{
	if (likely(mmu_translate(va, access, pa, &fault->error_code)))
		return true;
	fault->address = va;
	return false;
}

static bool translate_pieces(unsigned long va, unsigned int size, unsigned int access,
			     struct pieces *p, struct fault_record *fault)
{
	unsigned int room = PAGE_SIZE - (va & ~PAGE_MASK);

	p->nr = size > room ? 2 : 1;
	p->part[0].size = min(size, room);
	p->part[1].size = size - p->part[0].size;
	if (!translate(va, access, &p->part[0].pa, fault))
		return false;
	return p->nr == 1 || translate(va + room, access, &p->part[1].pa, fault);
}

static void __noreturn fault_loop(const struct fault_record *fault)
{
	twin_panicf(TWIN_PANIC_TRAP,
		    "fault loop: the handler keeps accepting the fault at %08lx (%s)",
		    fault->address, error_code_words(fault->error_code));
}

/* Translates, by way of the fault handler if need be. Returns 0, or -EFAULT with fault filled. */
static int resolve(unsigned long va, unsigned int size, unsigned int access, unsigned long ip,
		   struct pieces *p, struct fault_record *fault)
{
	for (unsigned int i = 0; i < ACCESS_FAULTS_MAX; i++) {
		if (likely(translate_pieces(va, size, access, p, fault)))
			return 0;
		fault->ip = ip;
		if (trap_deliver(fault))
			return -EFAULT;
	}
	fault_loop(fault);
}

/* memcpy() of constant size where it matters. */
static void copy_small(void *to, const void *from, unsigned int size)
{
	switch (size) {
	case 1:
		memcpy(to, from, 1);
		break;
	case 2:
		memcpy(to, from, 2);
		break;
	case 4:
		memcpy(to, from, 4);
		break;
	default:
		memcpy(to, from, size);
		break;
	}
}

static u32 load_pieces(const struct pieces *p)
{
	u32 value = 0;

	copy_small(&value, ram_ptr(p->part[0].pa), p->part[0].size);
	if (p->nr == 2)
		copy_small((u8 *)&value + p->part[0].size, ram_ptr(p->part[1].pa), p->part[1].size);
	return value;
}

static void store_pieces(const struct pieces *p, u32 value)
{
	copy_small(ram_ptr(p->part[0].pa), &value, p->part[0].size);
	if (p->nr == 2)
		copy_small(ram_ptr(p->part[1].pa), (u8 *)&value + p->part[0].size, p->part[1].size);
}

static void check_size(const struct access *a)
{
	if (a->kind != ACCESS_EXEC && a->size != 1 && a->size != 2 && a->size != 4)
		twin_panicf(TWIN_PANIC_WAIST, "access of %u bytes at %08lx", a->size, a->address);
}

/* Does it wrap around the end of the address space? The machine refuses that. */
static bool wraps(const struct access *a)
{
	unsigned int size = a->kind == ACCESS_EXEC ? EXEC_SIZE : a->size;

	return a->address + (size - 1) < a->address;
}

static int soft_access(struct access *a, unsigned int mode, unsigned long ip)
{
	unsigned int access = mode | (a->kind == ACCESS_STORE  ? PF_WRITE
				      : a->kind == ACCESS_EXEC ? PF_INSTR
							       : 0);
	unsigned int size = a->kind == ACCESS_EXEC ? EXEC_SIZE : a->size;
	struct pieces p;

	if (resolve(a->address, size, access, ip, &p, &a->fault))
		return -EFAULT;
	switch (a->kind) {
	case ACCESS_LOAD:
		a->value = load_pieces(&p);
		return 0;
	case ACCESS_STORE:
		store_pieces(&p, a->value);
		return 0;
	case ACCESS_EXEC:
		return load_pieces(&p) == EXEC_BYTES ? 0 : -EINVAL;
	}
	twin_panicf(TWIN_PANIC_WAIST, "access of kind %d at %08lx", (int)a->kind, a->address);
}

int machine_user_access(struct access *a)
{
	check_size(a);
	if (wraps(a))
		return -EINVAL;
	window_forget_if_uncached();
	return soft_access(a, PF_USER, 0);
}

/* ---- CPL 0 --------------------------------------------------------------------------------- */

static bool is_kernel_mapping(unsigned long va)
{
	return va >= PAGE_OFFSET && va < MACHINE_WINDOW;
}

/*
 * One instruction, as the kernel's own would be, that no sanitizer has rewritten; before it, where
 * to go on if it is refused, which is right behind it.
 */
#define TOUCH(instruction, outputs, ...)                                                           \
	__asm__ __volatile__("call 1f\n"                                                           \
			     "1: popl %[end]\n"                                                    \
			     "addl $(2f - 1b), %[end]\n"                                           \
			     "movl %[end], %[resume]\n" instruction "\n"                           \
			     "2:\n"                                                                \
			     : [end] "=&r"(end), [resume] "=m"(trap_guard.resume)outputs           \
:__VA_ARGS__                                                                                       \
			     : "memory")
#define TOUCH_LOAD(instruction)                                                                    \
	TOUCH(instruction " (%[at]), %[value]", TOUCH_VALUE, [at] "r"(a->address))
#define TOUCH_VALUE , [value] "+&r"(value)
#define TOUCH_STORE(instruction, constraint)                                                       \
	TOUCH(instruction ", (%[at])", , [at] "r"(a->address), [value] constraint(value))

static noinline void touch(struct access *a)
{
	bool store = a->kind == ACCESS_STORE;
	u32 value = a->value;
	unsigned long end;

	switch (a->size) {
	case 1:
		if (store)
			TOUCH_STORE("movb %b[value]", "q");
		else
			TOUCH_LOAD("movzbl");
		break;
	case 2:
		if (store)
			TOUCH_STORE("movw %w[value]", "r");
		else
			TOUCH_LOAD("movzwl");
		break;
	default:
		if (store)
			TOUCH_STORE("movl %[value]", "r");
		else
			TOUCH_LOAD("movl");
		break;
	}
	if (!store)
		a->value = value;
}

/* The host's mapping answers without asking anyone, so staleness is looked for beforehand. */
static void check_cached(unsigned long va, unsigned int access)
{
	u32 word = window_cached(va);

	if (word && machine.cr3 && xlate_allows(word, access))
		mmu_check_cached(va, access, word);
}

static int host_access(struct access *a)
{
	unsigned int access = a->kind == ACCESS_STORE ? PF_WRITE : 0;

	check_cached(a->address, access);
	check_cached(a->address + a->size - 1, access);
	trap_guard.armed = true;
	trap_guard.refused = false;
	touch(a);
	trap_guard.armed = false;
	if (!trap_guard.refused)
		return 0;
	a->fault = trap_guard.fault;
	return -EFAULT;
}

int machine_kernel_access(struct access *a)
{
	int err;

	check_size(a);
	if (wraps(a))
		return -EINVAL;
	window_forget_if_uncached();
	if (a->kind != ACCESS_EXEC && is_kernel_mapping(a->address) &&
	    is_kernel_mapping(a->address + a->size - 1))
		err = host_access(a);
	else
		/* User addresses; and MACHINE_WINDOW, where the host has what the guest has not. */
		err = soft_access(a, 0, (unsigned long)machine_kernel_access);
	/* The handler is told where the access stands; the record that the rig gets has no ip. */
	if (err)
		a->fault.ip = 0;
	return err;
}

/* ---- user copies --------------------------------------------------------------------------- */

enum copy_kind {
	COPY_FROM_USER,
	COPY_TO_USER,
	CLEAR_USER,
};

static void check_copy(unsigned long user, size_t n)
{
	if (user > TASK_SIZE || n > TASK_SIZE - user)
		twin_panicf(TWIN_PANIC_WAIST,
			    "user copy of %08lx bytes at %08lx: not user addresses",
			    (unsigned long)n, user);
	if (!twin_irqs_enabled())
		twin_panicf(TWIN_PANIC_WAIST, "user copy at %08lx with interrupts off", user);
}

/* Copies within one page. The chunk is pinned: a fault on the kernel's buffer may map others. */
static void copy_part(enum copy_kind kind, phys_addr_t pa, u8 *kernel, size_t n)
{
	void *user = ram_pin(pa);

	switch (kind) {
	case COPY_FROM_USER:
		memcpy(kernel, user, n);
		break;
	case COPY_TO_USER:
		memcpy(user, kernel, n);
		break;
	case CLEAR_USER:
		memset(user, 0, n);
		break;
	}
	ram_unpin(pa);
}

/* kernel: NULL for CLEAR_USER. Returns the bytes not copied. */
static size_t copy_user(enum copy_kind kind, unsigned long user, u8 *kernel, size_t n,
			unsigned long ip)
{
	unsigned int access = kind == COPY_FROM_USER ? 0 : PF_WRITE;
	struct fault_record fault;
	struct pieces p;

	check_copy(user, n);
	while (n) {
		size_t len = min(n, PAGE_SIZE - (user & ~PAGE_MASK));

		if (resolve(user, len, access, ip, &p, &fault))
			break;
		copy_part(kind, p.part[0].pa, kernel, len);
		user += len;
		kernel = kernel ? kernel + len : NULL;
		n -= len;
	}
	return n;
}

size_t arch_copy_from_user(void *to, unsigned long from, size_t n)
{
	return copy_user(COPY_FROM_USER, from, to, n, (unsigned long)arch_copy_from_user);
}

size_t arch_copy_to_user(unsigned long to, const void *from, size_t n)
{
	return copy_user(COPY_TO_USER, to, (u8 *)from, n, (unsigned long)arch_copy_to_user);
}

size_t arch_clear_user(unsigned long to, size_t n)
{
	return copy_user(CLEAR_USER, to, NULL, n, (unsigned long)arch_clear_user);
}
