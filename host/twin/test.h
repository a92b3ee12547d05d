/* A small harness for test_mmu: assertions, a guest to play with, panics as results. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "arch/layout.h"
#include "arch/pte.h"
#include "twin/twin.h"

extern unsigned int tests_passed, tests_failed;

/* Counts; prints where it failed, and the values that the caller gives. */
#define CHECK(condition, ...)                                                                      \
	do {                                                                                       \
		if (condition) {                                                                   \
			tests_passed++;                                                            \
		} else if (tests_failed++ < 50) {                                                  \
			printf("%s:%d: %s: ", __FILE__, __LINE__, #condition);                     \
			printf("" __VA_ARGS__);                                                    \
			printf("\n");                                                              \
		}                                                                                  \
	} while (0)

/*
 * The guest: a page directory at BOOT_SWAPPER_PG_DIR, direct map of GUEST_MEMORY by 4 MiB entries.
 * User tests use directory slot USER_SLOT with the table at USER_TABLE. All below GUEST_MEMORY.
 */
#define GUEST_MEMORY (16UL << 20)
#define USER_SLOT 5u
#define USER_VA (USER_SLOT << PGDIR_SHIFT)
#define USER_TABLE 0x00600000u
#define USER_TABLE2 0x00601000u
#define FRAME_A 0x00700000u
#define FRAME_B 0x00701000u
#define FRAME_C 0x00702000u
#define OTHER_PGD 0x00603000u
#define USER_FLAGS (_PAGE_PRESENT | _PAGE_RW | _PAGE_USER)
#define FRAME_SIZE 4096u

/*
 * All start with: options set, RAM zero, kernel half mapped (kernel_flags besides P RW A D), CR3
 * loaded.
 */
void guest_boot(const struct twin_options *options, u32 kernel_flags);
/* The options that most tests want: stale uses go through instead of ending the run. */
struct twin_options quiet_options(void);

/* Page-table memory and frames, by the direct map. */
u32 *phys_word(u32 pa);
#define PGD_SLOT(slot) phys_word(BOOT_SWAPPER_PG_DIR + (slot)*4u)
#define PTE_SLOT(table, index) phys_word((table) + (index)*4u)

/* One access; returns what the hook returned, a->value and a->fault in *last. */
extern struct access last;
int user_load(unsigned long va, unsigned int size);
int user_store(unsigned long va, unsigned int size, u32 value);
int kernel_load(unsigned long va, unsigned int size);
int kernel_store(unsigned long va, unsigned int size, u32 value);

/* Runs fn; true if it panicked. What was said and printed is in panic_*. */
bool panics(void (*fn)(void));
extern enum twin_panic_kind panic_kind;
extern char panic_message[512];
extern char panic_output[8192];

void test_access(void);
void test_straddle(void);
void test_copies(void);
void test_tlb(void);
void test_stale_reports(void);
void test_window(void);
void test_traps(void);
