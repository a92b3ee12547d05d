/*
 * The sweep: each vector is run again and again, the first time with its first allocation failing,
 * then with the second, until a run in which none was left to fail. Pages and objects count as one
 * row, from the vector's first step on; boot, the verb hoard and most of a kmem_hoard do not count.
 *
 * What must hold in each run:
 *   until the failure       every expectation of the vector
 *   after the step with it  unless there is damage on purpose: mm_verify(); and where the result is
 *                           an error, all that is held (mm_digest_held()) is as before the step,
 *                           but for what reclaim freed
 *   at the end              mm_verify()
 *
 * Calls that bring in pages one by one keep those that there are, as Linux's do: mlock(),
 * get_user_pages() and MADV_POPULATE_*. Their verbs say so, and nothing is compared then.
 *
 * A vector that writes to an address that it knows by heart would hit somebody else's memory once
 * an allocation has failed: from then on kstore and the like are refused.
 *
 * So the last run, without a failure, is the vector as it always runs.
 */
#pragma once

#include "arch/types.h"

/* Starts a vector's sweep, and its next run: after mm_reset(), so that it is armed from boot on. */
void sweep_begin_vector(const char *name);
void sweep_begin_run(void);

/* Between these two the sweep neither fails nor counts an allocation. They do not nest. */
void sweep_pause(void);
void sweep_resume(void);

/* Is a run of a sweep under way? And has its failure been? */
bool sweep_is_on(void);
bool sweep_has_fired(void);

/* Which allocation the run fails, from 1. */
unsigned int sweep_nth(void);

/* Around each step. The latter says whether the failure was in it. */
void sweep_begin_step(unsigned int line);
bool sweep_end_step(unsigned int line);

/* The step may keep what it has done when it fails. */
void sweep_may_keep(void);

/*
 * Is anything that is held different from before the step? After a step with the failure. Where
 * reclaim took a part in it, or sweep_may_keep() was said, that says nothing: false.
 */
bool sweep_left_something(void);

/* Ends the vector's sweep, and says what it came to. */
void sweep_end_vector(void);

/* Says what all vectors' came to, and reports it as a test: it fails if nothing ever failed. */
void sweep_conclude(void);

/* Names the run that a panic ended, if it was a sweep's. */
void sweep_note_panic(void);
