# The kernel-object allocators, of which a build has one.
set(PAGETWIN_KMEM_slab kmem/entry.c kmem/slab.c kmem/slab_node.c kmem/slab_cache.c kmem/slab_inspect.c)
set(PAGETWIN_KMEM_slub kmem/entry.c kmem/slub.c kmem/slub_cache.c kmem/slub_inspect.c)
set(PAGETWIN_KMEM_slob kmem/slob.c kmem/slob_cache.c kmem/slob_inspect.c)

# The memory manager and its rig, compiled once for each side: bottom layer first.
set(PAGETWIN_SHARED_SOURCES
    base/bug.c
    base/printk.c
    base/vsnprintf.c
    base/lock.c
    base/mutex.c
    base/parse.c
    base/rbtree.c
    base/interval_tree.c
    base/radix_tree.c
    base/stacktrace.c
    base/fault.c
    boot/e820.c
    boot/cmdline.c
    boot/bootmem.c
    boot/setup.c
    boot/resource.c
    phys/page.c
    phys/zone.c
    phys/pageblock.c
    phys/buddy.c
    phys/rmqueue.c
    phys/pcp.c
    phys/watermark.c
    phys/poison.c
    phys/page_alloc.c
    phys/page_alloc_slow.c
    phys/fail_page_alloc.c
    phys/page_free.c
    phys/page_exact.c
    phys/page_owner.c
    phys/vmstat.c
    phys/mem_init.c
    pgtable/pgtable.c
    pgtable/init.c
    pgtable/fixmap.c
    pgtable/highmem.c
    pgtable/tlb.c
    kmem/pages.c
    kmem/common.c
    kmem/failslab.c
    kmem/debug.c
    kmem/util.c
    kmem/mempool.c
    kmem/options.c
    kmem/kmemleak.c
    kmem/kmemleak_scan.c
    ${PAGETWIN_KMEM_${PAGETWIN_SLAB}}
    as/file.c
    as/sysctl.c
    as/task.c
    as/mm.c
    as/account.c
    as/anon_vma.c
    as/rmap.c
    as/vma.c
    as/vma_gap.c
    as/vma_merge.c
    as/unmapped_area.c
    store/filemap.c
    store/ramfs.c
    store/shmem.c
    paging/memory.c
    paging/move_tables.c
    paging/copy_tables.c
    paging/fault.c
    paging/page_fault.c
    paging/gup.c
    paging/uaccess.c
    paging/truncate.c
    paging/munmap.c
    paging/mmap.c
    paging/mprotect.c
    paging/mremap.c
    paging/brk.c
    paging/madvise.c
    paging/mlock.c
    paging/mincore.c
    paging/fork.c
    exec/rlimit.c
    exec/syscall.c
    top/mm_init.c
    top/mm_digest.c
    top/mm_verify.c
    top/mm_verify_pages.c
    top/mm_show.c
    top/mm_proc.c
    top/mm_proc_kmem.c
    top/mm_kmem.c
    top/mm_verify_kmem.c
    top/mm_spaces.c
    top/mm_verify_spaces.c
    top/mm_verify_mapped.c
    top/mm_verify_store.c
    top/mm_proc_spaces.c
    top/mm_space_map.c
    top/mm_page_map.c
    top/mm_physmap.c
    top/mm_slabs.c
    top/ktap.c
    top/vec_lex.c
    top/vec_parse.c
    top/vec_constants.c
    top/vec_read.c
    top/vec_run.c
    top/vec_sweep.c
    top/verbs_boot.c
    top/verbs_page.c
    top/verbs_zone.c
    top/verbs_fault.c
    top/verbs_mmu.c
    top/verbs_kmem.c
    top/verbs_mempool.c
    top/verbs_task.c
    top/verbs_file.c
    top/verbs_mmap.c
    top/verbs_access.c
    top/verbs_rmap.c
    top/verbs_syscall.c
    top/verbs_show.c
    top/verbs_tamper.c
    top/verbs_leak.c
    top/verbs_kasan.c
    top/mm_leak.c
    top/repl.c
    top/bench.c
    top/bench_kmem.c
    top/bench_rbtree.c
    top/bench_spaces.c
    top/bench_faults.c
    top/bench_syscall.c
    top/rig.c
)
if(PAGETWIN_KASAN)
    list(APPEND PAGETWIN_SHARED_SOURCES base/kasan.c base/stackdepot.c phys/kasan_pages.c kmem/kasan.c
        kmem/kasan_quarantine.c kmem/kasan_report.c top/mm_kasan.c)
endif()
# What shadow memory judges (base/kasan.h), all but:
# - shadow memory itself;
# - those who look into free memory because it is their business: the object allocators link free
#   objects through themselves, poison and slub_debug fill and check what is free, kmemleak reads
#   objects as they lie, tampering is damage on purpose;
# - those who look at everything after each step, and would take ten times as long.
set(PAGETWIN_INSTRUMENTED ${PAGETWIN_SHARED_SOURCES})
list(FILTER PAGETWIN_INSTRUMENTED EXCLUDE REGEX
    "/kasan|mm_kasan|stackdepot|stacktrace|kmem/sl[aou]b|kmem/entry|poison|kmem/debug|kmemleak_scan|tamper|mm_verify|mm_digest")
list(TRANSFORM PAGETWIN_INSTRUMENTED PREPEND ${CMAKE_SOURCE_DIR}/shared/)
list(TRANSFORM PAGETWIN_SHARED_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/shared/)

# Has the instrumented sources of a target call base/kasan.c: before each access (calls, not inline
# checks, which would need a shadow at a fixed place), and instead of string functions.
function(pagetwin_instrument target)
    if(NOT PAGETWIN_KASAN)
        return()
    endif()
    set(flags -fsanitize=kernel-address -fasan-shadow-offset=0
        --param=asan-instrumentation-with-call-threshold=0 --param=asan-globals=0
        --param=asan-stack=0)
    foreach(name memcpy memmove memset memcmp strlen strnlen strcmp strncmp)
        list(APPEND flags -D${name}=kasan_${name})
    endforeach()
    set_source_files_properties(${PAGETWIN_INSTRUMENTED} TARGET_DIRECTORY ${target}
        PROPERTIES COMPILE_OPTIONS "${flags}")
endfunction()

# Stack traces name every function that other files can call, so in checked builds these have a frame:
# they are not inlined where they are defined, not left by a jump, not merged with one that looks alike.
set(PAGETWIN_TRACE_FLAGS "")
if(PAGETWIN_CHECKED)
    set(PAGETWIN_TRACE_FLAGS -fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-inline-functions
        -fno-inline-small-functions -fno-partial-inlining -fno-ipa-icf)
endif()

# The waist's own suite, compiled for each side as well.
set(PAGETWIN_CONFORM_SOURCES
    suites.c
    conform/access.c
    conform/bench.c
    conform/bits.c
    conform/copy.c
    conform/deviation.c
    conform/fault.c
    conform/flush.c
    conform/kernel.c
    conform/machine.c
    conform/matrix.c
    conform/matrix_pae.c
    conform/oracle.c
    conform/pae.c
    conform/trial.c
    conform/ring.c
    unit/base.c
    unit/resource.c
    unit/gfp.c
    unit/rbtree.c
    unit/interval.c
    unit/radix.c
)
list(TRANSFORM PAGETWIN_CONFORM_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/tests/)
