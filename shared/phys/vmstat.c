#include "phys/vmstat.h"

#include "phys/zone.h"

__mm_state unsigned long vm_counters[NR_VM_ITEMS];

unsigned long nr_free_pages(void)
{
	unsigned long sum = 0;

	for (int type = 0; type < MAX_NR_ZONES; type++)
		sum += zone_of(type)->free_pages;
	return sum;
}

unsigned long pgfree_events(unsigned int zone)
{
	unsigned long sum = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sum += zone_of(zone)->pageset[cpu].pgfree;
	return sum;
}

unsigned long pcp_pages(unsigned int zone)
{
	unsigned long sum = 0;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sum += pcp_count(&zone_of(zone)->pageset[cpu]);
	return sum;
}

/* What ever came out is what came back, and what is out now. */
unsigned long pgalloc_events(unsigned int zone)
{
	const struct zone *at = zone_of(zone);

	return pgfree_events(zone) + at->managed_pages - at->free_pages - pcp_pages(zone);
}
