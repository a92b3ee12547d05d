/*
 * What ring 3 may not do, as far as one instruction can try: a list that the machine, which tries,
 * and the rig, which names, share. The column behind each says what is tried at CPL 3.
 *
 * Source: Intel SDM vol. 2 (each instruction), vol. 3A 5.5 to 5.8 (segments, gates), 5.9
 * (privileged instructions).
 */
#pragma once

#define PRIVILEGED_KINDS(X)                                                                        \
	X(nop) /* nothing: what a probe says of an instruction that is allowed */                  \
	X(hlt)                                                                                     \
	X(cli) /* IOPL is 0 */                                                                     \
	X(sti)                                                                                     \
	X(in) /* no I/O permission map in the TSS */                                               \
	X(out)                                                                                     \
	X(read_cr0)                                                                                \
	X(read_cr2)                                                                                \
	X(read_cr3)                                                                                \
	X(read_cr4)                                                                                \
	X(write_cr0)                                                                               \
	X(write_cr2)                                                                               \
	X(write_cr3)                                                                               \
	X(write_cr4)                                                                               \
	X(read_dr7)                                                                                \
	X(write_dr7)                                                                               \
	X(lgdt)                                                                                    \
	X(lidt)                                                                                    \
	X(lldt)                                                                                    \
	X(ltr)                                                                                     \
	X(lmsw)                                                                                    \
	X(clts)                                                                                    \
	X(invlpg)                                                                                  \
	X(invd)                                                                                    \
	X(wbinvd)                                                                                  \
	X(rdmsr)                                                                                   \
	X(wrmsr)                                                                                   \
	X(iret_kernel)	   /* return to the kernel's code segment, which is of ring 0 */           \
	X(call_kernel)	   /* far call there */                                                    \
	X(jmp_kernel)	   /* far jump there */                                                    \
	X(jmp_tss)	   /* task switch */                                                       \
	X(load_ds_kernel)  /* the kernel's data segment, RPL 0 */                                  \
	X(load_ds_kernel3) /* the same with RPL 3: the descriptor's DPL counts */                  \
	X(load_ss_kernel)                                                                          \
	X(load_ss_null)                                                                            \
	X(write_code) /* a store to the page that the probe itself runs in */
