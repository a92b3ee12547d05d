/* The subcommands. Each takes its own argv and returns the process's exit code. */
#pragma once

#include "twin/twin.h"

int cmd_run(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_repl(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_fuzz(int argc, char **argv);
int cmd_judge(int argc, char **argv);
int cmd_model(int argc, char **argv);

/* Exit code for bad usage, as documented in --help. */
#define EXIT_USAGE 2

/* Parses "keep", "random" or "none" for --tlb; -1 for another word. */
int parse_tlb_mode(const char *word);

/*
 * Parses all of word as a number from min to max. Returns 0, or EXIT_USAGE with what is wrong said
 * on stderr.
 */
int parse_number(const char *option, const char *word, u64 lowest, u64 highest, u64 *number);

/* Parses a size such as 64M; 0 when it is none, or no RAM that a vector may have. */
u64 parse_ram(const char *word);
