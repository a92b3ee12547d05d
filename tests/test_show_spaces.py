"""pagetwin show spaces: address spaces area by area, as text and as SVG.

What a drawing must say is worked out here from other verbs: the verb "state" has the spaces, their figures, tasks and
areas; maps has names, mincore counts pages that are there. How deep an area is in the tree only space_map itself
tells; a tree follows from the depths of its nodes in order, and from that the largest gaps of subtrees."""
import collections
import itertools
import os
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import FAIL, PAGETWIN, ROOT, twin
from test_show import SVG, groups, on_terminal

VECTOR = """vector show/spaces
about "areas of each kind, with pages and without; guards that are whole, cut and none; spaces of all sorts"
ram 64M
boot => ok
a = spawn => ok
execve a => ok
f = file /usr/lib/i386-linux-gnu/a/<rather>&long/path/libc.so.6 0x50000 rw => ok
r = file ro 0x5000 r => ok
h = file [heap] 0x5000 rw => ok
mmap a 0x08048000 0x3000 PROT_READ|PROT_EXEC MAP_PRIVATE f 0x1000 => *
mmap a 0x0804b000 0x1000 PROT_READ MAP_PRIVATE f 0x4000 => *
mmap a 0x0804c000 0x5000 PROT_READ|PROT_WRITE MAP_PRIVATE f 0x20000 => *
mmap a 0 0x3000 PROT_READ MAP_SHARED h => *
mmap a 0 0x3000 PROT_READ MAP_SHARED r => *
mmap a 0x30000000 0x1000 PROT_READ|PROT_WRITE MAP_PRIVATE h => *
mmap a 0 0x30000 PROT_READ|PROT_WRITE MAP_SHARED|MAP_ANONYMOUS|MAP_NORESERVE => *
mmap a 0 0x40000000 PROT_NONE MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE => *
mmap a 0 0x7000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED => *
mmap a 0x10000 0x1000 PROT_READ MAP_PRIVATE|MAP_ANONYMOUS => *
madvise a 0x10000 0x1000 MADV_SEQUENTIAL => ok
madvise a 0x10000 0x1000 MADV_DONTFORK => ok
madvise a 0x10000 0x1000 MADV_DONTDUMP => ok
mmap a 0xbff40000 0x10000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS|MAP_GROWSDOWN|MAP_FIXED => *
mmap a 0xbff3f000 0x1000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED|MAP_NORESERVE => *
set_mm a PR_SET_MM_START_BRK 0x08100000 => ok
set_mm a PR_SET_MM_BRK 0x08100000 => ok
brk a 0x08200000 => 0x08200000
special a 0x01000000 0x1000 PROT_READ|PROT_EXEC [vdso] => ok
p = alloc_pages 0 GFP_HIGHUSER => pfn *
vm_insert_page a 0x08101000 p => ok
vm_insert_page a 0x081ff000 p => ok
vm_insert_page a 0x00010000 p => ok
vm_insert_page a 0xbff40000 p => ok
b = fork a CLONE_VM => ok
c = spawn => ok
sysctl legacy_va_layout 1 => ok
execve c 0x8000 => ok
d = fork c => ok
mmap d 0x20000000 0x40000000 PROT_READ MAP_PRIVATE|MAP_ANONYMOUS => *
e = spawn => ok
k = kthread => ok
switch d => ok
switch k => ok
end
"""
NAME = "show/spaces"
AT = VECTOR.split("\n").index("end")
USERS = {1: "a", 2: "c", 3: "d", 4: "e"}  # a task of each space that has one
TASK_SIZE, PAGE, GUARD = 0xC0000000, 0x1000, 256
LETTERS = {"stack": "S", "special": "V", "code": "C", "shared": "M", "heap": "H", "data": "D", "file": "F",
           "other": "A", "guard": "~", "free": "."}
READ, WRITE, EXEC, SHARED, MAYSHARE, GROWSDOWN = 1, 2, 4, 8, 0x80, 0x100
# Of Linux's Documentation/filesystems/proc.rst, but for rights.
FLAGS = {"gd": 0x100, "pf": 0x400, "lo": 0x2000, "io": 0x4000, "sr": 0x8000, "rr": 0x10000, "dc": 0x20000,
         "de": 0x40000, "lf": 0x80000, "ac": 0x100000, "nr": 0x200000, "wf": 0x2000000, "dd": 0x4000000,
         "mm": 0x10000000}
MAY = {"mr": 0x10, "mw": 0x20, "me": 0x40}


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert PAGETWIN.exists(), f"{PAGETWIN} is not there; build it first: cmake --workflow --preset twin"


Row = collections.namedtuple("Row", "kind start end area")  # of a guard, the stack; None: free


class Area:
    def __init__(self, start, end, flags, pgoff, file, gap):
        self.start, self.end, self.flags, self.gap = start, end, flags, gap
        self.file, self.offset = file, pgoff * PAGE if file else 0
        self.name, self.present, self.depth, self.largest = None, 0, None, None

    def pages(self):
        return (self.end - self.start) // PAGE

    def kind(self):
        if self.flags & GROWSDOWN:
            return "stack"
        if self.flags & (FLAGS["pf"] | FLAGS["io"] | FLAGS["de"]):
            return "special"
        if self.flags & (EXEC | WRITE) == EXEC:
            return "code"
        if self.flags & MAYSHARE:
            return "shared"
        if self.name == "[heap]" and not self.file:
            return "heap"
        if self.flags & WRITE:
            return "data"
        return "file" if self.file else "other"

    def rights(self):
        return "".join(letter if self.flags & bit else "-" for letter, bit in zip("rwx", (READ, WRITE, EXEC))) \
            + ("s" if self.flags & MAYSHARE else "p")

    def words(self):
        """The flags that the rights do not tell, and the rights that cannot be had."""
        words = {bit: word for word, bit in FLAGS.items() if self.flags & bit}
        words |= {bit: "-" + word for word, bit in MAY.items() if not self.flags & bit}
        if self.flags & (SHARED | MAYSHARE) == MAYSHARE:
            words[SHARED] = "-sh"
        return " ".join(words[bit] for bit in sorted(words))


class Space:
    def __init__(self, number, base, way):
        self.number, self.base, self.way = number, base, way
        self.figures, self.tasks, self.borrowers, self.current, self.areas = {}, [], [], None, []
        self.tables = 0

    def rows(self):
        """All of its addresses, the highest first."""
        rows, before = [], 0
        for area in self.areas:
            guard = max(area.start - GUARD * PAGE, before) if area.flags & GROWSDOWN else area.start
            rows += [Row("free", before, guard, None), Row("guard", guard, area.start, area),
                     Row(area.kind(), area.start, area.end, area)]
            before = area.end
        rows.append(Row("free", before, TASK_SIZE, None))
        return [row for row in reversed(rows) if row.start < row.end]

    def grow_tree(self):
        """largest of each area, by the depths."""
        def root(areas):
            if not areas:
                return 0
            least = min(area.depth for area in areas)
            at, = [i for i, area in enumerate(areas) if area.depth == least]
            areas[at].largest = max(areas[at].gap, root(areas[:at]), root(areas[at + 1:]))
            assert all(area.depth == least + 1 for side in (areas[:at], areas[at + 1:]) if side
                       for area in [min(side, key=lambda area: area.depth)])
            return areas[at].largest
        assert not self.areas or min(area.depth for area in self.areas) == 0
        root(self.areas)


def facts_of(lines):
    """{number: Space}, of what the verb "state" says."""
    spaces, space = {}, None
    for line in lines:
        head = re.match(r"space (\d+) users \d+ count \d+ areas \d+ base (\w+) (down|up) pgd", line)
        area = re.match(r"area (\w+)-(\w+) flags (\w+) prot \w+ pgoff (\w+) file (\d+) gap (\w+)$", line)
        pages = re.match(r"pages total (\d+) locked (\d+) pinned \d+ data (\d+) exec (\d+) stack (\d+) most \d+ "
                         r"rss (\d+) (\d+) (\d+) (\d+)", line)
        task = re.match(r"task (\d+)( current)? space (\d+) runs in (\d+) ", line)
        if head:
            space = spaces[int(head[1])] = Space(int(head[1]), int(head[2], 16), head[3])
        elif area:
            start, end, flags, pgoff, gap = (int(area[i], 16) for i in (1, 2, 3, 4, 6))
            space.areas.append(Area(start, end, flags, pgoff, int(area[5]), gap))
        elif pages:
            names = "total locked data exec stack file anon swap shmem".split()
            space.figures = dict(zip(names, map(int, pages.groups())))
        elif task and int(task[3]) | int(task[4]):  # one that has not run yet runs nowhere
            home = spaces[int(task[3]) or int(task[4])]
            (home.tasks if int(task[3]) else home.borrowers).append(int(task[1]))
            home.current = int(task[1]) if task[2] else home.current
    return spaces


def outputs(out):
    """{line: [what the step in it printed]}, {line: its result}"""
    said, results = collections.defaultdict(list), {}
    for number, words in re.findall(r"^#  (\d+) \| (.*)$", out, re.M):
        said[int(number)].append(words)
    for number, result in re.findall(r"^#  (\d+) [^|].* => (.*) @\w+$", out, re.M):
        results[int(number)] = result
    return said, results


def probe(folder, lines, *steps):
    """Runs lines of a vector and some steps more; returns for each what it printed and its result."""
    path = folder / "probe.vec"
    path.write_text("\n".join([*lines, *steps, "end", ""]))
    run = twin("run", path)
    assert run.status == 0, run.out
    said, results = outputs(run.out)
    return [(said[number], results[number]) for number in range(len(lines) + 1, len(lines) + len(steps) + 1)]


@pytest.fixture(name="facts", scope="module")
def fixture_facts(tmp_path_factory):
    """(a file with the vector, what the verbs say at line AT of it)"""
    folder = tmp_path_factory.mktemp("spaces")
    path = folder / "spaces.vec"
    path.write_text(VECTOR)
    lines = VECTOR.split("\n")[:AT]
    (state, _), (space_map, _) = probe(folder, lines, "state", "space_map")
    spaces = facts_of(state)
    depths = [int(m[1]) for m in map(re.compile(r"area .* depth (\d+)").match, space_map) if m]
    areas = [area for space in spaces.values() for area in space.areas]
    assert len(depths) == len(areas) > 15
    steps = [f"maps {name}" for name in USERS.values()]
    steps += [f"mincore {USERS[space.number]} {area.start:#x} {area.end - area.start:#x}"
              for space in spaces.values() for area in space.areas]
    steps += [f"mm_status {name}" for name in USERS.values()]
    answers = probe(folder, lines, *steps)
    for number, (said, _) in zip(USERS, answers[-len(USERS):]):
        spaces[number].tables = next(int(m[1]) // 4 for m in map(re.compile(r"VmPTE:\s+(\d+) kB").match, said) if m)
    names = [line.split(" ", 3)[3:] for said, _ in answers[:len(USERS)] for line in said]
    for area, depth, name, (_, result) in zip(areas, depths, names, answers[len(USERS):-len(USERS)], strict=True):
        area.depth, area.name = depth, "".join(name)
        present, pages = re.fullmatch(r"(\d+) of (\d+) pages", result).groups()
        assert int(pages) == area.pages()
        area.present = int(present)
    for space in spaces.values():
        space.grow_tree()
    check_variety(spaces)
    return path, spaces


def check_variety(spaces):
    """What is to be drawn has something of everything."""
    rows = [row for space in spaces.values() for row in space.rows()]
    assert {row.kind for row in rows} == set(LETTERS)
    assert {space.way for space in spaces.values()} == {"up", "down"}
    assert any(len(space.tasks) > 1 for space in spaces.values())
    assert any(space.tasks and space.borrowers for space in spaces.values())
    assert any(space.tasks and not space.areas for space in spaces.values())
    assert any(0 < row.area.present < row.area.pages() for row in rows if row.kind not in ("guard", "free"))
    assert any(row.kind == "guard" and row.end - row.start < GUARD * PAGE for row in rows)
    stacks = [row.area for row in rows if row.kind == "stack"]
    assert {area.start for area in stacks} - {row.end for row in rows if row.kind == "guard"}, "a stack without guard"
    # A base within a free row, within an area, and where rows meet.
    found = {row.kind if space.base < row.end else "edge"
             for space in spaces.values() for row in space.rows() if row.start < space.base <= row.end}
    assert {"edge", "free", "other"} <= found


# ---- words --------------------------------------------------------------------------------------

def listed(numbers, current):
    numbers = [f"{pid} (now)" if pid == current else str(pid) for pid in numbers]
    return f"task{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"


def heading(space):
    tasks = listed(space.tasks, space.current) if space.tasks else "no task"
    if space.borrowers:
        tasks += f", borrowed by {listed(space.borrowers, space.current)}"
    return (f"space {space.number}: {tasks}; {len(space.areas)} area{'' if len(space.areas) == 1 else 's'}; "
            f"mmap base {space.base:08x}, {space.way}")


def pages_line(space):
    return "pages: " + ", ".join(f"{name} {space.figures[name]}" for name in "total locked data exec stack".split())


def present_line(space):
    figures = space.figures
    present = sum(area.present for area in space.areas)
    rss = sum(figures[name] for name in ("file", "anon", "shmem"))
    return (f"rss {rss}: file {figures['file']}, anon {figures['anon']}, shmem {figures['shmem']}; swapped "
            f"{figures['swap']}; {present} present in {space.tables} page table{'' if space.tables == 1 else 's'}")


def size_text(size):
    """So many bytes in the largest unit that tells it exactly."""
    if not size:
        return "-"
    unit = max(i for i in range(3) if size % (1024 << 10 * i) == 0)
    return f"{size // (1024 << 10 * unit)}{'KMG'[unit]}"


# ---- text ----------------------------------------------------------------------------------------

def expected_bar(row, step, columns):
    pages = (row.end - row.start) // PAGE
    length = (pages.bit_length() - 1) // step + 1
    letter, present = LETTERS[row.kind], 0
    if row.kind not in ("guard", "free"):
        present = length * row.area.present // pages
        if row.area.present and not present and length > 1:
            present = 1
    assert length <= columns
    return letter * present + letter.lower() * (length - present)


def expected_text(spaces, columns):
    bar = max(bar for step in range(1, 20) if (bar := 19 // step + 1) <= max(5, columns - 65))
    step = next(step for step in range(1, 20) if 19 // step + 1 == bar)
    more = "twice" if step == 1 else f"{1 << step} times"
    yield "spaces: address spaces, high addresses first; letters are areas:"
    yield "".join(f"  {letter} {kind}" for kind, letter in LETTERS.items())
    yield f"capital: the part of the pages that is there; a letter more: {more} the size"
    yield "largest: the largest gap below an area of the subtree; depth: in the tree"
    yield "flags: as in smaps, but for what the rights tell; -mw: must not become w"
    for space in spaces:
        wide = max([5, *(len(area.words()) for area in space.areas)])
        yield ""
        yield heading(space)
        yield "  " + pages_line(space)
        yield "  " + present_line(space)
        yield f"start    end          size rwxp present {'bar':{bar}}  largest depth {'flags':{wide}} name"
        for row in space.rows():
            if row.start < space.base <= row.end:
                inside = "" if space.base == row.end else ", in the row below"
                yield f"{space.base:08x} ---- mmap base, {space.way}{inside}"
            text = f"{row.start:08x}-{row.end:08x} {size_text(row.end - row.start):>8} "
            letters = f"{expected_bar(row, step, bar):{bar}}"
            if row.kind in ("guard", "free"):
                yield f"{text}{'':12} {letters} {row.kind}"
                continue
            area = row.area
            text += f"{area.rights()} {area.present:7} {letters} {size_text(area.largest):>8} {area.depth:5} "
            text += f"{area.words():{wide}} {area.name}".rstrip()
            yield (text + (f" from {area.offset:x}" if area.offset else "")).rstrip()


def check_text(text, spaces, columns=80):
    for line, expected in itertools.zip_longest(text.split("\n")[:-1], expected_text(spaces, columns)):
        assert line == expected


@pytest.mark.parametrize("columns", [40, 79, 80, 84, 85, 400])
def test_text(facts, columns):
    path, spaces = facts
    run = twin("show", "--vector", NAME, "--line", AT, "spaces", path, env=os.environ | {"COLUMNS": str(columns)})
    assert run.status == 0 and not run.err, run.err
    check_text(run.out, spaces.values(), columns)


def test_some(facts):
    """Those named, in that order."""
    path, spaces = facts
    run = twin("show", "--vector", NAME, "--line", AT, "spaces=4,1", path)
    assert run.status == 0 and not run.err
    check_text(run.out, [spaces[4], spaces[1]])


SMALL = """vector small
ram 32M
boot => ok
a = spawn => ok
execve a => ok
mmap a 0x08000000 0xc00000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS => *
p = alloc_pages 0 GFP_HIGHUSER => pfn *
vm_insert_page a 0x08000000 p => ok
vm_insert_page a 0x083ff000 p => ok
vm_insert_page a 0x08bff000 p => ok
f = file lib 0x5000 rw => ok
mmap a 0 0x3000 PROT_READ|PROT_EXEC MAP_PRIVATE f 0x2000 => *
end
"""
SMALL_TEXT = """spaces: address spaces, high addresses first; letters are areas:
  S stack  V special  C code  M shared  H heap  D data  F file  A other  ~ guard  . free
capital: the part of the pages that is there; a letter more: 4 times the size
largest: the largest gap below an area of the subtree; depth: in the tree
flags: as in smaps, but for what the rights tell; -mw: must not become w

space 1: task 1 (now); 3 areas; mmap base b8000000, down
  pages: total 3108, locked 0, data 3072, exec 3, stack 33
  rss 3: file 3, anon 0, shmem 0; swapped 0; 3 present in 2 page tables
start    end          size rwxp present bar         largest depth flags name
bffdf000-c0000000     132K rw-p       0 sss         129916K     1 gd ac [stack]
bfedf000-bffdf000       1M              ~~~~~      guard
b8000000-bfedf000  129916K              ........   free
b8000000 ---- mmap base, down
b7ffd000-b8000000      12K r-xp       0 c          2871284K     0       lib from 2000
08c00000-b7ffd000 2871284K              .......... free
08000000-08c00000      12M rw-p       3 Dddddd         128M     1 ac mm
00000000-08000000     128M              ........   free
"""


def test_exact_text(tmp_path):
    path = tmp_path / "small.vec"
    path.write_text(SMALL)
    run = twin("show", "--vector", "small", "--line", SMALL.split("\n").index("end"), "spaces", path)
    assert (run.status, run.err) == (0, "")
    assert run.out == SMALL_TEXT


def test_none():
    """After boot there is none; that is no mistake."""
    run = twin("show", "spaces")
    assert run.status == 0 and not run.err and run.out.endswith("\n\nthere is no address space\n")
    svg = twin("show", "--svg=-", "spaces")
    assert svg.status == 0 and "There is no address space." in texts_of(ET.fromstring(svg.out))


def test_among_others(facts):
    path, _ = facts
    args = ["--vector", NAME, "--line", AT]
    one, buddy = (twin("show", *args, word, path).out for word in ("spaces=2", "buddy"))
    assert twin("show", *args, "spaces=2", "buddy", path).out == one + "\n" + buddy
    assert twin("show", *args, "buddy", "spaces=2", path).out == buddy + "\n" + one


def test_any_line_will_do(facts):
    path, _ = facts
    found = []
    for line in range(VECTOR.split("\n").index("boot => ok") + 1, AT + 1):
        run = twin("show", "--vector", NAME, "--line", line, "spaces", path)
        assert run.status == 0 and not run.err, run.err
        found.append(len(re.findall("^space ", run.out, re.M)))
    assert found[0] == 0 and max(found) == found[-1] == 4


def test_borrowed(facts):
    """By a kernel thread, of a space that is in use."""
    path, _ = facts
    line = VECTOR.split("\n").index("switch k => ok") + 1
    run = twin("show", "--vector", NAME, "--line", line, "spaces=3", path)
    assert run.status == 0 and re.search(r"^space 3: task 4, borrowed by task 6 \(now\); \d areas;", run.out, re.M)


def test_more_tasks_than_are_listed(tmp_path):
    path = tmp_path / "tasks.vec"
    lines = ["vector tasks", "ram 16M", "boot", "a = spawn", *[f"t{i} = fork a CLONE_VM" for i in range(9)], "end", ""]
    path.write_text("\n".join(lines))
    for line, words in ((9, "tasks 1 (now), 2, 3, 4, 5, 6;"), (10, "tasks 1 (now), 2, 3, 4, 5, 6 and 1 more;"),
                        (13, "tasks 1 (now), 2, 3, 4, 5, 6 and 4 more;")):
        run = twin("show", "--vector", "tasks", "--line", line, "spaces", path)
        assert run.status == 0 and f"space 1: {words} 0 areas" in run.out


# ---- colours of a terminal -----------------------------------------------------------------------

def test_colours(facts):
    path, _ = facts
    args = ["show", "--vector", NAME, "--line", AT, "spaces", path]
    plain = twin(*args, env=os.environ | {"COLUMNS": "100"}).out
    coloured = on_terminal(*args, TERM="xterm")
    assert "\033" not in plain and re.sub(r"\033\[[0-9;]*m", "", coloured) == plain
    assert len(set(re.findall(r"\033\[(38;5;\d+;48;5;\d+)m", coloured))) == len(LETTERS)
    for line in coloured.splitlines():
        assert line.rfind("\033[m") >= line.rfind("\033[38")


# ---- SVG -----------------------------------------------------------------------------------------

LEFT, RIGHT = 236, 416  # of the stretched ladder


def texts_of(root):
    return ["".join(node.itertext()) for node in root.iter(SVG + "text")]


def row_height(row, stretch=1):
    return (16 + 2 * (((row.end - row.start) // PAGE).bit_length() - 1)) * stretch


def title_of(space, row, about):
    size = row.end - row.start
    title = (f"space {space.number}, {row.start:08x}-{row.end:08x}, {row.kind}, {size // PAGE} pages "
             f"({size_text(size)})")
    if not about or row.kind in ("guard", "free"):
        return title
    area = row.area
    title += f", {area.present} present; {area.rights()}, flags {area.flags:08x} {area.words()}; "
    if area.file:
        title += f"file {area.file} from {area.offset:x}; "
    title += f"gap below {size_text(area.gap)}, largest of the subtree {size_text(area.largest)}, depth {area.depth}"
    return title + (f"; {area.name}" if area.name else "")


def check_ladders(root, spaces):
    """Each space is drawn twice: to scale, in pages, then stretched."""
    drawn = iter(list(groups(root)))
    tops = []
    for space in spaces:
        rows = space.rows()
        stretch = max(1, 130 / sum(map(row_height, rows)))
        for row in rows:
            title, kind, _, rects = next(drawn)
            assert title == title_of(space, row, False) and kind == row.kind
            assert rects == [(0, (TASK_SIZE - row.end) // PAGE, 1, (row.end - row.start) // PAGE)]
        top = None
        for row in rows:
            title, kind, _, rects = next(drawn)
            assert title == title_of(space, row, True) and kind == row.kind
            x, y, width, height = rects[0]
            assert (x, width) == (LEFT, RIGHT - LEFT) and abs(height - row_height(row, stretch)) < 0.01
            if top is None:
                tops.append(y)
            assert top is None or abs(y - top) < 0.01
            top = y + height
            share = row.area.present / row.area.pages() if row.kind not in ("guard", "free") else 0
            assert len(rects) == (2 if share else 1)
            if share:
                assert rects[1][0] == 524 and rects[1][3] == 8 and abs(rects[1][2] - max(50 * share, 1)) < 0.01
                assert y < rects[1][1] and rects[1][1] + 8 < top
    assert next(drawn, None) is None
    check_scales(root, spaces, tops)


def check_scales(root, spaces, tops):
    """Both ladders of a space are equally high, and below one another."""
    scales = [re.match(r"translate\(78 (\S+)\) scale\(30 (\S+)\)", group.get("transform") or "")
              for group in root.iter(SVG + "g")]
    scales = [(float(m[1]), float(m[2]) * TASK_SIZE / PAGE) for m in scales if m]
    assert [top for top, _ in scales] == tops and len(tops) == len(spaces)
    for (top, height), space in zip(scales, spaces):
        assert abs(height - max(130, sum(map(row_height, space.rows())))) < 0.1
    for (top, height), (below, _) in zip(scales, scales[1:]):
        assert top + height < below


def boxes(root):
    """(left, top, right, bottom, text) of each text: widths at least as fonts have them."""
    shift = 40
    for node in root.iter(SVG + "text"):
        text, size = "".join(node.itertext()), float(node.get("font-size", "12"))
        wide = 0.603 if node.get("font-family") == "monospace" else 0.58
        width = len(text) * size * wide * (1.1 if node.get("font-weight") else 1)
        x, y = float(node.get("x")), float(node.get("y"))
        x -= {"end": width, "middle": width / 2, None: 0}[node.get("text-anchor")]
        yield x, y - 0.75 * size + shift, x + width, y + 0.2 * size + shift, text


def check_geometry(root):
    """Nothing lies outside the picture; no texts overlap, no line goes through one. The title stands above the shifted rest."""
    width, height = float(root.get("width")), float(root.get("height"))
    found = list(boxes(root))[1:]
    for left, top, right, bottom, text in found:
        assert 0 <= left and right <= width and 40 <= top and bottom <= height, text
    for one, other in itertools.combinations(found, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (one, other)
    for line in root.iter(SVG + "line"):
        x, x2, y = float(line.get("x1")), float(line.get("x2")), float(line.get("y1")) + 40
        assert not any(left < x2 and x < right and top < y < bottom for left, top, right, bottom, _ in found)
    for rect in root.iter(SVG + "rect"):
        if rect.get("class") != "paper":
            assert float(rect.get("x")) + float(rect.get("width")) <= width


def check_words(root, spaces):
    words = collections.Counter(texts_of(root))
    for space in spaces:
        assert words[heading(space)] >= 1
        assert words[pages_line(space) + "; " + present_line(space)] >= 1
    for row in (row for space in spaces for row in space.rows()):
        assert {f"{row.end:08x}", size_text(row.end - row.start)} <= set(words)
        if row.kind in ("guard", "free"):
            continue
        name = row.area.name or row.kind
        assert (name if len(name) <= 28 else "..." + name[-25:]) in words
        flags = row.area.words()
        assert not flags or (flags if len(flags) <= 12 else flags[:9] + "...") in words
    bases = [node.get("d") for node in root.iter(SVG + "path") if node.get("class") == "base"]
    assert [("down" if " 7 z" in base else "up") for base in bases] == [space.way for space in spaces]
    assert words["mmap base, down"] + words["mmap base, up"] == len(spaces)
    for kind in LETTERS:
        assert any(word == kind or re.match(kind + r"\W", word) for word in words), kind


def check_bases(root, spaces):
    """The mark at the stretched ladder is where the address is, in its row."""
    marks = [float(re.match(r"M876 (\S+) ", node.get("d"))[1]) for node in root.iter(SVG + "path")]
    stretched = collections.defaultdict(dict)
    for title, _, _, rects in groups(root):
        number, start, end = re.match(r"space (\d+), (\w+)-(\w+), ", title).groups()
        if rects[0][0] == LEFT:
            stretched[int(number)][int(start, 16), int(end, 16)] = rects[0]
    for mark, space in zip(marks, spaces, strict=True):
        (start, end), = [at for at in stretched[space.number] if at[0] < space.base <= at[1]]
        _, y, _, height = stretched[space.number][start, end]
        at = mark + (1 if space.way == "down" else -1)
        assert abs(at - (y + height * (end - space.base) / (end - start))) < 0.01


def check_between(root, spaces):
    """From each area in the ladder that is to scale to its stretched row, and a line of a pixel where it is."""
    scales = [re.match(r"translate\(78 (\S+)\) scale\(30 (\S+)\)", group.get("transform") or "")
              for group in root.iter(SVG + "g")]
    scales = [(float(m[1]), float(m[2])) for m in scales if m]
    lenses = iter([[float(n) for n in re.split("[ ,]", node.get("points"))] for node in root.iter(SVG + "polygon")])
    lines = {(node.get("stroke"), float(node.get("y1"))) for node in root.iter(SVG + "line")
             if node.get("x1") in ("76", "78")}
    colour = {kind: fill for _, kind, fill, _ in groups(root)}
    for (top, pixel), space in zip(scales, spaces, strict=True):
        def y_of(address, top=top, pixel=pixel):
            return top + (TASK_SIZE - address) // PAGE * pixel
        stretched = top
        stretch = max(1, 130 / sum(map(row_height, space.rows())))
        for row in space.rows():
            below = stretched + row_height(row, stretch)
            if row.kind != "free":
                expected = [108, y_of(row.end), LEFT, stretched, LEFT, below, 108, y_of(row.start)]
                assert all(abs(one - other) < 0.1 for one, other in zip(next(lenses), expected, strict=True))
                at = (y_of(row.start) + y_of(row.end)) / 2
                assert any(abs(y - at) < 0.2 for stroke, y in lines if stroke == colour[row.kind])
            stretched = below
        assert any(abs(y - y_of(space.base)) < 0.2 for stroke, y in lines if stroke == "#000000")
    assert next(lenses, None) is None


def check_svg(text, spaces):
    root = ET.fromstring(text)
    assert {node.tag for node in root.iter()} <= {SVG + name for name in ("svg", "title", "text", "g", "rect", "line",
                                                                         "path", "polygon")}
    assert not any(re.search(r"href|^on|style|url\(", key + value)
                   for node in root.iter() for key, value in node.attrib.items())
    colours = collections.defaultdict(set)
    for _, kind, fill, _ in groups(root):
        colours[fill].add(kind)
    assert all(len(kinds) == 1 for kinds in colours.values())
    check_ladders(root, spaces)
    check_geometry(root)
    check_words(root, spaces)
    check_bases(root, spaces)
    check_between(root, spaces)


def test_svg(facts, tmp_path):
    path, spaces = facts
    out = tmp_path / "spaces.svg"
    run = twin("show", "--vector", NAME, "--line", AT, f"--svg={out}", "spaces", path)
    assert run.status == 0 and not run.out and not run.err, run.err
    check_svg(out.read_text(), list(spaces.values()))


def test_svg_of_some(facts):
    path, spaces = facts
    run = twin("show", "--vector", NAME, "--line", AT, "--svg=-", "spaces=3,1", path)
    assert run.status == 0
    check_svg(run.out, [spaces[3], spaces[1]])


# ---- damage, many areas, real programs ----------------------------------------------------------

def test_damaged_state_is_drawn_and_no_success(tmp_path):
    path = tmp_path / "damage.vec"
    path.write_text("vector damage\nram 16M\nboot\na = spawn\nexecve a\np = alloc_pages 3\ntamper_page p count 0\n"
                    "mend => *  *\nend\n")
    damaged, sound = (twin("show", "--vector", "damage", "--line", line, "spaces", path) for line in (7, 8))
    assert damaged.status == FAIL and "mm_verify() found" in damaged.err
    assert sound.status == 0 and damaged.out == sound.out and "[stack]" in sound.out


def test_many_areas(tmp_path):
    """Up to what a step can print; what was cut off is not drawn as if it were whole."""
    path = tmp_path / "many.vec"
    steps = [f"mmap a {at:#x} 0x1000 PROT_READ|PROT_WRITE MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE"
             for at in range(0x10000000, 0x10000000 + 2600 * 0x2000, 0x2000)]
    path.write_text("\n".join(["vector many", "ram 64M", "boot", "a = spawn", *steps, "end", ""]))
    run = twin("show", "--vector", "many", "--line", 1004, "spaces", path)
    assert run.status == 0, run.err
    rows = re.findall(r"^(\w{8})-(\w{8}) +4K (\S*)", run.out, re.M)
    assert len(rows) == 1999 and sum(row[2] == "rw-p" for row in rows) == 1000
    svg = twin("show", "--vector", "many", "--line", 304, "--svg=-", "spaces", path)
    assert svg.status == 0, svg.err
    check_geometry(ET.fromstring(svg.out))
    run = twin("show", "--vector", "many", "--line", 2604, "spaces", path)
    assert run.status == FAIL and not run.out
    assert "printed more than" in run.err


@pytest.mark.parametrize("program", ["nginx", "gcc", "busybox"])
def test_real_programs(program):
    """Each area that maps tells of is there, and labels of many areas do not overlap."""
    path = ROOT / "tests" / "vectors" / "recorded" / f"{program}.vec"
    lines = path.read_text().split("\n")
    steps = [i + 1 for i, line in enumerate(lines) if line.startswith("maps ")]
    line = steps[len(steps) // 2]
    maps = list(itertools.takewhile(lambda line: line.startswith("| "), lines[line:]))
    args = ["show", "--vector", f"recorded/{program}", "--line", line]
    run = twin(*args, "spaces", path)
    assert run.status == 0, run.err
    rows = re.findall(r"^(\w{8}-\w{8}) +\w+ ([r-][w-][x-][ps]) ", run.out, re.M)
    for said in maps:
        assert tuple(said.split()[1:3]) in rows
    svg = twin(*args, "--svg=-", "spaces", path)
    assert svg.status == 0
    check_geometry(ET.fromstring(svg.out))
