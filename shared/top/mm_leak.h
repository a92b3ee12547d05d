/* kmemleak as the digest, the verifier and texts see it. Stage kmem. */
#pragma once

#include "base/hash.h"

/* Nothing while it is off. */
void digest_kmemleak(struct digest *d);
/* A line for each record: all that the digest covers. */
void show_kmemleak(void);
