"""pagetwin show page_tables: page tables entry by entry and the pages that several entries map, as text and as SVG.

What a drawing must say is worked out here, page by page, from what page_map and space_map print; tests/vectors/
page_map.vec has what those must print, and the verb pte is asked about each page besides."""
import collections
import itertools
import os
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import FAIL, PAGETWIN, ROOT, USAGE, twin
from test_show import SVG, damaged_lines, fixture_reader, groups, on_terminal  # noqa: F401
from test_show_spaces import PAGE, TASK_SIZE, check_geometry, probe, texts_of

VECTOR = """vector show/page_tables
about "pages of all kinds; some in several spaces, some at two addresses of one, some in a cache alone"
ram 64M
boot => ok
a = spawn => ok
execve a => ok
f = file /usr/lib/i386-linux-gnu/<a>&b.so 0x50000 rw ramfs => ok
g = file pool 0x8000 rw => ok
mmap a 0x08048000 0x30000 PROT_READ|PROT_EXEC MAP_PRIVATE f 0 => 0x08048000
mmap a 0x08078000 0x4000 PROT_READ|PROT_WRITE MAP_PRIVATE f 0x30000 => 0x08078000
mmap a 0x08100000 0x100000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS => 0x08100000
touch a 0x08100000 0x60000 => 96 pages
sum a 0x08160000 0x20000 => 32 pages sum 0
sum a 0x08048000 0x20000 => 32 pages sum 0
touch a 0x08078000 0x2000 => 2 pages
mprotect a 0x08100000 0x2000 PROT_NONE => ok
mmap a 0x40000000 0x40000 PROT_READ|PROT_WRITE MAP_SHARED|MAP_ANONYMOUS => 0x40000000
touch a 0x40000000 0x40000 => 64 pages
mmap a 0x50000000 0x4000 PROT_READ|PROT_WRITE MAP_SHARED g 0 => 0x50000000
mmap a 0x50400000 0x4000 PROT_READ MAP_SHARED g 0x2000 => 0x50400000
touch a 0x50000000 0x4000 => 4 pages
sum a 0x50400000 0x2000 => 2 pages sum 2
file_write g 0x6000 1 => ok
touch a 0xbffff000 0x1000 => 1 pages
p = alloc_pages 0 GFP_HIGHUSER => pfn *
mmap a 0x083fe000 0x4000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS => 0x083fe000
vm_insert_page a 0x083ff000 p => ok
vm_insert_page a 0x08400000 p => ok
b = fork a => ok
touch b 0x08120000 0x8000 => 8 pages
touch b 0x40010000 0x8000 => 8 pages
sum b 0x08050000 0x4000 => 4 pages sum 0
c = fork b => ok
touch c 0x08124000 0x1000 => 1 pages
touch a 0x08140000 0x4000 => 4 pages
madvise c 0xbffff000 0x1000 MADV_DONTNEED => ok
d = spawn => ok
end
"""
NAME = "show/page_tables"
AT = VECTOR.split("\n").index("end")
USERS = {1: "a", 2: "b", 3: "c"}
KINDS = {"zero": ": read, and never written", "anon": ": a program's own", "file": ": of a file",
         "shmem": ": of shared memory", "page": ": of no owner", "frame": ": not counted"}
MAYSHARE = 0x80


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert PAGETWIN.exists(), f"{PAGETWIN} is not there; build it first: cmake --workflow --preset twin"


class Area:
    def __init__(self, start, end, flags, name):
        self.start, self.end, self.flags, self.name = start, end, flags, name

    def rights(self):
        letters = "".join(letter if self.flags & bit else "-" for letter, bit in (("r", 1), ("w", 2), ("x", 4)))
        return letters + ("s" if self.flags & MAYSHARE else "p")

    def words(self):
        return f"{self.rights()} {self.name}"


class Run:
    """Entries that one line of page_map tells."""

    def __init__(self, match, table):
        self.table = table
        self.start, self.end = int(match[1], 16), int(match[2], 16)
        self.kind, self.rights, self.young, self.dirty = match[3], match[4], match[5], match[6]
        self.pfn = int(match[7], 16) if match[7] else 0
        self.count, self.maps = int(match[8] or 0), int(match[9] or 0)

    def pages(self):
        return (self.end - self.start) // PAGE

    def area(self):
        return next(area for area in self.table.tree.areas if area.start <= self.start < area.end)


Table = collections.namedtuple("Table", "tree slot pfn runs")
Cached = collections.namedtuple("Cached", "first end kind pfn count maps")


class Tree:
    def __init__(self, number, pgd, heading, areas):
        self.number, self.pgd, self.heading, self.areas, self.tables = number, pgd, heading, areas, []

    def runs(self):
        return [run for table in self.tables for run in table.runs]

    def about(self):
        entries = sum(run.pages() for run in self.runs())
        return (f"page directory {self.pgd:05x}; {plural(len(self.tables), 'page table')} with "
                f"{entries} entr{'y' if entries == 1 else 'ies'}; the kernel's half is shared")


def plural(count, word):
    return f"{count} {word}{'' if count == 1 else 's'}"


def facts_of(space_map, page_map):
    """([Tree], {cache's name: [Cached]}) of what the verbs printed."""
    areas, heads, caches, trees, number = collections.defaultdict(list), {}, {}, [], None
    tasks = collections.defaultdict(list)
    for line in space_map:
        head = re.match(r"space (\d+) users \d+ areas (\d+) base (\w+) (\w+)", line)
        area = re.match(r"area (\w+)-(\w+) flags (\w+) .* depth \d+ ?(.*)$", line)
        task = re.match(r"task (\d+) runs( current)?", line)
        if head:
            number = int(head[1])
            heads[number] = f"{plural(int(head[2]), 'area')}; mmap base {head[3]}, {head[4]}"
        elif area:
            areas[number].append(Area(int(area[1], 16), int(area[2], 16), int(area[3], 16), area[4]))
        elif task:
            tasks[number].append(task[1] + (" (now)" if task[2] else ""))
    for line in page_map:
        head = re.match(r"space (\d+) pgd (\w+) ", line)
        table = re.match(r"table (\d+) \w+ pfn (\w+) ", line)
        entry = re.match(r"entry (\w+)-(\w+) (\w+) (\w+) (\w+) (\w+)(?: pfn (\w+)(?: count (\d+) maps (\d+))?)?$", line)
        cache = re.match(r"cache pages \d+ size \w+ (.*)$", line)
        cached = re.match(r"cached (\w+)-(\w+) (\w+) pfn (\w+) count (\d+) maps (\d+)$", line)
        if head:
            number = int(head[1])
            task, = tasks[number]
            trees.append(Tree(number, int(head[2], 16), f"space {number}: task {task}; {heads[number]}",
                              areas[number]))
        elif table:
            trees[-1].tables.append(Table(trees[-1], int(table[1]), int(table[2], 16), []))
        elif entry:
            trees[-1].tables[-1].runs.append(Run(entry, trees[-1].tables[-1]))
        elif cache:
            last = caches[cache[1]] = []
        elif cached:
            last.append(Cached(int(cached[1], 16), int(cached[2], 16), cached[3], int(cached[4], 16),
                               int(cached[5]), int(cached[6])))
    return trees, caches


@pytest.fixture(name="facts", scope="module")
def fixture_facts(tmp_path_factory):
    """(a file with the vector, what the verbs say at line AT of it)"""
    folder = tmp_path_factory.mktemp("pages")
    path = folder / "pages.vec"
    path.write_text(VECTOR)
    lines = VECTOR.split("\n")[:AT]
    (space_map, _), (page_map, _) = probe(folder, lines, "space_map", "page_map")
    trees, caches = facts_of(space_map, page_map)
    check_variety(trees, caches)
    check_entries(folder, lines, trees)
    return path, trees, caches


def check_variety(trees, caches):
    runs = [run for tree in trees for run in tree.runs()]
    assert {run.kind for run in runs} == set(KINDS) - {"frame"}
    assert {run.rights for run in runs} == {"rw", "ro", "none"}
    assert {run.maps for run in runs} >= {0, 1, 2, 3, 6}
    assert any(not tree.tables for tree in trees) and len(caches) == 3
    assert any(run.maps == 0 for cached in caches.values() for run in cached)


def check_entries(folder, lines, trees):
    """Each entry is what pte says of it, and there is none beside; maps is how many there are."""
    steps, expected = [], []
    frames = collections.Counter(run.pfn + i for tree in trees for run in tree.runs() if run.count
                                 for i in range(run.pages()))
    for tree in trees:
        for run in tree.runs():
            figures = f" count {run.count} maps {run.maps}" if run.count else ""
            for address in range(run.start, run.end, PAGE):
                steps.append(f"pte {USERS[tree.number]} {address:#x}")
                expected.append(f"{run.kind} {run.rights} {run.young} {run.dirty}{figures}")
            for i in range(run.pages() if run.count else 0):
                assert frames[run.pfn + i] == run.maps
    found = probe(folder, lines, *steps, *(f"rss {name}" for name in USERS.values()))
    assert [result for _, result in found[:len(steps)]] == expected
    for (_, result), tree in zip(found[len(steps):], trees):
        pages = collections.Counter()
        for run in tree.runs():
            pages["file" if run.kind == "page" else run.kind] += run.pages()
        assert result == (f"file {pages['file']} anon {pages['anon']} swap 0 shmem {pages['shmem']} "
                          f"tables {len(tree.tables)}")


# ---- sharing, page by page -----------------------------------------------------------------------

Shared = collections.namedtuple("Shared", "number pfn pages kind maps places")  # places: (run, address of the first)


def shared_of(trees):
    """Pages of several entries, those in a row in all their places taken together."""
    places = collections.defaultdict(list)
    for tree in trees:
        for run in tree.runs():
            for i in range(run.pages() if run.maps > 1 else 0):
                places[run.pfn + i].append((run, run.start + i * PAGE))
    found = []
    for pfn in sorted(places):
        last = found[-1] if found else None
        if last and last.pfn + last.pages == pfn and \
                places[pfn] == [(run, address + last.pages * PAGE) for run, address in last.places]:
            found[-1] = last._replace(pages=last.pages + 1)
        else:
            run = places[pfn][0][0]
            found.append(Shared(len(found) + 1, pfn, 1, run.kind, run.maps, places[pfn]))
    return found


def frames(pfn, pages):
    return f"{pfn:05x}" if pages == 1 else f"{pfn:05x}-{pfn + pages - 1:05x}"


def file_pages(first, end):
    return f"page {first:x}" if end - first == 1 else f"pages {first:x}-{end - 1:x}"


def reason(shared, caches):
    if shared.kind == "anon":
        return "copy-on-write after a fork"
    if shared.kind == "page":
        return "inserted by a driver"
    (name, first), = [(name, run.first + shared.pfn - run.pfn) for name, cached in caches.items()
                      for run in cached if run.pfn <= shared.pfn < run.pfn + run.end - run.first]
    mapped = any(run.area().flags & MAYSHARE for run, _ in shared.places)
    return f"{'shared memory' if mapped else 'file'}, {name} {file_pages(first, first + shared.pages)}"


def heading(shared, caches):
    return (f"{shared.kind} {frames(shared.pfn, shared.pages)}: {reason(shared, caches)}; {shared.maps} entries"
            + ("" if shared.pages == 1 else " each"))


def numbers_of(run, shared):
    """Those of the run's pages: "#3", "#3-5" or nothing."""
    numbers = [group.number for group in shared if run.maps > 1
               and group.pfn < run.pfn + run.pages() and run.pfn < group.pfn + group.pages]
    assert numbers == list(range(numbers[0], numbers[-1] + 1)) if numbers else not numbers
    return "" if not numbers else f"#{numbers[0]}" + (f"-{numbers[-1]}" if len(numbers) > 1 else "")


def zero_line(trees):
    pages = {tree.number: sum(run.pages() for run in tree.runs() if run.kind == "zero") for tree in trees}
    spaces = sum(1 for count in pages.values() if count)
    count = sum(pages.values())
    return f"he zero page: {count} entr{'y' if count == 1 else 'ies'} in {plural(spaces, 'space')}"


def missing_line(shared):
    missing = shared.maps - len(shared.places)
    return f"{missing} more in spaces that are not shown" if missing else ""


# ---- text ----------------------------------------------------------------------------------------

def expected_run(run, shared):
    text = f"{run.start:08x}-{run.end:08x} {run.pages():5} {run.kind:6}{run.rights:4} "
    text += ("y" if run.young == "young" else "-") + ("d" if run.dirty == "dirty" else "-")
    text += f" {frames(run.pfn, run.pages()) if run.pfn else '-':11} "
    text += f"{run.count:5} {run.maps:4} {numbers_of(run, shared):7} " if run.count else " " * 19
    return (text + run.area().words()).rstrip()


def expected_tree(tree, shared):
    yield ""
    yield tree.heading
    yield tree.about()
    if tree.tables:
        yield "        start    end      pages kind  rights  frame       count maps shared  area"
    for table in tree.tables:
        last = table is tree.tables[-1]
        start, entries = table.slot << 22, sum(run.pages() for run in table.runs)
        yield (f"{'`' if last else '|'}-- {start:08x}-{start + (1 << 22):08x} slot {table.slot}: page table "
               f"{table.pfn:05x} with {entries} entr{'y' if entries == 1 else 'ies'}")
        for run in table.runs:
            yield (f"{' ' if last else '|'}   {'`' if run is table.runs[-1] else '|'}-- "
                   f"{expected_run(run, shared)}")


def expected_text(trees, caches):
    shared = shared_of(trees)
    yield "page_tables: directory, page tables and entries of each space; kinds of pages:"
    yield from (f"  {kind}{about}" for kind, about in KINDS.items())
    yield "y: used (young), d: written to (dirty); count: uses of the page; maps: entries"
    yield "that map it; #: its number among those that more than one maps"
    for tree in trees:
        yield from expected_tree(tree, shared)
    yield ""
    yield "shared: pages that more than one entry maps"
    for group in shared:
        yield f"#{group.number} {heading(group, caches)}"
        for run, address in group.places:
            yield (f"    space {run.table.tree.number} {address:08x}-{address + group.pages * PAGE:08x} "
                   f"{run.rights:4} {run.area().words()}").rstrip()
        if missing_line(group):
            yield "    " + missing_line(group)
    yield "t" + zero_line(trees)
    yield ""
    yield "only in a cache: pages of files that no entry maps"
    for name, cached in caches.items():
        alone = [run for run in cached if not run.maps]
        if alone:
            yield (f"{name}: {sum(run.end - run.first for run in alone)} of "
                   f"{plural(sum(run.end - run.first for run in cached), 'page')} in the cache")
        for run in alone:
            yield f"    {run.kind:6}{frames(run.pfn, run.end - run.first):11} {file_pages(run.first, run.end)}"


def check_text(text, trees, caches):
    for line, expected in itertools.zip_longest(text.split("\n")[:-1], expected_text(trees, caches)):
        assert line == expected


def test_text(facts):
    path, trees, caches = facts
    run = twin("show", "--vector", NAME, "--line", AT, "page_tables", path)
    assert run.status == 0 and not run.err, run.err
    check_text(run.out, trees, caches)


@pytest.mark.parametrize("numbers", [[1], [2, 1], [4, 3], [3, 1, 2, 4]])
def test_some(facts, numbers):
    """Those named, in that order; the caches once; what is missing of the places is said."""
    path, trees, caches = facts
    run = twin("show", "--vector", NAME, "--line", AT, f"page_tables={','.join(map(str, numbers))}", path)
    assert run.status == 0 and not run.err, run.err
    check_text(run.out, [trees[number - 1] for number in numbers], caches)
    assert ("not shown" in run.out) == (len(numbers) < 4)


SMALL = """vector small
ram 32M
boot => ok
a = spawn => ok
mmap a 0x08000000 0x4000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS => *
touch a 0x08000000 0x3000 => 3 pages
sum a 0x08003000 0x1000 => 1 pages sum 0
f = file lib 0x3000 rw => ok
file_write f 0x1000 5 => ok
b = fork a => ok
touch b 0x08001000 0x1000 => 1 pages
end
"""
SMALL_TEXT = """space 1: task 1; 1 area; mmap base b8000000, down
page directory 01c04; 1 page table with 4 entries; the kernel's half is shared
        start    end      pages kind  rights  frame       count maps shared  area
`-- 08000000-08400000 slot 32: page table 01c06 with 4 entries
    |-- 08000000-08001000     1 anon  ro   yd 01041           2    2 #1      rw-p
    |-- 08001000-08002000     1 anon  ro   yd 01042           1    1         rw-p
    |-- 08002000-08003000     1 anon  ro   yd 01043           2    2 #2      rw-p
    `-- 08003000-08004000     1 zero  ro   y- -                              rw-p

space 2: task 2 (now); 1 area; mmap base b8000000, down
page directory 01c09; 1 page table with 4 entries; the kernel's half is shared
        start    end      pages kind  rights  frame       count maps shared  area
`-- 08000000-08400000 slot 32: page table 01c0a with 4 entries
    |-- 08000000-08001000     1 anon  ro   -d 01041           2    2 #1      rw-p
    |-- 08001000-08002000     1 anon  rw   yd 01045           1    1         rw-p
    |-- 08002000-08003000     1 anon  ro   -d 01043           2    2 #2      rw-p
    `-- 08003000-08004000     1 zero  ro   -- -                              rw-p

shared: pages that more than one entry maps
#1 anon 01041: copy-on-write after a fork; 2 entries
    space 1 08000000-08001000 ro   rw-p
    space 2 08000000-08001000 ro   rw-p
#2 anon 01043: copy-on-write after a fork; 2 entries
    space 1 08002000-08003000 ro   rw-p
    space 2 08002000-08003000 ro   rw-p
the zero page: 2 entries in 2 spaces

only in a cache: pages of files that no entry maps
lib: 1 of 1 page in the cache
    shmem 01044       page 1
"""


def test_exact_text(tmp_path):
    path = tmp_path / "small.vec"
    path.write_text(SMALL)
    run = twin("show", "--vector", "small", "--line", SMALL.split("\n").index("end"), "page_tables", path)
    assert (run.status, run.err) == (0, "")
    assert run.out.split("\n\n", 1)[1] == SMALL_TEXT


def test_none():
    """After boot there is no space; that is no mistake."""
    run = twin("show", "page_tables")
    assert run.status == 0 and not run.err
    assert "\n\nthere is no address space\n\nshared: pages that more than one entry maps\n    none\n" in run.out
    assert run.out.endswith("\n\nonly in a cache: pages of files that no entry maps\n    none\n")
    svg = twin("show", "--svg=-", "page_tables")
    assert svg.status == 0 and {"There is no address space.", "None."} <= set(texts_of(ET.fromstring(svg.out)))


def test_among_others(facts):
    path, _, _ = facts
    args = ["--vector", NAME, "--line", AT]
    one, spaces = (twin("show", *args, word, path).out for word in ("page_tables=2", "spaces"))
    assert twin("show", *args, "page_tables=2", "spaces", path).out == one + "\n" + spaces
    assert twin("show", *args, "spaces", "page_tables=2", path).out == spaces + "\n" + one


def test_twice_the_same_space(facts):
    """Its tree is drawn twice, its places are told once."""
    path, _, _ = facts
    args = ["show", "--vector", NAME, "--line", AT]
    once, twice = (twin(*args, f"page_tables={numbers}", path).out for numbers in ("1", "1,1"))
    assert twice.count("\nspace 1: ") == 2 and once[once.index("\nshared:"):] == twice[twice.index("\nshared:"):]


def test_a_wrong_count(tmp_path):
    """The state is damaged: it is shown, and what does not fit is said."""
    path = tmp_path / "damaged.vec"
    lines = SMALL.split("\n")
    lines[-2:-2] = ["p = alloc_pages 0 => pfn *", "mmap a 0x09000000 0x2000 PROT_READ MAP_PRIVATE|MAP_ANONYMOUS => *",
                    "vm_insert_page a 0x09000000 p => ok", "tamper_page p mapcount 2 => ok"]
    path.write_text("\n".join(lines))
    run = twin("show", "--vector", "small", "--line", lines.index("end"), "page_tables", path)
    assert run.status == FAIL and "inserted by a driver; 3 entries\n" in run.out
    assert "\n    found 1: the count is wrong\n" in run.out


def test_any_line_will_do(facts):
    path, _, _ = facts
    for line in range(VECTOR.split("\n").index("boot => ok") + 1, AT + 1, 3):
        run = twin("show", "--vector", NAME, "--line", line, "page_tables", path)
        assert run.status == 0 and not run.err, run.err


def test_colours(facts):
    path, _, _ = facts
    args = ["show", "--vector", NAME, "--line", AT, "page_tables", path]
    plain = twin(*args, env=os.environ | {"COLUMNS": "100"}).out
    coloured = on_terminal(*args, TERM="xterm")
    assert "\033" not in plain and re.sub(r"\033\[[0-9;]*m", "", coloured) == plain
    assert len(set(re.findall(r"\033\[(38;5;\d+;48;5;\d+)m", coloured))) == len(KINDS)


# ---- SVG -----------------------------------------------------------------------------------------

def title_of(run):
    title = (f"space {run.table.tree.number}, {run.start:08x}-{run.end:08x}, {plural(run.pages(), 'page')}, "
             f"{run.kind} {run.rights} {run.young} {run.dirty}")
    title += f", frame {frames(run.pfn, run.pages())}" if run.pfn else ""
    title += f", count {run.count}, maps {run.maps}" if run.count else ""
    area = run.area()
    return f"{title}; area {area.start:08x}-{area.end:08x} {area.words()}".rstrip()


def cells_of(rects):
    """The cells that rectangles of a grid cover, each once."""
    cells = [(int(y) + j) * 32 + int(x) + i for x, y, width, height in rects
             for j in range(max(int(height), 1)) for i in range(int(width))]
    assert len(cells) == len(set(cells)) and all(x + width <= 32 for x, _, width, _ in rects)
    return sorted(cells)


def check_groups(root, trees):
    """Of each space its directory's slots, then each table's grid, and the lines of entries."""
    drawn = iter(list(groups(root)))
    for tree in trees:
        for table in tree.tables:
            title, kind, _, rects = next(drawn)
            entries = sum(run.pages() for run in table.runs)
            start = table.slot << 22
            assert (kind, rects) == ("table", [(0, table.slot, 1, 1)])
            assert title == (f"space {tree.number}, slot {table.slot}, {start:08x}-{start + (1 << 22):08x}, page table "
                             f"{table.pfn:05x}, {entries} entr{'y' if entries == 1 else 'ies'}")
        for table in tree.tables:
            for run in table.runs:
                title, kind, _, rects = next(drawn)
                first = (run.start >> 12) & 1023
                assert (title, kind) == (title_of(run), run.kind)
                assert cells_of(rects) == list(range(first, first + run.pages()))
            for run in table.runs:
                title, kind, _, rects = next(drawn)
                assert (title, kind) == (title_of(run), run.kind) and len(rects) == 1
                assert (rects[0][0], *rects[0][2:]) == (330, 10, 10)
    assert next(drawn, None) is None


def check_stripes(root, trees):
    """Within the grids, in the colour of its number, each shared page of each place."""
    shared = shared_of(trees)
    colours, stripes = {}, collections.Counter()
    for rect, text in zip([node for node in root.iter(SVG + "rect") if node.get("class") == "shared"],
                          [text for text in texts_of(root) if re.fullmatch(r"#\d+(-\d+)?", text)], strict=True):
        number = int(re.match(r"#(\d+)", text)[1])
        assert colours.setdefault(number, rect.get("fill")) == rect.get("fill")
    assert len(set(colours.values())) == min(len(shared), 10)
    for group in root.iter(SVG + "g"):
        if group.get("fill") and not group.get("class"):
            for rect in group.findall(SVG + "rect"):
                assert float(rect.get("y")) % 1 == 0.5 and rect.get("height") == "0.5"
                stripes[group.get("fill")] += int(rect.get("width"))
    expected = collections.Counter()
    for group in shared:
        expected[colours[group.number]] += group.pages * len(group.places)
    assert stripes == expected


def check_places(root, trees):
    """Tables and lines of entries stand one below the other; a directory is as high as all its tables."""
    frames_ = [tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))
               for rect in root.iter(SVG + "rect") if rect.get("class") == "frame"]
    top = 0
    for tree in trees:
        if not tree.tables:
            continue
        x, y, width, height = frames_.pop(0)
        assert (x, width) == (78, 24) and height >= 130 and y > top
        top, below = y, y + height
        for table in tree.tables:
            x, y, width, height = frames_.pop(0)
            assert (x, width, height) == (170, 128, 128) and y > top + 20
            top = y + height
        assert top <= below
        top = below
    assert not frames_
    scales = [float(re.match(r"translate\(78 \S+\) scale\(24 (\S+)\)", group.get("transform"))[1])
              for group in root.iter(SVG + "g") if (group.get("transform") or "").startswith("translate(78 ")]
    assert len(scales) == sum(1 for tree in trees if tree.tables) and all(scale * (TASK_SIZE >> 22) > 129
                                                                         for scale in scales)


def check_words(root, trees, caches):
    words = collections.Counter(texts_of(root))
    shared = shared_of(trees)
    for tree in trees:
        assert words[tree.heading] >= 1 and words[tree.about()] >= 1
        for table in tree.tables:
            assert words[f"slot {table.slot}: {table.slot << 22:08x}"] >= 1
        for run in tree.runs():
            assert words[f"{run.start:08x}-{run.end:08x}"] >= 1
            assert not run.pfn or words[frames(run.pfn, run.pages())] >= 1
            assert not run.count or words[numbers_of(run, shared)] or run.maps == 1
            name = run.area().name
            assert not name or words[name if len(name) <= 21 else "..." + name[-18:]] >= 1
    for group in shared:
        assert words[heading(group, caches)] == 1
        for run, address in group.places:
            assert words[f"space {run.table.tree.number} {address:08x}-{address + group.pages * PAGE:08x} "
                         f"{run.rights}"] == 1
    missing = collections.Counter(filter(None, map(missing_line, shared)))
    assert missing == {word: count for word, count in words.items() if word.endswith("not shown")}
    assert words["T" + zero_line(trees) + "."] == 1
    for kind, about in KINDS.items():
        assert words[kind + about] == 1
    for name, cached in caches.items():
        for run in cached:
            assert run.maps or words[file_pages(run.first, run.end)] and any(w.startswith(f"{name}: ") for w in words)


@pytest.mark.parametrize("numbers", [None, [2], [4, 3, 1]])
def test_svg(facts, tmp_path, numbers):
    path, trees, caches = facts
    chosen = trees if numbers is None else [trees[number - 1] for number in numbers]
    word = "page_tables" + ("" if numbers is None else "=" + ",".join(map(str, numbers)))
    out = tmp_path / "out.svg"
    run = twin("show", "--vector", NAME, "--line", AT, "--svg", out, word, path)
    assert (run.status, run.out, run.err) == (0, "", "")
    root = ET.fromstring(out.read_text())
    assert root.find(SVG + "title").text == f"pagetwin: vector {NAME}, after line {AT}"
    allowed = {"svg", "title", "text", "g", "rect", "line", "polygon"}
    assert {node.tag for node in root.iter()} == {SVG + name for name in allowed}
    assert not any(re.search(r"href|^on|style|url\(", key + value)
                   for node in root.iter() for key, value in node.attrib.items())
    check_groups(root, chosen)
    check_stripes(root, chosen)
    check_places(root, chosen)
    check_words(root, chosen, caches)
    check_geometry(root)


# ---- what cannot be shown ------------------------------------------------------------------------

@pytest.mark.parametrize("args, status, words", [
    (["page_tables="], USAGE, "usage:"),
    (["page_tables=1,"], USAGE, "usage:"),
    (["page_tables=1,,2"], USAGE, "usage:"),
    (["page_tables=a"], USAGE, "usage:"),
    (["page_tables=0x1"], USAGE, "usage:"),
    (["page_tablesx"], FAIL, 'found "page_tablesx"'),
    (["page_tables=1"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "page_tables=0", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "page_tables=1,6", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "--svg=-", "page_tables=6", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "--svg=-", "{file}"], USAGE, "slabs, spaces, page_tables"),
    (["--vector", NAME, "--line", AT, "page_tables"], USAGE, "needs the file"),
    (["--svg=-", "page_tables", "zones"], USAGE, "no texts"),
    (["--vector", NAME, "--line", "3", "page_tables", "{file}"], FAIL, "space_map runs in stages as to "),
])
def test_errors(facts, args, status, words):
    path, _, _ = facts
    run = twin("show", *(str(arg).format(file=path) for arg in args))
    assert (run.status, run.out) == (status, ""), run.err
    assert words in run.err


SPACES = """spaces 2 end c0000000 min 00010000 guard 256
space 1 users 1 areas 2 base b8000000 down tables 2
pages total 20 locked 0 data 20 exec 0 stack 0
rss file 1 anon 4 swap 0 shmem 0
task 1 runs current
area 08000000-08010000 flags 00100073 offset 00000000 file 0 present 5 gap 8000000 largest 8000000 depth 0
area 083fe000-08402000 flags 000000fb offset 00000000 file 1 present 2 gap 3ee000 largest 3ee000 depth 1 lib
space 2 users 1 areas 0 base b8000000 down tables 0
pages total 0 locked 0 data 0 exec 0 stack 0
rss file 0 anon 0 swap 0 shmem 0
task 2 runs
"""
TABLES = """spaces 2 caches 1
space 1 pgd 01c04 tables 2 entries 7 kernel shared
task 1 runs current
table 32 08000000 pfn 01c06 entries 6
entry 08000000-08003000 anon rw young dirty pfn 01041 count 1 maps 1
entry 08005000-08007000 zero ro old clean
entry 083ff000-08400000 shmem rw young dirty pfn 01048 count 2 maps 1
table 33 08400000 pfn 01c07 entries 1
entry 08401000-08402000 frame none young clean pfn 3ffff
space 2 pgd 01c08 tables 0 entries 0 kernel differs
task 2 runs
cache pages 3 size 6800 lib
cached 1-2 shmem pfn 01048 count 2 maps 1
cached 4-6 shmem pfn 0104a count 1 maps 0
"""


def test_reading_is_strict(reader):
    assert reader(SPACES, TABLES, what="page_tables") == (True, "")
    for i, instead, damaged in damaged_lines(TABLES):
        ok, why = reader(SPACES, damaged, what="page_tables")
        # Another figure of a file's page, or another name, is no mistake that could be seen.
        if i in (11,) and instead in ([TABLES.split("\n")[11][:-1]], [TABLES.split("\n")[11] + " "]) or \
                i == 8 and instead == [TABLES.split("\n")[8][:-1]]:
            continue
        assert not ok and "page_map, line " in why, (i, instead)


@pytest.mark.parametrize("old, new, why", [
    ("spaces 2", "spaces 1", 'expected "spaces 2 caches 1"'), ("caches 1", "caches 2", "expected 2 caches, found 1"),
    ("caches 1", "caches 01", "expected"), ("space 1", "space 3", "expected space 1"),
    ("space 2", "space 1", "expected space 2"), ("tables 2", "tables 1", "says 1 tables"),
    ("entries 7", "entries 8", "says 2 tables and 8 entries, found 2 and 7"), ("differs", "unlike", "expected"),
    ("task 1 runs current", "task 1 runs", 'expected "task 1 runs current"'),
    ("task 2 runs", "task 2 borrows", 'expected "task 2 runs"'),
    ("table 32 08000000", "table 32 08000001", "expected"), ("table 33", "table 34", "expected"),
    ("table 33 08400000", "table 32 08000000", "expected slots in order, from 33 on, below 768"),
    ("table 33 08400000", "table 768 c0000000", "expected slots in order, from 33 on, below 768"),
    ("entries 6", "entries 5", "table 32 says 5 entries, found 6"),
    ("08000000-08003000", "08000000-08002000", "table 32 says 6 entries, found 5"),
    ("08000000-08003000", "08003000-08000000", "expected entries in order"),
    ("08000000-08003000", "07fff000-08002000", "expected entries in order, from 08000000 on"),
    ("08000000-08003000", "08000000-08003001", "expected entries in order"),
    ("08005000-08007000", "08002000-08004000", "expected entries in order, from 08003000 on"),
    ("083ff000-08400000", "083ff000-08401000", "within the table"),
    ("08005000-08007000", "0800f000-08011000", "expected entries of one area"),
    ("anon rw", "anton rw", "no kind of page is called anton"), ("anon rw", "anon rwx", "expected rights"),
    ("zero ro", "anon ro", "expected"), ("old clean", "older clean", "expected"),
    ("old clean", "old cleaner", "expected"),
    ("pages 3", "pages 4", "cache lib says 4 pages, found 3"), ("cached 1-2", "cached 2-1", "pages in order"),
    ("cached 4-6", "cached 1-3", "expected pages in order, from 2 on"),
    ("cached 4-6 shmem", "cached 4-6 anon", "no kind"),
    ("size 6800", "size 06800", "expected"), ("maps 0\n", "maps 0\n\n", "expected no more"),
])
def test_reading_checks(reader, old, new, why):
    assert TABLES.count(old) >= 1
    ok, complaint = reader(SPACES, TABLES.replace(old, new, 1), what="page_tables")
    assert not ok and why in complaint, complaint
