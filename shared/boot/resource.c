#include "boot/resource.h"

#include "arch/layout.h"
#include "base/errno.h"
#include "boot/e820.h"

#define IOMEM_END 0xFFFFFFFFull

__mm_state struct resource iomem_resource;

/* What every PC has below 1 MiB, whatever its firmware says of it. */
static __mm_state struct resource video_ram, system_rom, kernel_code, kernel_data;

/* One for each entry of the map. */
static __mm_state struct resource e820_resources[E820MAX];

int request_resource(struct resource *root, struct resource *new)
{
	struct resource **link = &root->child;

	if (new->end < new->start || new->start < root->start || new->end > root->end)
		return -EINVAL;
	while (*link && (*link)->end < new->start)
		link = &(*link)->sibling;
	if (*link && (*link)->start <= new->end)
		return -EBUSY;
	new->sibling = *link;
	new->parent = root;
	*link = new;
	return 0;
}

int release_resource(struct resource *old)
{
	struct resource **link = old->parent ? &old->parent->child : NULL;

	while (link && *link && *link != old)
		link = &(*link)->sibling;
	if (!link || !*link)
		return -EINVAL;
	*link = old->sibling;
	old->parent = old->sibling = NULL;
	return 0;
}

static const char *e820_resource_name(u32 type)
{
	static const char *const names[] = {
		[E820_RAM] = "System RAM",
		[E820_ACPI] = "ACPI Tables",
		[E820_NVS] = "ACPI Non-volatile Storage",
	};

	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "reserved";
}

static int enter(struct resource *root, struct resource *at, u64 start, u64 end, const char *name)
{
	*at = (struct resource){.start = start, .end = end - 1, .name = name};
	return request_resource(root, at);
}

/* The image lies in one range of RAM, or in none, where the map is a lie. */
static void enter_image(struct resource *ram)
{
	if (IMAGE_START < ram->start || IMAGE_END - 1 > ram->end)
		return;
	enter(ram, &kernel_code, IMAGE_TEXT_START, IMAGE_TEXT_END, "Kernel code");
	enter(ram, &kernel_data, IMAGE_TEXT_END, IMAGE_END, "Kernel data");
}

/* The entries of the map that are RAM, or the others, as far as they lie below 4 GiB. */
static void enter_map(bool ram)
{
	for (unsigned int i = 0; i < e820.nr_map; i++) {
		const struct e820_entry *entry = &e820.map[i];
		u64 end = min(entry->addr + entry->size, IOMEM_END + 1);

		if ((entry->type == E820_RAM) != ram)
			continue;
		if (enter(&iomem_resource, &e820_resources[i], entry->addr, end,
			  e820_resource_name(entry->type)) == 0 &&
		    ram)
			enter_image(&e820_resources[i]);
	}
}

void init_iomem(void)
{
	iomem_resource = (struct resource){.end = IOMEM_END, .name = "PCI mem"};
	enter_map(true);
	enter(&iomem_resource, &video_ram, 0xA0000, 0xC0000, "Video RAM area");
	enter(&iomem_resource, &system_rom, 0xF0000, 0x100000, "System ROM");
	enter_map(false);
}

void for_each_resource(struct resource *root,
		       void (*fn)(const struct resource *resource, unsigned int depth))
{
	struct resource *at = root->child;
	unsigned int depth = 0;

	while (at) {
		fn(at, depth);
		if (at->child) {
			at = at->child;
			depth++;
			continue;
		}
		while (!at->sibling && at->parent != root) {
			at = at->parent;
			depth--;
		}
		at = at->sibling;
	}
}
