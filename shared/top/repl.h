/* The prompt: the same on the image's serial line and in the twin. */
#pragma once

#include "arch/types.h"

/*
 * Boots the memory manager on the machine's own map and runs statements as they are typed, until
 * "quit" or the end of the input. Returns true: a prompt has nothing to fail.
 */
bool repl_run(void);
