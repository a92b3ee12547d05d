/* The suites in C that both sides run: "conform", "matrix" and "unit" on the command line. */
#pragma once

#include "top/rig.h"

extern const struct rig_suite test_suites[];
extern const unsigned int nr_test_suites;
