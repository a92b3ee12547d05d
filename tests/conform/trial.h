/*
 * One trial of the access matrix: two entries, a paging mode, two accesses one after the other. Of
 * each the outcome, the error code, CR2, the memory, and both entries afterwards are compared with
 * what the oracle says, the second time with the entries as the first access left them, and with
 * whatever it left in the TLB.
 */
#pragma once

#include "conform/bench.h"
#include "conform/oracle.h"

/* An odd number: i * TRIAL_STRIDE runs through all numbers below a power of two, in a mixed order.
 */
#define TRIAL_STRIDE 2531u

/* All accesses that there are: load, store, exec at CPL 3, then at CPL 0. */
#define TRIAL_ACCESSES (2 * ACCESS_KINDS)

struct trial {
	unsigned int mode;   /* PAGING_* */
	unsigned long va;    /* what is accessed */
	unsigned int access; /* the first one, < TRIAL_ACCESSES */
	u64 pde, pte;	     /* as they are written beforehand */
	void *pde_slot, *pte_slot;
	u32 *word;  /* what va leads to, in the direct map */
	u64 *pdpte; /* PAE: the entry above, in memory; and what is in it beforehand */
	u64 pdpte_value;
};

/* Performs it. The turn, which counts trials, chooses the second access and the way to flush. */
const char *trial_run(const struct trial *t, unsigned int turn);

/*
 * A test's frame. Trials are counted, those that are not run by trial_run() by trial_count(). The
 * end says how many there were, and which exceptions of the machine's were met, and passes on what
 * the test returns: rig_not_run where nothing is wrong, but a mode could not be tried.
 */
void trial_begin(void);
void trial_count(void);
const char *trial_end(const char *test, const char *why);

/* Does the processor have it? If not, the transcript says what is not run. */
bool trial_has_mode(const char *test, unsigned int mode);
/* Switches to it, for trials of *t. */
const char *trial_enter_mode(struct trial *t, unsigned int mode);

/* A paging mode in the oracle's words. */
struct oracle_mode trial_oracle_mode(unsigned int mode);

/* Bits that mean nothing in any entry, 11:9, in some pattern of the turn's. */
static inline u64 ignored_bits(unsigned int turn)
{
	return (turn * 5 & 7) << 9;
}

/* Bit number n of x at place `to`. */
static inline u64 move_bit(unsigned int x, unsigned int n, unsigned int to)
{
	return (u64)(x >> n & 1) << to;
}
