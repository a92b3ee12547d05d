"""The documents say what is so: docs/vectors.md knows every verb as the source has it, vectors that a
document shows pass, and files, folders, vectors and sections that it names exist.
"""
import fnmatch
import re
import subprocess

import pytest
from conftest import PAGETWIN, PASS, ROOT, SPECIAL_VECTORS, VECTORS, twin

DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
REFERENCE = ROOT / "docs" / "vectors.md"
MAP = ROOT / "docs" / "map.md"


@pytest.fixture(scope="session", autouse=True)
def built():
    """In place of the image tests' own: the twin is all that is needed here."""
    assert PAGETWIN.exists(), f"{PAGETWIN} is not there; build it first: cmake --workflow --preset twin"


def doc_id(path):
    return path.name


# ---- verbs ------------------------------------------------------------------------------------------

def verbs_of_the_source():
    """{name: (makes, signature, first stage, last stage)} of shared/top/verbs_*.c."""
    verbs = {}
    newest = re.search(r"^#define MM_LAST MM_(\w+)$", (ROOT / "shared/top/mm_init.h").read_text(), re.M).group(1)
    for path in sorted((ROOT / "shared" / "top").glob("verbs_*.c")):
        table = re.search(r"^static const struct verb verbs\[\] = \{\n(.*?)^\};", path.read_text(), re.M | re.S)
        assert table, f"{path.name} has no table of verbs"
        rows = re.findall(r'\{"(\w+)",\s*"([^"]*)",\s*VAR_(\w+),\s*MM_(\w+),\s*MM_(\w+),', table.group(1))
        assert len(rows) == len(re.findall(r"^\t\{", table.group(1), re.M)), f"{path.name}: a row unread"
        for name, signature, makes, first, last in rows:
            assert name not in verbs, f"two verbs {name}"
            verbs[name] = (makes != "NONE", signature, first.lower(),
                           (newest if last == "LAST" else last).lower())
    return verbs


def verbs_of_the_document():
    verbs = {}
    rows = re.findall(r"^\| `(x = )?(\w+)((?: \w+:\w\??)*)` \| (\w+)(?: to (\w+))? \| .",
                      REFERENCE.read_text(), re.M)
    for makes, name, signature, first, last in rows:
        assert name not in verbs, f"{name} stands twice in {REFERENCE.name}"
        verbs[name] = (bool(makes), signature.strip(), first, last or first)
    return verbs


def test_every_verb_is_documented_as_it_is():
    source, document = verbs_of_the_source(), verbs_of_the_document()
    assert len(source) > 40
    assert sorted(document) == sorted(source), "verbs missing, or no longer there"
    for name, row in source.items():
        assert document[name] == row, f"{name}: makes a value, signature, stages"


def test_every_verb_has_an_example():
    examples = "\n".join(shown_vectors(REFERENCE))
    for name in verbs_of_the_source():
        assert re.search(rf"^(\w+ = )?{name}\b", examples, re.M), f"no example of {name}"


def test_types_of_arguments():
    """Every letter that a signature uses is in the table of types."""
    used = {letter for _, signature, _, _ in verbs_of_the_source().values()
            for letter in re.findall(r":(\w)", signature)}
    explained = set(re.findall(r"^\| `(\w)` \| ", REFERENCE.read_text(), re.M))
    assert used <= explained


def test_words_of_the_command_line():
    source = (ROOT / "shared" / "top" / "rig.c").read_text()
    words = set(re.findall(r'strcmp\(word, "([^"]+)"\)', source))
    words |= {f"{key}=" for key in re.findall(r'value_of\(word, "(\w+)"\)', source)}
    assert len(words) > 6
    rows = "".join(re.findall(r"^\| `.*", REFERENCE.read_text(), re.M))
    for word in words:
        assert f"`{word}" in rows, f"{word} is not documented"


# ---- examples ---------------------------------------------------------------------------------------

def shown_vectors(path):
    return re.findall(r"^```vec\n(.*?)^```", path.read_text(), re.M | re.S)


@pytest.mark.parametrize("path", [path for path in DOCS if shown_vectors(path)], ids=doc_id)
def test_shown_vectors_pass(path, tmp_path):
    vectors = tmp_path / "shown.vec"
    vectors.write_text("\n".join(shown_vectors(path)))
    run = twin("run", vectors)
    assert run.status == PASS, run.out


def test_porting_compiles(tmp_path):
    """The example and the skeleton of docs/porting.md, with all that it says an embedder takes: what is
    undefined then is what it says he supplies."""
    blocks = re.findall(r"^```c\n(.*?)^```", (ROOT / "docs" / "porting.md").read_text(), re.M | re.S)
    assert len(blocks) == 2
    top = ("mm_init", "mm_verify", "mm_verify_pages", "mm_verify_kmem", "mm_digest", "mm_show", "mm_proc",
           "mm_proc_kmem", "mm_kmem", "mm_leak", "mm_spaces", "mm_verify_spaces", "mm_verify_store",
           "mm_verify_mapped", "mm_proc_spaces")
    sources = [ROOT / "shared" / "top" / f"{name}.c" for name in top]
    for folder in ("base", "boot", "phys", "pgtable", "as", "store", "paging", "exec"):
        sources += sorted((ROOT / "shared" / folder).glob("*.c"))
    sources += [path for path in sorted((ROOT / "shared" / "kmem").glob("*.c"))
                if not path.name.startswith(("slab", "slob"))]
    sources = [path for path in sources if not re.search("kasan|stackdepot", path.name)]
    (tmp_path / "kmem").mkdir()
    (tmp_path / "kmem" / "def.h").write_text('#include "kmem/slub_def.h"\n')
    for number, block in enumerate(blocks):
        sources.append(tmp_path / f"block{number}.c")
        sources[-1].write_text(block)
    objects = []
    for number, source in enumerate(sources):
        objects.append(tmp_path / f"{number}.o")
        subprocess.run(["gcc", "-m32", "-std=gnu17", "-ffreestanding", "-fno-pic", "-O1", "-Wall", "-Wextra",
                        "-Werror", "-Wno-sign-compare", "-DCONFIG_CHECKED=1", "-DCONFIG_KASAN=0",
                        f"-I{ROOT / 'shared'}", f"-I{tmp_path}",
                        "-c", source, "-o", objects[-1]], check=True, timeout=60)
    whole = tmp_path / "whole.o"
    subprocess.run(["ld", "-m", "elf_i386", "-r", "-o", whole, *objects], check=True, timeout=60)
    names = subprocess.run(["nm", "-u", whole], capture_output=True, text=True, check=True, timeout=60).stdout
    undefined = {name for name in re.findall(r"U (\S+)", names) if not re.match(r"__u?div|__u?mod", name)}
    assert undefined == {"memcmp", "memcpy", "memmove", "memset", "strchr", "strcmp", "strlen", "strnlen", "strncmp",
                         "arch_console_write", "arch_panic", "arch_copy_from_user", "arch_copy_to_user",
                         "arch_clear_user",
                         "fill", "__start_mm_state", "__stop_mm_state"}


# ---- references -------------------------------------------------------------------------------------

def anchors(path):
    """What GitHub makes of the headings."""
    heads = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("path", DOCS, ids=doc_id)
def test_links_lead_somewhere(path):
    for target, anchor in re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", path.read_text()):
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), f"{path.name}: {target} does not exist"
        if anchor:
            assert anchor in anchors(there), f"{path.name}: {target}#{anchor}: no such heading"


@pytest.mark.parametrize("path", DOCS, ids=doc_id)
def test_files_exist(path):
    """Paths in backticks that begin with a folder of the tree; * matches as in a shell. Cases of the waist's
    suite may look like paths of kernel/."""
    cases = conform_names()
    for name in re.findall(r"`((?:shared|kernel|host|iso|tests|ci|docs)/[\w./*{},-]*)", path.read_text()):
        for one in expand(name):
            found = list(ROOT.glob(one.rstrip("/"))) or fnmatch.filter(cases, one)
            assert found, f"{path.name}: {one} does not exist"


def expand(name):
    """a/{b,c}.d as a shell has it."""
    group = re.search(r"\{([^}]*)\}", name)
    return [name.replace(group.group(), part) for part in group.group(1).split(",")] if group else [name]


def vector_names():
    names = []
    for path in VECTORS + SPECIAL_VECTORS:
        names += re.findall(r"^vector (\S+)", path.read_text(), re.M)
    return names


def conform_names():
    return re.findall(r'X\("([^"]+)"', (ROOT / "tests" / "conform" / "cases.h").read_text())


def test_map_names_vectors_that_exist():
    """The third column of each table of docs/map.md."""
    names = vector_names() + conform_names()
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", MAP.read_text(), re.M)
    rows = [row for row in rows if not row[0].startswith(("-", "Mechanism"))]
    assert len(rows) > 50
    for mechanism, files, vectors in rows:
        if files.strip() == "not built yet":
            assert vectors.strip() == "-", f"{mechanism}: vectors of what is not there"
            continue
        globs = re.findall(r"`([^`]+)`", vectors)
        assert globs, f"{mechanism}: no vector shows it"
        for glob in globs:
            assert fnmatch.filter(names, glob), f"{mechanism}: no vector or case is called {glob}"


def test_map_names_every_source_of_the_memory_manager():
    """Whoever adds a file below shared/ says in docs/map.md what it is for."""
    body = MAP.read_text()
    known = {str(path.relative_to(ROOT)) for name in re.findall(r"`(shared/[\w./*{},-]+)", body)
             for one in expand(name) for path in ROOT.glob(one)}
    for layer in ("boot", "phys", "pgtable", "kmem", "as", "store", "paging", "reclaim", "exec"):
        for path in (ROOT / "shared" / layer).glob("*.c"):
            assert str(path.relative_to(ROOT)) in known, f"{path.name} is not in {MAP.name}"


def test_checks_of_the_gate():
    """docs/gate.md has a row for each check that ci/gate runs."""
    gate = (ROOT / "ci" / "gate").read_text()
    rows = re.findall(r"^\| `(\w+)` \| ", (ROOT / "docs" / "gate.md").read_text(), re.M)
    assert rows and rows == re.findall(r"^(?:.*&& |.*\|\| )?check (\w+) \"", gate, re.M)


def test_exit_codes():
    """The README's table is that of the tool."""
    verdicts = re.findall(r"VERDICT_\w+ = (\d+)", (ROOT / "host" / "tool" / "judge.h").read_text())
    rows = re.findall(r"^\| (\d+) \| ", (ROOT / "README.md").read_text(), re.M)
    assert rows == verdicts == [str(i) for i in range(len(verdicts))]
