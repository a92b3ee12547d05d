#include "top/vec_sweep.h"

#include "base/fault.h"
#include "phys/vmstat.h"
#include "top/ktap.h"
#include "top/mm_digest.h"
#include "top/mm_init.h"
#include "top/verbs.h"

/* The rig's own state. */
static struct {
	const char *name; /* NULL: no sweep is on */
	unsigned int nth, line;
	/*
	 * The step that the run before failed an allocation in: up to there both runs are the same,
	 * so the next failure is there or later, and only from there on `before` is needed.
	 */
	unsigned int from_line;
	bool fired;
	bool may_keep; /* of the step */
	u32 paused_nth;
	u64 before;		     /* mm_digest_held() before the step */
	unsigned long stalls_before; /* ALLOCSTALL */
	unsigned int runs, failures;
	unsigned int all_vectors, all_runs, all_failures;
} sweep;

void sweep_begin_vector(const char *name)
{
	sweep.name = name;
	sweep.nth = sweep.from_line = 0;
	sweep.runs = sweep.failures = 0;
}

void sweep_begin_run(void)
{
	sweep.fired = false;
	sweep.runs++;
	fault_sweep.nth = ++sweep.nth;
}

bool sweep_is_on(void)
{
	return sweep.name != NULL;
}

bool sweep_has_fired(void)
{
	return sweep.fired;
}

unsigned int sweep_nth(void)
{
	return sweep.nth;
}

void sweep_begin_step(unsigned int line)
{
	sweep.line = line;
	sweep.may_keep = false;
	if (!sweep.name || sweep.fired || line < sweep.from_line || mm_stage() < MM_UP ||
	    tampered())
		return;
	sweep.before = mm_digest_held();
	sweep.stalls_before = vm_counters[ALLOCSTALL];
}

void sweep_pause(void)
{
	sweep.paused_nth = fault_sweep.nth;
	fault_sweep.nth = 0;
}

void sweep_resume(void)
{
	fault_sweep.nth = sweep.paused_nth;
}

bool sweep_end_step(unsigned int line)
{
	if (!sweep.name || sweep.fired || !fault_sweep.failures)
		return false;
	sweep.fired = true;
	sweep.failures++;
	sweep.from_line = line;
	return true;
}

void sweep_may_keep(void)
{
	sweep.may_keep = true;
}

bool sweep_left_something(void)
{
	return !sweep.may_keep && vm_counters[ALLOCSTALL] == sweep.stalls_before &&
	       sweep.before != mm_digest_held();
}

void sweep_end_vector(void)
{
	ktap_say("# sweep %s: %u runs, %u failures injected\n", sweep.name, sweep.runs,
		 sweep.failures);
	sweep.all_vectors++;
	sweep.all_runs += sweep.runs;
	sweep.all_failures += sweep.failures;
	sweep.name = NULL;
}

void sweep_conclude(void)
{
	ktap_say("# sweep of %u vectors: %u runs, %u failures injected\n", sweep.all_vectors,
		 sweep.all_runs, sweep.all_failures);
	if (!sweep.all_failures)
		ktap_say("# fail sweep: there was no allocation to fail\n");
	ktap_result(sweep.all_failures, "sweep/total");
}

void sweep_note_panic(void)
{
	if (!sweep.name)
		return;
	ktap_say("# sweep %s: allocation %u fails, in line %u\n", sweep.name, sweep.nth,
		 sweep.line);
	sweep.name = NULL;
}
