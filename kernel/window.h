/*
 * The machine's own mappings at MACHINE_WINDOW; window.c tells the layout.
 */
#pragma once

#include "arch/layout.h"
#include "arch/types.h"
#include "kernel/asm_layout.h"

#define KERNEL_STACK_PAGES 8
#define DOUBLE_FAULT_STACK_PAGES 2

/* Each stack grows down to a page that is never mapped. */
#define KERNEL_STACK_GUARD MACHINE_WINDOW
#define KERNEL_STACK_BOTTOM (KERNEL_STACK_GUARD + PAGE_SIZE)
#define KERNEL_STACK_TOP (KERNEL_STACK_BOTTOM + KERNEL_STACK_PAGES * PAGE_SIZE)
#define DOUBLE_FAULT_STACK_GUARD KERNEL_STACK_TOP
#define DOUBLE_FAULT_STACK_BOTTOM (DOUBLE_FAULT_STACK_GUARD + PAGE_SIZE)
#define DOUBLE_FAULT_STACK_TOP (DOUBLE_FAULT_STACK_BOTTOM + DOUBLE_FAULT_STACK_PAGES * PAGE_SIZE)

#define WINDOW_USER_STUB (MACHINE_WINDOW + 0x10000UL)
#define WINDOW_SCRATCH (MACHINE_WINDOW + 0x12000UL)
#define WINDOW_SCRATCH_SLOTS 2
#define WINDOW_VGA (MACHINE_WINDOW + 0x18000UL)
#define VGA_TEXT_BASE 0xB8000UL
#define VGA_TEXT_PAGES 8

#define WINDOW_ARENA (MACHINE_WINDOW + PGDIR_SIZE)
#define WINDOW_ARENA_PAGES (4UL * PTRS_PER_PTE) /* 16 MiB */

/* The page directory of the double-fault task: the image and the window, nothing else. */
extern u32 double_fault_pg_dir[PTRS_PER_PGD];

/* Builds the window's tables and enters them into swapper_pg_dir. Once, before anything else. */
void window_init(void);

/*
 * Maps the page frame `frame` at scratch slot `slot` (< WINDOW_SCRATCH_SLOTS) until the next call
 * for that slot. Works for every frame below 4 GiB. For start-up: nobody keeps such a pointer.
 */
void *window_scratch(unsigned int slot, unsigned long frame);

/* The name of the stack whose guard page holds `address`; NULL if it is no guard page. */
const char *window_guarded_stack(unsigned long address);

/* Maps `frame` at page `index` (< WINDOW_ARENA_PAGES) of the arena, read-only. */
void window_map_arena(unsigned long index, unsigned long frame);
