/*
 * The tree of physical address ranges and who has them. Corresponds to Linux kernel/resource.c and
 * include/linux/ioport.h; what init_iomem() enters is arch/i386/kernel/setup.c's business there.
 *
 * Invariants: children lie within their parent, in ascending order, and do not overlap.
 * Boot time only: one CPU, no locks, nothing sleeps.
 */
#pragma once

#include "arch/types.h"

struct resource {
	u64 start, end; /* bytes; end is the last byte */
	const char *name;
	struct resource *parent, *sibling, *child;
};

/* All 4 GiB that 32-bit entries reach. */
extern struct resource iomem_resource;

/*
 * Enters a range among the children of root. -EBUSY when it overlaps one of them, -EINVAL when it
 * does not lie within root or ends before it starts; nothing has changed then. The resource must
 * stay where it is.
 */
int request_resource(struct resource *root, struct resource *new);

/* Takes a range out again, with all below it. -EINVAL when it is not in the tree. */
int release_resource(struct resource *old);

/*
 * Fills iomem_resource: RAM, the kernel image within it, what every PC has, the rest of the memory
 * map. What overlaps an earlier entry is left out, and what lies above 4 GiB. After the map is
 * made.
 */
void init_iomem(void);

/* Calls fn for each range below root, parents first; depth counts from 0. */
void for_each_resource(struct resource *root,
		       void (*fn)(const struct resource *resource, unsigned int depth));
