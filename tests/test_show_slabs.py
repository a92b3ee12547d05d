"""pagetwin show slabs: kernel objects slab by slab, as text and as SVG.

What a drawing must say is worked out here from other verbs: the verb "state", which has free and stocked objects by
their addresses, and slabinfo. What no list has, slub's full slabs, must be full."""
import collections
import os
import re
import xml.etree.ElementTree as ET

import pytest
from conftest import FAIL, PAGETWIN, USAGE, twin
from test_show import SVG, groups, kib, on_terminal

VECTOR = """vector show/slabs
ram 64M
cmdline "slub_nomerge"
boot => ok
c = kmem_cache_create thing 100 => ok
kmem_hoard c 400 => 400 objects
kmem_release c 3 => 134 objects
kmem_hoard c 20 => 20 objects
kmem_release c 7 => * objects
d = kmem_cache_create large 5000 => ok
kmem_hoard d 9 => 9 objects
kmem_release d 4 => 3 objects
e = kmem_cache_create small 8 => ok
kmem_hoard e 1500 => 1500 objects
kmem_release e 5 => 300 objects
f = kmem_cache_create checked 60 0 SLAB_RED_ZONE|SLAB_POISON|SLAB_STORE_USER => ok
kmem_hoard f 50 => 50 objects
kmem_release f 2 => 25 objects
g = kmem_cache_create gone 300 => ok
kmem_hoard g 300 => 300 objects
kmem_release g => 300 objects
h = kmem_cache_create never 300 => ok
x = kmalloc 300 => *
slabinfo => ok
end
"""
NAME = "show/slabs"
AT = VECTOR.split("\n").index("slabinfo => ok") + 1
PAGE_OFFSET = 0xC0000000
UNIT = 2  # bytes, of slob's shared pages
STATES = {"used": "U", "stocked": "S", "free": "."}


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert PAGETWIN.exists(), f"{PAGETWIN} is not there; build it first: cmake --workflow --preset twin"


class Slab:
    """A slab's objects, one letter each; start is where the first one lies in the direct map."""

    def __init__(self, place, pfn, objects, colour, size):
        self.place, self.pfn, self.colour, self.size = place, int(pfn, 16), int(colour), size
        self.letters = ["U"] * int(objects)
        self.start = 0

    def mark(self, address, letter):
        """False: the address is none of this slab's."""
        index, rest = divmod(address - self.start, self.size)
        if not 0 <= index < len(self.letters):
            return False
        assert rest == 0 and self.letters[index] == "U"
        self.letters[index] = letter
        return True

    def text(self):
        return "".join(self.letters)


class Facts:
    """What the verbs "state" and slabinfo say: {cache: {pfn: Slab}} of the slabs on lists, {cache: figures}.

    starts: {(cache, pfn): offset of the first object}, which only slab_map itself tells.
    """

    def __init__(self, lines, starts):
        self.slabs, self.sizes, self.info, self.allocator = collections.defaultdict(dict), {}, {}, None
        self.order = []  # of the caches
        words, cache, slab = [], None, None
        for line in lines:
            head = re.match(r"cache (\S+) object_size \d+ size (\d+) ", line)
            row = re.match(r" slab (\w+) order (\d+) (\S+) objects (\d+) inuse \d+ colour (\d+)", line)
            run = re.match(r"  (free|stocked) (\w+)(?: - (\w+), each (\d+))?$", line)
            word = re.match(r" word (\w+)$", line)
            info = re.match(r"(\S+) +(\d+) +(\d+) +(\d+) +(\d+) +(\d+) : tunables .* : slabdata +\d+ +(\d+)", line)
            allocator = re.match(r"kernel objects by (\w+)$", line)
            if allocator:
                self.allocator, cache, self.sizes["shared"] = allocator[1], "shared", UNIT
            elif head:
                cache, self.sizes[head[1]] = head[1], int(head[2])
                self.order.append(cache)
            elif row:
                slab = Slab(row[3], row[1], row[4], row[5], self.sizes[cache])
                slab.start = PAGE_OFFSET + (slab.pfn << 12) + starts[cache, slab.pfn]
                self.slabs[cache][slab.pfn] = slab
            elif run:
                end, step = int(run[3] or run[2], 16), int(run[4] or 1)
                for at in range(int(run[2], 16), end + 1, step):
                    # slob's words: two counts, then the units of each free block.
                    self.mark(cache, slab, run[1], at, words.pop(2) if cache == "shared" else 1)
            elif word and cache == "shared":
                words.append(int(word[1], 16))
            elif info:
                self.info[info[1]] = [int(n) for n in info.groups()[1:]]
        assert len(words) == (2 if self.allocator == "slob" else 0)

    def mark(self, cache, slab, state, at, units):
        """Free ones are printed with their slab, stocked ones are of any: of slub's CPU slab, or a full one's."""
        slabs = [slab] if state == "free" else self.slabs[cache].values()
        for unit in range(units):
            assert any([one.mark(at + unit * UNIT, STATES[state]) for one in slabs]), f"{cache}: {at:x} is nowhere"


@pytest.fixture(name="facts", scope="module")
def fixture_facts(tmp_path_factory):
    """(a file with the vector, what the verbs say at line AT of it)"""
    folder = tmp_path_factory.mktemp("slabs")
    path, probe = folder / "slabs.vec", folder / "probe.vec"
    path.write_text(VECTOR)
    lines = VECTOR.split("\n")[:AT]
    probe.write_text("\n".join(lines + ["slab_map", "state", "end", ""]))
    run = twin("run", probe)
    assert run.status == 0, run.out
    printed = re.findall(r"^#  \d+ \| (.*)$", run.out, re.M)
    return path, Facts(printed, starts_of(printed))


def starts_of(lines):
    """Of what slab_map printed."""
    found, cache = {}, None
    for line in lines:
        head, slab = re.match(r"cache (\S+) size", line), re.match(r"slab (\w+) .* at (\d+) colour", line)
        cache = head[1] if head else cache
        if slab:
            found[cache, int(slab[1], 16)] = int(slab[2])
    return found


# ---- text ----------------------------------------------------------------------------------------

def drawn_caches(text):
    """[(cache, in use, objects, size, slabs, per letter, [(place, pfn, used, stocked, colour, letters)])]"""
    found, place = [], None
    for line in text.splitlines():
        head = re.fullmatch(r"cache (\S+): (\d+) of (\d+) (?:objects|units) of (\d+) bytes in use, (\d+) slabs?"
                            r"(?: of (\w+))?", line)
        scale = re.fullmatch(r"    pfn  used stock colour a letter is (?:up to )?(\d+) (?:object|unit)s?", line)
        row = re.fullmatch(r"  (\w{5}) +(\d+) +(\d+) +(\d+) ([US.us]+)", line)
        if head:
            found.append([head[1], *map(int, head.groups()[1:5]), 0, []])
        elif scale:
            found[-1][5] = int(scale[1])
        elif re.fullmatch(r" [a-z-]+", line):
            place = line[1:]
        elif row:
            found[-1][6].append((place, int(row[1], 16), int(row[2]), int(row[3]), int(row[4]), row[5]))
    return found


def expected_letters(letters, per_letter):
    """All that may stand for them: of two states that are equal in number either."""
    for start in range(0, len(letters), per_letter):
        part = letters[start:start + per_letter]
        count = collections.Counter(part)
        held = {letter: n for letter, n in count.items() if letter != "."}
        if not held:
            yield "."
        else:
            yield "".join(letter if n == len(part) else letter.lower()
                          for letter, n in held.items() if n == max(held.values()))


def check_text(text, facts, columns=80, names=None):
    caches = drawn_caches(text)
    shown = [name for name in facts.order if facts.info[name][1] or facts.info[name][5]]
    if facts.allocator == "slob":
        shown.insert(0, "shared")
    assert [cache[0] for cache in caches] == (names or shown)
    for name, used, objects, size, slabs, per_letter, rows in caches:
        assert size == facts.sizes[name] and len(rows) == slabs
        if name != "shared":
            assert [used, objects, size, slabs] == [facts.info[name][i] for i in (0, 1, 2, 5)]
        if rows and name != "shared":
            assert sum(row[2] for row in rows) == used
        for place, pfn, in_use, stocked, colour, letters in rows:
            slab = facts.slabs[name].get(pfn)
            if slab is None:  # on no list
                assert place == "full" and set(letters) == {"U"} and not stocked
                continue
            expected = slab.text()
            assert (place, colour) == (slab.place, slab.colour)
            assert (in_use, stocked) == (expected.count("U"), expected.count("S"))
            parts = list(expected_letters(expected, per_letter))
            assert len(parts) == len(letters)
            assert all(letter in part for letter, part in zip(letters, parts)), (letters, parts)
        pfns = [row[1] for row in rows]
        assert len(set(pfns)) == len(pfns)
        listed = list(facts.slabs[name])
        assert [pfn for pfn in pfns if pfn in listed] == listed, "in the order of the lists"
        if rows:
            most = max(len(slab.letters) for slab in facts.slabs[name].values()) if listed else len(rows[0][5])
            assert per_letter == 1 or -(-most // (per_letter // 2)) > columns - 27
            assert per_letter & (per_letter - 1) == 0
    for line in text.splitlines():
        assert len(line) <= columns or not re.match(r"  \w{5} ", line)


@pytest.mark.parametrize("columns", [40, 80, 400])
def test_text(facts, columns):
    path, said = facts
    run = twin("show", "--vector", NAME, "--line", AT, "slabs", path, env=os.environ | {"COLUMNS": str(columns)})
    assert run.status == 0 and not run.err, run.err
    assert run.out.startswith(f"slabs: kernel objects by {said.allocator}, ")
    check_text(run.out, said, columns)
    if said.allocator != "slob":
        assert {row[0] for cache in drawn_caches(run.out) for row in cache[6]} >= {"partial", "full"}
    if said.allocator == "slab":
        assert len({row[4] for cache in drawn_caches(run.out) for row in cache[6]}) > 3, "colours"


def test_names(facts):
    """Those named, in that order, though there is nothing of them."""
    path, said = facts
    one = twin("show", "--vector", NAME, "--line", AT, "slabs=never", path)
    assert one.status == 0 and re.search(r"^cache never: 0 of 0 objects of \d+ bytes in use, 0 slabs$", one.out, re.M)
    check_text(twin("show", "--vector", NAME, "--line", AT, "slabs=large,thing", path).out, said, 80, ["large", "thing"])


def test_fresh():
    run = twin("show", "slabs")
    assert run.status == 0 and not run.err
    assert "cache kmem_cache: " in run.out or "by slob" in run.out
    both = twin("show", "slabs", "map").out
    assert both.startswith(run.out.split("\n")[0]) and "\n\nmap: " in both


def test_many_slabs(tmp_path):
    path = tmp_path / "many.vec"
    path.write_text("vector many\nram 256M\nboot => ok\nc = kmem_cache_create many 4000 => ok\n"
                    "kmem_hoard c 3000 => 3000 objects\nkmem_release c 2 => 1500 objects\nslabinfo\nend\n")
    word = "slabs=shared" if "slob" in twin("show", "state").out else "slabs=many"
    run = twin("show", "--vector", "many", "--line", 7, word, path)
    assert run.status == 0, run.err
    (_, used, _, _, slabs, _, rows), = drawn_caches(run.out)
    assert len({row[1] for row in rows}) == slabs > 300 and sum(row[2] for row in rows) == used


def test_more_than_a_step_can_print(tmp_path):
    """What was cut off is not drawn as if it were whole."""
    path = tmp_path / "many.vec"
    path.write_text("vector many\nram 256M\ncmdline \"slub_max_order=1\"\nboot => ok\n"
                    "c = kmem_cache_create many 4096 => ok\nkmem_hoard c 20000 => 20000 objects\nend\n")
    run = twin("show", "--vector", "many", "--line", 6, "slabs", path)
    assert run.status == FAIL and not run.out
    assert "printed more than" in run.err


# ---- colours of a terminal -----------------------------------------------------------------------

def test_colours(facts):
    path, _ = facts
    args = ["show", "--vector", NAME, "--line", AT, "slabs", path]
    plain = twin(*args, env=os.environ | {"COLUMNS": "100"}).out
    coloured = on_terminal(*args, TERM="xterm")
    assert "\033" not in plain and re.sub(r"\033\[[0-9;]*m", "", coloured) == plain
    for line in coloured.splitlines():
        assert line.rfind("\033[m") >= line.rfind("\033[38")


# ---- SVG -----------------------------------------------------------------------------------------

def cells_of(root):
    """{(cache, pfn): {state: [(x, y, width)]}}, and {(cache, pfn): (place, colour as drawn)}"""
    cells, ground = collections.defaultdict(dict), {}
    for title, kind, _, rects in groups(root):
        cache, pfn, place, about = re.fullmatch(r"cache (\S+), slab (\w+), ([a-z-]+): (.*)", title).groups()
        key = cache, int(pfn, 16)
        if kind in STATES:
            assert kind not in cells[key], "one group for a state"
            cells[key][kind] = [(x, y, width) for x, y, width, _ in rects]
            count, _ = re.fullmatch(rf"(\d+) of (\d+) {kind}", about).groups()
            assert cache == "shared" or len(rects) == int(count)
        elif kind == "colour":
            (x, _, width, _), = rects
            assert x == 0 and about == f"colour {width:g}"
            ground[key] = (place, width)
        else:
            ground.setdefault(key, (place, 0))
    return cells, ground


def letters_of(states, size):
    """The objects as they are drawn: row by row."""
    rects = sorted((int(y), x, width, STATES[state]) for state, found in states.items() for x, y, width in found)
    for (row, x, width, _), (next_row, next_x, _, _) in zip(rects, rects[1:]):
        assert row < next_row or x + width <= next_x, "cells overlap"
    return "".join(letter * max(1, round(width / size)) for _, _, width, letter in rects)


def check_svg(text, facts, names=None):
    root = ET.fromstring(text)
    words = {"".join(node.itertext()) for node in root.iter(SVG + "text")}
    assert any(word == f"Slabs: kernel objects by {facts.allocator}" for word in words)
    assert {node.tag for node in root.iter()} == {SVG + name for name in ("svg", "title", "text", "g", "rect")}
    cells, ground = cells_of(root)
    counts = collections.Counter(cache for cache, _ in ground)
    for name in names or facts.order:
        assert counts[name] == facts.info[name][5]
    for (cache, pfn), states in cells.items():
        letters, slab = letters_of(states, facts.sizes[cache]), facts.slabs[cache].get(pfn)
        if slab is None:
            assert ground[cache, pfn][0] == "full" and set(letters) == {"U"}
        else:
            assert letters == slab.text() and ground[cache, pfn] == (slab.place, slab.colour)
    assert set(cells) == set(ground)
    for name in facts.slabs if not names else names:
        assert set(facts.slabs[name]) <= {pfn for cache, pfn in cells if cache == name}
    check_geometry(root)
    return words


def check_geometry(root):
    """Nothing lies outside the picture or is too small to be seen."""
    width = float(root.get("width"))
    for group in root.iter(SVG + "g"):
        scale = re.match(r"translate\((\S+) (\S+)\) scale\((\S+) (\S+)\)", group.get("transform") or "")
        if not scale:
            continue
        left, x_scale = float(scale[1]), float(scale[3])
        for rect in group.iter(SVG + "rect"):
            x, extent = float(rect.get("x")), float(rect.get("width"))
            assert 0 < left + (x + extent) * x_scale <= width
            assert extent * x_scale > 0.25


def test_svg(facts, tmp_path):
    path, said = facts
    out = tmp_path / "slabs.svg"
    run = twin("show", "--vector", NAME, "--line", AT, f"--svg={out}", "slabs", path)
    assert run.status == 0 and not run.out and not run.err, run.err
    words = check_svg(out.read_text(), said)
    assert "used" in words and "free" in words
    text = twin("show", "--vector", NAME, "--line", AT, "slabs", path).out
    for cache in drawn_caches(text):
        assert any(word.startswith(f"cache {cache[0]}: {cache[1]} of {cache[2]} ") for word in words)


def test_svg_of_some(facts):
    path, said = facts
    run = twin("show", "--vector", NAME, "--line", AT, "--svg=-", "slabs=small,large", path)
    assert run.status == 0
    check_svg(run.out, said, ["small", "large"])


# ---- what cannot be shown ------------------------------------------------------------------------

@pytest.mark.parametrize("args, status, words", [
    (["slabs="], USAGE, "usage:"),
    (["slabs=,"], USAGE, "usage:"),
    (["slabs=kmem_cache,"], USAGE, "usage:"),
    (["slabs=kmem_cache,,kmem_cache"], USAGE, "usage:"),
    (["slabs=absent"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--svg=-", "slabs=kmem_cache,absent"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--svg=-", "slabs", "zones"], USAGE, "no texts"),
    (["--vector", NAME, "--line", "2", "slabs", "{file}"], FAIL, "slab_map runs in stages kmem to "),
])
def test_errors(facts, args, status, words):
    path, _ = facts
    run = twin("show", *(arg.format(file=path) for arg in args))
    assert (run.status, run.out) == (status, ""), run.err
    assert words in run.err
