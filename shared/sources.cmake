# The memory manager and its rig, compiled once for each side: bottom layer first.
set(PAGETWIN_SHARED_SOURCES
    base/bug.c
    base/printk.c
    base/vsnprintf.c
    base/lock.c
    base/parse.c
    boot/e820.c
    boot/cmdline.c
    boot/bootmem.c
    boot/setup.c
    phys/page.c
    phys/zone.c
    phys/buddy.c
    phys/page_alloc.c
    pgtable/pgtable.c
    pgtable/init.c
    pgtable/fixmap.c
    top/mm_init.c
    top/mm_digest.c
    top/mm_verify.c
    top/mm_show.c
    top/ktap.c
    top/vec_lex.c
    top/vec_parse.c
    top/vec_read.c
    top/vec_run.c
    top/verbs_boot.c
    top/verbs_page.c
    top/verbs_mmu.c
    top/verbs_show.c
    top/verbs_tamper.c
    top/repl.c
    top/bench.c
    top/rig.c
)
list(TRANSFORM PAGETWIN_SHARED_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/shared/)

# The waist's own suite, compiled for each side as well.
set(PAGETWIN_CONFORM_SOURCES
    suites.c
    conform/access.c
    conform/bench.c
    conform/bits.c
    conform/copy.c
    conform/fault.c
    conform/flush.c
    conform/kernel.c
    conform/machine.c
    conform/matrix.c
    unit/base.c
)
list(TRANSFORM PAGETWIN_CONFORM_SOURCES PREPEND ${CMAKE_SOURCE_DIR}/tests/)
