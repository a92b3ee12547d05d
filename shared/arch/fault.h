/*
 * The fault record: what the MMU says about an access that it refused.
 * Source: Intel SDM vol. 3A, 4.7 "Page-Fault Exceptions".
 */
#pragma once

#include "arch/types.h"

#define PF_PROT 0x01u  /* 1: protection violation; 0: a not-present entry */
#define PF_WRITE 0x02u /* the access was a write */
#define PF_USER 0x04u  /* the access was made at CPL 3 */
#define PF_RSVD 0x08u  /* a reserved bit was set in an entry that was used */
#define PF_INSTR 0x10u /* instruction fetch; only reported where NX is in use */

struct fault_record {
	unsigned long address; /* CR2 */
	unsigned int error_code;
	unsigned long ip;
};
