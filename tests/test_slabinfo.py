"""/proc/slabinfo as the verb slabinfo prints it: figures that fit each other and the other texts, in the form that
programs which read it expect."""
import ctypes
import os
import re
import shutil
import subprocess

import pytest
from conftest import PAGETWIN, twin

# procps 4.0's: a line is good if eight fields could be read.
PROCPS_FORMAT = b"%128s%u %u %u %u %u : tunables %*u %*u %*u : slabdata %u %u %*u"

VECTOR = """vector slabinfo
ram 64M
boot => ok
c = kmem_cache_create thing 100 0 SLAB_RECLAIM_ACCOUNT => ok
d = kmem_cache_create a_cache_with_a_name_of_31_chars 5000 => ok
e = kmem_cache_create checked 60 0 SLAB_CONSISTENCY_CHECKS|SLAB_RED_ZONE => ok
kmem_hoard c 5000 => 5000 objects
kmem_release c 7 => 715 objects
kmem_hoard d 9 => 9 objects
kmem_hoard e 70 => 70 objects
x = kmalloc 10 => *
kmem_cache_stat c => ok
kmem_cache_stat d => ok
kmem_cache_stat e => ok
meminfo => ok
slabinfo => ok
end
"""

SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

FILE *fopen(const char *path, const char *mode)
{
	FILE *(*next)(const char *, const char *) = dlsym(RTLD_NEXT, "fopen");

	return next(strcmp(path, "/proc/slabinfo") == 0 ? getenv("SLABINFO") : path, mode);
}
"""


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert PAGETWIN.exists(), f"{PAGETWIN} is not there; build it first: cmake --workflow --preset twin"


@pytest.fixture(name="texts", scope="module")
def fixture_texts(tmp_path_factory):
    """{step: the text that it printed}"""
    path = tmp_path_factory.mktemp("slabinfo") / "v.vec"
    path.write_text(VECTOR)
    run = twin("run", path)
    assert run.status == 0, run.out
    found, lines = {}, []
    for line in run.out.splitlines():
        text, step = re.match(r"#  \d+ \| (.*)", line), re.match(r"#  \d+ (?:\w+ = )?(.*) => ", line)
        if text:
            lines.append(text[1] + "\n")
        elif step:
            found[step[1]], lines = "".join(lines), []
    return found


class Sscanf:
    """What a line says, as procps reads it."""

    def __init__(self, line):
        name = ctypes.create_string_buffer(129)
        numbers = [ctypes.c_uint() for _ in range(7)]
        read = ctypes.CDLL(None).sscanf(line.encode(), PROCPS_FORMAT, name, *map(ctypes.byref, numbers))
        assert read == 8, f"procps would read {read} fields of: {line}"
        self.name = name.value.decode()
        self.active, self.total, self.size, self.per_slab, self.pages, self.active_slabs, self.slabs = (
            number.value for number in numbers)


def rows(texts):
    head, columns, *lines = texts["slabinfo"].splitlines()
    assert head == "slabinfo - version: 2.1" and columns.startswith("# name ")
    return [Sscanf(line) for line in lines]


def is_slob(texts):
    return "kmalloc-8 " not in texts["slabinfo"]


def test_procps_reads_each_line(texts):
    names = [row.name for row in rows(texts)]
    assert names[0] == "kmem_cache" and names[-3:] == ["thing", "a_cache_with_a_name_of_31_chars", "checked"]
    assert len(set(names)) == len(names)


def test_figures_fit_each_other(texts):
    for row in rows(texts):
        assert row.active <= row.total and row.active_slabs <= row.slabs, row.name
        if not is_slob(texts):
            assert row.total == row.slabs * row.per_slab and row.size * row.per_slab <= row.pages * 4096, row.name


def test_pages_are_those_of_meminfo(texts):
    """slob's shared pages are no cache's."""
    slab = int(re.search(r"^Slab: +(\d+) kB$", texts["meminfo"], re.M)[1])
    reclaimable = int(re.search(r"^SReclaimable: +(\d+) kB$", texts["meminfo"], re.M)[1])
    unreclaim = int(re.search(r"^SUnreclaim: +(\d+) kB$", texts["meminfo"], re.M)[1])
    pages = {row.name: row.slabs * row.pages for row in rows(texts)}
    assert slab == reclaimable + unreclaim
    assert reclaimable == pages["thing"] * 4
    if is_slob(texts):
        assert slab > sum(pages.values()) * 4
    else:
        assert slab == sum(pages.values()) * 4


def test_figures_are_those_of_the_caches(texts):
    by_name = {row.name: row for row in rows(texts)}
    objects = {"thing": 4285, "a_cache_with_a_name_of_31_chars": 9, "checked": 70}
    for variable, (name, count) in zip("cde", objects.items()):
        stat = dict(line.split() for line in texts[f"kmem_cache_stat {variable}"].splitlines())
        row = by_name[name]
        assert row.active == count
        assert [row.active, row.total, row.size, row.per_slab, row.pages, row.slabs] == [
            int(stat["objects"]), int(stat["total_objects"]), int(stat["slab_size"]), int(stat["objs_per_slab"]),
            1 << int(stat["order"]), int(stat["slabs"])]


@pytest.mark.skipif(not shutil.which("slabtop"), reason="procps is not installed")
def test_slabtop(texts, tmp_path):
    """The program itself, with our text in the place of the kernel's."""
    (tmp_path / "shim.c").write_text(SHIM)
    (tmp_path / "slabinfo").write_text(texts["slabinfo"])
    shim = tmp_path / "shim.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, tmp_path / "shim.c"], check=True)
    done = subprocess.run(["slabtop", "-o", "-s", "a"], capture_output=True, text=True, check=False, timeout=30,
                          env=os.environ | {"LD_PRELOAD": str(shim), "SLABINFO": str(tmp_path / "slabinfo"),
                                            "LINES": "100", "LC_ALL": "C"})
    assert done.returncode == 0 and not done.stderr, done.stderr
    known = rows(texts)
    total = re.search(r"Active / Total Objects \(% used\) +: (\d+) / (\d+) ", done.stdout)
    assert [int(total[1]), int(total[2])] == [sum(row.active for row in known), sum(row.total for row in known)]
    shown = re.search(r"^ *\d+ +4285 +\d+% +0\.10K +(\d+) +(\d+) +(\d+)K thing *$", done.stdout, re.M)
    thing = next(row for row in known if row.name == "thing")
    assert [int(n) for n in shown.groups()] == [thing.slabs, thing.per_slab, thing.slabs * thing.pages * 4]
