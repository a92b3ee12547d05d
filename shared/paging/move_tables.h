/*
 * Entries that move with their area. Corresponds to the page-table half of Linux mm/mremap.c.
 * mmap_sem is held for writing. Ranges are page-aligned user addresses.
 */
#pragma once

#include "as/mm_types.h"

/*
 * Makes the page tables that move_page_tables() will need, so that it cannot fail. -ENOMEM: none
 * was made, or all that were are gone again.
 */
int move_page_tables_prepare(struct mm_struct *mm, unsigned long from, unsigned long to,
			     unsigned long len);

/*
 * Moves the pages of [from, from + len) to `to`, where none is; the two do not overlap. The tables
 * are there: move_page_tables_prepare(). A page's entry is gone from the old place, and flushed,
 * before anybody else can have the lock.
 */
void move_page_tables(struct mm_struct *mm, unsigned long from, unsigned long to,
		      unsigned long len);
