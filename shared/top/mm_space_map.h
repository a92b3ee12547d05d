/*
 * Address spaces area by area, in lines for programs that draw them:
 *
 *   spaces N end c0000000 min 00010000 guard PAGES
 *   space NUMBER users N areas N base b8000000 DIRECTION tables N
 *   pages total N locked N data N exec N stack N
 *   rss file N anon N swap N shmem N
 *   task PID runs
 *   area START-END flags FLAGS offset OFFSET file N present N gap GAP largest GAP depth N NAME
 *
 * of the spaces in the order of their making, and of their areas in the order of addresses. "end"
 * is one past the last address that a task can have, "min" mmap_min_addr, "guard" what a stack
 * keeps free below it. A space's number is its place among those that there are now: no space keeps
 * it when an older one goes. DIRECTION is where a search for free addresses goes from the base:
 * down or up. "tables" are page tables.
 *
 * Tasks run in the space, or borrow it, as kernel threads do; "current" stands behind the one that
 * runs now.
 *
 * OFFSET is bytes into the file, 0 without one; N behind "file" the file's place among those that
 * there are, 0 without one. "present" counts the area's pages that page tables have. "gap" and
 * "largest" are bytes: the area's own gap and the largest of its subtree (as/vma.h); "depth" is how
 * far from the root of the tree it is. NAME is that of /proc/PID/maps; there may be none, and then
 * no blank before it.
 */
#pragma once

struct mm_struct;

/* Prints one space, or with 0 all of them. -ENOENT: there is none of that number. Takes mmap_sem.
 */
int show_space_map(unsigned int number);

/* For mm_page_map.c: the lines of a space's tasks; how many spaces there are. */
void show_tasks_of(const struct mm_struct *mm);
unsigned int count_spaces(void);
