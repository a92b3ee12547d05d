/*
 * The protocol that twin and image speak: KTAP (Linux Documentation/dev-tools/ktap.rst), closed by
 * an end record, so that nothing short of a complete run looks like one.
 *
 *   KTAP version 1
 *   # pagetwin MACHINE build=ID nonce=NONCE
 *   1..PLAN
 *   # vector NAME FILE:LINE
 *   #  LINE STATEMENT => RESULT @DIGEST
 *   #  LINE | TEXT                        what the step printed
 *   ok N NAME   or   not ok N NAME        after "# fail FILE:LINE:COLUMN: ..." for the latter
 *   ok N NAME # SKIP                      was not run: never a pass
 *   # end nonce=NONCE plan=N passed=N failed=N crc=CRC32
 *
 * The CRC-32 (IEEE 802.3) covers every byte from "KTAP" to the newline before the end record. The
 * rig's own state: it outlives the memory managers that vectors tear down.
 */
#pragma once

#include "arch/types.h"

/* Starts a run of `plan` tests. */
void ktap_begin(const char *build_id, const char *nonce);
void ktap_plan(unsigned int plan);

/* Writes text into the protocol; whole lines, KTAP_LINE_SIZE bytes a call at most. */
#define KTAP_LINE_SIZE 1024
void __printf(1, 2) ktap_say(const char *fmt, ...);

/* Reports the next test. */
void ktap_result(bool passed, const char *name);
/* Reports the next test as one that was not run. */
void ktap_skip(const char *name);

/* Writes the end record; returns whether everything planned passed or was skipped. */
bool ktap_end(void);

/* Writes "# panic: message", once. */
void ktap_panic(const char *message);
