/*
 * The generator knows nothing of what its steps will result in. It draws from a few page variables
 * and a few address spaces, a few user addresses that share page tables or straddle them, and lets
 * the memory manager say what is an error. Pages whose contents are read (p0, p1, ...) are
 * allocated zeroed; others (h0, h1, ...) are only allocated and freed, from all zones and by every
 * path.
 */
#include "tool/fuzz_gen.h"

#include "tool/fuzz_as.h"
#include "tool/fuzz_kmem.h"

#define NR_PAGES 24
#define NR_SPACES 4
#define NR_UNREAD 16
#define NR_MAPPED 8

struct generator {
	struct text *text;
	struct fuzz_draw draw;
	unsigned int pages, spaces, unread; /* bit n: variable n has been assigned */
	struct mapped {
		unsigned int space, at;
	} mapped[NR_MAPPED]; /* what was mapped of late: there something can be taken away */
	unsigned int nr_mapped;
	bool pressure; /* what cannot be allocated gets reclaimed, and tells of it */
};

unsigned int fuzz_draw(struct fuzz_draw *d, unsigned int below)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (unsigned int)((d->state * 2685821657736338717ull) >> 33) % below;
}

static unsigned int draw(struct generator *g, unsigned int below)
{
	return fuzz_draw(&g->draw, below);
}

/* ---- operands ------------------------------------------------------------------------------ */

static unsigned int page_var(struct generator *g)
{
	unsigned int n = draw(g, NR_PAGES);

	if (!(g->pages >> n & 1)) {
		text_printf(g->text, "p%u = get_zeroed_page\n", n);
		g->pages |= 1u << n;
	}
	return n;
}

static unsigned int space_var(struct generator *g)
{
	unsigned int n = draw(g, NR_SPACES);

	if (!(g->spaces >> n & 1) || draw(g, 30) == 0) { /* it may have been freed */
		text_printf(g->text, "s%u = pgd_alloc\n", n);
		g->spaces |= 1u << n;
	}
	return n;
}

/* Pages at both sides of a page table's end, and at the end of user space. */
static unsigned int user_page(struct generator *g)
{
	static const unsigned int bases[] = {0x00001000, 0x003FE000, 0x00400000, 0x7FFFE000,
					     0xBFFFD000};

	return bases[draw(g, 5)] + draw(g, 4) * 0x1000;
}

/* A space and a page of it, more often than not one that was mapped. */
static struct mapped some_page(struct generator *g)
{
	if (g->nr_mapped && draw(g, 4))
		return g->mapped[draw(g, g->nr_mapped < NR_MAPPED ? g->nr_mapped : NR_MAPPED)];
	unsigned int space = space_var(g);

	return (struct mapped){space, user_page(g)};
}

static unsigned int user_address(struct generator *g)
{
	static const unsigned int offsets[] = {0, 4, 0x7FC, 0xFFD, 0xFFE, 0xFFF, 0xFFC};

	return some_page(g).at + offsets[draw(g, 7)];
}

static const char *rights(struct generator *g)
{
	static const char *const words[] = {"rw|user", "rw|user", "ro|user", "rw", "ro"};

	return words[draw(g, 5)];
}

static unsigned int size(struct generator *g)
{
	return 1u << draw(g, 3);
}

/* ---- steps --------------------------------------------------------------------------------- */

/* Requests that a page of low memory can satisfy, of each kind and effort. */
static const char *gfp_low(struct generator *g)
{
	static const char *const words[] = {
		"GFP_KERNEL",
		"GFP_KERNEL",
		"GFP_ATOMIC",
		"GFP_DMA",
		"GFP_USER",
		"GFP_NOWAIT",
		"GFP_TEMPORARY",
		"GFP_KERNEL|__GFP_MOVABLE",
		"GFP_KERNEL|__GFP_NORETRY",
		"GFP_KERNEL|__GFP_REPEAT|__GFP_NOMEMALLOC",
		"GFP_KERNEL|__GFP_COLD",
		"GFP_DMA|__GFP_MOVABLE|__GFP_NOWARN",
	};

	return words[draw(g, sizeof(words) / sizeof(words[0]))];
}

static void step_alloc(struct generator *g)
{
	unsigned int n = draw(g, NR_PAGES), order = draw(g, 3) ? 0 : draw(g, 12);

	g->pages |= 1u << n;
	if (draw(g, 8))
		text_printf(g->text, "p%u = alloc_pages %u %s|__GFP_ZERO\n", n, order, gfp_low(g));
	else
		text_printf(g->text, "p%u = alloc_pages_exact %u %s|__GFP_ZERO\n", n,
			    draw(g, 9) * 0x1000 + draw(g, 2), gfp_low(g));
}

/* Requests for any zone, as they come: without __GFP_ZERO the fast path serves. */
static const char *gfp_any(struct generator *g)
{
	static const char *const words[] = {
		"GFP_HIGHUSER_MOVABLE",
		"GFP_HIGHUSER_MOVABLE",
		"GFP_HIGHUSER_MOVABLE|__GFP_COLD",
		"GFP_HIGHUSER",
		"GFP_ATOMIC|__GFP_HIGHMEM",
	};

	return draw(g, 2) ? gfp_low(g) : words[draw(g, sizeof(words) / sizeof(words[0]))];
}

static void step_unread(struct generator *g)
{
	unsigned int n = draw(g, NR_UNREAD), order = draw(g, 3) ? draw(g, 4) : draw(g, 11);

	if (!(g->unread >> n & 1) || draw(g, 2)) {
		g->unread |= 1u << n;
		text_printf(g->text, "h%u = alloc_pages %u %s\n", n, order, gfp_any(g));
	} else if (draw(g, 8)) {
		text_printf(g->text, "free_pages h%u %u\n", n, order);
	} else {
		text_printf(g->text, "get_page h%u\n", n);
	}
}

static void step_free(struct generator *g)
{
	unsigned int n = page_var(g);

	switch (draw(g, 8)) {
	case 0:
		text_printf(g->text, "free_cold_page p%u\n", n);
		break;
	case 1:
		text_printf(g->text, "split_page p%u %u\n", n, draw(g, 4));
		break;
	default:
		text_printf(g->text, "free_pages p%u %u\n", n, draw(g, 4) ? 0 : draw(g, 12));
	}
}

/* By address, whoever has it: most are refused. */
static void step_address(struct generator *g)
{
	unsigned int at = 0xC0000000u + draw(g, 0x900) * 0x1000;

	if (draw(g, 2))
		text_printf(g->text, "free_pages_exact 0x%x %u\n", at, draw(g, 0x5000));
	else
		text_printf(g->text, "free_address 0x%x %u\n", at, draw(g, 4));
}

static void step_policy(struct generator *g)
{
	static const unsigned int fractions[] = {0, 8, 16, 64, 500, 3};

	switch (draw(g, 8)) {
	case 0:
		text_printf(g->text, "min_free_kbytes %u\n", draw(g, 3) * draw(g, 3000));
		break;
	case 1:
		text_printf(g->text, "lowmem_reserve_ratio %u %u\n", draw(g, 4), draw(g, 300));
		break;
	case 2:
	case 3:
		text_printf(g->text, "percpu_pagelist_fraction %u\n", fractions[draw(g, 6)]);
		break;
	case 4:
		text_printf(g->text, "drain_all_pages\n");
		break;
	case 5:
		text_printf(g->text, "pressure %u %u\n", draw(g, 6), draw(g, 2));
		g->pressure = true;
		break;
	case 6:
		text_printf(g->text, "no_pressure\n");
		g->pressure = false;
		break;
	default:
		text_printf(g->text, "%s\n",
			    draw(g, 2)	 ? "zoneinfo"
			    : draw(g, 2) ? "pagetypeinfo"
					 : "vmstat");
	}
}

static void step_contents(struct generator *g)
{
	unsigned int n = page_var(g), offset = draw(g, 1024) * 4;

	switch (draw(g, 4)) {
	case 0:
		text_printf(g->text, "poke p%u %u 0x%x\n", n, offset, draw(g, 0x7FFFFFFF));
		break;
	case 1:
		text_printf(g->text, "is_zero p%u\n", n);
		break;
	case 2:
		text_printf(g->text, "get_page p%u\n", n);
		break;
	default:
		text_printf(g->text, "peek p%u %u\n", n, offset);
	}
}

static void step_many(struct generator *g)
{
	if (draw(g, 2))
		text_printf(g->text, "hoard %u %s %u\n", draw(g, 3) ? draw(g, 4) : draw(g, 11),
			    gfp_any(g),
			    g->pressure	 ? draw(g, 60)
			    : draw(g, 3) ? draw(g, 200)
					 : draw(g, 4000));
	else
		text_printf(g->text, "release %u\n", 1 + draw(g, 3));
}

static void step_space(struct generator *g)
{
	unsigned int n = space_var(g);

	switch (draw(g, 8)) {
	case 0:
		text_printf(g->text, "pgd_free s%u\n", n);
		break;
	case 1:
	case 2:
		text_printf(g->text, "load_cr3 swapper\n");
		break;
	default:
		text_printf(g->text, "load_cr3 s%u\n", n);
	}
}

static void step_map(struct generator *g)
{
	unsigned int space = space_var(g), p = draw(g, NR_PAGES);
	struct mapped new = {space, user_page(g)};

	if (draw(g, 2)) {
		g->pages |= 1u << p;
		text_printf(g->text, "p%u = get_zeroed_page\n", p);
	} else {
		p = page_var(g);
	}
	text_printf(g->text, "map s%u 0x%x p%u %s\n", new.space, new.at, p, rights(g));
	g->mapped[g->nr_mapped++ % NR_MAPPED] = new;
	if (draw(g, 2))
		text_printf(g->text, "load_cr3 s%u\nload 0x%x\n", new.space, new.at);
}

/* Then, half the time, a look at the very page: a translation that should be gone is used again. */
static void step_change(struct generator *g)
{
	struct mapped page = some_page(g);
	unsigned int s = page.space, at = page.at, p;

	switch (draw(g, 5)) {
	case 0:
		text_printf(g->text, "protect s%u 0x%x %s\n", s, at, rights(g));
		break;
	case 1:
		p = page_var(g);
		text_printf(g->text, "replace s%u 0x%x p%u\n", s, at, p);
		break;
	case 2:
		text_printf(g->text, "clear_young s%u 0x%x\n", s, at);
		break;
	case 3:
		text_printf(g->text, "free_tables s%u 0 0xc0000000\n", s);
		break;
	default:
		text_printf(g->text, "unmap s%u 0x%x\n", s, at);
	}
	if (draw(g, 2))
		text_printf(g->text, "load 0x%x\n", at);
}

/* At CPL 0 the last bytes of user space lead on into the direct map, and what the BIOS left there.
 */
static unsigned int address_for_kernel(struct generator *g)
{
	unsigned int at = user_address(g);

	return at > 0xBFFFE000 ? at - 0x10000 : at;
}

static void step_access(struct generator *g)
{
	unsigned int at = user_address(g);

	switch (draw(g, 5)) {
	case 0:
		text_printf(g->text, "load 0x%x %u\n", at, size(g));
		break;
	case 1:
		text_printf(g->text, "kload 0x%x %u\n", address_for_kernel(g), size(g));
		break;
	case 2:
		at = address_for_kernel(g);
		text_printf(g->text, "kstore 0x%x 0x%x %u\n", at, draw(g, 256), size(g));
		break;
	default:
		text_printf(g->text, "store 0x%x 0x%x %u\n", at, draw(g, 0x7FFFFFFF), size(g));
	}
}

static void step_copy(struct generator *g)
{
	unsigned int at = user_address(g), bytes = draw(g, 9000);

	switch (draw(g, 3)) {
	case 0:
		text_printf(g->text, "copy_to_user 0x%x %u %u\n", at, bytes, draw(g, 256));
		break;
	case 1:
		text_printf(g->text, "clear_user 0x%x %u\n", at, bytes);
		break;
	default:
		text_printf(g->text, "copy_from_user 0x%x %u\n", at, bytes);
	}
}

/* Reads only: a fixmap slot holds no use of its page, which may be free by then. */
static void step_fixmap(struct generator *g)
{
	unsigned int slot = draw(g, 19), p;

	switch (draw(g, 4)) {
	case 0:
		p = page_var(g);
		text_printf(g->text, "set_fixmap %u p%u %s\n", slot, p, draw(g, 2) ? "rw" : "ro");
		break;
	case 1:
		text_printf(g->text, "clear_fixmap %u\n", slot);
		break;
	default:
		text_printf(g->text, "kload 0x%x\n", 0xFDFFF000u - slot % 17 * 0x1000);
	}
}

static void step(struct generator *g)
{
	static void (*const steps[])(struct generator * g) = {
		step_alloc,  step_alloc,  step_alloc,	 step_free,   step_free,   step_unread,
		step_unread, step_unread, step_unread,	 step_policy, step_policy, step_address,
		step_many,   step_many,	  step_contents, step_space,  step_space,  step_map,
		step_map,    step_map,	  step_map,	 step_change, step_change, step_change,
		step_change, step_access, step_access,	 step_access, step_access, step_access,
		step_copy,   step_fixmap,
	};

	steps[draw(g, sizeof(steps) / sizeof(steps[0]))](g);
}

/* ---- the machine ---------------------------------------------------------------------------- */

/* With and without 4 MiB pages, with and without a Movable zone. */
static const char *const command_lines[] = {
	"",
	"",
	"mem=nopentium",
	"movablecore=4M",
	"kernelcore=12M",
	"kernelcore=40M",
	"movablecore=9M mem=nopentium",
	"slub_debug",
	"slub_debug=ZF,kmalloc-*,cache1*",
	"slub_debug=P",
	"slub_nomerge",
	"slub_nomerge slub_min_objects=20",
	"slub_max_order=1 slub_nomerge",
};

/* KiB of RAM: most machines are small, for speed; some have per-CPU lists, a few high memory. */
static unsigned int memory_size(struct generator *g)
{
	switch (draw(g, 40)) {
	case 0:
		return 904 * 1024 + draw(g, 12288) * 4;
	case 1:
	case 2:
	case 3:
		return 33 * 1024 + draw(g, 16384) * 4;
	default:
		return 8192 + draw(g, 6144) * 4;
	}
}

/* A map with holes and reservations, unsorted; the image and its surroundings, below 8 MiB, are
 * RAM. */
static void random_map(struct generator *g, unsigned int kib)
{
	static const char *const types[] = {"reserved", "acpi", "nvs", "unusable", "usable", "12"};

	for (unsigned int i = draw(g, 5); i; i--)
		text_printf(g->text, "e820 0x%x %u %s\n", 0x800000 + draw(g, kib - 8192) * 1024,
			    draw(g, 0x200000), types[draw(g, 6)]);
	text_printf(g->text, "e820 0x100000 %uK usable\n", kib - 1024);
	text_printf(g->text, "e820 0 0x%x usable\n", 0x9FC00 - draw(g, 8) * 0x400);
}

/* Boot memory, from 8 MiB on, where all of it is RAM; not at 16 MiB, where that for the fixmap's
 * page table comes from, which must not be freed. */
static void boot_steps(struct generator *g, unsigned int kib)
{
	if (kib > 16384 - 64)
		kib = 16384 - 64;
	text_printf(g->text, "boot_to paging\n");
	for (unsigned int i = draw(g, 12); i; i--) {
		unsigned int at = 0x800000 + draw(g, (kib - 8192) * 2 + 1) * 512;

		switch (draw(g, 4)) {
		case 0:
			text_printf(g->text, "reserve_bootmem 0x%x %u\n", at, draw(g, 50000));
			break;
		case 1:
			text_printf(g->text, "free_bootmem 0x%x %u\n", at, draw(g, 50000));
			break;
		default:
			text_printf(g->text, "alloc_bootmem %u %u 0x%x\n", 1 + draw(g, 20000),
				    1u << draw(g, 15), draw(g, 2) ? at : 0);
		}
	}
}

/* A third each: pages alone, kernel objects mostly, both. */
static void kernel_program(struct generator *g, unsigned int steps)
{
	unsigned int kib = memory_size(g), objects;

	text_printf(g->text, "cmdline \"%s\"\n",
		    command_lines[draw(g, sizeof(command_lines) / sizeof(command_lines[0]))]);
	if (draw(g, 3) == 0) {
		random_map(g, kib);
	} else {
		text_printf(g->text, "ram %uK\n", kib);
		if (draw(g, 3) == 0)
			boot_steps(g, kib);
	}
	objects = draw(g, 3) * 4;
	struct fuzz_kmem kmem = {.text = g->text, .draw = &g->draw};

	text_printf(g->text, objects ? "boot_to kmem\n" : "boot_to up\n");
	for (unsigned int i = 0; i < steps; i++)
		if (objects && draw(g, 9) < objects)
			fuzz_kmem_step(&kmem);
		else
			step(g);
}

/* The model does not know of memory that runs out: there is enough. */
static void spaces_program(struct generator *g, unsigned int steps)
{
	const unsigned int mib = 32;
	static struct fuzz_as as;

	as = (struct fuzz_as){.text = g->text, .draw = &g->draw};
	text_printf(g->text, "ram %uM\nboot\n", mib);
	fuzz_as_begin(&as, (u64)mib << 20);
	for (unsigned int i = 0; i < steps; i++)
		fuzz_as_step(&as);
	fuzz_as_end(&as);
}

void fuzz_generate(struct text *text, enum fuzz_kind kind, const char *name,
		   unsigned long long seed, unsigned int steps)
{
	struct generator g = {.text = text, .draw = {seed * 0x9E3779B97F4A7C15ull + 1}};

	if (kind == FUZZ_ALL)
		kind = seed % 4 == 3 ? FUZZ_SPACES : FUZZ_KERNEL;
	for (int i = 0; i < 8; i++)
		draw(&g, 2);
	text_printf(text, "vector %s\n", name);
	if (kind == FUZZ_SPACES)
		spaces_program(&g, steps);
	else
		kernel_program(&g, steps);
	text_printf(text, "end\n");
}
