/* The names of constants and errors in the verbs of address spaces. */
#pragma once

#include <stdbool.h>

#include "arch/types.h"

/* Reads constants: names and numbers joined by "|". False for a word that is none. */
bool as_constants(const char *word, u32 *value);
/* Reads a number, with K, M or G behind it if so. */
bool as_number(const char *word, u64 *value);
/* "-EINVAL" for -EINVAL; "?" for a number that the model never answers. */
const char *as_error_name(int error);
