/*
 * The texts of /proc that tell of physical memory, in Linux's formats, so that programs that read
 * them can. Corresponds to Linux mm/vmstat.c, fs/proc/meminfo.c and kernel/resource.c. Each writes
 * whole lines with printk and takes no locks. A line whose mechanism is not there yet is left out.
 */
#pragma once

/* Any stage from MM_ZONES on: free blocks by zone and order. */
void show_buddyinfo(void);

/* ... by migrate type besides; page blocks by type. */
void show_pagetypeinfo(void);

/* Each zone with its watermarks, protection and per-CPU lists. */
void show_zoneinfo(void);

/* Totals, in KiB. */
void show_meminfo(void);

/* Counters. */
void show_vmstat(void);

/* The caches, readable by slabtop; from MM_KMEM on. */
void show_slabinfo(void);

/* One cache's figures, under the names that /sys/kernel/slab/NAME/ has. */
struct kmem_cache;
void show_cache_stat(struct kmem_cache *s);

/* Who has which physical addresses. From MM_MAP on. */
void show_iomem(void);
