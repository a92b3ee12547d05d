"""mm_verify(): a state that is damaged on purpose is told in words, in the step that damaged it.

A vector damages struct pages and page tables by plain stores through the direct map. In 8 MiB mem_map
stands at page 2; the first free pages are 12 and 13 (a block of order 1), 14 to 17, 18 to 1f, 20 to 3f
and 80 to 9f (both of order 5, the latter first on their list), 40 to 7f, 500 to 5ff, 600 to 7ff.
PAGETWIN names the binary of a checked build, else it is the one of the build folder.
"""
import os
import pathlib

import pytest
from conftest import FAIL, PAGETWIN, Run

BINARY = pathlib.Path(os.environ.get("PAGETWIN", PAGETWIN)).resolve()

PAGE_OFFSET = 0xC0000000
MEM_MAP = 0xC0002000
STRUCT_PAGE = 32
FLAGS, COUNT, MAPCOUNT, PRIVATE, PREV = 8, 12, 16, 24, 4
RESERVED, BUDDY, TABLE = 1, 2, 8
ORDER_15, ZONE_NORMAL = 15 << 23, 1 << 30

IN_USE = "p = alloc_pages 0 => pfn 00012\n"
BLOCK = "p = alloc_pages 1 => pfn 00012\n"
SPACE = IN_USE + "s = pgd_alloc => pfn 00013\nmap s 0x400000 p rw|user => ok\n"


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert BINARY.exists(), f"{BINARY} is not there; build it first: cmake --workflow --preset twin"


def page(pfn, field, value):
    return f"kstore {MEM_MAP + pfn * STRUCT_PAGE + field:#x} {value:#x} => ok\n"


def word(address, value):
    return f"kstore {PAGE_OFFSET + address:#x} {value:#x} => ok\n"


@pytest.mark.parametrize("before, damage, violations, told", [
    ("", page(0x12, COUNT, 1), 1, "free pfn 12 has count 1"),
    ("", page(0x13, FLAGS, RESERVED), 1, "pfn 13 in the free block at 12 has flags 00000001, count 0"),
    ("", page(0x13, COUNT, 2), 1, "pfn 13 in the free block at 12 has flags 00000000, count 2"),
    ("", page(0x13, FLAGS, ZONE_NORMAL), 2, "pfn 13 and its block at 12 are in different zones"),
    ("", page(0x12, FLAGS, BUDDY | ZONE_NORMAL), 2, "pfn 12 is not marked as zone DMA"),
    ("", page(0x12, PRIVATE, 0), None, "pfn 12 on free list 1 is not marked as such"),
    ("", page(0x20, PREV, MEM_MAP), 2, "zone DMA free list 5 is broken after 1 blocks"),
    ("", page(0x100, COUNT, 1), 1, "reserved pfn 100 has flags 00000001, count 1"),
    ("", page(0x100, FLAGS, RESERVED | BUDDY), 1, "reserved pfn 100 has flags 00000003, count 0"),
    ("", page(0x100, FLAGS, RESERVED | ZONE_NORMAL), 1, "pfn 100 is not marked as zone DMA"),
    ("", page(0x100, MAPCOUNT, 0), 2, "pfn 100: mapcount is off by 1"),
    ("", page(0x100, FLAGS, 0), 1, "pfn 100 is lost: flags 00000000, count 0"),
    (IN_USE, page(0x12, COUNT, 0), 2, "zone DMA: managed 910, found 909 free, 0 per-CPU and 0 used"),
    (IN_USE, page(0x12, FLAGS, ORDER_15), 2, "pfn 12 is lost: flags 07800000, count 1"),
    (BLOCK, page(0x13, FLAGS, TABLE), 2, "pfn 13 in the used block at 12 has flags 00000008, count 0"),
    (BLOCK, page(0x13, COUNT, 2), 1, "pfn 13 in the used block at 12 has flags 00000000, count 2"),
    (SPACE, page(0x12, MAPCOUNT, 5), 2, "pfn 12: mapcount is off by 5"),
    (SPACE, page(0x14, FLAGS, 0), 2, "the page table in pfn 14 is not marked as one"),
    (SPACE, word(0x14000, 0), 1, "pfn 12: mapcount is off by 1"),
    (SPACE, word(0x14000 + 4, 0x20067), 2, "pfn 20 is mapped, and not in use"),
    (SPACE, word(0x14000 + 4, 0x100067), 2, "pfn 100 is mapped, and not in use"),
    (SPACE, word(0x14000 + 4, 0x7FFFF067), 1, "entry 7ffff067 maps pfn 7ffff, beyond RAM"),
    (SPACE, page(0x12, COUNT, 0), None, "pfn 12: count 0, fewer than its 1 mappings"),
    (IN_USE, page(0x12, FLAGS, TABLE), 1, "1 pages are marked as page tables, 0 are in use as such"),
    (SPACE, word(0x13C00, 0), 1, "page directory 13000, slot 768: 00000000, swapper_pg_dir has 00102063"),
    (IN_USE + "free_pages p => ok\n", word(0x12FFC, 7) + "verify => 1 violations\n", None,
     "free pfn 12 was written: word 1023 is 00000007"),
], ids=lambda value: value if isinstance(value, str) and " " in value and "=>" not in value else "")
def test_damage_is_told(tmp_path, before, damage, violations, told):
    text = f"vector damage\nram 8M\nboot_to up => ok\n{before}{damage}"
    (tmp_path / "v.vec").write_text(text + "end\nvector next\nram 8M\nboot_to up => ok\nend\n")
    done = Run([BINARY, "run", "--verify", "step", "v.vec"], cwd=tmp_path)
    lines = done.out.splitlines()
    assert any(line.endswith(f" verify: {told}") for line in lines), done.out
    failures = [line for line in lines if line.startswith("# fail")]
    if violations:
        at = text.count("\n")
        assert failures == [f"# fail v.vec:{at}:1: mm_verify() found {violations} violations"]
    assert len(failures) == 1 and "mm_verify() found" in failures[0]
    assert "not ok 1 damage" in done.out
    assert "ok 2 next" in done.out
    assert done.status == FAIL


def test_many_violations_are_counted(tmp_path):
    """A head that lost its mark: the block's 512 pages are all lost. 16 are told, the rest is counted."""
    text = f"vector damage\nram 8M\nboot_to up => ok\n{page(0x600, FLAGS, 0)}end\n"
    (tmp_path / "v.vec").write_text(text)
    done = Run([BINARY, "run", "--verify", "step", "v.vec"], cwd=tmp_path)
    told = [line for line in done.out.splitlines() if " verify: " in line]
    # The block on its list, 512 pages, and two sums: free pages, and managed ones.
    assert told[-1].endswith("verify: 515 violations in all")
    assert len(told) == 17
    assert done.status == FAIL
