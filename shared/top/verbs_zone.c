/* Verbs of the zones' policy: watermarks and reserves, per-CPU lists, page blocks, pressure. */
#include "top/verbs.h"

#include "base/errno.h"
#include "base/printk.h"
#include "phys/page_alloc.h"
#include "phys/pcp.h"
#include "phys/pressure.h"
#include "phys/watermark.h"
#include "top/mm_proc.h"
#include "top/mm_physmap.h"
#include "top/mm_show.h"

/* ---- figures ------------------------------------------------------------------------------- */

static void run_min_free_kbytes(struct stmt *stmt)
{
	if (stmt->nr_args)
		stmt_result_err(stmt, set_min_free_kbytes(stmt->args[0].number));
	else
		stmt_result(stmt, "%lu", get_min_free_kbytes());
}

static void run_lowmem_reserve_ratio(struct stmt *stmt)
{
	stmt_result_err(stmt, set_lowmem_reserve_ratio(stmt->args[0].number, stmt->args[1].number));
}

static void run_pagelist_fraction(struct stmt *stmt)
{
	stmt_result_err(stmt, set_percpu_pagelist_fraction(stmt->args[0].number));
}

static void run_drain(struct stmt *stmt)
{
	stmt_result(stmt, "%lu pages", drain_all_pages());
}

/* ---- pressure ------------------------------------------------------------------------------ */

/*
 * A reclaimer for vectors: gives back blocks of the hoard, up to so many a call, and says what it
 * was asked.
 */
static __mm_state unsigned long blocks_per_call;
static __mm_state bool allocates_within;

static void pressure_wake(struct zone *zone, unsigned int order)
{
	printk("pressure: wake zone %s order %u\n", zone->name, order);
}

/* Reclaim may allocate: out of the reserve, and without coming back here. */
static void allocate_within(gfp_t gfp)
{
	struct page *page = alloc_page((gfp & (__GFP_WAIT | __GFP_NOMEMALLOC)) | __GFP_NOWARN);

	printk("pressure: allocation within reclaim: %s\n", page ? "ok" : "-ENOMEM");
	if (page)
		__free_page(page);
}

static unsigned long pressure_reclaim(const struct zonelist *zonelist, unsigned int order,
				      gfp_t gfp)
{
	unsigned long pages = 0;

	if (allocates_within)
		allocate_within(gfp);
	for (unsigned long i = 0; i < blocks_per_call && !hoard_is_empty(); i++)
		pages += hoard_drop_newest();
	printk("pressure: reclaim zone %s order %u gfp 0x%x: %lu pages\n", zonelist->zones[0]->name,
	       order, gfp, pages);
	return pages;
}

static const struct pressure_ops pressure = {.wake = pressure_wake, .reclaim = pressure_reclaim};

static void run_pressure(struct stmt *stmt)
{
	blocks_per_call = stmt->args[0].number;
	allocates_within = stmt->nr_args > 1 && stmt->args[1].number;
	set_pressure_ops(&pressure);
	stmt_result(stmt, "ok");
}

static void run_no_pressure(struct stmt *stmt)
{
	set_pressure_ops(NULL);
	stmt_result(stmt, "ok");
}

/* ---- texts --------------------------------------------------------------------------------- */

static void print_and_end(struct stmt *stmt, void (*show)(void))
{
	show();
	stmt_result(stmt, "ok");
}

#define SHOW_VERB(name)                                                                            \
	static void run_##name(struct stmt *stmt)                                                  \
	{                                                                                          \
		print_and_end(stmt, show_##name);                                                  \
	}

SHOW_VERB(buddyinfo)
SHOW_VERB(pagetypeinfo)
SHOW_VERB(zoneinfo)
SHOW_VERB(meminfo)
SHOW_VERB(vmstat)
SHOW_VERB(iomem)
SHOW_VERB(physmap)
SHOW_VERB(pcp_lists)
SHOW_VERB(pageblocks)
SHOW_VERB(watermarks)

static const struct verb verbs[] = {
	{"min_free_kbytes", "kbytes:n?", VAR_NONE, MM_UP, MM_LAST, run_min_free_kbytes,
	 "set what the zones keep back, or say it"},
	{"lowmem_reserve_ratio", "zone:n ratio:n", VAR_NONE, MM_UP, MM_LAST,
	 run_lowmem_reserve_ratio, "set what a zone keeps back from requests for higher ones"},
	{"percpu_pagelist_fraction", "fraction:n", VAR_NONE, MM_UP, MM_LAST, run_pagelist_fraction,
	 "set what each CPU keeps of a zone; 0 for the default"},
	{"drain_all_pages", "", VAR_NONE, MM_UP, MM_LAST, run_drain,
	 "give the pages of per-CPU lists back"},
	{"pressure", "blocks:n allocates:n?", VAR_NONE, MM_UP, MM_LAST, run_pressure,
	 "let reclaim free so many blocks of the hoard a call"},
	{"no_pressure", "", VAR_NONE, MM_UP, MM_LAST, run_no_pressure, "nothing can be reclaimed"},
	{"buddyinfo", "", VAR_NONE, MM_ZONES, MM_LAST, run_buddyinfo,
	 "free blocks by zone and order: /proc/buddyinfo"},
	{"pagetypeinfo", "", VAR_NONE, MM_ZONES, MM_LAST, run_pagetypeinfo,
	 "... by migrate type as well: /proc/pagetypeinfo"},
	{"zoneinfo", "", VAR_NONE, MM_ZONES, MM_LAST, run_zoneinfo, "/proc/zoneinfo"},
	{"meminfo", "", VAR_NONE, MM_UP, MM_LAST, run_meminfo, "/proc/meminfo"},
	{"vmstat", "", VAR_NONE, MM_UP, MM_LAST, run_vmstat, "counters: /proc/vmstat"},
	{"iomem", "", VAR_NONE, MM_MAP, MM_LAST, run_iomem, "physical addresses: /proc/iomem"},
	{"physmap", "", VAR_NONE, MM_ZONES, MM_LAST, run_physmap, "who holds each page, in runs"},
	{"pcp_lists", "", VAR_NONE, MM_ZONES, MM_LAST, run_pcp_lists, "the per-CPU lists"},
	{"pageblocks", "", VAR_NONE, MM_ZONES, MM_LAST, run_pageblocks,
	 "the migrate types of page blocks"},
	{"watermarks", "", VAR_NONE, MM_ZONES, MM_LAST, run_watermarks,
	 "min, low, high and protection of the zones"},
};

const struct verb_table zone_verbs = {verbs, ARRAY_SIZE(verbs)};
