#include "conform/conform.h"

#include "conform/cases.h"

#define CASE_ENTRY(name, function) {name, function},

const struct rig_case conform_cases[] = {CONFORM_CASES(CASE_ENTRY)};
const unsigned int nr_conform_cases = ARRAY_SIZE(conform_cases);
