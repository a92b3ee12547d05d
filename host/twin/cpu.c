/*
 * What is left of the processor: the interrupt flag, the time-stamp counter, random numbers for the
 * adversary.
 *
 * Nothing interrupts the twin. The flag is kept all the same, and its use is checked, so that code
 * which restores the wrong flags fails here and not on the image alone.
 */
#include "twin/cpu.h"
#include "twin/machine_priv.h"

#define EFLAGS_IF 0x200u

static bool irqs_enabled = true;
static unsigned int irq_depth; /* saves not yet restored */

unsigned long arch_irq_save(void)
{
	unsigned long flags = irqs_enabled ? EFLAGS_IF : 0;

	irqs_enabled = false;
	irq_depth++;
	return flags;
}

/*
 * Restores run in the reverse order of the saves: iff this is the outermost, it enables
 * interrupts.
 */
void arch_irq_restore(unsigned long flags)
{
	if (!irq_depth)
		twin_panicf(TWIN_PANIC_WAIST, "arch_irq_restore(%lx) without arch_irq_save()",
			    flags);
	if (flags != (irq_depth == 1 ? EFLAGS_IF : 0))
		twin_panicf(TWIN_PANIC_WAIST, "arch_irq_restore(%lx) at depth %u: not in order",
			    flags, irq_depth);
	irq_depth--;
	irqs_enabled = flags;
}

bool twin_irqs_enabled(void)
{
	return irqs_enabled;
}

u64 arch_ticks(void)
{
	return __builtin_ia32_rdtsc();
}

/* xorshift64* (Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2016). */
u32 machine_random(void)
{
	u64 x = machine.random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	machine.random = x;
	return (x * 0x2545F4914F6CDD1Dull) >> 32;
}

void cpu_reset(void)
{
	irqs_enabled = true;
	irq_depth = 0;
	/* The generator's state must not be 0; seeds that differ by little shall differ at once. */
	machine.random = (machine.options.seed * 0x9E3779B97F4A7C15ull) | 1;
}
