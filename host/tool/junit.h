/* A protocol log as JUnit XML. */
#pragma once

#include "tool/judge.h"

/* One testcase an "ok" or "not ok" line; a bad verdict as a whole is an error of its own. */
void junit_write(const struct text *log, const struct judgement *judgement, const char *suite,
		 struct text *xml);
