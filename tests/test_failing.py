"""Vectors that must fail, and panic: on both sides alike, and reported as what they are."""
import re

import pytest
from conftest import FAIL, PANIC, ROOT, boot, twin

FAILING = ROOT / "tests" / "vectors" / "failing" / "failing.vec"
PANICS = sorted((ROOT / "tests" / "vectors" / "panic").glob("*.vec"))

REPORTS = {
    "failing/result": r'7:18: result "\d+", expected "1"',
    "failing/output": r'16:1: output "Node 0, zone .*", expected " Node 1, zone nowhere"',
    "failing/output-missing": r'25:1: no more output, expected " Node 1, zone nowhere"',
    "failing/output-left": r'34:1: output "zone Normal .*" of the step before, expected no more',
    "failing/output-left-at-end": r'43:1: output "zone Normal .*" of the step before, expected no more',
    "failing/stage": r"48:1: alloc_bootmem runs in stages paging to paging, this is reset",
    "failing/damage-left": r"56:1: mm_verify\(\) found 1 violations",
    "failing/page-left": r"64:1: mm_verify\(\) found 1 violations",
}


def sides(path):
    return (twin("run", path), boot("--module", path))


def test_each_fails_as_it_should():
    for run in sides(FAILING):
        assert run.status == FAIL, run.err
        failed = re.findall(r"^not ok \d+ (\S+)$", run.out, re.M)
        assert failed == list(REPORTS)
        assert re.findall(r"^ok \d+ (\S+)$", run.out, re.M) == ["failing/not-at-all"]
        for name, report in REPORTS.items():
            part = re.search(rf"^# vector {name} .*?^not ok", run.out, re.M | re.S).group()
            assert re.search(rf"^# fail \S+failing\.vec:{report}$", part, re.M), part
        assert re.search(r"^# end nonce=\S+ plan=9 passed=1 failed=8 ", run.out, re.M)


@pytest.mark.parametrize("path", PANICS, ids=lambda path: path.stem)
def test_panics(path):
    words = {
        "too-little": r"BUG at shared/boot/setup\.c",
        "table-out-of-reach": r"BUG at shared/pgtable/init\.c",
        "kmem-boot": r"BUG at shared/kmem/slub_cache\.c:\d+: no memory for the cache of caches$",
        "kmem-panic":
            r"BUG at shared/kmem/common\.c:\d+: kmem_cache_create: cache thing: error -12$",
        "poison-written":
            r"BUG at shared/phys/poison\.c:\d+: pfn 22 was written while free: word 0 is 00000005$",
        "poison-written-last":
            r"BUG at shared/phys/poison\.c:\d+: pfn 2f was written while free: word 1023 is 00000005$",
    }[path.stem]
    for run in sides(path):
        assert run.status == PANIC, run.err
        assert re.search(f"^# panic: {words}", run.out, re.M)
        assert re.search(r"(called from|^#) .*rig_main", run.out, re.M)
        assert "# end nonce" not in run.out
