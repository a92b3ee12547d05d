/*
 * The boot modules: vector files. See modules.c.
 */
#pragma once

#include "kernel/multiboot.h"
#include "top/rig.h"

/*
 * Brings the modules into the arena and returns how many there are; *modules is the table. Panics
 * on what it cannot take.
 */
unsigned int modules_init(const struct multiboot_info *info, const struct rig_module **modules);
