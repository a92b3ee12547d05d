"""Planted bugs: each patch in tests/planted/ breaks the memory manager, the twin's machine or a suite on
purpose, and the twin must say so, at the place and in the words that the patch's header names.

A patch applies to the tree's root with -p1, touches .c files of shared/, host/twin/ or tests/conform/
only, or headers of host/twin/, and begins with

    Title:   what is wrong, in one line
    Vectors: FILE GLOB     which vectors of tests/vectors/FILE find it; "-": none, a suite does
    Expect:  REGEX         what the output must show (Python's re, multi-line)
    Exit:    STATUS        the exit status of `pagetwin run`: 1 a failed vector, 4 a panic
    Append:  WORDS         if it is there: more words for the rig's command line, as "sweep"
    Build:   slab | slob | kasan   if it is there: build/slab, build/slob or build/kasan

A bug is found if both the status and the text are as expected: a patch that no longer applies, a
bug that goes unseen and one that is seen for another reason are all failures. So are vectors that
do not pass with the bug away.

Needs a build of the twin with ninja: $PAGETWIN_BUILD names its folder, build/image unless set; and those
that "Build" lines name. Only what a patch changes is compiled, with the build's own flags, and linked
ahead of the library that has the sound version.

    /usr/bin/python3 -m pytest tests/test_planted.py [-k NAME]
"""
import functools
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import typing

import pytest

from conftest import BUILD

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLANTED = ROOT / "tests" / "planted"
VECTORS = ROOT / "tests" / "vectors"

# The targets in whose place a changed source is compiled: host/, host/twin/, host/tool/CMakeLists.txt.
TARGETS = ("mm_twin.dir", "twin_machine.dir", "pagetwin.dir")
# What a patch may touch, or includes.
PARTS = ("shared", "host", "tests/conform")
RUN_SECONDS = 60
FIELDS = {"Title", "Vectors", "Expect", "Exit"}
OPTIONAL = {"Append", "Build"}
BUILDS = ("slab", "slob", "kasan")


class Bug(typing.NamedTuple):
    """A patch and what its header says."""

    path: pathlib.Path
    title: str
    vectors: typing.Tuple[str, ...]  # arguments for `pagetwin run`
    expect: re.Pattern
    status: int
    append: typing.Tuple[str, ...]  # options for `pagetwin run`
    build: pathlib.Path  # a build's folder
    sources: typing.Tuple[str, ...]  # the files that it changes, relative to the root


def read_bug(path):
    text = path.read_text()
    head, _, diff = text.partition("\n\n")
    fields = dict(line.split(":", 1) for line in head.splitlines())
    assert FIELDS <= set(fields) <= FIELDS | OPTIONAL, f"{path.name}: header fields {sorted(fields)}"
    vectors = ()
    if fields["Vectors"].strip() != "-":
        file, glob = fields["Vectors"].split()
        vectors = (str(VECTORS / file), "--only", glob)
    sources = tuple(re.findall(r"^\+\+\+ b/(\S+)", diff, re.M))
    assert sources, f"{path.name}: no diff"
    for source in sources:
        assert re.fullmatch(r"(shared|host/twin|tests/conform)/\S+\.c|host/twin/\S+\.h", source), \
            f"{path.name}: {source} is not what a patch may touch"
    append = ("--append", fields["Append"].strip()) if "Append" in fields else ()
    build = BUILD
    if "Build" in fields:
        name = fields["Build"].strip()
        assert name in BUILDS, f"{path.name}: no build {name}"
        build = ROOT / "build" / name
    return Bug(path, fields["Title"].strip(), vectors,
               re.compile(fields["Expect"].strip(), re.M), int(fields["Exit"]), append,
               build.resolve(), sources)


PATCHES = sorted(PLANTED.glob("*.patch"))


def patch_name(path):
    return path.stem


def run(args, **kwargs):
    return subprocess.run([str(arg) for arg in args], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL, **kwargs)


def must(args, **kwargs):
    """Runs a command that has to work."""
    done = run(args, **kwargs)
    assert done.returncode == 0, f"{args[0]} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


class Build:
    """A built twin: how its parts were compiled and linked."""

    def __init__(self, folder):
        self.folder = folder
        self.program = folder / "pagetwin"
        assert self.program.exists(), f"{folder}: no twin is built there"
        self.compiled = {}
        for entry in json.loads((folder / "compile_commands.json").read_text()):
            args = shlex.split(entry["command"])
            if any(target in args[args.index("-o") + 1].split("/") for target in TARGETS):
                self.compiled[entry["file"]] = (args, entry["directory"])
        self.link = self.link_command()

    def link_command(self):
        """The words of the command that links pagetwin, the last one that ninja gives."""
        text = must(["ninja", "-C", self.folder, "-t", "commands", "pagetwin"])
        words = shlex.split(text.splitlines()[-1])
        steps = []
        for word in words + ["&&"]:
            if word == "&&":
                if "-o" in steps and steps[steps.index("-o") + 1] == "pagetwin":
                    return steps
                steps = []
            else:
                steps.append(word)
        raise AssertionError(f"no link of pagetwin in: {words}")

    def sources(self, bug):
        """What has to be compiled: of a header of the twin's, all of the twin."""
        if not any(source.endswith(".h") for source in bug.sources):
            return bug.sources
        return sorted(str(pathlib.Path(file).relative_to(ROOT)) for file, (args, _) in self.compiled.items()
                      if "twin_machine.dir" in args[args.index("-o") + 1].split("/"))

    def compile(self, source, tree, out):
        """Compiles tree/source as the build compiles ROOT/source, its includes in tree, too."""
        args, folder = self.compiled[str(ROOT / source)]
        for name in PARTS:
            args = [arg.replace(str(ROOT / name), str(tree / name)) for arg in args]
        args[args.index("-o") + 1] = str(out)
        args.append(f"-ffile-prefix-map={tree}/=")
        must(args, cwd=folder)

    def link_with(self, objects, out):
        """Links pagetwin anew, with objects before all libraries, whose own versions stay out."""
        own = {pathlib.Path(obj).name for obj in objects}
        args = [arg for arg in self.link if arg.rsplit("__/", 1)[-1].replace("/", "_") not in own]
        args[args.index("-o") + 1] = str(out)
        args[1:1] = [str(obj) for obj in objects]
        must(args, cwd=self.folder)


@pytest.fixture(scope="session", autouse=True)
def built():
    """Takes the place of conftest.py's: no image is needed here."""


@functools.lru_cache(maxsize=None)
def build_in(folder):
    """The build in a folder. That there is none is a failure of each test that needs it."""
    return Build(folder)


def run_vectors(program, bug):
    return run([program, "run", *bug.vectors, *bug.append], timeout=RUN_SECONDS)


@functools.lru_cache(maxsize=None)
def run_sound(program, args):
    """What many bugs have in common is run once."""
    return run([program, "run", *args], timeout=RUN_SECONDS)


def plant(bug, build, folder):
    """Returns a twin with the bug."""
    for name in PARTS:
        shutil.copytree(ROOT / name, folder / name)
    # Outside any repository, git apply is a patch program that allows no fuzz.
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=str(folder.parent))
    must(["git", "apply", "-p1", bug.path], cwd=folder, env=env)
    objects = []
    for source in build.sources(bug):
        objects.append(folder / (source.replace("/", "_") + ".o"))
        build.compile(source, folder, objects[-1])
    program = folder / "pagetwin"
    build.link_with(objects, program)
    return program


def test_bugs_are_there():
    assert len(PATCHES) >= 16, "tests/planted/ has lost its patches"
    titles = [read_bug(path).title for path in PATCHES]
    assert len(set(titles)) == len(titles), "two patches have one title"


@pytest.mark.parametrize("path", PATCHES, ids=patch_name)
def test_found(path, tmp_path):
    bug = read_bug(path)
    build = build_in(bug.build)
    sound = run_sound(build.program, bug.vectors + bug.append)
    assert sound.returncode == 0, f"without the bug:\n{sound.stdout}"
    assert re.search(r"^ok 1 ", sound.stdout, re.M), f"no vector ran:\n{sound.stdout}"

    done = run_vectors(plant(bug, build, tmp_path), bug)
    shown = f"{bug.title}:\n{done.stdout}"
    assert done.returncode == bug.status, f"status {done.returncode}, not {bug.status}: {shown}"
    assert bug.expect.search(done.stdout), f"no match for {bug.expect.pattern}: {shown}"
