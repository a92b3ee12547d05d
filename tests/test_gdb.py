"""host/gdb/pagetwin-gdb.py against the image and the twin: what it reads out of a stopped memory manager
is what that memory manager says of itself. A vector prints its state, then stops at a breakpoint, where
GDB prints it as well; the transcript that follows has the one, GDB's output the other.
"""
import re
import subprocess

import pytest
from conftest import BOOT, BUILD, PAGETWIN, PASS, ROOT

SCRIPT = ROOT / "host" / "gdb" / "pagetwin-gdb.py"
SECONDS = 60

VECTOR = """vector gdb/state
ram 32M
boot_to up => ok
percpu_pagelist_fraction 64 => ok
p = alloc_pages 3
q = alloc_pages 0
s = pgd_alloc
map s 0x400000 q ro|user => ok
load_cr3 s => ok
load 0x400000 => *
page p => ok
page q => ok
walk s 0x400000 => ok
walk swapper 0xc0100000 => ok
walk swapper 0xfdffe000 => ok
zones => ok
free_lists => ok
pcp_lists => ok
memory_map => ok
nr_free_pages => *
end
"""
# The verb of the last step.
STOP = "run_nr_free_pages"

# A cache with slabs in every place that the allocators have, and a large one.
SLABS = """vector gdb/slabs
ram 32M
cmdline "slub_nomerge"
boot => ok
c = kmem_cache_create thing 120 => ok
d = kmem_cache_create large 5000 => ok
t = kmem_cache_create tracked 64 0 SLAB_STORE_USER => ok
kmem_hoard c 1000 => 1000 objects
kmem_release c 3 => 334 objects
kmem_hoard d 7 => 7 objects
kmem_release d 4 => 2 objects
kmem_hoard t 100 => 100 objects
k = kmalloc 300 => *
kmem_cache_stat c => ok
kmem_cache_stat d => ok
kmem_cache_stat t => ok
state => ok
nr_free_pages => *
end
"""

COMMANDS = ("mm-e820", "mm-zones", "mm-buddy", "mm-walk 0x400000", "mm-walk 0xc0100123 swapper",
            "mm-walk 0xfdffe000 0xc0101000", "print contig_page_data.node_zones[1]")


def gdb(program, *commands):
    """GDB's output and errors, in the order that they came in."""
    argv = ["gdb", "-nx", "-batch", "-ex", "set width 0", "-x", SCRIPT, program]
    for command in commands:
        argv += ["-ex", command]
    return subprocess.run([str(arg) for arg in argv], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=SECONDS,
                          check=False).stdout


def image_session(tmp_path, text, commands):
    """(GDB's output, the image's transcript) of one boot."""
    vector = tmp_path / "gdb.vec"
    vector.write_text(text)
    console = tmp_path / "console"
    with subprocess.Popen([BOOT, "--direct", "--build", BUILD, "--gdb", "--module", vector, "--log", console,
                           "--timeout", str(SECONDS)], text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        waiting = process.stderr.readline()
        port = re.search(r"target remote (127\.0\.0\.1:\d+)", waiting)
        assert port, waiting
        # The stub listens a moment after ci/boot says so: GDB tries again until it does.
        said = gdb(BUILD / "pagetwin.elf", "set tcp connect-timeout 20", f"target remote {port.group(1)}",
                   f"hbreak {STOP}", "continue", *commands, "delete", "continue")
        assert process.wait(timeout=SECONDS) == PASS, process.stderr.read() + said
    return said, console.read_text().replace("\r", "")


def twin_session(tmp_path, text, commands):
    vector = tmp_path / "gdb.vec"
    vector.write_text(text)
    log = tmp_path / "log"
    said = gdb(PAGETWIN, f"break {STOP}", f"run run {vector} >{log}", *commands, "delete", "continue")
    return said, log.read_text()


def page_commands():
    """The vector's own variables, out of the interpreter's table, and one page without a variable."""
    return ("mm-page vars[0].page-mem_map vars[1].page-mem_map 0x500", "print *vars[0].page")


def printed(transcript, pattern):
    """Lines that steps of the vector printed."""
    return re.findall(rf"^#  \d+ \| ({pattern})$", transcript, re.M)


@pytest.fixture(name="session", params=[image_session, twin_session], ids=["image", "twin"], scope="module")
def fixture_session(request, tmp_path_factory):
    said, transcript = request.param(tmp_path_factory.mktemp("gdb"), VECTOR, (*COMMANDS, *page_commands()))
    assert "ok 1 gdb/state" in transcript, said + transcript
    return said, transcript


def test_zones(session):
    said, transcript = session
    zones = printed(transcript, r"zone .*")
    assert len(zones) == 3
    for zone in zones:
        assert f"\n{zone}\n" in said
    assert f"$1 = {zones[1]}\n" in said, "the printer of struct zone"


def test_buddy(session):
    said, transcript = session
    listed = re.findall(r"(free|pcp) zone (\w+) order (\d+) type (\w+) pfn (\w+)", transcript)
    found, zone = [], None
    for line in said.splitlines():
        head = re.match(r"zone (\w+) +start", line)
        zone = head.group(1) if head else zone
        row = re.match(r"  (order|per-CPU) +(\d+) (\w+) +(\d+) free: (.*)", line)
        if row:
            kind = "free" if row.group(1) == "order" else "pcp"
            pfns = row.group(5).split()
            assert len(pfns) == int(row.group(4))
            found += [(kind, zone, row.group(2), row.group(3), pfn) for pfn in pfns]
    assert {row[0] for row in listed} == {"free", "pcp"}, "the vector has both kinds of lists"
    assert sorted(found) == sorted(listed)
    for kind in ("free", "pcp"):  # each list in its order
        for key in {row[:4] for row in listed if row[0] == kind}:
            assert [row for row in found if row[:4] == key] == [row for row in listed if row[:4] == key]
    assert "BROKEN" not in said


def test_pages(session):
    said, transcript = session
    pages = printed(transcript, r"page \w+ zone .*")
    assert len(pages) == 2
    assert pages[0].endswith(" order 3"), "the first page of a block of order 3"
    assert f"\n{pages[0]}\n" in said
    assert f"= {pages[0]}\n" in said, "the printer of struct page"
    assert f"\n{pages[1]}\n" in said
    assert re.search(r"^page 00500 zone DMA flags buddy count 0 mapcount -1 private 8 index 0 type Movable$", said, re.M), said


def test_walk(session):
    """Entries in the words of the verb "walk", and what they come to."""
    said, transcript = session
    entries = printed(transcript, r"p[gt][de]\[\d+\] .*")
    walked = []
    for level, index, raw, words in re.findall(r"^  (p[gt][de])\[(\d+)\] at 0x\w+: 0x(\w+) (.*)$", said, re.M):
        # Whether A is set in a program's directory entry is the processor's choice: the verb leaves it out.
        if level == "pgd" and int(index) < 768:
            words = words.replace(" accessed", "")
        walked.append(f"{level}[{index}] {int(raw, 16) >> 12:05x} {words}")
    assert len(entries) == 6 and walked == entries
    frame = printed(transcript, r"pte\[0\] .*")[0].split()[1]
    assert f"  physical {frame}000, user and kernel, read only\n  page {frame} zone Normal" in said
    assert "  physical 00100123, kernel only, read and write\n  page 00100 zone DMA flags reserved" in said
    assert "not mapped: the page-table entry is not present" in said


def test_e820(session):
    said, transcript = session
    lines = printed(transcript, r"stage up .*| e820: .*")
    assert len(lines) == 3
    assert "\n".join(lines) in said


# ---- kernel objects ---------------------------------------------------------------------------------

@pytest.fixture(name="slabs", params=[image_session, twin_session], ids=["image", "twin"], scope="module")
def fixture_slabs(request, tmp_path_factory):
    said, transcript = request.param(tmp_path_factory.mktemp("gdb"), SLABS,
                                     ("mm-slabs", "echo \\nby name\\n", "mm-slabs large kmalloc-8"))
    assert "ok 1 gdb/slabs" in transcript, said + transcript
    return said.partition("\nby name\n"), transcript


def slabs_by_cache(lines):
    """{cache: [(pfn, order, place, objects, inuse)]} of what the verb "state" or mm-slabs prints."""
    found, name = {}, None
    for line in lines:
        head = re.match(r"(cache (?P<name>\S+) |shared pages |kernel objects by|pool )", line)
        slab = re.match(r" slab (\w+) order (\d+) (\S+) objects (\d+) inuse (\d+)", line)
        if head:
            name = head["name"] or "shared"
        elif slab:
            found.setdefault(name, []).append(slab.groups())
    return found


def figures_of_stat(transcript):
    """[{figure: number}] of what kmem_cache_stat printed."""
    texts = re.findall(r"((?:^#  \d+ \| [a-z_]+ \S+\n)+)^#  \d+ kmem_cache_stat", transcript, re.M)
    return [dict(re.findall(r"\| (\w+) (\d+)$", text, re.M)) for text in texts]


def test_slabs_are_those_of_the_state(slabs):
    (said, _, _), transcript = slabs
    told = slabs_by_cache(printed(transcript, r"cache \S+ .*| slab .*|kernel objects by.*"))
    seen = slabs_by_cache(said.splitlines())
    assert seen == told
    assert len(seen["thing" if "thing" in seen else "shared"]) > 3
    assert "BROKEN" not in said


def test_slab_figures_are_those_of_the_cache(slabs):
    (said, _, _), transcript = slabs
    figures = figures_of_stat(transcript)
    assert len(figures) == 3
    places = slabs_by_cache(said.splitlines())
    for name, stat in zip(("thing", "large", "tracked"), figures):
        head = re.search(rf"^cache {name} object_size (\d+) size (\d+) objects (\d+) of (\d+) slabs (\d+)$", said,
                         re.M)
        assert list(head.groups()) == [stat[key] for key in ("object_size", "slab_size", "objects", "total_objects",
                                                             "slabs")]
        for place, key in (("partial", "partial"), ("cpu", "cpu_slabs"), ("cpu-partial", "slabs_cpu_partial")):
            assert len([slab for slab in places.get(name, []) if slab[2] == place]) == int(stat[key])
    assert [stat["objects"] for stat in figures] == ["666", "5", "100"]


def test_slabs_by_name(slabs):
    (said, _, named), _ = slabs
    if "shared pages" in said:  # slob has no caches for kmalloc()
        assert "no cache kmalloc-8" in named
    else:
        assert re.match(r"cache large .*\n( .*\n)*cache kmalloc-8 ", named)
        assert re.search(r"^cache kmalloc-8 object_size 8 size \d+ objects 0 of 0 slabs 0$", named, re.M)


# ---- address spaces ---------------------------------------------------------------------------------

SPACES = """vector gdb/spaces
ram 32M
boot => ok
a = spawn => ok
f = file data 0x4000 rw => ok
mmap a 0x10000000 0x3000 PROT_READ|PROT_WRITE MAP_SHARED|MAP_FIXED f 0x1000 => 0x10000000
mmap a 0x20000000 0x2000 PROT_READ|PROT_EXEC MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED => 0x20000000
b = fork a => ok
munmap b 0x20001000 0x1000 => ok
maps a => ok
maps b => ok
nr_free_pages => *
end
"""


@pytest.mark.parametrize("where", [image_session, twin_session], ids=["image", "twin"])
def test_spaces(tmp_path, where):
    said, transcript = where(tmp_path, SPACES, ("mm-spaces",))
    assert "ok 1 gdb/spaces" in transcript, said + transcript
    areas = re.findall(r"^ (\w{8}-\w{8} \S{4}) flags \w{8} pgoff (\w{5})( \w+)?$", said, re.M)
    assert areas == [("10000000-10003000 rw-s", "00001", " data"), ("20000000-20002000 r-xp", "20000", ""),
                     ("10000000-10003000 rw-s", "00001", " data"), ("20000000-20001000 r-xp", "20000", "")]
    assert [area for area, _, _ in areas] == [line[:22] for line in printed(transcript, r"\w{8}-\w{8} .*")]
    assert re.findall(r"^space pgd \w{8} users 1 count 1 areas (\d) pages (\d)$", said, re.M) == [("2", "5"), ("2", "4")]


TABLES = """vector gdb/tables
ram 32M
boot => ok
a = spawn => ok
mmap a 0x083fe000 0x4000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS => 0x083fe000
touch a 0x083ff000 0x3000 => 3 pages
sum a 0x083fe000 0x1000 => 1 pages sum 0
b = fork a => ok
touch b 0x083ff000 0x1000 => 1 pages
page_map => ok
nr_free_pages => *
end
"""


@pytest.mark.parametrize("where", [image_session, twin_session], ids=["image", "twin"])
def test_page_tables(tmp_path, where):
    said, transcript = where(tmp_path, TABLES, ("mm-page-tables",))
    assert "ok 1 gdb/tables" in transcript, said + transcript
    tables = re.findall(r"^ (table \d+ \w{8} pfn \w{5} entries \d+)$", said, re.M)
    assert tables == printed(transcript, r"table .*") and len(tables) == 4
    runs = re.findall(r"^  (\w{8}-\w{8}) (\w{5}) present( rw)? user accessed( dirty)?$", said, re.M)
    entries = [re.match(r"entry (\S+) (\w+) (\w+) \w+ (\w+)(?: pfn (\w+))?", line)
               for line in printed(transcript, r"entry \S+ \w+ \w+ young .*")]
    assert [(area, "rw" if rw else "ro", "dirty" if dirty else "clean") for area, _, rw, dirty in runs] == \
        [(m[1], m[3], m[4]) for m in entries]
    assert [frame for _, frame, _, _ in runs if frame != "00104"] == [m[5] for m in entries if m[5]]


def test_broken_spaces_are_named(tmp_path):
    vector = tmp_path / "gdb.vec"
    vector.write_text(SPACES)
    said = gdb(PAGETWIN, f"break {STOP}", f"run run {vector} >{tmp_path / 'log'}", "set var vars[0].task->mm->map_count = 3",
               "set var vars[0].task->mm->mmap->vm_next->vm_start = 0x10001000", "mm-spaces", "kill")
    assert "BROKEN: map_count says 3" in said and "BROKEN: it begins before the one above ends" in said, said


# By allocator: a count, what mm-slabs says of it when it is 77, and the head of a list.
NODE = "vars[0].cache->impl.node"
DAMAGE = {"slub": (f"{NODE}.nr_partial", "BROKEN: nr_partial says 77", f"{NODE}.partial"),
          "slab": (f"{NODE}list->free_objects", "BROKEN: free_objects says 77", f"{NODE}list->slabs_partial"),
          "slob": ("slob.nr_pages", "shared pages 77", "slob.lists[0]")}


def test_broken_slabs_are_named(tmp_path):
    state = subprocess.run([PAGETWIN, "show", "state"], capture_output=True, text=True, check=True).stdout
    count, wrong_count, head = DAMAGE[re.search(r"^kernel objects by (\w+)$", state, re.M).group(1)]
    vector = tmp_path / "gdb.vec"
    vector.write_text(SLABS)
    said = gdb(PAGETWIN, f"break {STOP}", f"run run {vector} >{tmp_path / 'log'}", f"set var {count} = 77", "mm-slabs",
               f"set var {head}.next = {head}.next->next", "mm-slabs", "mm-slabs absent", "kill")
    for wrong in (wrong_count, "does not link back", "no cache absent"):
        assert wrong in said, said


def test_broken_lists_are_named(tmp_path):
    vector = tmp_path / "gdb.vec"
    vector.write_text(VECTOR)
    area = "contig_page_data.node_zones[0].free_area"
    said = gdb(PAGETWIN, f"break {STOP}", f"run run {vector} >{tmp_path / 'log'}",
               f"set var {area}[10].nr_free = 7", "mm-buddy DMA",
               f"set var {area}[10].free_list[2].next = &{area}[9].free_list[2]", "mm-buddy DMA",
               f"set var {area}[8].free_list[2].next = {area}[9].free_list[2].next", "mm-buddy DMA", "kill")
    for wrong in ("order 10 BROKEN: nr_free says 7", "which is no struct page", "not marked as a free block"):
        assert wrong in said, said


def test_errors():
    elf = BUILD / "pagetwin.elf"
    for command, words in (
            ("mm-zones", "mem_map does not exist yet"), ("mm-slabs", "mem_map does not exist yet"),
            ("mm-walk 0", "name a page directory"),
            ("mm-walk", "usage: mm-walk ADDRESS [PGD]"), ("mm-page", "usage: mm-page PFN..."),
            ("mm-walk 0 5", "not page-aligned"), ("mm-walk 0 0xfff00000", "above the direct map")):
        said = gdb(elf, command)
        assert words in said, f"{command}: {said}"
        assert "Traceback" not in said
