"""The comparison, with a stand-in for the image: another twin, whose words are changed on the way."""
import pytest
from conftest import DIFFERENT, FAIL, PANIC, PASS, ROOT, TRUNCATED, USAGE, PAGETWIN, twin

SMOKE = ROOT / "tests" / "vectors" / "smoke.vec"

# Takes ci/boot's options, runs the twin on the modules instead, and pipes it through a sed script.
STAND_IN = """#!/bin/sh
words= files=
while [ $# -gt 0 ]; do
    case $1 in
    --append) words=$2; shift ;;
    --module) files="$files $2"; shift ;;
    --direct) ;;
    *) shift ;;
    esac
    shift
done
{pagetwin} run --append "$words" $files | sed -e '{script}'
exit {status}
"""


def stand_in(tmp_path, script, status=0):
    boot = tmp_path / "boot"
    boot.write_text(STAND_IN.format(pagetwin=PAGETWIN, script=script, status=status))
    boot.chmod(0o755)
    return boot


def compare(tmp_path, script="", status=0):
    return twin("compare", "--boot", stand_in(tmp_path, script, status), SMOKE)


def test_same(tmp_path):
    run = compare(tmp_path)
    assert run.status == PASS, run.out + run.err
    assert "same: " in run.out


@pytest.mark.parametrize("name, script, words", [
    ("a digest", "/poke p 0/s/@.*/@0123456789abcdef/", ['vector "smoke/walk", at its line 8', "@0123456789abcdef"]),
    ("a result", "/ 12 load/s/=> 0x11223344/=> 0x11223345/", ["at its line 12", "=> 0x11223345"]),
    ("output", "s/16MB LOWMEM/15MB LOWMEM/", ["at its line 6", "15MB LOWMEM"]),
    ("a step is missing", "/ 14 peek/d", ["at its line 14"]),
    ("the end is missing", "/^ok 1/d", ["(nothing more)"]),
])
def test_different(tmp_path, name, script, words):
    run = compare(tmp_path, script)
    assert run.status == DIFFERENT, f"{name}: {run.out}{run.err}"
    assert 'difference in vector "smoke/walk"' in run.out
    for word in words:
        assert word in run.out, name


def test_differing_state_is_told_in_words(tmp_path):
    run = compare(tmp_path, "/poke p 0/s/@.*/@0123456789abcdef/;s/state stage up max_pfn 01000/state stage up max_pfn 01001/")
    assert run.status == DIFFERENT
    assert "only in the twin: stage up max_pfn 01000" in run.out
    assert "only in the image: stage up max_pfn 01001" in run.out


@pytest.mark.parametrize("status", [FAIL, PANIC, TRUNCATED])
def test_image_that_did_not_pass(tmp_path, status):
    assert compare(tmp_path, status=status).status == status


def test_junit(tmp_path):
    run = twin("compare", "--format", "junit", "--boot", stand_in(tmp_path, ""), SMOKE)
    assert run.status == PASS and '<testcase classname="compare" name="smoke/walk"/>' in run.out
    boot = stand_in(tmp_path, "/poke p 0/s/@.*/@0123456789abcdef/")
    run = twin("compare", "--format", "junit", "--boot", boot, SMOKE)
    assert run.status == DIFFERENT and 'errors="1"' in run.out
    assert "differ in vector &quot;smoke/walk&quot;, at its line 8" in run.out
    assert twin("compare", "--format", "tap", SMOKE).status == USAGE


def test_other_build(tmp_path):
    run = compare(tmp_path, "s/build=[0-9a-f]*/build=0000000000000000/")
    assert run.status == USAGE and "build both anew" in run.err
    assert compare(tmp_path, "s/ build=[0-9a-f]*//").status == USAGE


def test_no_boot_command(tmp_path):
    run = twin("compare", "--boot", tmp_path / "absent", SMOKE)
    assert run.status == USAGE


def test_boot_command_that_boots_nothing():
    assert twin("compare", "--boot", "true", SMOKE).status == TRUNCATED


def test_vector_that_is_absent(tmp_path):
    assert twin("compare", "--boot", "true", tmp_path / "absent.vec").status == USAGE


def test_fuzz_shrinks_a_difference(tmp_path):
    """Both sides agree but for one verb: what is left is a vector around one use of it."""
    boot = stand_in(tmp_path, "/ clear_young /s/@.*/@0123456789abcdef/")
    run = twin("fuzz", "--both", "--boot", boot, "--steps", "500", "--save", tmp_path, timeout=300)
    assert run.status == DIFFERENT, run.out + run.err
    text = next(tmp_path.glob("fuzz-*.vec")).read_text()
    assert text.count("clear_young") == 1 and text.count("\n") <= 8, text
