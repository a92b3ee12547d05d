/*
 * What can be set about address spaces while the system runs. Corresponds to Linux
 * Documentation/admin-guide/sysctl/vm.rst; each name there has a variable here.
 */
#pragma once

#include "arch/types.h"

#define OVERCOMMIT_GUESS 0  /* refuse what could not ever be had */
#define OVERCOMMIT_ALWAYS 1 /* refuse nothing */
#define OVERCOMMIT_NEVER 2  /* refuse what would be beyond vm_commit_limit() */

/* Linux leaves room for the headers of a core file, whose counts have 16 bits. */
#define DEFAULT_MAX_MAP_COUNT (65535 - 5)
#define DEFAULT_MMAP_MIN_ADDR 65536ul
/* Pages between a stack and what is below it. */
#define DEFAULT_STACK_GUARD_GAP 256ul

extern unsigned int sysctl_overcommit_memory;
extern unsigned int sysctl_overcommit_ratio;   /* percent of RAM */
extern unsigned long sysctl_overcommit_kbytes; /* instead of the ratio, unless 0 */
extern unsigned int sysctl_max_map_count;      /* areas of a space */
extern unsigned long mmap_min_addr;	       /* bytes */
extern unsigned long stack_guard_gap;	       /* pages; set_stack_guard_gap() changes it */
extern bool sysctl_legacy_va_layout;
extern unsigned long sysctl_admin_reserve_kbytes; /* OVERCOMMIT_NEVER: kept for CAP_SYS_ADMIN */
extern unsigned long sysctl_user_reserve_kbytes;  /* OVERCOMMIT_NEVER: kept from one big process */

/*
 * Sets the one of that name ("overcommit_memory"). -ENOENT: there is none. -EINVAL: not a value for
 * it; nothing has changed. Must not run while a space's areas are changed.
 */
int vm_sysctl(const char *name, unsigned long value);
