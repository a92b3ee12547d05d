"""The digest: each part of the state that it claims to cover changes it, and nothing that it leaves out."""
import re

import pytest
from conftest import twin

MEM_MAP = 0xC0002000  # as in test_verify.py
BOOT = "boot_to up => ok\n"
PAGE = BOOT + "p = alloc_pages 0 => pfn 00012\n"
SPACE = PAGE + "s = pgd_alloc => pfn 00013\nmap s 0x400000 p rw|user => ok\nload_cr3 s => ok\n"


def digests(tmp_path, steps, header="ram 8M\n"):
    """The digests behind the steps, in order. Damage makes the vector fail, but not stop at once."""
    path = tmp_path / "v.vec"
    path.write_text(f"vector digest\n{header}{steps}end\n")
    return re.findall(r"@([0-9a-f]{16})$", twin("run", "--verify", "end", path).out, re.M)


@pytest.mark.parametrize("name, steps", [
    ("flags", PAGE + "tamper_page p flags 0x10\n"),
    ("count", PAGE + "tamper_page p count 2\n"),
    ("mapcount", PAGE + "tamper_page p mapcount 1\n"),
    ("private", PAGE + "tamper_page p private 1\n"),
    ("zone free_pages", BOOT + "tamper_zone 0 free_pages 1\n"),
    ("zone managed_pages", BOOT + "tamper_zone 0 managed_pages 1\n"),
    ("zone present_pages", BOOT + "tamper_zone 0 present_pages 1\n"),
    ("zone nr_free", BOOT + "tamper_zone 0 nr_free_0 7\n"),
    ("a watermark", BOOT + "tamper_zone 0 high 9999\n"),
    ("a reserve", BOOT + "tamper_zone 0 reserve_3 7\n"),
    ("the bound of a per-CPU list", BOOT + "tamper_zone 0 pcp_room 5\n"),
    ("allocstall", BOOT + "tamper_counter 0 5\n"),
    ("nr_page_table_pages", BOOT + "tamper_counter 1 5\n"),
    ("pgfree", BOOT + "tamper_zone 0 pgfree 3\n"),
    ("whose turn it is in a drain", BOOT + "tamper_zone 0 pcp_next 3\n"),
    ("the order of a block in use", BOOT + "p = alloc_pages 1\ntamper_page p flags 0x01000000\n"),
    ("the type of a page block", PAGE + "tamper_page p flags 0x08000000\n"),
    ("a per-CPU batch", BOOT + "percpu_pagelist_fraction 100\n"),
    ("fail_page_alloc's knobs", BOOT + "fail_page_alloc nth 2\n"),
    ("fail_page_alloc's filter", BOOT + "fail_page_alloc min_order 2\n"),
    ("failslab's knobs", "boot\nfailslab interval 7\n"),
    ("e820 address", BOOT + "tamper_map 0 addr_high 1\n"),
    ("e820 size", BOOT + "tamper_map 0 size_high 1\n"),
    ("a kernel entry", BOOT + "tamper_pgd swapper 1000 0x1000\n"),
    ("a user directory entry", SPACE + "tamper_pgd s 7 0x1000\n"),
    ("A of a user entry", SPACE + "load 0x400000\n"),
    ("D of a user entry", SPACE + "load 0x400000\nstore 0x400000 1\n"),
    ("rights of a user entry", SPACE + "protect s 0x400000 ro|user\n"),
    ("the stage", "boot_to bootmem\nboot_to paging\n"),
    ("a bootmem bit", "boot_to paging\nfree_bootmem 0x100000 4096\n"),
])
def test_changes(tmp_path, name, steps):
    seen = digests(tmp_path, steps)
    assert len(seen) == steps.count("\n"), name
    assert seen[-1] != seen[-2], name


SPACES = ("boot\na = spawn\nf = file data 0x4000 rw\n"
          "mmap a 0x10000000 0x3000 PROT_READ MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED\n")


@pytest.mark.parametrize("step", [
    *(f"tamper_area a 0x10000000 {field}" for field in ("vm_end 0x10002000", "vm_flags 0x79", "vm_page_prot 7")),
    *(f"tamper_mm a {field} 77" for field in ("mm_users", "mm_count", "map_count", "highest_vm_end", "total_vm",
                                              "locked_vm", "data_vm", "exec_vm", "stack_vm", "rss", "committed")),
    *(f"set_mm a PR_SET_MM_{field} 0x20000" for field in (
        "START_CODE", "END_CODE", "START_DATA", "END_DATA", "START_STACK", "START_BRK", "BRK", "ARG_START", "ARG_END",
        "ENV_START", "ENV_END")),
    *(f"sysctl {name} 1" for name in ("overcommit_memory", "overcommit_ratio", "overcommit_kbytes", "max_map_count",
                                      "mmap_min_addr", "stack_guard_gap", "legacy_va_layout", "admin_reserve_kbytes",
                                      "user_reserve_kbytes")),
    "tamper_file f f_count 2", "tamper_file f accounted 1", "tamper_file f i_count 2",
    "tamper_file f nrpages 1", "g = open data r", "file_write f 0 1", "file_write f 0x8000 1", "capable a CAP_IPC_LOCK", "setrlimit a RLIMIT_DATA 0x4000",
    "mlockall a MCL_FUTURE", "k = kthread",
])
def test_spaces(tmp_path, step):
    """Each part of an address space, of tasks, files and settings."""
    seen = digests(tmp_path, SPACES + step + "\n")
    assert seen[-1] != seen[-2], step


def test_page_cache(tmp_path):
    """Which pages are where in a file counts, what is in them does not."""
    setup = "boot\nf = file data 0x4000 rw\n"
    low, high, again = (digests(tmp_path, setup + steps)[-1] for steps in (
        "file_write f 0 1\n", "file_write f 0x3000 1\n", "file_write f 0 1\nfile_write f 8 2\n"))
    assert low == again != high


def test_who_runs(tmp_path):
    seen = digests(tmp_path, "boot\na = spawn\nk = kthread\nswitch k\nswitch a\n")
    assert seen[-2] != seen[-1] == seen[-3]


@pytest.mark.parametrize("name, offset", [("mapping", 20), ("index", 28)])
def test_owner_fields(tmp_path, name, offset):
    at = MEM_MAP + 0x12 * 32 + offset
    found = digests(tmp_path, PAGE + f"kload {at:#x} => 0x00000000\nkstore {at:#x} 1 => ok\n")
    assert len(found) == 4 and found[-1] != found[-2], name


@pytest.mark.parametrize("name, steps", [
    ("contents", PAGE + "poke p 0 77\n"),
    ("mending", PAGE + "tamper_page p count 2\nmend\n"),
])
def test_changes_nothing(tmp_path, name, steps):
    seen = digests(tmp_path, steps)
    assert seen[-1] == seen[1], name


def test_order_of_free_lists(tmp_path):
    """The same blocks free, in another order."""
    take = BOOT + "a = alloc_pages 0\nb = alloc_pages 0\nc = alloc_pages 0\nd = alloc_pages 0\n"
    one = digests(tmp_path, take + "free_pages a\nfree_pages c\n")[-1]
    other = digests(tmp_path, take + "free_pages c\nfree_pages a\n")[-1]
    assert one != other


def test_order_of_per_cpu_lists(tmp_path):
    """The same pages on the list, in another order."""
    take = BOOT + "percpu_pagelist_fraction 10\na = alloc_pages 0\nb = alloc_pages 0\n"
    one = digests(tmp_path, take + "free_pages a\nfree_pages b\n")[-1]
    other = digests(tmp_path, take + "free_pages b\nfree_pages a\n")[-1]
    assert one != other


def test_order_of_a_reserve(tmp_path):
    """The same elements in a memory pool, in another order."""
    take = ("boot\nm = mempool_create_kmalloc_pool 2 60\nfailslab 1,100,0,-1\n"
            "a = mempool_alloc m\nb = mempool_alloc m\n")
    one = digests(tmp_path, take + "mempool_free m a\nmempool_free m b\n")
    other = digests(tmp_path, take + "mempool_free m b\nmempool_free m a\n")
    assert len(one) == len(other) == 7 and one[:5] == other[:5] and one[6] != other[6]


KMEM = BOOT + "boot\nc = kmem_cache_create thing 512\na = kmem_cache_alloc c\nb = kmem_cache_alloc c\n"


@pytest.mark.parametrize("name, steps", [
    ("a cache", KMEM + "d = kmem_cache_create other 512\n"),
    ("another user of a cache", KMEM + "d = kmem_cache_create other 64\n"),
    ("an object in use", KMEM + "d = kmem_cache_alloc c\n"),
    ("an object that is free", KMEM + "kmem_cache_free c a\n"),
    ("nr_partial", KMEM + "tamper_cache c nr_partial 1\n"),
    ("nr_slabs", KMEM + "tamper_cache c nr_slabs 2\n"),
    ("total_objects", KMEM + "tamper_cache c total_objects 9\n"),
    ("slabs that the CPU has set aside", KMEM + "tamper_cache c cpu_nr_partial 1\n"),
    ("the CPU's free objects", KMEM + "tamper_cache c cpu_freelist 0\n"),
    ("the CPU's slab", KMEM + "tamper_cache c cpu_page 0\n"),
    ("flags", KMEM + "tamper_cache c flags 0x2000\n"),
    ("objects in use, as the slab counts", KMEM + "p = obj_page a\ntamper_page p private 0x80080007\n"),
    ("the chain of free objects", KMEM + "tamper_object a 0x400 0\n"),
])
def test_kernel_objects(tmp_path, name, steps):
    seen = digests(tmp_path, steps, 'ram 16M\ncmdline "slub_nomerge"\n' if "other 64" not in steps else "ram 16M\n")
    assert len(seen) == steps.count("\n"), name
    assert seen[-1] != seen[-2], name


def test_order_of_free_objects(tmp_path):
    """The same objects free, in another order."""
    one = digests(tmp_path, KMEM + "kmem_cache_free c a\nkmem_cache_free c b\n")[-1]
    other = digests(tmp_path, KMEM + "kmem_cache_free c b\nkmem_cache_free c a\n")[-1]
    assert one != other


def test_contents_of_objects_change_nothing(tmp_path):
    seen = digests(tmp_path, KMEM + "obj_fill a 1\nobj_poke b 7 7\n")
    assert seen[-1] == seen[-3]


def test_movable_zone(tmp_path):
    plain = digests(tmp_path, "boot_to map\n")
    movable = digests(tmp_path, "boot_to map\n", 'ram 8M\ncmdline "movablecore=4M"\n')
    assert plain != movable


def test_command_line(tmp_path):
    plain = digests(tmp_path, "boot_to map\n")
    nopentium = digests(tmp_path, "boot_to map\n", 'ram 8M\ncmdline "mem=nopentium"\n')
    assert plain != nopentium
    failing = digests(tmp_path, "boot_to map\n", 'ram 8M\ncmdline "fail_page_alloc=1,1,0,1"\n')
    assert plain != failing
