"""The recorder (tests/record/): what it records is replayed by the twin with the same results."""
import re

import pytest
from conftest import BUILD, PASS, Run, twin

RECORD = BUILD / "tests" / "record"


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert (RECORD / "record").exists(), f"{RECORD}/record is not there; build it first"


@pytest.mark.parametrize("program, calls", [
    (["record-errno", "offset"], ["mmap", "munmap"]),
    (["record-errno", "random", "77", "400"], ["mmap", "mprotect", "mremap", "fork"]),
    (["record-malloc"], ["brk", "mmap", "mremap", "madvise", "fork"]),
])
@pytest.mark.parametrize("layout", [[], ["-l"]])
def test_recordings_replay(tmp_path, program, calls, layout):
    vector = tmp_path / "recorded.vec"
    run = Run([RECORD / "record", "-n", "recorded/test", "-o", vector, *layout, RECORD / program[0], *program[1:]])
    assert run.status == 0, run.err
    text = vector.read_text()
    for call in calls:
        assert re.search(rf"^(\w+ = )?{call} p\d", text, re.M), f"no {call} was recorded"
    assert re.search(r"^exit p\d+ => ok\nend$", text, re.M)
    replay = twin("run", vector)
    assert replay.status == PASS, replay.out


def test_wrong_results_are_seen(tmp_path):
    """A recording with another result in it fails."""
    vector = tmp_path / "recorded.vec"
    run = Run([RECORD / "record", "-o", vector, RECORD / "record-errno", "offset"])
    assert run.status == 0, run.err
    text = vector.read_text()
    for old, new in (("=> -EBADF", "=> ok"), ("rw-p 00000000 [heap]", "r--p 00000000 [heap]"),
                     ("VmLck: 0 kB", "VmLck: 4 kB"), ("rd wr mr mw me ac", "rd wr mr mw me nr")):
        assert old in text
        vector.write_text(text.replace(old, new, 1))
        assert twin("run", vector).status != PASS, new


def test_bad_usage():
    assert Run([RECORD / "record", "-h"]).out.startswith("usage: record")
    assert Run([RECORD / "record"]).status == 2
    assert Run([RECORD / "record", "-z"]).status == 2
    other = Run([RECORD / "record", "/bin/true"])
    assert other.status == 1 and "architecture" in other.err, other.err
    absent = Run([RECORD / "record", "absent-program"])
    assert "absent-program" in absent.err
