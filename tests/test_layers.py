"""Rules of the tree that are a test, not a habit. docs/architecture.md says why each is there."""
import re
import subprocess

import pytest
from conftest import BUILD, ROOT

LAYERS = ["arch", "base", "boot", "phys", "pgtable", "kmem", "as", "store", "paging", "reclaim", "exec", "top"]
MAX_FUNCTION = 70
MAX_FILE = 700

TRACKED = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                         capture_output=True, text=True, check=True).stdout.split()
TRACKED = [name for name in TRACKED if (ROOT / name).exists()]
SOURCES = [name for name in TRACKED if re.search(r"\.[chS]$", name)]
SHARED = [name for name in SOURCES if name.startswith("shared/")]


def text(name):
    return (ROOT / name).read_text()


def code(name):
    """The text without comments and strings, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text(name), flags=re.S)


def test_there_is_something_to_check():
    assert len(SHARED) > 40


@pytest.mark.parametrize("name", SHARED)
def test_includes_go_down(name):
    layer = LAYERS.index(name.split("/")[1])
    for quoted in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text(name), re.M):
        folder = quoted.split("/")[0]
        assert folder in LAYERS, f"{name} includes {quoted}: not of shared/"
        assert LAYERS.index(folder) <= layer, f"{name} includes {quoted}: upward"
        if quoted.endswith("_priv.h"):
            assert folder == name.split("/")[1], f"{name} includes another folder's {quoted}"
    for system in re.findall(r"^\s*#\s*include\s+<([^>]+)>", text(name), re.M):
        assert system in ("stdarg.h", "stdbool.h", "stddef.h", "stdint.h"), f"{name} includes <{system}>"


@pytest.mark.parametrize("name", [n for n in SHARED if n.endswith(".c")])
def test_declarations_come_from_headers(name):
    """What a .c file declares for itself goes past the rule for includes."""
    found = re.findall(r"^\s*extern\b.*$", code(name), re.M)
    if name == "shared/top/mm_init.c":  # the linker's own symbols have no header
        found = [line for line in found if "__start_mm_state" not in line]
    assert not found, f"{name}: {found}"


@pytest.mark.parametrize("name", SHARED)
def test_shared_code_does_not_ask_where_it_runs(name):
    """No #ifdef for the host, the image or an architecture."""
    for condition in re.findall(r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b(.*)$", code(name), re.M):
        assert re.fullmatch(r"\s*CONFIG_CHECKED\s*", condition), f"{name}: #if{condition}"


@pytest.mark.parametrize("name", SHARED)
def test_forbidden_calls(name):
    body = code(name)
    for call in ("printf", "sprintf", "snprintf", "strcpy", "strcat", "malloc", "free", "abort", "exit",
                 "assert", "setjmp", "longjmp", "alloca", "gets", "atoi"):
        assert not re.search(rf"(?<![\w.>]){call}\s*\(", body), f"{name} calls {call}()"
    if name != "shared/base/bug.c":
        assert "arch_panic(" not in body or name.startswith("shared/arch/"), f"{name}: use BUG()"


@pytest.mark.parametrize("name", SOURCES)
def test_length(name):
    lines = code(name).split("\n")
    assert len(lines) <= MAX_FILE, f"{name} has {len(lines)} lines"
    if name.endswith(".S"):
        return
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        if line.startswith("}") and start:
            assert number - start < MAX_FUNCTION, f"{name}:{start}: a function of {number - start} lines"
            start = None


@pytest.mark.parametrize("name", SOURCES)
def test_headers_guard_themselves(name):
    if name.endswith(".h") and not name.endswith("asm_layout.h"):
        assert "#pragma once" in text(name) or "#ifndef" in text(name)


# A patch has blanks at the ends of its context lines, a bad vector may be bad in just that.
@pytest.mark.parametrize("name", [n for n in TRACKED if not n.endswith(".patch")
                                  and not n.startswith("tests/vectors/bad/")])
def test_no_leftovers(name):
    body = text(name)
    if name != "tests/test_layers.py":
        assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", body), name
        assert not re.search(r"(?<![\w.])/(?:work|root|home)/\w", body), f"{name} names a path of a machine"
    assert not re.search(r"[ \t]+$", body, re.M) or name.endswith(".md"), f"{name}: trailing blanks"
    assert body.endswith("\n") or not body, f"{name}: no newline at the end"


def objects():
    return sorted(BUILD.glob("kernel/CMakeFiles/image_shared.dir/**/shared/**/*.o"))


def test_writable_globals_are_mm_state():
    """Below top/ every writable global lies in section mm_state, which is restored for each vector."""
    allowed = {"printk_sink"}
    found = 0
    for path in objects():
        layer = re.search(r"shared/(\w+)/", str(path)).group(1)
        table = subprocess.run(["objdump", "-t", path], capture_output=True, text=True, check=True).stdout
        for line in table.splitlines():
            match = re.match(r"[0-9a-f]{8} .{7} (\S+)\t[0-9a-f]{8} (?:\.hidden )?(\S+)$", line)
            if not match or match.group(1) == match.group(2):
                continue
            section, symbol = match.groups()
            found += section == "mm_state"
            if layer != "top" and re.match(r"\.(data|bss)|\*COM\*", section) \
                    and not section.startswith(".data.rel.ro"):
                assert symbol.split(".")[0] in allowed, f"{path.name}: {symbol} is in {section}"
    assert found > 5
