#include "conform/deviation.h"

#include "arch/machine.h"
#include "base/string.h"
#include "top/ktap.h"

/* As seen of QEMU 7.2. */
static const struct {
	const char *emulator, *name, *what;
} table[DEVIATIONS] = {
	[DEVIATION_RSVD_WITHOUT_P] = {"tcg", "rsvd-without-p",
				      "P is missing from the error code of a reserved bit"},
	[DEVIATION_PSE36] = {"tcg", "pse36",
			     "bits 20:13 of a 4 MiB entry are taken for an address"},
	[DEVIATION_PDPTE_ACCESSED] = {"tcg", "pdpte-accessed",
				      "A is set in the page-directory-pointer entry"},
	[DEVIATION_PDPTE_UNCHECKED] = {"tcg", "pdpte-unchecked",
				       "a reserved bit is no reason to refuse CR3"},
	[DEVIATION_PDPTE_FROM_MEMORY] = {"tcg", "pdpte-from-memory",
					 "page-directory-pointer entries are read at each walk"},
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
			ktap_say("# machine: %s: exception %s-%s (%s) in %u trials, as expected\n",
				 test, table[d].emulator, table[d].name, table[d].what, used[d]);
}
