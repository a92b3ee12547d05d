"""The judge: every way in which a log can fall short of a pass is told from the others."""
import binascii

import pytest
from conftest import (FAIL, HANG, PANIC, PASS, REBOOT, SKIP, TRUNCATED, USAGE, WRONG_NONCE, WRONG_PLAN,
                      twin)

BODY = """KTAP version 1
# pagetwin image build=0123456789abcdef nonce=n1
1..2
# vector a f.vec:1
#  2 boot => ok @1122334455667788
ok 1 a
ok 2 b
"""


def sealed(body, nonce="n1", plan=2, passed=2, failed=0):
    crc = binascii.crc32(body.encode())
    return f"{body}# end nonce={nonce} plan={plan} passed={passed} failed={failed} crc={crc:08x}\n"


def verdict(tmp_path, log, *args):
    path = tmp_path / "log"
    path.write_text(log)
    return twin("judge", "--nonce", "n1", *args, path)


GOOD = sealed(BODY)


@pytest.mark.parametrize("name, log, args, expected", [
    ("pass", GOOD, (), PASS),
    ("pass behind firmware's words", "SeaBIOS\n" + GOOD, (), PASS),
    ("pass with CR LF", GOOD.replace("\n", "\r\n"), (), PASS),
    ("any nonce when none is asked for", GOOD, ("--nonce", "n1"), PASS),
    ("a failure", sealed(BODY.replace("ok 2", "not ok 2"), passed=1, failed=1), ("--status", "101"), FAIL),
    ("a failure with the status of a pass", sealed(BODY.replace("ok 2", "not ok 2"), passed=1, failed=1),
     (), FAIL),
    ("a pass with the status of a failure", GOOD, ("--status", "101"), FAIL),
    ("status 0: the guest never said it ended", GOOD, ("--status", "reset"), REBOOT),
    ("a foreign status", GOOD, ("--status", "17"), TRUNCATED),
    ("empty", "", (), TRUNCATED),
    ("an empty line first", "\n\n" + GOOD, (), PASS),
    ("nothing but an empty line", "\n", ("--status", "timeout"), HANG),
    ("only the head", BODY, (), TRUNCATED),
    ("cut in the end record", GOOD[:-5], (), TRUNCATED),
    ("end record without its newline", GOOD[:-1], (), TRUNCATED),
    ("a byte changed", GOOD.replace("1122", "1123"), (), TRUNCATED),
    ("a line lost", GOOD.replace("#  2 boot => ok @1122334455667788\n", ""), (), TRUNCATED),
    ("a result lost", GOOD.replace("ok 1 a\n", ""), (), TRUNCATED),
    ("fewer than planned", sealed(BODY.replace("ok 2 b\n", ""), passed=1), (), WRONG_PLAN),
    ("more than planned", sealed(BODY + "ok 3 c\n", passed=3), (), WRONG_PLAN),
    ("a number twice", sealed(BODY.replace("ok 2", "ok 1")), (), WRONG_PLAN),
    ("no plan", sealed(BODY.replace("1..2\n", "")), (), WRONG_PLAN),
    ("two plans", sealed(BODY + "1..2\n"), (), WRONG_PLAN),
    ("the record plans otherwise", sealed(BODY, plan=3), (), WRONG_PLAN),
    ("the record counts otherwise", sealed(BODY, passed=1), (), WRONG_PLAN),
    ("another run's log", GOOD, ("--nonce", "n2"), WRONG_NONCE),
    ("another nonce in the head", sealed(BODY.replace("nonce=n1", "nonce=n3")), (), WRONG_NONCE),
    ("a skipped test is no pass", sealed(BODY.replace("ok 2 b", "ok 2 b # SKIP no disk"), passed=1), (),
     SKIP),
    ("nothing planned", sealed("KTAP version 1\n# pagetwin image build=0 nonce=n1\n1..0\n", plan=0, passed=0),
     (), SKIP),
    ("a plan with a tail", sealed(BODY.replace("1..2", "1..2junk")), (), WRONG_PLAN),
    ("a result with a tail", sealed(BODY.replace("ok 2 b", "ok 2b")), (), WRONG_PLAN),
    ("a CRC with a tail", GOOD[:-1] + "JUNK\n", (), TRUNCATED),
    ("another head", sealed(BODY + "KTAP version 1\n"), (), WRONG_PLAN),
    ("a failure behind the end", GOOD + "# fail f.vec:1:1: late\n", (), TRUNCATED),
    ("a second run behind the end", GOOD + GOOD, (), TRUNCATED),
    ("a NUL, and what it hides", GOOD + "\0\n# panic: hidden\n", (), TRUNCATED),
    ("a panic within a line", sealed(BODY + "mm> # panic: BUG\n"), (), PANIC),
    ("a nonce in another place than the head",
     sealed(BODY.replace("nonce=n1", "nonce=n9").replace("ok 2 b", "# x nonce=n1\nok 2 b")), (), WRONG_NONCE),
    ("no build", sealed(BODY.replace(" build=0123456789abcdef", "")), (), WRONG_NONCE),
    ("no head line", sealed(BODY.replace("# pagetwin image build=0123456789abcdef nonce=n1\n", "")), (),
     WRONG_NONCE),
    ("errors told, none counted", sealed(BODY.replace("ok 2", "# error f.vec:1:1: bad\nok 2")), (), FAIL),
    ("panic in the middle", BODY + "# panic: BUG\n", ("--status", "103"), PANIC),
    ("panic, yet the status of a pass", sealed(BODY + "# panic: BUG\n"), (), PANIC),
    ("stopped", BODY, ("--status", "timeout"), HANG),
    ("stopped after the end", GOOD, ("--status", "timeout"), HANG),
    ("reset", BODY, ("--status", "reset"), REBOOT),
])
def test_verdict(tmp_path, name, log, args, expected):
    run = verdict(tmp_path, log, *args)
    assert run.status == expected, f"{name}: {run.err}"


def test_usage(tmp_path):
    assert twin("judge").status == USAGE
    assert twin("judge", tmp_path / "absent").status == USAGE
    assert twin("judge", "--frob", "x").status == USAGE


def test_junit(tmp_path):
    out = tmp_path / "junit.xml"
    bad = sealed(BODY.replace("ok 2 b", "# fail f.vec:3:1: 1 < 2 & so on\nnot ok 2 b"), passed=1, failed=1)
    verdict(tmp_path, bad, "--junit", out)
    xml = out.read_text()
    assert 'tests="2" failures="1" errors="0"' in xml
    assert "1 &lt; 2 &amp; so on" in xml
    verdict(tmp_path, BODY, "--junit", out)
    assert 'errors="1"' in out.read_text() and "end record is missing" in out.read_text()
