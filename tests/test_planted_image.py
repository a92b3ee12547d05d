"""Planted bugs in the image's machine: each patch in tests/planted/image/ breaks kernel/ on purpose, and
the booted image must say so.

A patch applies to the tree's root with -p1, touches .c and .S files of kernel/ only, and begins as those of
test_planted.py do, but that Exit is the status of ci/boot, and Append words for the guest's command line.
Only what a patch changes is compiled, with the build's own flags, and takes the place of the sound object in
the build's first link, the one without a table of symbols.

    /usr/bin/python3 -m pytest tests/test_planted_image.py [-k NAME]
"""
import json
import os
import re
import shlex
import shutil

import pytest

from conftest import BOOT, BUILD, ROOT
from test_planted import must, run

PLANTED = ROOT / "tests" / "planted" / "image"
PATCHES = sorted(PLANTED.glob("*.patch"))
FIELDS = {"Title", "Vectors", "Expect", "Exit"}
OBJECTS = "image_machine.dir"
FIRST_LINK = "image_first_link"
BOOT_SECONDS = 60


def patch_name(path):
    return path.stem


def read_bug(path):
    head, _, diff = path.read_text().partition("\n\n")
    fields = {name: value.strip() for name, value in (line.split(":", 1) for line in head.splitlines())}
    assert FIELDS <= set(fields) <= FIELDS | {"Append"}, f"{path.name}: header fields {sorted(fields)}"
    sources = re.findall(r"^\+\+\+ b/(\S+)", diff, re.M)
    assert sources, f"{path.name}: no diff"
    for source in sources:
        assert re.fullmatch(r"kernel/\w+\.[cS]", source), f"{path.name}: {source} is not kernel/*.c or *.S"
    return fields, sources


@pytest.fixture(scope="module", name="commands")
def read_commands():
    """{source: (how the build compiles it, where)}, and how it links for the first time."""
    compiled = {}
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        args = shlex.split(entry["command"])
        if OBJECTS in args[args.index("-o") + 1]:
            compiled[os.path.relpath(entry["file"], ROOT)] = (args, entry["directory"])
    lines = must(["ninja", "-C", BUILD, "-t", "commands", FIRST_LINK]).splitlines()
    words = shlex.split(lines[-1])
    return compiled, [word for word in words if word not in (":", "&&")]


def plant(path, sources, commands, folder):
    """Makes folder/pagetwin.elf with the bug."""
    compiled, link = commands
    shutil.copytree(ROOT / "kernel", folder / "kernel")
    # Outside any repository, git apply is a patch program that allows no fuzz.
    env = dict(os.environ, GIT_CEILING_DIRECTORIES=str(folder.parent))
    must(["git", "apply", "-p1", path], cwd=folder, env=env)
    link = list(link)
    for source in sources:
        args, where = compiled[source]
        args = [str(folder / source) if arg == str(ROOT / source) else arg for arg in args]
        sound = args[args.index("-o") + 1]
        args[args.index("-o") + 1] = str(folder / "planted.o")
        must([args[0], f"-I{folder}", *args[1:]], cwd=where)
        link[link.index(sound)] = str(folder / "planted.o")
    link[link.index("-o") + 1] = str(folder / "pagetwin.elf")
    must(link, cwd=BUILD)
    (folder / "pagetwin").symlink_to(BUILD / "pagetwin")


def boot_vectors(build, fields):
    file, glob = fields["Vectors"].split()
    words = f"only={glob} {fields.get('Append', '')}".strip()
    return run([BOOT, "--direct", "--build", build, "--timeout", BOOT_SECONDS, "--append", words,
                "--module", f"tests/vectors/{file}"], cwd=ROOT, timeout=2 * BOOT_SECONDS)


def test_bugs_are_there():
    assert len(PATCHES) >= 8, "tests/planted/image/ has lost its patches"
    titles = [read_bug(path)[0]["Title"] for path in PATCHES]
    assert len(set(titles)) == len(titles), "two patches have one title"


@pytest.mark.parametrize("path", PATCHES, ids=patch_name)
def test_found(path, commands, tmp_path):
    fields, sources = read_bug(path)
    sound = boot_vectors(BUILD, fields)
    assert sound.returncode == 0, f"without the bug:\n{sound.stdout}"

    plant(path, sources, commands, tmp_path)
    done = boot_vectors(tmp_path, fields)
    shown = f"{fields['Title']}:\n{done.stdout}"
    assert done.returncode == int(fields["Exit"]), f"status {done.returncode}: {shown}"
    assert re.search(fields["Expect"], done.stdout, re.M), f"no match for {fields['Expect']}: {shown}"
