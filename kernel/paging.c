/*
 * The processor's paging modes (arch/machine.h), for trials of the machine: CR0.WP, CR4.PSE, PGE
 * and PAE, IA32_EFER.NXE, and CR3 with what PAE loads along with it.
 *
 * A switch of CR4.PAE takes place while paging is on (Intel SDM vol. 3A, 4.1.2), so no identity
 * mapping is needed: the next instruction is fetched by the tables of the new mode.
 *
 * With PAE on, a double fault cannot be reported: the task that does has two-level tables. The
 * machine resets.
 */
#include "arch/machine.h"

#include "arch/arch.h"
#include "base/errno.h"
#include "kernel/cpu.h"
#include "kernel/extable.h"
#include "kernel/segment.h"

/* CPUID leaf 1 (Intel SDM vol. 2A, tables 3-10 and 3-11). */
#define CPUID_EDX_PSE 0x00000008u
#define CPUID_EDX_PAE 0x00000040u
#define CPUID_EDX_PGE 0x00002000u
#define CPUID_ECX_HYPERVISOR 0x80000000u

#define CPUID_EXTENDED 0x80000000u
#define CPUID_EXTENDED_FEATURES 0x80000001u
#define CPUID_EXTENDED_EDX_NX 0x00100000u
#define CPUID_ADDRESS_SIZES 0x80000008u

/* What QEMU's emulation says of itself, twelve characters in EBX, ECX, EDX. */
#define CPUID_HYPERVISOR_NAME 0x40000000u
#define TCG_EBX 0x54474354u
#define TCG_ECX 0x43544743u
#define TCG_EDX 0x47435447u

static bool has_leaf(u32 leaf)
{
	return cpuid(leaf & CPUID_EXTENDED).eax >= leaf;
}

static bool has_nx(void)
{
	return has_leaf(CPUID_EXTENDED_FEATURES) &&
	       cpuid(CPUID_EXTENDED_FEATURES).edx & CPUID_EXTENDED_EDX_NX;
}

unsigned int machine_paging_features(void)
{
	u32 edx = cpuid(1).edx;

	return PAGING_WP | (edx & CPUID_EDX_PSE ? PAGING_PSE : 0) |
	       (edx & CPUID_EDX_PGE ? PAGING_PGE : 0) | (edx & CPUID_EDX_PAE ? PAGING_PAE : 0) |
	       (has_nx() ? PAGING_NXE : 0);
}

unsigned int machine_paging_mode(void)
{
	u32 cr4 = read_cr4();

	return (read_cr0() & CR0_WP ? PAGING_WP : 0) | (cr4 & CR4_PSE ? PAGING_PSE : 0) |
	       (cr4 & CR4_PGE ? PAGING_PGE : 0) | (cr4 & CR4_PAE ? PAGING_PAE : 0) |
	       (has_nx() && rdmsr(MSR_EFER) & EFER_NXE ? PAGING_NXE : 0);
}

int machine_set_paging_mode(unsigned int mode)
{
	u32 cr0 = read_cr0() & ~CR0_WP;
	u32 cr4 = read_cr4() & ~(CR4_PSE | CR4_PGE | CR4_PAE);

	if (mode & ~machine_paging_features())
		return -EOPNOTSUPP;
	if (has_nx())
		wrmsr(MSR_EFER,
		      (rdmsr(MSR_EFER) & ~(u64)EFER_NXE) | (mode & PAGING_NXE ? EFER_NXE : 0));
	write_cr4(cr4 | (mode & PAGING_PSE ? CR4_PSE : 0) | (mode & PAGING_PGE ? CR4_PGE : 0) |
		  (mode & PAGING_PAE ? CR4_PAE : 0));
	write_cr0(cr0 | (mode & PAGING_WP ? CR0_WP : 0));
	arch_flush_tlb_all();
	return 0;
}

int machine_load_cr3(phys_addr_t table)
{
	__asm__ goto volatile("1: movl %0, %%cr3\n" EXCEPTION_ENTRY("1b", "%l1", "0")
			      :
			      : "r"(table)
			      : "memory"
			      : refused);
	/* For the double-fault report: a task switch does not save CR3. */
	kernel_tss.cr3 = table;
	return 0;
refused:
	return -EFAULT;
}

/* What a processor has that does not say: Intel SDM vol. 3A, 4.1.4. */
unsigned int machine_physical_bits(void)
{
	if (has_leaf(CPUID_ADDRESS_SIZES))
		return cpuid(CPUID_ADDRESS_SIZES).eax & 0xff;
	return cpuid(1).edx & CPUID_EDX_PAE ? 36 : 32;
}

const char *machine_emulator(void)
{
	if (!(cpuid(1).ecx & CPUID_ECX_HYPERVISOR))
		return NULL;

	struct cpuid name = cpuid(CPUID_HYPERVISOR_NAME);

	return name.ebx == TCG_EBX && name.ecx == TCG_ECX && name.edx == TCG_EDX ? "tcg" : NULL;
}
