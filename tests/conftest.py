"""What the image tests share: where things are, and how to run them with a time limit."""
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("PAGETWIN_BUILD", ROOT / "build" / "image"))
PAGETWIN = BUILD / "pagetwin"
BOOT = ROOT / "ci" / "boot"
VECTORS = sorted((ROOT / "tests" / "vectors").glob("*.vec"))
# Those that only builds with one allocator, or with detectors, run: tests/vectors-of.
SPECIAL_VECTORS = sorted(path for folder in ("recorded", "slab", "slub", "slob", "debug", "kasan")
                         for path in (ROOT / "tests" / "vectors" / folder).glob("*.vec"))

# Exit codes of pagetwin judge and ci/boot.
PASS, FAIL, USAGE, SKIP, PANIC, REBOOT, HANG, TRUNCATED, WRONG_PLAN, WRONG_NONCE, DIFFERENT = range(11)


class Run:
    """A finished process: .status, .out and .err as text."""

    def __init__(self, argv, timeout=120, stdin=None, **kwargs):
        done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              input=(stdin or "").encode(), timeout=timeout, check=False, **kwargs)
        self.status = done.returncode
        self.out = done.stdout.decode(errors="replace").replace("\r", "")
        self.err = done.stderr.decode(errors="replace")


def boot(*args, how="--direct", **kwargs):
    """Boots the image; every boot has a time limit of its own as well."""
    return Run([BOOT, how, "--build", BUILD, *args], **kwargs)


def twin(*args, **kwargs):
    return Run([PAGETWIN, *args], **kwargs)


@pytest.fixture(scope="session", autouse=True)
def built():
    for path in (PAGETWIN, BUILD / "pagetwin.elf", BUILD / "pagetwin.iso"):
        assert path.exists(), f"{path} is not there; build it first: cmake --workflow --preset image"
