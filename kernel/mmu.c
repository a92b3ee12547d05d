/*
 * The waist at the MMU's registers: CR3, INVLPG and the ways to flush.
 * Source: Intel SDM vol. 3A, 4.10.4 "Invalidation of TLBs and Paging-Structure Caches".
 */
#include "arch/arch.h"

#include "arch/layout.h"
#include "kernel/cpu.h"
#include "kernel/segment.h"

/*
 * Above so many pages a whole flush is the cheaper way: it costs the refills of what it took along,
 * about as many as a first-level TLB has entries.
 */
#define FLUSH_ALL_ABOVE_PAGES 32

void arch_load_cr3(phys_addr_t pgd)
{
	/* For the double-fault report: a task switch does not save CR3. */
	kernel_tss.cr3 = pgd;
	write_cr3(pgd);
}

phys_addr_t arch_read_cr3(void)
{
	return read_cr3() & (phys_addr_t)PAGE_MASK;
}

void arch_flush_tlb_one(unsigned long va)
{
	invlpg(va);
}

void arch_flush_tlb_all(void)
{
	u32 cr4 = read_cr4();

	if (cr4 & CR4_PGE) {
		/* Any change of PGE drops everything; a CR3 load would spare global entries. */
		write_cr4(cr4 & ~CR4_PGE);
		write_cr4(cr4);
	} else {
		write_cr3(read_cr3());
	}
}

void arch_flush_tlb_kernel_range(unsigned long start, unsigned long end)
{
	if ((end - start) >> PAGE_SHIFT > FLUSH_ALL_ABOVE_PAGES) {
		arch_flush_tlb_all();
		return;
	}
	for (; start < end; start += PAGE_SIZE)
		invlpg(start);
}

unsigned int arch_cpu_features(void)
{
	u32 cr4 = read_cr4();

	return (cr4 & CR4_PSE ? ARCH_CPU_PSE : 0) | (cr4 & CR4_PGE ? ARCH_CPU_PGE : 0);
}

unsigned long arch_irq_save(void)
{
	unsigned long flags;

	__asm__ volatile("pushfl\n\tpopl %0\n\tcli" : "=rm"(flags) : : "memory");
	return flags & FLAGS_IF;
}

void arch_irq_restore(unsigned long flags)
{
	if (flags & FLAGS_IF)
		irq_on();
}

u64 arch_ticks(void)
{
	return __builtin_ia32_rdtsc();
}
