/*
 * Where an emulator is known to differ from the architecture: each point has a name and one way in
 * which it differs, and that is what must then be seen, in every trial that it concerns. A trial
 * that comes out as the architecture has it fails there, as one that differs elsewhere.
 */
#pragma once

#include "arch/types.h"

enum deviation {
	DEVIATION_RSVD_WITHOUT_P,    /* the error code of a reserved bit lacks P */
	DEVIATION_PSE36,	     /* bits 20:13 of a 4 MiB entry are address bits 39:32 */
	DEVIATION_PDPTE_ACCESSED,    /* a walk sets A in the page-directory-pointer entry */
	DEVIATION_PDPTE_UNCHECKED,   /* CR3 loads whatever page-directory-pointer entries */
	DEVIATION_PDPTE_FROM_MEMORY, /* each walk reads these entries anew, and judges them */
	DEVIATIONS,
};

/* Does this machine have it? To be asked where it would show; counts that it does. */
bool deviates(enum deviation d);

/* Forgets the counts; prints them, each as a line "# machine: ...". */
void deviations_begin(void);
void deviations_report(const char *test);
