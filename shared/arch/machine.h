/*
 * What the RIG asks of the machine, over and above the waist: accesses on behalf of a vector, the
 * console's input, and the end. An embedder of the memory manager needs none of it.
 */
#pragma once

#include "arch/fault.h"
#include "arch/types.h"

enum access_kind {
	ACCESS_LOAD,
	ACCESS_STORE,
	ACCESS_EXEC, /* jump to two bytes CD 81 (int $0x81), which come straight back */
};

struct access {
	enum access_kind kind;
	unsigned long address;
	unsigned int size;	   /* bytes: 1, 2 or 4; may straddle pages */
	u32 value;		   /* what to store, or what was loaded */
	struct fault_record fault; /* valid when the access was refused */
};

/*
 * Performs one access at CPL 3 in the address space that CR3 names, through the fault handler.
 * Returns 0, or -EFAULT with a->fault filled (ip is 0), or -EINVAL for an ACCESS_EXEC of other
 * bytes.
 */
int machine_user_access(struct access *a);

/* The same at CPL 0: the value really is loaded or stored by a kernel instruction. No ACCESS_EXEC.
 */
int machine_kernel_access(struct access *a);

/*
 * Is [start, end) RAM that the memory manager may be given? False where the machine has no RAM
 * there or keeps its own things in it.
 */
bool machine_ram_usable(u64 start, u64 end);

/*
 * Reads a line of console input into buf (size bytes, NUL-terminated, the newline dropped).
 * Returns the length, or -EIO at the end of input.
 */
int machine_read_line(char *buf, size_t size);

/* "twin" or "image". */
extern const char machine_name[];
