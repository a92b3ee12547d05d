/*
 * Every case: its name and its function. A name's first part is the file that it is in.
 */
#pragma once

#define CONFORM_CASES(X)                                                                           \
	X("machine/memory-is-usable", machine_memory)                                              \
	X("machine/cr3-reads-back", machine_cr3)                                                   \
	X("machine/features-are-constant", machine_features)                                       \
	X("machine/window-entries-are-constant", machine_window)                                   \
	X("machine/direct-map-is-identical", machine_direct_map)                                   \
	X("machine/irq-save-nests", machine_irq)                                                   \
	X("machine/ticks-are-monotonic", machine_ticks)                                            \
	X("machine/backtrace", machine_backtrace)                                                  \
	X("machine/symbol-names", machine_symbols)                                                 \
	X("access/sizes", access_sizes)                                                            \
	X("access/straddle", access_straddle)                                                      \
	X("access/straddle-second-page-refused", access_straddle_second)                           \
	X("access/straddle-first-page-refused", access_straddle_first)                             \
	X("access/straddle-both-pages-refused", access_straddle_both)                              \
	X("access/exec", access_exec)                                                              \
	X("access/exec-straddles", access_exec_straddles)                                          \
	X("access/exec-refused", access_exec_refused)                                              \
	X("access/write-protect-binds-the-kernel", access_write_protect)                           \
	X("access/user-cannot-touch-the-kernel", access_kernel_half)                               \
	X("access/refused-store-leaves-memory", access_refused_store)                              \
	X("access/large-page", access_large)                                                       \
	X("access/large-page-rights", access_large_rights)                                         \
	X("access/large-page-reserved-bit", access_large_reserved)                                 \
	X("access/ps-is-ignored-without-pse", access_ps_ignored)                                   \
	X("bits/read-sets-accessed", bits_read)                                                    \
	X("bits/write-sets-dirty", bits_write)                                                     \
	X("bits/exec-sets-accessed", bits_exec)                                                    \
	X("bits/write-after-read-sets-dirty", bits_write_after_read)                               \
	X("bits/refused-write-sets-no-dirty", bits_refused_write)                                  \
	X("bits/cleared-bits-come-back", bits_cleared)                                             \
	X("bits/straddle-sets-both", bits_straddle)                                                \
	X("bits/neighbours-stay-clear", bits_neighbours)                                           \
	X("bits/not-present-entry-stays", bits_not_present)                                        \
	X("bits/user-copies", bits_copies)                                                         \
	X("flush/one", flush_one)                                                                  \
	X("flush/one-any-byte", flush_one_any_byte)                                                \
	X("flush/all", flush_all)                                                                  \
	X("flush/load-cr3", flush_load_cr3)                                                        \
	X("flush/switch-and-back", flush_switch_and_back)                                          \
	X("flush/kernel-range", flush_kernel_range)                                                \
	X("flush/kernel-range-sizes", flush_kernel_range_sizes)                                    \
	X("flush/kernel-range-whole", flush_kernel_range_whole)                                    \
	X("flush/large-page-any-byte", flush_large_any_byte)                                       \
	X("flush/large-page-gives-way-to-table", flush_large_to_table)                             \
	X("flush/table-gives-way-to-large-page", flush_table_to_large)                             \
	X("flush/directory-entry-by-any-invlpg", flush_directory_entry)                            \
	X("flush/table-refilled", flush_table_refilled)                                            \
	X("flush/two-spaces", flush_two_spaces)                                                    \
	X("flush/none-needed-for-new-entries", flush_not_for_new)                                  \
	X("flush/none-needed-for-more-rights", flush_not_for_more_rights)                          \
	X("fault/records", fault_records)                                                          \
	X("fault/refusal-by-any-errno", fault_any_errno)                                           \
	X("fault/no-handler", fault_no_handler)                                                    \
	X("fault/handler-maps-page", fault_maps_page)                                              \
	X("fault/handler-maps-table-then-page", fault_maps_in_steps)                               \
	X("fault/handler-gives-rights", fault_gives_rights)                                        \
	X("fault/handler-replaces-frame", fault_replaces_frame)                                    \
	X("fault/straddle-faults-twice", fault_straddle)                                           \
	X("fault/kernel-mapping-on-demand", fault_kernel_mapping)                                  \
	X("fault/handler-faults-itself", fault_nested)                                             \
	X("copy/whole", copy_whole)                                                                \
	X("copy/nothing", copy_nothing)                                                            \
	X("copy/stops-at-boundary", copy_stops)                                                    \
	X("copy/read-only-destination", copy_read_only)                                            \
	X("copy/rights-are-the-kernels", copy_supervisor)                                          \
	X("copy/handler-resolves-midway", copy_resolved)                                           \
	X("copy/handler-refuses-midway", copy_refused_midway)                                      \
	X("copy/up-to-task-size", copy_task_size)                                                  \
	X("copy/unaligned", copy_unaligned)                                                        \
	X("copy/large-page", copy_large)                                                           \
	X("kernel/fill-and-alias", kernel_alias)                                                   \
	X("kernel/read-only", kernel_read_only)                                                    \
	X("kernel/unmapped", kernel_unmapped)                                                      \
	X("kernel/replace-and-flush", kernel_replace)                                              \
	X("kernel/straddle", kernel_straddle)                                                      \
	X("kernel/both-ends-of-the-range", kernel_ends)                                            \
	X("kernel/two-aliases", kernel_two_aliases)                                                \
	X("kernel/large-page", kernel_large)                                                       \
	X("kernel/seen-from-every-space", kernel_every_space)                                      \
	X("kernel/global-survives-nothing", kernel_global)                                         \
	X("kernel/many-pages", kernel_many)                                                        \
	X("kernel/direct-map-read-only", kernel_direct_map_ro)                                     \
	X("ring/syscall-registers", ring_syscall_registers)                                        \
	X("ring/syscall-without-handler", ring_syscall_none)                                       \
	X("ring/syscall-loop", ring_syscall_loop)                                                  \
	X("ring/syscall-interrupts-on", ring_syscall_interrupts)                                   \
	X("ring/syscall-copies", ring_syscall_copies)                                              \
	X("ring/syscall-nests", ring_syscall_nests)                                                \
	X("ring/privileged-instructions", ring_privileged)                                         \
	X("ring/kernel-segments", ring_segments)                                                   \
	X("ring/gates", ring_gates)                                                                \
	X("ring/own-code", ring_own_code)                                                          \
	X("ring/probes-leave-nothing", ring_after)

/* The access matrix, a suite of its own: it has a million cases. */
#define MATRIX_CASES(X)                                                                            \
	X("matrix/modes", matrix_modes)                                                            \
	X("matrix/user-page-user-load", matrix_user_user_load)                                     \
	X("matrix/user-page-user-store", matrix_user_user_store)                                   \
	X("matrix/user-page-user-exec", matrix_user_user_exec)                                     \
	X("matrix/user-page-kernel-load", matrix_user_kernel_load)                                 \
	X("matrix/user-page-kernel-store", matrix_user_kernel_store)                               \
	X("matrix/user-page-kernel-exec", matrix_user_kernel_exec)                                 \
	X("matrix/kernel-page-user-load", matrix_kernel_user_load)                                 \
	X("matrix/kernel-page-user-store", matrix_kernel_user_store)                               \
	X("matrix/kernel-page-user-exec", matrix_kernel_user_exec)                                 \
	X("matrix/kernel-page-kernel-load", matrix_kernel_kernel_load)                             \
	X("matrix/kernel-page-kernel-store", matrix_kernel_kernel_store)                           \
	X("matrix/kernel-page-kernel-exec", matrix_kernel_kernel_exec)                             \
	X("matrix/pae-user-page-user-load", matrix_pae_user_user_load)                             \
	X("matrix/pae-user-page-user-store", matrix_pae_user_user_store)                           \
	X("matrix/pae-user-page-user-exec", matrix_pae_user_user_exec)                             \
	X("matrix/pae-user-page-kernel-load", matrix_pae_user_kernel_load)                         \
	X("matrix/pae-user-page-kernel-store", matrix_pae_user_kernel_store)                       \
	X("matrix/pae-user-page-kernel-exec", matrix_pae_user_kernel_exec)                         \
	X("matrix/pae-kernel-page-user-load", matrix_pae_kernel_user_load)                         \
	X("matrix/pae-kernel-page-user-store", matrix_pae_kernel_user_store)                       \
	X("matrix/pae-kernel-page-user-exec", matrix_pae_kernel_user_exec)                         \
	X("matrix/pae-kernel-page-kernel-load", matrix_pae_kernel_kernel_load)                     \
	X("matrix/pae-kernel-page-kernel-store", matrix_pae_kernel_kernel_store)                   \
	X("matrix/pae-kernel-page-kernel-exec", matrix_pae_kernel_kernel_exec)                     \
	X("matrix/pae-pointer-entries", matrix_pae_pointers)                                       \
	X("matrix/pae-pointer-registers", matrix_pae_registers)

#define CASE_DECLARATION(name, function) const char *function(void);

CONFORM_CASES(CASE_DECLARATION)
MATRIX_CASES(CASE_DECLARATION)

#undef CASE_DECLARATION
