#include "kernel/kallsyms.h"

#include "arch/arch.h"

extern const u8 _text[], _etext[];

/* Sorted by address. name is an offset into kallsyms_names, to the type: "T" is global. */
struct kallsym {
	u32 address, name;
};
extern const u32 kallsyms_count;
extern const struct kallsym kallsyms[];
extern const char kallsyms_names[];

static void text_offset(struct text_line *line, const char *before, u32 value)
{
	unsigned int digits = 1;

	while (digits < 8 && value >> 4 * digits)
		digits++;
	text_str(line, before);
	text_hex(line, value, digits);
}

/* The index of the first symbol above `address`. */
static u32 first_above(u32 address)
{
	u32 low = 0, high = kallsyms_count;

	while (low < high) {
		u32 middle = low + (high - low) / 2;

		if (kallsyms[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Names `address` by the function that holds `within`. */
static void format(struct text_line *line, u32 address, u32 within)
{
	u32 next = first_above(within);

	if (within < (u32)_text || within >= (u32)_etext || !next) {
		text_str(line, "(not in the image's text)");
		return;
	}
	u32 end = next < kallsyms_count ? kallsyms[next].address : (u32)_etext;
	text_str(line, kallsyms_names + kallsyms[next - 1].name + 1);
	text_offset(line, "+0x", address - kallsyms[next - 1].address);
	text_offset(line, "/0x", end - kallsyms[next - 1].address);
}

void kallsyms_format(struct text_line *line, u32 address)
{
	format(line, address, address);
}

void kallsyms_format_return(struct text_line *line, u32 address)
{
	format(line, address, address - 1);
}

const char *arch_symbol_name(unsigned long pc, bool *global)
{
	u32 next = first_above(pc);
	const char *typed;

	if (pc < (u32)_text || pc >= (u32)_etext || !next)
		return NULL;
	typed = kallsyms_names + kallsyms[next - 1].name;
	*global = *typed == 'T';
	return typed + 1;
}
