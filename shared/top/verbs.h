/* What the verbs of several subjects share. */
#pragma once

#include "top/vec.h"

/* Does a page variable hold a page in use that is not the memory manager's own? */
bool page_arg_usable(const struct arg *arg);

/* Drops the newest block of the verb hoard's; returns the pages that are free now: 0 where it has
 * other users. There is one. */
unsigned long hoard_drop_newest(void);
bool hoard_is_empty(void);

/* The objects that the verb kmem_hoard holds: they are in [*start, *end), among other things. */
void kmem_bag(const void **start, const void **end);

/*
 * Damage on purpose, to see mm_verify() find it. While there is any, the state is not verified
 * after each step; a vector has to mend it before it ends.
 */
bool tampered(void);
/* Forgets all damage: the state it was done to is gone. */
void tamper_reset(void);
