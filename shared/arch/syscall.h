/*
 * System calls by int $0x80, i386 Linux's convention: the number in EAX, up to six arguments in
 * EBX, ECX, EDX, ESI, EDI, EBP; the result, or a negative errno, in EAX. All other registers come
 * back as they were.
 */
#pragma once

#include "arch/types.h"

/* Corresponds to the head of Linux's struct pt_regs. */
struct syscall_regs {
	u32 ebx, ecx, edx, esi, edi, ebp; /* the arguments, first to last */
	u32 eax;			  /* the number */
};
