"""pagetwin show: its drawings of the buddy's free areas and of physical memory, as text and as SVG.

What a drawing must say is worked out here from what the verbs print, page by page."""
import collections
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import xml.etree.ElementTree as ET

import pytest
from conftest import BUILD, FAIL, PAGETWIN, ROOT, USAGE, Run, twin
from test_planted import PLANTED, Build, plant, read_bug

MACHINES = ["16M", "64M", "1G"]
ORDERS = 11
TYPES = ["Unmovable", "Reclaimable", "Movable", "Reserve"]
LETTERS = dict(zip(TYPES, "UEMR"))
# A cell's letter when one holder has all of it; in small where it has not. Free cells have signs.
CELLS = {"free Unmovable": "_", "free Reclaimable": ",", "free Movable": ".", "free Reserve": ":",
         "used Unmovable": "U", "used Reclaimable": "E", "used Movable": "M", "used Reserve": "R",
         "table": "T", "pcp": "P", "boot": "B", "text": "X", "data": "D", "hole": "H"}
SVG = "{http://www.w3.org/2000/svg}"

FRAGMENTED = """vector other/first
ram 16M
boot_to up => ok
end

vector show/<fragmented&more>
about "all holders: pages of each type, used and free; page tables; a per-CPU list"
ram 64M
boot_to up => ok
hoard 0 GFP_KERNEL 3000
release 3
hoard 2 GFP_HIGHUSER_MOVABLE 1200
release 5
hoard 1 GFP_KERNEL|__GFP_RECLAIMABLE 500
p = alloc_pages 0
s = pgd_alloc
map s 0x400000 p rw|user => ok
q = alloc_pages 0 GFP_KERNEL => *  *
free_pages q => ok
page p => ok
| page * zone ...
nr_free_pages => wrong
nr_free_pages => *
end

vector other/last
ram 16M
boot => nonsense
end
"""
NAME = "show/<fragmented&more>"
AT = FRAGMENTED.split("\n").index("free_pages q => ok") + 1


class Facts:
    """What the verbs say: runs of pages, and free blocks by zone, type and order."""

    def __init__(self, lines):
        self.max_pfn = int(next(m[1] for m in map(re.compile(r"stage \w+ max_pfn (\w+) ").match, lines) if m), 16)
        self.pages = []  # the holder of each
        self.zones = []  # and its zone
        self.nr_runs = 0
        self.free = collections.defaultdict(dict)
        for line in lines:
            run = re.fullmatch(r"([0-9a-f]+) - ([0-9a-f]+) (\w+) ([a-z]+(?: \w+)?)", line)
            if run:
                start, end = int(run[1], 16), int(run[2], 16)
                assert start == len(self.pages)
                self.pages += [run[4]] * (end - start)
                self.zones += [run[3]] * (end - start)
                self.nr_runs += 1
            area = re.fullmatch(r"Node +0, zone +(\w+), type +(\w+) ((?: +\d+)+) *", line)
            if area:
                self.free[area[1]][area[2]] = [int(n) for n in area[3].split()]
        assert len(self.pages) == self.max_pfn > 0
        assert self.free and all(list(types) == TYPES for types in self.free.values())

    def totals(self):
        return collections.Counter(self.pages)

    def blocks(self, zone, order):
        return sum(counts[order] for counts in self.free[zone].values())

    def free_pages(self, zone):
        return sum(self.blocks(zone, order) << order for order in range(ORDERS))


@pytest.fixture(scope="module", params=MACHINES)
def machine(request):
    """(size, what the verbs say of a machine of that size after boot)"""
    run = twin("show", "--ram", request.param, "memory_map", "physmap", "pagetypeinfo")
    assert run.status == 0, run.err
    return request.param, Facts(run.out.split("\n"))


@pytest.fixture(scope="module")
def fragmented(tmp_path_factory):
    """(a file with vectors, what the verbs say at line AT of it)"""
    folder = tmp_path_factory.mktemp("show")
    path, probe = folder / "some.vec", folder / "probe.vec"
    path.write_text(FRAGMENTED)
    lines = FRAGMENTED.split("\n")[:AT]
    probe.write_text("\n".join(lines[4:] + ["memory_map", "physmap", "pagetypeinfo", "end", ""]))
    run = twin("run", probe)
    assert run.status == 0, run.out
    facts = Facts(re.findall(r"^#  \d+ \| (.*)$", run.out, re.M))
    assert set(facts.pages) == set(CELLS) - {"used Reserve"}  # so that each is drawn
    return path, facts


# ---- text: the free areas ------------------------------------------------------------------------

def check_buddy(text, facts, columns=80):
    zones = re.findall(r"^zone (\w+): (\d+) pages free \((\w+)\); a letter is up to (\d+) pages \(\w+\)\n"
                       r"order +size +blocks +pages\n((?: +\d+ .*\n){11})", text, re.M)
    assert [zone[0] for zone in zones] == list(facts.free)
    for zone, free, size, scale, table in zones:
        assert int(free) == facts.free_pages(zone) and kib(size) == int(free) * 4
        scale, longest, half = int(scale), 0, 0
        for order, line in enumerate(table.splitlines()):
            row = re.fullmatch(r" *(\d+) +(\w+) +(\d+) +(\d+)(?: ([UEMR]+))?", line)
            blocks = facts.blocks(zone, order)
            assert (int(row[1]), kib(row[2])) == (order, 4 << order)
            assert (int(row[3]), int(row[4])) == (blocks, blocks << order), line
            bar = {kind: -(-(facts.free[zone][kind][order] << order) // scale) for kind in TYPES}
            assert (row[5] or "") == "".join(LETTERS[kind] * bar[kind] for kind in TYPES), line
            assert len(line) <= columns
            longest = max(longest, len(row[5] or ""))
            half = max(half, sum(-(-(facts.free[zone][kind][order] << order) // (scale // 2 or 1))
                                 for kind in TYPES))
        # The scale is the finest that fits.
        assert scale == 1 or half > columns - 31 >= longest


def kib(size):
    return int(size[:-1]) << {"K": 0, "M": 10, "G": 20}[size[-1]]


def test_buddy_text(machine):
    size, facts = machine
    run = twin("show", "--ram", size, "buddy")
    assert run.status == 0 and not run.err
    check_buddy(run.out, facts)
    zones = twin("show", "--ram", size, "zones").out
    for zone in facts.free:
        assert re.search(rf"^zone {zone} .* free {facts.free_pages(zone)}$", zones, re.M)


# ---- text: the map -------------------------------------------------------------------------------

def expected_cell(pages):
    count = collections.Counter(pages)
    held = {holder: n for holder, n in count.items() if not holder.startswith("free ")}
    if not held:
        return {CELLS[holder] for holder, n in count.items() if n == max(count.values())}
    most = [holder for holder, n in held.items() if n == max(held.values())]
    return {CELLS[holder] if n == len(pages) else CELLS[holder].lower()
            for holder, n in held.items() if holder in most}


def check_map(text, facts, columns=80):
    head = re.search(r"^map: who holds each page; a letter is (\d+) pages \((\w+)\), a row (\d+) \((\w+)\)$",
                     text, re.M)
    cell, row = int(head[1]), int(head[3])
    assert (kib(head[2]), kib(head[4])) == (cell * 4, row * 4)
    assert cell & (cell - 1) == 0
    drawing = text[head.end():text.index("sign: ")]
    pfn, rows, zone = 0, 0, None
    for line in drawing.strip().splitlines():
        if line.startswith("zone "):
            zone = line.split()[1]
            continue
        address, letters = line.split(" ")
        assert len(line) <= columns
        assert int(address, 16) == pfn * 4096
        assert zone == facts.zones[pfn]
        for letter in letters:
            end = min((pfn // cell + 1) * cell, facts.max_pfn)
            while facts.zones[end - 1] != zone:
                end -= 1
            assert letter in expected_cell(facts.pages[pfn:end]), hex(pfn)
            pfn = end
        rows += 1
        assert pfn % row == 0 or pfn == facts.max_pfn or facts.zones[pfn] != zone
    assert pfn == facts.max_pfn
    assert rows <= 32 + len(set(facts.zones)) and (rows > 16 or cell == 1)
    legend = re.findall(r"^(.)(.)  +(\d+) +(\w+)  (\w+(?: [A-Z]\w+)?)(?:: .*)?$", text, re.M)
    assert {name: int(pages) for _, _, pages, _, name in legend} == facts.totals()
    for whole, part, pages, size, name in legend:
        assert whole == CELLS[name] and part in (" ", whole.lower())
        assert kib(size) == int(pages) * 4
    total = re.search(r"^ +(\d+) +(\w+)  all, up to max_pfn ([0-9a-f]+)$", text, re.M)
    assert sum(int(entry[2]) for entry in legend) == int(total[1]) == int(total[3], 16) == facts.max_pfn


def test_map_text(machine):
    size, facts = machine
    run = twin("show", "--ram", size, "map")
    assert run.status == 0 and not run.err
    check_map(run.out, facts)


@pytest.mark.parametrize("columns", [40, 72, 73, 137, 400])
def test_drawings_adapt_to_the_width(machine, columns):
    size, facts = machine
    run = twin("show", "--ram", size, "map", "buddy", env=os.environ | {"COLUMNS": str(columns)})
    check_map(run.out, facts, columns)
    check_buddy(run.out, facts, columns)
    widest = max(len(line) for line in run.out.splitlines() if re.match(r"[0-9a-f]{8} ", line))
    assert widest == 9 + {40: 16, 72: 32, 73: 64, 137: 128, 400: 256}[columns]


# ---- texts among drawings, and colours -----------------------------------------------------------

def test_order_is_that_of_the_words():
    zones, buddy, both = (twin("show", *words).out for words in (["zones"], ["buddy"], ["zones", "buddy"]))
    assert both == zones + "\n" + buddy
    last = twin("show", "map", "pagetypeinfo").out
    assert last.startswith("BIOS-provided") and last.index("\nmap:") < last.index("\nPage block order")
    assert "BIOS" not in buddy
    twice = twin("show", "buddy", "hoard 5 GFP_KERNEL 7", "buddy").out
    first, second = re.findall(r"(?:.+\n)*^zone Normal: (\d+) pages free", twice, re.M)
    assert int(first) - int(second) == 7 << 5


@pytest.mark.parametrize("word", [
    "memory_map", "iomem", "zones", "zoneinfo", "watermarks", "meminfo", "vmstat", "buddyinfo", "pagetypeinfo",
    "free_lists", "pcp_lists", "pageblocks", "physmap", "state"])
def test_texts(word):
    run = twin("show", word)
    assert run.status == 0 and len(run.out.splitlines()) > 5 and not run.err
    assert re.search(rf"\b{word}\b", twin("show", "--help").out)


def on_terminal(*args, columns=100, **env):
    """Runs pagetwin with a terminal as its stdout; returns what that gets."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "NO_COLOR")} | env
    with subprocess.Popen([PAGETWIN, *map(str, args)], stdout=theirs, env=env) as child:
        os.close(theirs)
        text = b""
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # the other side is closed
                break
            text += chunk
        os.close(ours)
        assert child.wait(60) == 0
    return text.decode().replace("\r", "")


def test_colours_only_on_a_terminal(fragmented):
    path, facts = fragmented
    args = ["show", "--vector", NAME, "--line", AT, "buddy", "map", path]
    plain = twin(*args, env=os.environ | {"TERM": "xterm", "COLUMNS": "100"}).out
    assert "\033" not in plain
    coloured = on_terminal(*args, TERM="xterm")
    assert re.sub(r"\033\[[0-9;]*m", "", coloured) == plain
    # A colour for each holder, taken back at the end of each line.
    colours = set(re.findall(r"\033\[(38;5;\d+;48;5;\d+)m", coloured))
    assert len(colours) == len(facts.totals())
    for line in coloured.splitlines():
        assert line.rfind("\033[m") >= line.rfind("\033[38")
    for env in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "xterm", "NO_COLOR": ""}, {"TERM": "dumb"}):
        assert on_terminal(*args, **env) == plain
    check_map(plain, facts, 100)
    check_buddy(plain, facts, 100)
    narrow = on_terminal(*args, columns=50, TERM="dumb")
    check_map(narrow, facts, 50)
    check_buddy(narrow, facts, 50)


# ---- SVG -----------------------------------------------------------------------------------------

def groups(root):
    """(title, class, fill, rects in order) of each group that has a title; rects as (x, y, width, height)."""
    for group in root.iter(SVG + "g"):
        if group.get("class"):
            rects = [tuple(float(rect.get(key)) for key in ("x", "y", "width", "height"))
                     for rect in group.findall(SVG + "rect")]
            yield group.find(SVG + "title").text, group.get("class"), group.get("fill"), rects


def check_svg(text, facts, title):
    root = ET.fromstring(text)
    assert root.tag == SVG + "svg" and root.get("version") == "1.1"
    assert root.find(SVG + "title").text == title
    words = {"".join(node.itertext()) for node in root.iter(SVG + "text")}
    assert {title, "order", "block", "pages", "address", "4K", "4M", "10", "00000000"} <= words
    allowed = {"svg", "title", "text", "g", "rect", "line"}
    assert {node.tag for node in root.iter()} == {SVG + name for name in allowed}
    assert not any(re.search(r"href|^on|style|url\(", key + value)
                   for node in root.iter() for key, value in node.attrib.items())
    check_svg_buddy(root, facts)
    check_svg_map(root, facts, words)


def check_svg_buddy(root, facts):
    drawn = collections.defaultdict(dict)
    for title, kind, _, rects in groups(root):
        found = re.fullmatch(r"zone (\w+), order (\d+) \((\w+)\), (\w+): (\d+) blocks, (\d+) pages", title)
        if not found:
            continue
        zone, order, block, typename, blocks, pages = found.groups()
        assert kind == f"free {typename}" and kib(block) == 4 << int(order)
        assert int(pages) == int(blocks) << int(order)
        (x, y, width, _), = rects
        assert width == int(pages) and int(y) == int(order)
        drawn[zone][typename, int(order)] = (x, width, int(blocks))
    assert list(drawn) == list(facts.free)
    for zone, bars in drawn.items():
        for order in range(ORDERS):
            x = 0  # the types of an order stand side by side
            for typename in TYPES:
                blocks = facts.free[zone][typename][order]
                assert bars.get((typename, order)) == ((x, blocks << order, blocks) if blocks else None)
                x += blocks << order
        assert sum(width for _, width, _ in bars.values()) == facts.free_pages(zone)


def check_svg_map(root, facts, words):
    row = next(int(m[1]) for m in map(re.compile(r".* a row is (\d+) pages").match, words) if m)
    pages, colours, runs = [None] * facts.max_pfn, collections.defaultdict(set), 0
    for title, holder, fill, rects in groups(root):
        colours[fill].add(holder)
        found = re.fullmatch(r"pfn (\w+) - (\w+), zone (\w+), ([\w ]+): (\d+) pages \((\w+)\)", title)
        if not found:
            continue
        start, end = int(found[1], 16), int(found[2], 16)
        runs += 1
        assert found[4] == holder and int(found[5]) == end - start and kib(found[6]) == (end - start) * 4
        assert set(facts.zones[start:end]) == {found[3]}
        for x, y, width, height in rects:
            assert x + width <= row and 0 < height <= 1 and y == int(y)
            first = int(y) * row + int(x)
            assert start <= first and first + width <= end
            for pfn in range(first, first + int(width)):
                assert pages[pfn] is None, "drawn twice"
                pages[pfn] = holder
        assert sum(width for _, _, width, _ in rects) == end - start
    assert pages == facts.pages and runs == facts.nr_runs
    assert all(len(names) == 1 for names in colours.values()), colours
    for holder, count in facts.totals().items():
        assert any(re.match(rf"{holder}, {count} pages \(\w+\)", text) for text in words), holder
    assert set(facts.zones) <= words


def test_svg(machine, tmp_path):
    size, facts = machine
    path = tmp_path / "drawing.svg"
    run = twin("show", "--ram", size, f"--svg={path}", "buddy", "map")
    assert run.status == 0 and not run.out and not run.err
    check_svg(path.read_text(), facts, f"pagetwin: {size} of memory after boot")
    assert twin("show", "--ram", size, "--svg", "-", "buddy", "map").out == path.read_text()


def test_svg_draws_what_is_asked_for():
    titles = {words: [group[0][:4] for group in groups(ET.fromstring(twin("show", "--svg", "-", *words).out))]
              for words in (("buddy",), ("map",), ("map", "buddy"))}
    assert set(titles["buddy",]) == {"zone"} and set(titles["map",]) == {"pfn "}
    assert titles["map", "buddy"] == titles["map",] + titles["buddy",]


# ---- the state at a line of a vector -------------------------------------------------------------

def test_vector_text(fragmented):
    path, facts = fragmented
    run = twin("show", "--vector", NAME, "--line", AT, "map", "buddy", path)
    assert run.status == 0, run.err
    check_map(run.out, facts)
    check_buddy(run.out, facts)


def test_vector_svg(fragmented):
    path, facts = fragmented
    run = twin("show", "--vector", NAME, "--line", AT, "--svg=-", "buddy", "map", path)
    assert run.status == 0, run.err
    check_svg(run.out, facts, f"pagetwin: vector {NAME}, after line {AT}")


def test_any_line_will_do(fragmented):
    """Each line after boot has a state: steps, outputs, blanks, one whose expectation does not hold."""
    path, _ = fragmented
    lines = FRAGMENTED.split("\n")
    free = {}
    for number in range(lines.index("ram 64M") + 2, lines.index("nr_free_pages => wrong") + 2):
        run = twin("show", "--vector", NAME, "--line", number, "buddy", path)
        assert run.status == 0, run.err
        free[lines[number - 1]] = sum(map(int, re.findall(r"^zone \w+: (\d+) pages", run.out, re.M)))
    assert free["boot_to up => ok"] - free["hoard 0 GFP_KERNEL 3000"] == 3000
    assert free["| page * zone ..."] == free["page p => ok"] == free["nr_free_pages => wrong"]
    run = twin("show", "--vector", NAME, "--line", lines.index("nr_free_pages => *") + 1, "buddy", path)
    assert run.status == FAIL and 'expected "wrong"' in run.err and not run.out


def test_line_between_outputs(tmp_path):
    path = tmp_path / "outputs.vec"
    path.write_text("vector outputs\nram 16M\nboot_to up\nzones => ok\n| zone DMA ...\n\n| zone Normal ...\n| ...\nend")
    for line in (4, 5, 6, 7, 8):
        run = twin("show", "--vector", "outputs", "--line", line, "map", path)
        assert run.status == 0 and run.out.startswith("map:"), run.err


def test_without_a_drawing_the_whole_state(fragmented):
    path, _ = fragmented
    folder = path.parent
    whole = folder / "whole.vec"
    whole.write_text(FRAGMENTED[FRAGMENTED.index("vector show/"):FRAGMENTED.index("nr_free_pages")] + "end\n")
    run = twin("show", "--vector", NAME, "--line", AT - 5, whole)
    assert run.status == 0 and run.out.startswith("stage up max_pfn 04000"), run.err


def test_damaged_state_is_drawn_and_no_success(tmp_path):
    path = tmp_path / "damage.vec"
    path.write_text("vector damage\nram 16M\nboot_to up\np = alloc_pages 3\ntamper_page p count 0\nmend => *  *\nend\n")
    damaged = twin("show", "--vector", "damage", "--line", 5, "buddy", "map", path)
    assert damaged.status == FAIL and "mm_verify() found" in damaged.err
    assert damaged.out.startswith("buddy:") and "all, up to max_pfn" in damaged.out
    assert twin("show", "--vector", "damage", "--line", 6, "map", path).status == 0


def test_state_that_a_bug_damaged_is_drawn(tmp_path):
    """Though mm_verify() has an objection after each step: the last is the one to look at."""
    vector = tmp_path / "bug.vec"
    vector.write_text("vector bug\nram 16M\nboot_to up\np = alloc_pages 3\nq = alloc_pages 0\nend\n")
    folder = tmp_path / "planted"
    folder.mkdir()
    program = plant(read_bug(PLANTED / "free-count.patch"), Build(BUILD.resolve()), folder)
    args = ["show", "--vector", "bug", "--line", 5, "buddy", "map", vector]
    planted, sound = Run([program, *args]), twin(*args)
    assert planted.status == FAIL and "mm_verify() found" in planted.err
    assert planted.out == sound.out and sound.status == 0


# ---- what cannot be shown ------------------------------------------------------------------------

@pytest.mark.parametrize("args, status, words", [
    (["frob"], FAIL, 'found "frob"'),
    (["buddy", "frob"], FAIL, 'found "frob"'),
    (["--ram", "1M", "map"], USAGE, "usage:"),
    (["--svg"], USAGE, "usage:"),
    (["--svg=", "map"], USAGE, "usage:"),
    (["--svg=-"], USAGE, "usage:"),
    (["--svg=-", "zones"], USAGE, "no texts"),
    (["--svg=-", "map", "walk", "0"], USAGE, "no texts"),
    (["--svg={folder}/absent/x.svg", "map"], USAGE, "absent/x.svg: No such file"),
    (["--svg=/dev/full", "map"], USAGE, "/dev/full: No space left"),
    (["--vector", NAME, "map", "{file}"], USAGE, "usage:"),
    (["--line", "9", "map", "{file}"], USAGE, "usage:"),
    (["--vector", NAME, "--line", "9x", "map", "{file}"], USAGE, "expected a number from"),
    (["--vector", NAME, "--line", "0", "map", "{file}"], USAGE, "expected a number from"),
    (["--vector", NAME, "--line", "9", "map"], USAGE, "needs the file"),
    (["--vector", NAME, "--line", "9", "buddy", "map"], USAGE, "needs the file"),
    (["--vector", NAME, "--line", "9", "map", "{folder}/absent.vec"], USAGE, "absent.vec: No such file"),
    (["--vector", NAME, "--line", "9", "--svg=-", "{file}"], USAGE, "what to draw"),
    (["--vector", "absent", "--line", "9", "map", "{file}"], FAIL, 'no vector "absent"'),
    (["--vector", "show/*", "--line", "9", "map", "{file}"], FAIL, "no vector"),
    (["--vector", NAME, "--line", "9", "map", "{file}", "{file}"], FAIL, "more than one vector"),
    (["--vector", NAME, "--line", "6", "map", "{file}"], FAIL, "steps in lines 7 to 23"),
    (["--vector", NAME, "--line", "24", "map", "{file}"], FAIL, "steps in lines 7 to 23"),
    (["--vector", NAME, "--line", "8", "map", "{file}"], FAIL, "physmap runs in stages zones to "),
])
def test_errors(fragmented, args, status, words):
    path, _ = fragmented
    run = twin("show", *(arg.format(file=path, folder=path.parent) for arg in args))
    assert (run.status, run.out) == (status, ""), run.err
    assert words in run.err


def test_short_write_to_stdout():
    with open("/dev/full", "wb") as full:
        for args in (["map"], ["zones"], ["--svg=-", "buddy"]):
            done = subprocess.run([PAGETWIN, "show", *args], stdout=full, stderr=subprocess.PIPE, check=False)
            assert done.returncode == USAGE and b"No space left" in done.stderr


def test_more_runs_than_a_step_can_print(tmp_path):
    """What was cut off is not drawn as if it were whole."""
    path = tmp_path / "checkered.vec"
    path.write_text("vector checkered\nram 128M\nboot_to up\nhoard 0\nrelease 2\nend\n")
    run = twin("show", "--vector", "checkered", "--line", 5, "map", path)
    assert run.status == FAIL and not run.out
    assert "printed more than" in run.err
    assert twin("show", "--vector", "checkered", "--line", 5, "buddy", path).status == 0


# ---- reading is strict ---------------------------------------------------------------------------

READER = r"""
#include <stdio.h>
#include <string.h>
#include "tool/drawing.h"
#include "tool/page_tables.h"
#include "tool/slab_map.h"
#include "tool/space_map.h"
#include "top/mm_kmem.h"
#include "top/mm_spaces.h"

const char *slab_place_name(enum slab_place place)
{
	static const char *const names[] = {"cpu", "cpu-partial", "partial", "full", "free"};

	return names[place];
}

const char *zone_name(unsigned int zone)
{
	static const char *const names[] = {"DMA", "Normal", "HighMem", "Movable"};

	return names[zone];
}

const char *migratetype_name(unsigned int type)
{
	static const char *const names[] = {"Unmovable", "Reclaimable", "Movable", "Reserve"};

	return names[type];
}

const char *vm_flag_letters(unsigned long bit)
{
	return bit ? "xx" : NULL;
}

/* PROGRAM buddy PAGETYPEINFO, or map MEMORY_MAP PHYSMAP, or slabs SLAB_MAP, or spaces SPACE_MAP */
int main(int argc, char **argv)
{
	struct free_areas areas;
	struct page_map map = {0};
	struct slab_map slabs = {0};
	struct space_map spaces = {0};
	struct page_tables tables = {0};
	struct text first = {0}, second = {0};
	int err;

	if (file_read(argv[2], &first) || (argc > 3 && file_read(argv[3], &second)))
		return 2;
	if (strcmp(argv[1], "slabs") == 0)
		err = slab_map_read(&slabs, &first);
	else if (strcmp(argv[1], "spaces") == 0)
		err = space_map_read(&spaces, &first);
	else if (strcmp(argv[1], "page_tables") == 0)
		err = page_tables_read(&tables, &first, &second);
	else
		err = argc > 3 ? page_map_read(&map, &first, &second) : free_areas_read(&areas, &first);
	slab_map_free(&slabs);
	space_map_free(&spaces);
	page_tables_free(&tables);
	page_map_free(&map);
	text_free(&first);
	text_free(&second);
	return err ? 1 : 0;
}
"""


@pytest.fixture(name="reader", scope="module")
def fixture_reader(tmp_path_factory):
    """reader(*texts): did the tool's own reading of them, compiled alone, succeed? With its complaint. One text is
    pagetypeinfo's, or with what="slabs" slab_map's, with what="spaces" space_map's;
    two are those for the map, or for what="page_tables"."""
    folder = tmp_path_factory.mktemp("reader")
    (folder / "reader.c").write_text(READER)
    host = ROOT / "host"
    subprocess.run(["cc", "-m32", "-D_GNU_SOURCE", "-DCONFIG_CHECKED=1", "-DCONFIG_KASAN=0", "-fsanitize=undefined",
                    "-fsanitize-undefined-trap-on-error", "-I", host, "-I", ROOT / "shared", "-I", ROOT / "tests",
                    "-I", BUILD / "generated", "-o", folder / "reader", folder / "reader.c",
                    host / "tool" / "drawing.c", host / "tool" / "reading.c", host / "tool" / "slab_map.c",
                    host / "tool" / "space_map.c", host / "tool" / "page_tables.c",
                    host / "tool" / "files.c"], check=True)

    def read(*texts, what="buddy"):
        paths = []
        for i, text in enumerate(texts):
            paths.append(folder / f"text{i}")
            paths[-1].write_text(text)
        run = Run([folder / "reader", "map" if len(texts) > 1 and what == "buddy" else what, *paths])
        assert run.status in (0, 1), run.err
        return run.status == 0, run.err
    return read


def printed(word):
    """What a verb alone prints."""
    out = twin("show", word).out
    return out[out.index("available\n") + len("available\n"):]


def damaged_lines(text):
    """The text with one line gone, twice, with a blank more, a character less, a figure that is no number."""
    lines = text.split("\n")[:-1]
    for i, line in enumerate(lines):
        for instead in ([], [line, line], [line + " "], [" " + line], [line[:-1]], [re.sub(r"\d", "z", line, 1)],
                        [line, "garbage"]):
            new = "\n".join(lines[:i] + instead + lines[i + 1:]) + "\n"
            if new != text and instead != [line]:
                yield i, instead, new


def test_reading_the_map_is_strict(reader):
    memory_map, physmap = printed("memory_map"), printed("physmap")
    assert reader(memory_map, physmap) == (True, "")
    for i, instead, text in damaged_lines(physmap):
        ok, why = reader(memory_map, text)
        assert not ok and "physmap, line " in why, (i, instead)
    for old, new, why in [
            ("00001 - 000a0", "00002 - 000a0", "expected a run from 00001 on"),  # a gap
            ("00001 - 000a0", "00000 - 000a0", "expected a run from 00001 on"),  # an overlap
            ("00001 - 000a0", "00001 - 00001", "expected a run from 00001 on"),  # nothing
            ("00001 - 000a0", "000a0 - 00001", "expected a run from 00001 on"),
            ("00001 - 000a0", "0x001 - 000a0", 'expected "00001 - 000a0 DMA free Movable"'),
            ("00001 - 000a0", "-ffff - 000a0", "expected"),
            ("00001 - 000a0", "100000001 - 000a0", "expected"),
            ("000a0 DMA", "000a0 DMB", "no zone is called DMB"),
            ("DMA hole", "DMA Hole", 'no holder is called "Hole"'),
            ("DMA hole", "DMA free", 'no holder is called "free"'),
            ("DMA hole", "DMA hole Movable", "no holder"),
            ("- 04000 Normal", "- 04001 Normal", "within 04000 pages"),
            ("- 04000 Normal", "- 03fff Normal", "expected runs up to 04000, the last ends at 03fff")]:
        assert old in physmap
        ok, said = reader(memory_map, physmap.replace(old, new))
        assert not ok and why in said, said
    for head in ("", "stage up max_pfn 4000 max_low_pfn 04000\n", "stage up max_pfn 00000 max_low_pfn 00000\n",
                 "stage up\n", "x" + memory_map):
        ok, said = reader(head, physmap)
        assert not ok and "memory_map, line 1" in said, head
    assert not reader(memory_map, "")[0]


def test_reading_the_free_areas_is_strict(reader):
    text = printed("pagetypeinfo")
    assert reader(text) == (True, "")
    for i, instead, damaged in damaged_lines(text):
        ok, why = reader(damaged)
        assert not ok and "pagetypeinfo, line " in why, (i, instead)
    for old, new in [("order: 10", "order: 9"),
                     ("zone      DMA, type      Movable", "zone      DMA, type      Mobable"),
                     ("zone   Normal, type", "zone     High, type"),
                     ("\nNode 0, zone   Normal", "\nNode 1, zone   Normal")]:
        assert old in text
        assert not reader(text.replace(old, new))[0], old
    assert not reader("")[0]


SLABS = """kernel objects by slab
cache empty size 24 slabs 0 objects 0 in_use 0
cache thing size 8 slabs 3 objects 90 in_use 25
slab 00400 order 0 partial objects 30 inuse 15 at 96 colour 8
 u1 s1 f1 u1 s1 f1 u1 s1 f1 u1 s1 f1
 u1 s1 f1 u4 s1 f10
slab 00408 order 1 full objects 30 inuse 30 at 64 colour 0
 u16 s14
slab 00401 order 0 free objects 30 inuse 0 at 64 colour 0
 f30
"""


def test_reading_the_slabs_is_strict(reader):
    assert reader(SLABS, what="slabs") == (True, "")
    for i, instead, damaged in damaged_lines(SLABS):
        ok, why = reader(damaged, what="slabs")
        # A cache more or less that has no slabs is no mistake that could be seen.
        line = SLABS.split("\n")[1]
        assert not ok and "slab_map, line " in why or i == 1 and instead in ([], [line, line]), (i, instead)
    for old, new, why in [
            ("by slab", "by slabslab", "expected"),
            ("slabs 3", "slabs 2", "says 2 slabs, 90 objects, 25 in use; found 3, 90, 25"),
            ("objects 90", "objects 91", "found 3, 90, 25"), ("in_use 25", "in_use 24", "found 3, 90, 25"),
            ("size 8 ", "size 0 ", "expected"), ("size 8 ", "size 140 ", "do not fit"),
            ("order 1 full", "order 1 fool", "no place is called fool"),
            ("order 0 partial", "order 11 partial", "do not fit"),
            ("00401 order 0 free", "00401 order 0 cpu", "in the order of places"),
            ("colour 8", "colour 97", "the colour is more"), ("00408", "0408", "expected"),
            (" u16 s14", " u16 s15", "expected 14 objects more"), (" u16 s14", " u16 s13", "expected runs"),
            (" u16 s14", " u16 u14", "expected one run"), (" u16 s14", " u16 f14", "16 objects are in use or stocked"),
            (" u16 s14", " u16 x14", "expected u, s or f"), (" u16 s14", " u16 s0 u14", "nothing"),
            (" u16 s14", " u016 s14", "expected"), (" u16 s14", " u16\n s14", "expected runs, 12"),
            ("f10\n", "f1\n f9\n", "expected"),
            ("f1\n u1 s1 f1 u4 s1 f10", "f1 u1 s1 f1 u4 s1 f10", "expected runs, 12")]:
        assert old in SLABS
        ok, said = reader(SLABS.replace(old, new), what="slabs")
        assert not ok and why in said, (old, new, said)
    assert not reader("", what="slabs")[0]
    assert not reader(SLABS.split("\n")[0] + "\n", what="slabs")[0]
    printed_now = printed("slab_map")
    assert reader(printed_now, what="slabs") == (True, "")
