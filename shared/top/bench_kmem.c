/* The benchmark's rows on kernel objects. */
#include "kmem/mempool.h"
#include "kmem/slab.h"
#include "top/bench_priv.h"

/* Objects held at a time: PEERS' 1000; the growth rows hold more. */
#define NR_HELD 1000u
#define MAX_LIVE (CONFIG_CHECKED ? 2000u : 100000u)

static void *held[NR_HELD];
static u16 shuffled[NR_HELD];

/* Objects that just live on: a list through themselves. */
static void *live;
static unsigned int nr_live;

/* ---- pairs --------------------------------------------------------------------------------- */

static u32 kmalloc_pair(unsigned int arg __maybe_unused)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++) {
		void *p = kmalloc(64, GFP_KERNEL);

		if (!p)
			return 0;
		kfree(p);
	}
	return ticks_since(start);
}

static struct kmem_cache *bench_cache(void)
{
	struct kmem_cache *s = find_kmem_cache("bench-120");

	return s ? s : kmem_cache_create("bench-120", 120, 0, 0, NULL);
}

static u32 cache_pair(unsigned int arg __maybe_unused)
{
	struct kmem_cache *s = bench_cache();

	if (!s)
		return 0;
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++) {
		void *p = kmem_cache_alloc(s, GFP_KERNEL);

		if (!p)
			return 0;
		kmem_cache_free(s, p);
	}
	return ticks_since(start);
}

static struct mempool *bench_pool(void)
{
	static struct mempool *pool;
	struct kmem_cache *s = bench_cache();

	if (s && !pool)
		pool = mempool_create_slab_pool(16, s);
	return pool;
}

static u32 mempool_pair(unsigned int arg __maybe_unused)
{
	struct mempool *pool = bench_pool();

	if (!pool)
		return 0;
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < REPEATS; i++) {
		void *p = mempool_alloc(pool, GFP_KERNEL);

		if (!p)
			return 0;
		mempool_free(p, pool);
	}
	return ticks_since(start);
}

/* ---- many, freed in random order ------------------------------------------------------------- */

/* The same order in each round: Fisher and Yates, with a small generator. */
static void shuffle(void)
{
	u32 state = 12345;

	for (unsigned int i = 0; i < NR_HELD; i++)
		shuffled[i] = i;
	for (unsigned int i = NR_HELD - 1; i > 0; i--) {
		unsigned int j = (state = state * 1664525u + 1013904223u) % (i + 1);
		u16 t = shuffled[i];

		shuffled[i] = shuffled[j];
		shuffled[j] = t;
	}
}

static u32 hold_objects(void)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < NR_HELD; i++) {
		held[i] = kmalloc(64, GFP_KERNEL);
		if (!held[i])
			return 0;
	}
	return ticks_since(start);
}

static u32 drop_objects(void)
{
	u64 start = arch_ticks();

	for (unsigned int i = 0; i < NR_HELD; i++)
		kfree(held[shuffled[i]]);
	return ticks_since(start);
}

static u32 hold_then_drop(unsigned int arg __maybe_unused)
{
	u32 ticks = hold_objects();

	shuffle();
	drop_objects();
	return ticks;
}

static u32 drop_after_hold(unsigned int arg __maybe_unused)
{
	shuffle();
	return hold_objects() ? drop_objects() : 0;
}

/* ---- growth -------------------------------------------------------------------------------- */

/* Brings the number of live objects to n, which costs nothing here. */
static bool set_live(unsigned int n)
{
	while (nr_live > n) {
		void *next = *(void **)live;

		kfree(live);
		live = next;
		nr_live--;
	}
	while (nr_live < n) {
		void **p = kmalloc(64, GFP_KERNEL);

		if (!p)
			return false;
		*p = live;
		live = p;
		nr_live++;
	}
	return true;
}

/* Holding and dropping, while so many others live. */
static u32 pair_among(unsigned int n)
{
	u32 ticks;

	shuffle();
	if (!set_live(min(n, MAX_LIVE)))
		return 0;
	ticks = hold_objects();
	ticks = ticks ? ticks + drop_objects() : 0;
	set_live(0);
	return ticks;
}

const struct bench_row kmem_rows[] = {
	{"kmalloc(64) + kfree, hot", kmalloc_pair, 0, REPEATS, 60, 215},
	{"1000 kmalloc(64), each", hold_then_drop, 0, NR_HELD, 50, 157},
	{"then 1000 kfree, random, each", drop_after_hold, 0, NR_HELD, 60, 183},
	{"kmem_cache_alloc + free, 120 B", cache_pair, 0, REPEATS, 50, 186},
	{"mempool_alloc + free, 120 B", mempool_pair, 0, REPEATS, 80, 270},
	{"both of 1000, 10 others live", pair_among, 10, NR_HELD, 0, 0},
	{"both of 1000, 1000 others live", pair_among, 1000, NR_HELD, 0, 0},
	{"both of 1000, 100000 others live", pair_among, 100000, NR_HELD, 0, 0},
	{NULL, NULL, 0, 0, 0, 0},
};
