/* What the verbs of several subjects share. */
#pragma once

#include "top/vec.h"

/* Does a page variable hold a page in use that is not the memory manager's own? */
bool page_arg_usable(const struct arg *arg);
