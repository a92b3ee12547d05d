"""Malformed vectors: each file of vectors/bad has one mistake, and its first line says how it is named.

The first line is "# expect: LINE:COLUMN: message", or a message about the file as a whole. Nothing of
such a file may run: not even a vector without a mistake. PAGETWIN names the binary, else it is the one
of the build folder.
"""
import os
import pathlib
import subprocess

import pytest
from conftest import FAIL, PAGETWIN, PASS, ROOT, Run, USAGE

BINARY = pathlib.Path(os.environ.get("PAGETWIN", PAGETWIN)).resolve()
BAD = sorted((ROOT / "tests" / "vectors" / "bad").glob("*.vec"))
EXPECT = "# expect: "


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert BINARY.exists(), f"{BINARY} is not there; build it first: cmake --workflow --preset twin"


def run(*args, **kwargs):
    return Run([BINARY, "run", *args], **kwargs)


def errors(out):
    return [line for line in out.splitlines() if line.startswith("# error")]


def fails(out):
    return [line for line in out.splitlines() if line.startswith("# fail")]


def test_there_are_some():
    assert len(BAD) > 50


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_mistake_is_named(path):
    first = path.read_text().splitlines()[0]
    assert first.startswith(EXPECT)
    expected = first[len(EXPECT):]
    where = f" {path.name}:" if expected[0].isdigit() else ": "
    done = run(path.name, cwd=path.parent)
    assert errors(done.out) == [f"# error{where}{expected}"]
    assert done.status == FAIL
    assert "=>" not in "".join(line for line in done.out.splitlines() if "# error" not in line)
    assert "not ok 1 vectors" in done.out


GOOD = """vector good
about "a sound vector"
ram 16M
boot_to up => ok # as it should
| BIOS-provided physical RAM map:
| ...
nr_free_pages => 2942
end
"""


def test_mistake_spoils_the_files_beside_it(tmp_path):
    """All files are checked before the first vector runs."""
    (tmp_path / "good.vec").write_text(GOOD)
    (tmp_path / "bad.vec").write_text(GOOD.replace("vector good", "vector bad").replace("ram", "rom"))
    done = run("good.vec", "bad.vec", cwd=tmp_path)
    assert errors(done.out) == ['# error bad.vec:3:1: found "rom", expected a verb']
    assert done.status == FAIL
    assert "ok 1 good" not in done.out


def test_name_twice_over_two_files(tmp_path):
    (tmp_path / "a.vec").write_text(GOOD)
    (tmp_path / "b.vec").write_text("# the same\n" + GOOD)
    done = run("a.vec", "b.vec", cwd=tmp_path)
    assert errors(done.out) == ['# error b.vec:2:8: found a second vector "good", expected another name']
    assert done.status == FAIL


def test_every_mistake_is_reported(tmp_path):
    (tmp_path / "bad.vec").write_text(GOOD.replace("boot_to up =>", "bot up =>").replace("nr_", "number_"))
    done = run("bad.vec", cwd=tmp_path)
    assert errors(done.out) == ['# error bad.vec:4:1: found "bot", expected a verb',
                                '# error bad.vec:7:1: found "number_free_pages", expected a verb']
    assert done.status == FAIL


@pytest.mark.parametrize("change", [
    lambda text: text,
    lambda text: text.replace("\n", "\r\n"),
    lambda text: text[:-1],
    lambda text: text.replace("\n", "\n\n").replace("about", "  about\t"),
    lambda text: text.replace("boot_to up =>", "\tboot_to\tup\t=>").replace("| ...", "   | ..."),
    lambda text: text.replace("boot_to up => ok # as it should", "boot_to up=>ok"),
    lambda text: text.replace("boot_to up => ok # as it should", "boot_to up => ok " + "#" * 490),
    lambda text: text.replace("2942", "*"),
    lambda text: text.replace("2942", "..."),
    lambda text: text.replace("=> 2942", ""),
    lambda text: text.replace('"a sound vector"', '"# no comment"'),
], ids=["plain", "crlf", "no-last-newline", "blanks", "tabs", "tight", "long-line", "any-word", "any-rest",
        "nothing-expected", "hash-in-string"])
def test_what_is_no_mistake(tmp_path, change):
    (tmp_path / "good.vec").write_bytes(change(GOOD).encode())
    done = run("good.vec", cwd=tmp_path)
    assert errors(done.out) == []
    assert done.status == PASS
    assert "ok 1 good" in done.out


@pytest.mark.parametrize("old, new, expected", [
    ("=> 2942", "=> 2941", '7:18: result "2942", expected "2941"'),
    ("=> 2942", "=> 2942 pages", '7:18: result "2942", expected "2942 pages"'),
    ("boot_to up => ok", "boot_to up => -EINVAL", '4:15: result "ok", expected "-EINVAL"'),
    ("| BIOS-provided", "| BIOS-made",
     '5:1: output "BIOS-provided physical RAM map:", expected " BIOS-made physical RAM map:"'),
    ("nr_free_pages => 2942", "nr_free_pages\n| 2942", '8:1: no more output, expected " 2942"'),
    ("| ...", "",
     '7:1: output " BIOS-e820: 0000000000000000 - 00000000000a0000 (usable)" of the step before, '
     'expected no more'),
    ("boot_to up => ok", "boot\nboot => ok", '5:1: boot runs in stages reset to kmem, this is as'),
    ("boot_to up => ok # as it should\n", "nr_free_pages => 2942\n",
     '4:1: nr_free_pages runs in stages up to as, this is reset'),
], ids=["result", "result-longer", "error", "output", "no-more-output", "more-output", "stage-over",
        "stage-ahead"])
def test_unmet_expectation(tmp_path, old, new, expected):
    """A step that does not do what the vector says ends the vector, and the run goes on."""
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    (tmp_path / "v.vec").write_text(text + GOOD.replace("vector good", "vector next"))
    done = run("v.vec", cwd=tmp_path)
    assert errors(done.out) == []
    assert fails(done.out) == [f"# fail v.vec:{expected}"]
    assert done.status == FAIL
    assert "not ok 1 good" in done.out
    assert "ok 2 next" in done.out


def test_only_selects_by_name(tmp_path):
    (tmp_path / "v.vec").write_text(GOOD + GOOD.replace("vector good", "vector other/one"))
    for glob, names in (("good", ["good"]), ("*", ["good", "other/one"]), ("other/*", ["other/one"]),
                        ("?ood", ["good"]), ("*o*e", ["other/one"])):
        done = run("--only", glob, "v.vec", cwd=tmp_path)
        assert done.status == PASS
        results = [line.split()[2] for line in done.out.splitlines() if line.startswith("ok ")]
        assert results == names
    for glob in ("goo", "good?", "x*", "other"):
        done = run("--only", glob, "v.vec", cwd=tmp_path)
        assert errors(done.out) == ["# error: no vector to run"]
        assert done.status == FAIL


def test_file_that_is_not_there(tmp_path):
    assert run("none.vec", cwd=tmp_path).status == USAGE


def test_unknown_option():
    assert run("--no-such-option").status == USAGE
