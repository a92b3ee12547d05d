#include "conform/deviation.h"

#include "arch/machine.h"
#include "base/string.h"
#include "top/ktap.h"

/* As seen of QEMU 7.2. */
static const struct {
	const char *emulator, *name;
} table[DEVIATIONS] = {
	[DEVIATION_RSVD_WITHOUT_P] = {"tcg", "rsvd-without-p"},
	[DEVIATION_PSE36] = {"tcg", "pse36"},
	[DEVIATION_PDPTE_ACCESSED] = {"tcg", "pdpte-accessed"},
	[DEVIATION_PDPTE_UNCHECKED] = {"tcg", "pdpte-unchecked"},
	[DEVIATION_PDPTE_FROM_MEMORY] = {"tcg", "pdpte-from-memory"},
};

static unsigned int used[DEVIATIONS];
static const char *emulator;

bool deviates(enum deviation d)
{
	if (!emulator || strcmp(emulator, table[d].emulator) != 0)
		return false;
	used[d]++;
	return true;
}

void deviations_begin(void)
{
	memset(used, 0, sizeof(used));
	emulator = machine_emulator();
}

void deviations_report(const char *test)
{
	for (unsigned int d = 0; d < DEVIATIONS; d++)
		if (used[d])
			ktap_say("# machine: %s: exception %s-%s, %u times\n", test,
				 table[d].emulator, table[d].name, used[d]);
}
