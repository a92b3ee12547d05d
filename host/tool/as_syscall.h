/* The model's view of the verb "syscall": that of the verb of the same call. */
#pragma once

#include "tool/as_model.h"

/*
 * Performs a step of the verb "syscall". A call whose arguments lie in user memory, where the model
 * does not look, is AS_UNKNOWN if it changes anything, else AS_SILENT, as is one that is not about
 * areas. result has AS_RESULT bytes.
 */
enum as_answer as_syscall_step(struct as_model *model, const struct as_step *step, char *result);
