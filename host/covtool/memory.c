/*
 * Counters out of a dead guest's memory. The image is mapped at the address it was linked for,
 * which a 32-bit process has room for. Every pointer in it is then valid as it is, and libgcov's
 * own serializer runs on the guest's structures as it would have inside the guest.
 *
 * The dump must be of this very image: its constant parts are compared with the ELF file first. The
 * counters' own structures may be what the guest destroyed; a wild pointer in them ends in a
 * signal, which is caught to say so.
 */
#include "host/covtool/covtool.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <gcov.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch/layout.h"

#define IMAGE_SIZE (IMAGE_END - IMAGE_START)
#define IMAGE_BASE (PAGE_OFFSET + IMAGE_START)
#define IMAGE_LIMIT (PAGE_OFFSET + IMAGE_END)

struct elf {
	const char *path;
	struct bytes all;
};

static const void *elf_part(const struct elf *elf, size_t offset, size_t size)
{
	if (offset > elf->all.size || size > elf->all.size - offset)
		die("%s: truncated", elf->path);
	return elf->all.data + offset;
}

static const Elf32_Ehdr *elf_header(const struct elf *elf)
{
	const Elf32_Ehdr *header = elf_part(elf, 0, sizeof(*header));

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_ident[EI_CLASS] != ELFCLASS32 || header->e_machine != EM_386)
		die("%s: not an i386 ELF file", elf->path);
	return header;
}

static const Elf32_Shdr *elf_section(const struct elf *elf, unsigned int index)
{
	const Elf32_Ehdr *header = elf_header(elf);

	if (index >= header->e_shnum)
		die("%s: no section %u", elf->path, index);
	return elf_part(elf, header->e_shoff + index * sizeof(Elf32_Shdr), sizeof(Elf32_Shdr));
}

/* The value of a global symbol. */
static u32 elf_symbol(const struct elf *elf, const char *name)
{
	for (unsigned int i = 0; i < elf_header(elf)->e_shnum; i++) {
		const Elf32_Shdr *table = elf_section(elf, i);

		if (table->sh_type != SHT_SYMTAB)
			continue;
		const Elf32_Shdr *strings = elf_section(elf, table->sh_link);
		const Elf32_Sym *symbols = elf_part(elf, table->sh_offset, table->sh_size);

		for (size_t s = 0; s < table->sh_size / sizeof(*symbols); s++) {
			size_t at = strings->sh_offset + symbols[s].st_name;

			if (!strcmp(elf_part(elf, at, strlen(name) + 1), name))
				return symbols[s].st_value;
		}
	}
	die("%s: no symbol %s: not a coverage build, or stripped", elf->path, name);
}

static void map_dump(const char *path)
{
	struct stat status;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &status) < 0)
		die("%s: %s", path, strerror(errno));
	if (status.st_size != IMAGE_SIZE)
		die("%s: is %lld bytes, [1 MiB, 5 MiB) are %lu", path, (long long)status.st_size,
		    IMAGE_SIZE);
	if (mmap((void *)IMAGE_BASE, IMAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, fd,
		 0) == MAP_FAILED)
		die("cannot map the guest's memory at %08lx: %s", IMAGE_BASE, strerror(errno));
	close(fd);
}

/* Are the read-only segments in memory what the file says? */
static void compare_constants(const struct elf *elf, const char *dump)
{
	const Elf32_Ehdr *header = elf_header(elf);

	for (unsigned int i = 0; i < header->e_phnum; i++) {
		const Elf32_Phdr *segment =
			elf_part(elf, header->e_phoff + i * sizeof(*segment), sizeof(*segment));

		if (segment->p_type != PT_LOAD || segment->p_flags & PF_W)
			continue;
		if (segment->p_vaddr < IMAGE_BASE ||
		    segment->p_filesz > IMAGE_LIMIT - segment->p_vaddr)
			die("%s: a segment lies outside of the image", elf->path);
		if (memcmp((const void *)segment->p_vaddr,
			   elf_part(elf, segment->p_offset, segment->p_filesz),
			   segment->p_filesz) != 0)
			die("%s: not the memory of %s: segment at %08x differs", dump, elf->path,
			    segment->p_vaddr);
	}
}

static void on_wild_pointer(int signal __maybe_unused)
{
	static const char message[] = "covtool: the guest's counter structures are destroyed\n";

	if (write(STDERR_FILENO, message, sizeof(message) - 1) < 0)
		_exit(2);
	_exit(1);
}

struct object {
	char *path;
	struct bytes content;
};

static void on_name(const char *name, void *arg)
{
	struct object *object = arg;

	object->path = strcpy(must_allocate(NULL, strlen(name) + 1), name);
}

static void on_data(const void *data, unsigned int size, void *arg)
{
	struct object *object = arg;

	append(&object->content, data, size);
}

static void *on_allocate(unsigned int size, void *arg __maybe_unused)
{
	return must_allocate(NULL, size);
}

void memory_read(struct gcda_list *list, const char *elf_path, const char *dump)
{
	const struct elf elf = {.path = elf_path, .all = read_file(elf_path)};
	const struct gcov_info *const *start =
		(const void *)(uintptr_t)elf_symbol(&elf, "__gcov_info_start");
	const struct gcov_info *const *end =
		(const void *)(uintptr_t)elf_symbol(&elf, "__gcov_info_end");

	if (start >= end)
		die("%s: not a coverage build", elf_path);
	map_dump(dump);
	compare_constants(&elf, dump);
	signal(SIGSEGV, on_wild_pointer);
	signal(SIGBUS, on_wild_pointer);
	for (; start < end; start++) {
		struct object object = {};

		__gcov_info_to_gcda(*start, on_name, on_data, on_allocate, &object);
		gcda_add(list, object.path, object.content);
	}
	signal(SIGSEGV, SIG_DFL);
	signal(SIGBUS, SIG_DFL);
}
