"""What pagetwin show spaces refuses: arguments that are none, and lines of space_map that it would not print."""
import pytest
from conftest import FAIL, USAGE, twin
from test_show import damaged_lines, fixture_reader  # noqa: F401
from test_show_spaces import AT, NAME, VECTOR, built, fixture_facts, probe  # noqa: F401

# ---- what cannot be shown ------------------------------------------------------------------------

@pytest.mark.parametrize("args, status, words", [
    (["spaces="], USAGE, "usage:"),
    (["spaces=,"], USAGE, "usage:"),
    (["spaces=1,"], USAGE, "usage:"),
    (["spaces=1,,2"], USAGE, "usage:"),
    (["spaces=a"], USAGE, "usage:"),
    (["spaces=0x1"], USAGE, "usage:"),
    (["spaces=-1"], USAGE, "usage:"),
    (["spaces=1 2"], USAGE, "usage:"),
    (["spacesx"], FAIL, 'found "spacesx"'),
    (["buddy=1"], FAIL, "expected a verb"),
    (["spaces=1"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "spaces=0", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "spaces=1,6", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "--svg=-", "spaces=6", "{file}"], FAIL, 'result "-ENOENT", expected "ok"'),
    (["--vector", NAME, "--line", AT, "spaces=4294967296", "{file}"], FAIL, "out of range"),
    (["--vector", NAME, "--line", AT, "--svg=-", "{file}"], USAGE, "what to draw: buddy, map, slabs, spaces"),
    (["--vector", NAME, "--line", AT, "spaces"], USAGE, "needs the file"),
    (["--svg=-", "spaces", "zones"], USAGE, "no texts"),
    (["--vector", NAME, "--line", "3", "spaces", "{file}"], FAIL, "space_map runs in stages as to "),
])
def test_errors(facts, args, status, words):
    path, _ = facts
    run = twin("show", *(str(arg).format(file=path) for arg in args))
    assert (run.status, run.out) == (status, ""), run.err
    assert words in run.err


# ---- reading is strict ---------------------------------------------------------------------------

SPACES = """spaces 2 end c0000000 min 00010000 guard 256
space 1 users 2 areas 3 base b8000000 down tables 1
pages total 39 locked 0 data 6 exec 0 stack 33
rss file 0 anon 1 swap 2 shmem 3
task 2 runs
task 4 runs current
area 08000000-08003000 flags 00100073 offset 00000000 file 0 present 3 gap 8000000 largest b7eda000 depth 0
area 08004000-08005000 flags 000000d1 offset 00001000 file 1 present 0 gap 1000 largest 1000 depth 2 some file
area bffdf000-c0000000 flags 00100173 offset 00000000 file 0 present 1 gap b7eda000 largest b7eda000 depth 1 [stack]
space 2 users 0 areas 0 base 40000000 up tables 0
pages total 0 locked 0 data 0 exec 0 stack 0
rss file 0 anon 0 swap 0 shmem 0
task 3 borrows
"""


def test_reading_is_strict(reader):
    assert reader(SPACES, what="spaces") == (True, "")
    lines = SPACES.split("\n")
    for i, instead, damaged in damaged_lines(SPACES):
        ok, why = reader(damaged, what="spaces")
        # A task more or less is no mistake that could be seen, nor is another figure, or another name.
        kind = lines[i].split()[0]
        if (kind == "task" and instead in ([], [lines[i], lines[i]])
                or i == 2 and instead == [lines[i][:-1]]
                or i in (7, 8) and instead in ([lines[i][:-1]], [lines[i] + " "])):
            continue
        assert not ok and "space_map, line " in why, (i, instead)


@pytest.mark.parametrize("old, new, why", [
    ("spaces 2", "spaces 1", "expected spaces in order, up to 1"),
    ("spaces 2", "spaces 3", "expected 3 spaces, or one"), ("spaces 2", "spaces 02", "expected"),
    ("end c0000000", "end bffff000", "a range of pages below bffff000"),
    ("end c0000000", "end 00000000", "expected whole pages"),
    ("end c0000000", "end c0000001", "expected whole pages"), ("min 00010000", "min 10000", "expected"),
    ("guard 256", "guard 255", "the gap below it is b7edb000"), ("space 2 users", "space 1 users", "in order"),
    ("space 1 users", "space 0 users", "in order"), ("space 1 users", "space 2 users", "in order"),
    ("space 2 users", "space 3 users", "in order, up to 2"), ("areas 3", "areas 2", "says 2 areas, found 3"),
    ("areas 3", "areas 4", "says 4 areas, found 3"), ("areas 0", "areas 1", "says 1 areas, found 0"),
    ("down", "across", "expected"), ("40000000 up", "40000000 down ", "expected"), ("2 runs", "2 ran", "expected"),
    ("4 runs current", "4 runs currently", "expected"), ("borrows", "owns", "expected"),
    ("08003000 flags", "08003001 flags", "a range of pages"),
    ("08003000 flags", "08000000 flags", "a range of pages"),
    ("08003000 flags", "07000000 flags", "a range of pages"),
    ("08003000 flags", "08005000 flags", "in order, from 08005000"),
    ("c0000000 flags", "c0001000 flags", "a range of pages below c0000000"),
    ("present 3", "present 4", "fewer pages than 4"), ("gap 1000 ", "gap 2000 ", "the gap below it is 1000"),
    ("gap 8000000", "gap 0", "the gap below it is 8000000"),
    ("gap b7eda000", "gap b7fda000", "the gap below it is b7eda000"), ("gap 1000 ", "gap 01000 ", "expected"),
    ("flags 00100173", "flags 00100073", "the gap below it is b7fda000"),
    ("flags 00100173", "flags 100173", "expected"), ("flags 00100173", "flags 100000173", "expected"),
    ("offset 00001000", "offset 1000", "expected"), ("offset 00001000", "offset -0001000", "expected"),
    ("depth 2 some", "depth 2  some", ""), ("depth 2 some file", "depth 2 " + "x" * 80, "no such long name"),
    ("depth 0\n", "depth 0 \n", "a name, or no blank"), ("depth 0\n", "depth 0x\n", "expected"),
    ("rss file 0 anon 1", "rss file 0 anon +1", "expected"), ("\nspace 2", "\n\nspace 2", "expected"),
    ("task 3 borrows\n", "task 3 borrows\n\n", "expected a space, a task or")])
def test_reading_finds(reader, old, new, why):
    assert old in SPACES
    ok, said = reader(SPACES.replace(old, new, 1), what="spaces")
    if why:
        assert not ok and why in said, said
    else:
        assert ok == (old == "depth 2 some"), said  # a name may begin with a blank


def test_reading_what_is_there(reader, facts, tmp_path):
    assert not reader("", what="spaces")[0]
    assert not reader(SPACES.split("\n")[0] + "\n", what="spaces")[0]
    assert reader("spaces 0 end c0000000 min 00010000 guard 256\n", what="spaces") == (True, "")
    lines = VECTOR.split("\n")[:AT]
    for step in ("space_map", "space_map 1", "space_map 4"):
        (said, _), = probe(tmp_path, lines, step)
        assert reader("\n".join(said) + "\n", what="spaces") == (True, "")
