/*
 * Names for code addresses, from this program's own ELF symbol table, so that static functions
 * have names too. The file is mapped at the start; looking a name up allocates nothing. A
 * stripped program has addresses only.
 */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "twin/panic.h"

static struct {
	const Elf32_Sym *syms;
	unsigned int nr;
	const char *strings;
	size_t strings_size;
	unsigned long bias; /* where the program was loaded, less where it was linked */
} table;

/* The first object of the list is the program. */
static int note_bias(struct dl_phdr_info *info, size_t size __maybe_unused,
		     void *arg __maybe_unused)
{
	table.bias = info->dlpi_addr;
	return 1;
}

static bool in_file(u64 offset, u64 size, size_t file_size)
{
	return offset + size <= file_size;
}

/*
 * Finds the symbol table of a 32-bit ELF file in memory. The linker wrote it; bounds are checked.
 */
static void find_table(const u8 *file, size_t size)
{
	const Elf32_Ehdr *elf = (const Elf32_Ehdr *)file;
	const Elf32_Shdr *sections, *strings;

	if (size < sizeof(*elf) || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf->e_ident[EI_CLASS] != ELFCLASS32 ||
	    !in_file(elf->e_shoff, (u64)elf->e_shnum * sizeof(*sections), size))
		return;
	sections = (const Elf32_Shdr *)(file + elf->e_shoff);
	for (unsigned int i = 0; i < elf->e_shnum; i++) {
		if (sections[i].sh_type != SHT_SYMTAB || sections[i].sh_link >= elf->e_shnum)
			continue;
		strings = &sections[sections[i].sh_link];
		if (!in_file(sections[i].sh_offset, sections[i].sh_size, size) ||
		    !in_file(strings->sh_offset, strings->sh_size, size))
			return;
		table.syms = (const Elf32_Sym *)(file + sections[i].sh_offset);
		table.nr = sections[i].sh_size / sizeof(*table.syms);
		table.strings = (const char *)(file + strings->sh_offset);
		table.strings_size = strings->sh_size;
	}
}

void symbol_load(void)
{
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *file;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0) {
		file = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file != MAP_FAILED)
			find_table(file, st.st_size);
	}
	close(fd);
	dl_iterate_phdr(note_bias, NULL);
}

/* The function that holds an address of this program, or NULL. Of two names the global one. */
static const Elf32_Sym *find_symbol(unsigned long address)
{
	unsigned long linked = address - table.bias;
	const Elf32_Sym *found = NULL;

	for (unsigned int i = 0; i < table.nr; i++) {
		const Elf32_Sym *sym = &table.syms[i];

		if (ELF32_ST_TYPE(sym->st_info) == STT_FUNC && linked >= sym->st_value &&
		    linked - sym->st_value < sym->st_size && sym->st_name < table.strings_size &&
		    (!found || ELF32_ST_BIND(sym->st_info) != STB_LOCAL))
			found = sym;
	}
	return found;
}

const char *arch_symbol_name(unsigned long pc, bool *global)
{
	const Elf32_Sym *sym = find_symbol(pc);

	if (!sym)
		return NULL;
	*global = ELF32_ST_BIND(sym->st_info) != STB_LOCAL;
	return table.strings + sym->st_name;
}

void symbol_name(unsigned long address, char *buf, size_t size)
{
	const Elf32_Sym *sym = find_symbol(address);
	Dl_info info;

	if (sym)
		snprintf(buf, size, "%s+0x%lx", table.strings + sym->st_name,
			 address - table.bias - sym->st_value);
	else if (dladdr((void *)address, &info) && info.dli_sname)
		snprintf(buf, size, "%s+0x%lx", info.dli_sname,
			 address - (unsigned long)info.dli_saddr);
	else
		snprintf(buf, size, "%08lx", address);
}
