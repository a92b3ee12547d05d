/*
 * Planted deaths. See selftest.c.
 */
#pragma once

#include "arch/types.h"

/* Does what selftest=NAME on the command line says, before the rig starts. */
void selftest_start(void);

enum selftest_end {
	SELFTEST_END_NORMAL,
	SELFTEST_END_HANG, /* never reach the exit */
	SELFTEST_END_PASS, /* claim success, whatever the rig said */
};

/* What it says about the end. */
enum selftest_end selftest_end(void);

/* Loops for ever with interrupts off. */
void __noreturn selftest_hang(void);
