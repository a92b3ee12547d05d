/* The process's address space: layout.c. */
#pragma once

/*
 * Sees to it that [PAGE_OFFSET, MACHINE_WINDOW) is free in this process, if need be by
 * re-executing it. Returns 0, or -1 with the reason on stderr.
 */
int layout_claim(char **argv);
