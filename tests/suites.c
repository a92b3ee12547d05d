#include "suites.h"

#include "conform/cases.h"
#include "unit/unit.h"

#define CASE_ENTRY(name, function) {name, function},

static const struct rig_case conform_cases[] = {CONFORM_CASES(CASE_ENTRY)};
static const struct rig_case matrix_cases[] = {MATRIX_CASES(CASE_ENTRY)};

const struct rig_suite test_suites[] = {
	{"conform", conform_cases, ARRAY_SIZE(conform_cases)},
	{"matrix", matrix_cases, ARRAY_SIZE(matrix_cases)},
	{"unit", unit_cases, UNIT_CASES},
};
const unsigned int nr_test_suites = ARRAY_SIZE(test_suites);
