/* Kernel objects slab by slab, read from what the verb slab_map prints (top/mm_slabs.h). */
#pragma once

#include "kmem/inspect.h"
#include "tool/drawing.h"

/* What an object is, or a part of a slab: a row of slab_parts. */
enum slab_part {
	OBJECT_USED,
	OBJECT_STOCKED,
	OBJECT_FREE,
	NR_OBJECT_STATES,
	SLAB_COLOUR = NR_OBJECT_STATES, /* the shift of the objects (slab) */
	SLAB_REST,			/* all that is neither colour nor object */
	NR_SLAB_PARTS
};

/* Letters are those of the verb, in capitals; about continues the name. */
extern const struct holder slab_parts[NR_SLAB_PARTS];

/* Adjacent objects of one state. */
struct object_run {
	enum slab_part state;
	unsigned int count;
};

struct drawn_slab {
	unsigned long pfn;
	unsigned int order;
	enum slab_place place;
	unsigned int objects;
	unsigned int at, colour; /* bytes before the first object; those of the colour */
	unsigned int count[NR_OBJECT_STATES]; /* together: objects */
	size_t first_run, nr_runs;
};

struct drawn_cache {
	char name[64];
	unsigned int size;		      /* bytes from object to object */
	unsigned long slabs, objects, in_use; /* as the cache says */
	size_t first_slab;		      /* of `slabs` */
};

struct slab_map {
	char allocator[8];
	size_t nr_caches, nr_slabs, nr_runs;
	struct drawn_cache *caches;
	struct drawn_slab *slabs; /* by place, then as the lists have them */
	struct object_run *runs;
};

/*
 * Adds the caches that a text of slab_map tells of. 0, or -1 with the reason on stderr: also where
 * slabs are missing of what the cache says that it has, or an object is counted twice.
 */
int slab_map_read(struct slab_map *map, const struct text *text);
void slab_map_free(struct slab_map *map);

/* "object" or, of slob's shared pages, "unit". */
const char *object_word(const struct slab_map *map, const struct drawn_cache *cache);
bool is_shared(const struct slab_map *map, const struct drawn_cache *cache);

/* The most objects that one of the cache's slabs has; 0 without slabs. */
unsigned int most_objects(const struct slab_map *map, const struct drawn_cache *cache);

/* Has it anything to be drawn or told? */
bool cache_is_empty(const struct drawn_cache *cache);

/* "cache NAME: 12 of 64 objects of 64 bytes in use, 1 slab" */
void describe_cache(char *buf, size_t size, const struct slab_map *map,
		    const struct drawn_cache *cache);
