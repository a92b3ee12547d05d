/*
 * Names for text addresses. The table is made by kallsyms.awk from the first link of the image.
 */
#pragma once

#include "arch/types.h"
#include "kernel/text.h"

/* Appends "function+0x1a/0x40" for the instruction at `address`, or "(not in the image's text)". */
void kallsyms_format(struct text_line *line, u32 address);

/*
 * The same for a return address: the function is the one that holds the call before it. A call that
 * does not return may be the last instruction of its function.
 */
void kallsyms_format_return(struct text_line *line, u32 address);
