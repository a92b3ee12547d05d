/*
 * The boot modules. A loader puts them right behind the image, where vectors want RAM to be. They
 * are moved to the arena: the highest run of RAM below 4 GiB that holds them all, mapped read-only
 * in the machine window and kept from the memory manager by machine_ram_usable().
 *
 * The arena is contiguous so that one comparison tells what it covers. Which of its frames holds
 * which page of a module does not matter, for the window's page tables sort that out. So a page
 * that a loader already put into the arena's range stays in its frame, and all others are copied to
 * frames that are left: no copy can destroy a page that is still to be copied, however sources and
 * arena overlap.
 */
#include "kernel/modules.h"

#include "arch/arch.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "base/string.h"
#include "kernel/firmware.h"
#include "kernel/physmem.h"
#include "kernel/text.h"
#include "kernel/window.h"

#define MODULES_MAX 128
#define NAME_SIZE 256

/* Below 8 MiB only if there is no other RAM; never in the image's reservation. */
#define ARENA_LOWEST BOOT_MAPPED
#define ARENA_LOWEST_AT_NEED IMAGE_END

struct source {
	u32 start, size;
};

static struct source sources[MODULES_MAX];
static struct rig_module modules_table[MODULES_MAX];
static char names[MODULES_MAX][NAME_SIZE];
static unsigned int nr_modules;

/* [arena_start, arena_end) in page frames; empty without modules. */
static unsigned long arena_start, arena_end;
static bool frame_taken[WINDOW_ARENA_PAGES];

static void __noreturn refuse(const char *why, const char *name)
{
	struct text_line line = {};

	/* The name last: it may be too long to be printed. */
	text_str(&line, "boot module refused, ");
	text_str(&line, why);
	text_str(&line, ": ");
	text_str(&line, name);
	arch_panic(line.chars);
}

static unsigned long pages_of(const struct source *source)
{
	return PFN_UP(source->size);
}

static void read_source(unsigned int i, u32 table)
{
	struct multiboot_module module;

	phys_read(&module, table + i * sizeof(module), sizeof(module));
	if (module.string && !phys_read_string(names[i], NAME_SIZE, module.string))
		refuse("its name is longer than 255 bytes", names[i]);
	if (module.end < module.start)
		refuse("it ends before it starts", names[i]);
	if (module.start & ~PAGE_MASK)
		refuse("the loader did not align it to a page", names[i]);
	sources[i] = (struct source){.start = module.start, .size = module.end - module.start};
}
_Static_assert(NAME_SIZE == 256, "the message names it");

static void place_arena(unsigned long pages)
{
	u64 end = firmware_top_of_ram(pages, ARENA_LOWEST);

	if (pages > WINDOW_ARENA_PAGES)
		arch_panic("the boot modules are larger than 16 MiB together");
	if (!end)
		end = firmware_top_of_ram(pages, ARENA_LOWEST_AT_NEED);
	if (!end)
		arch_panic("there is no RAM to keep the boot modules in");
	arena_end = PFN_DOWN(end);
	arena_start = arena_end - pages;
	firmware_reserve(PFN_PHYS(arena_start), PFN_PHYS(arena_end));
}
_Static_assert(PAGE_SIZE *WINDOW_ARENA_PAGES == 16 << 20, "the message names it");

static bool in_arena(unsigned long frame)
{
	return frame >= arena_start && frame < arena_end;
}

static void mark_frames_in_place(void)
{
	for (unsigned int i = 0; i < nr_modules; i++)
		for (unsigned long page = 0; page < pages_of(&sources[i]); page++) {
			unsigned long frame = PFN_DOWN(sources[i].start) + page;

			if (in_arena(frame))
				frame_taken[frame - arena_start] = true;
		}
}

static unsigned long take_frame(void)
{
	static unsigned long next;

	/* As many frames as pages: there is one left for each page that needs one. */
	while (frame_taken[next])
		next++;
	frame_taken[next] = true;
	return arena_start + next;
}

/* Maps module i from page `index` of the window's arena on; returns the index after it. */
static unsigned long bring(unsigned int i, unsigned long index)
{
	unsigned long source = PFN_DOWN(sources[i].start);

	modules_table[i] = (struct rig_module){
		.name = names[i],
		.text = (const char *)(WINDOW_ARENA + index * PAGE_SIZE),
		.size = sources[i].size,
	};
	for (unsigned long page = 0; page < pages_of(&sources[i]); page++, source++, index++) {
		unsigned long frame = source;

		if (!in_arena(source)) {
			frame = take_frame();
			phys_copy_frame(frame, source);
		}
		window_map_arena(index, frame);
	}
	return index;
}

unsigned int modules_init(const struct multiboot_info *info, const struct rig_module **modules)
{
	unsigned long pages = 0, index = 0;

	*modules = modules_table;
	if (!(info->flags & MULTIBOOT_INFO_MODULES) || !info->mods_count)
		return 0;
	if (info->mods_count > MODULES_MAX)
		arch_panic("there are more than 128 boot modules");
	nr_modules = info->mods_count;
	for (unsigned int i = 0; i < nr_modules; i++) {
		read_source(i, info->mods_addr);
		pages += pages_of(&sources[i]);
	}
	if (pages)
		place_arena(pages);
	mark_frames_in_place();
	for (unsigned int i = 0; i < nr_modules; i++)
		index = bring(i, index);
	return nr_modules;
}
_Static_assert(MODULES_MAX == 128, "the message names it");

bool machine_ram_usable(u64 start, u64 end)
{
	return firmware_is_ram(start, end) &&
	       (end <= PFN_PHYS(arena_start) || start >= PFN_PHYS(arena_end));
}
