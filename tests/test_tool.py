"""The command line of pagetwin: help, show, fuzz and its shrinking, formats."""
import re

import pytest
from conftest import BUILD, FAIL, PANIC, PASS, ROOT, USAGE, Run, twin
from test_planted import PLANTED, Build, plant, read_bug

SMOKE = ROOT / "tests" / "vectors" / "smoke.vec"
COMMANDS = ["run", "compare", "fuzz", "repl", "show", "bench", "model", "judge"]


@pytest.mark.parametrize("command", COMMANDS)
def test_command_help_and_bad_usage(command):
    run = twin(command, "--help")
    assert run.status == 0 and run.out.startswith(f"usage: pagetwin {command}")
    bad = twin(command, "--frobnicate")
    assert bad.status == USAGE and not bad.out and bad.err


@pytest.mark.parametrize("script", ["deps", "demo", "test", "boot", "gate", "bench-peers"])
def test_script_help_and_bad_usage(script):
    run = Run([ROOT / "ci" / script, "--help"])
    assert run.status == 0 and run.out.startswith(f"usage: ci/{script}")
    bad = Run([ROOT / "ci" / script, "--frobnicate"])
    assert bad.status == 2 and "--frobnicate" in bad.err


def test_tool_itself():
    assert twin().status == USAGE
    assert "usage: pagetwin COMMAND" in twin("--help").out
    assert re.fullmatch(r"pagetwin 0\.1 build [0-9a-f]{16}\n", twin("--version").out)
    assert 'no command "frob"' in twin("frob").err


def test_formats():
    xml = twin("run", "--format", "junit", SMOKE)
    assert xml.status == PASS
    assert '<testcase classname="twin" name="smoke/walk"/>' in xml.out
    assert twin("run", "--format", "tap", SMOKE).status == USAGE
    assert twin("run", "--tlb", "sometimes", SMOKE).status == USAGE
    assert twin("run", ROOT / "absent.vec").status == USAGE


@pytest.mark.parametrize("args", [
    ["fuzz", "--steps", "1x"], ["fuzz", "--steps", "0"], ["fuzz", "--steps", "4294967295"],
    ["fuzz", "--seed", "zzz"], ["fuzz", "--seed", "-1"], ["fuzz", "--length", "0"],
    ["fuzz", "--seed", "99999999999999999999"], ["compare", "--timeout", "abc", SMOKE],
    ["run", "--tlb", "random", "--seed", "abc", SMOKE],
])
def test_numbers_are_checked(args):
    run = twin(*args)
    assert run.status == USAGE and "expected a number from" in run.err, run.err


def test_show_fresh():
    run = twin("show", "--ram", "16M", "zones", "walk", "0xc0400000")
    assert run.status == 0, run.err
    # 16 MiB less the hole of 96 pages: 0xA0 to 0x100.
    assert "zone DMA     start 00000 spanned 4096 present 4000 " in run.out
    assert "pgd[769] 00400 present rw accessed dirty 4m global" in run.out
    for args in (["--ram", "1M", "zones"], [], ["--vector", "x"]):
        assert twin("show", *args).status == USAGE, args
    assert twin("show", "frob").status == FAIL


def test_show_state_in_a_vector():
    run = twin("show", "--vector", "smoke/walk", "--line", "10", SMOKE)
    assert run.status == 0, run.err
    assert "page directory 00023" in run.out
    assert re.search(r"^ pte\[0\] 00022 present rw user$", run.out, re.M)
    assert twin("show", "--vector", "smoke/walk", "--line", "999", SMOKE).status == FAIL


def test_fuzz_is_the_same_for_the_same_seed():
    first, again, other = (twin("fuzz", "--print", "--seed", seed, "--steps", "300").out for seed in (3, 3, 4))
    assert first == again != other
    assert first.count("\n") > 300


def test_fuzz_kinds():
    texts = {kind: twin("fuzz", "--print", "--kind", kind, "--steps", "400", "--length", "100").out
             for kind in ("all", "kernel", "as")}
    spaces = {kind: text.count("\nboot\n") for kind, text in texts.items()}
    assert spaces == {"all": 1, "kernel": 0, "as": 4}
    assert twin("fuzz", "--kind", "frob").status == USAGE


MODEL_SAYS = """vector model/steps
ram 64M
boot
a = spawn => ok
mmap a 0 0x3000 PROT_READ MAP_PRIVATE|MAP_ANONYMOUS => {address}
mprotect a 0xb7ffe000 0x1000 PROT_NONE => *
maps a => ok
| b7ffd000-b7ffe000 r--p 00000000
| b7ffe000-b7fff000 {rights} 00000000
| ...
munmap a 0xb7ffd001 0x1000 => {error}
end
"""


def test_model_judges_and_rewrites(tmp_path):
    right = MODEL_SAYS.format(address="0xb7ffd000", rights="---p", error="-EINVAL")
    wrong = MODEL_SAYS.format(address="0xb7ffe000", rights="r--p", error="ok")
    good, bad = tmp_path / "good.vec", tmp_path / "bad.vec"
    good.write_text(right)
    bad.write_text(wrong)
    run = twin("model", good)
    assert run.status == PASS and ", 0 differ; 0 steps" in run.out, run.out
    run = twin("model", bad)
    assert run.status == FAIL
    for line, expected, said in ((5, "0xb7ffe000", "0xb7ffd000"), (11, "ok", "-EINVAL")):
        assert f'bad.vec:{line}: expected "{expected}", the model says "{said}"' in run.out, run.out
    assert 'bad.vec:9: expected " b7ffe000-b7fff000 r--p 00000000", the model says "b7ffe000-b7fff000 ---p' in run.out
    rewritten = tmp_path / "rewritten.vec"
    rewritten.write_text(twin("model", "--print", bad).out)
    assert twin("model", rewritten).status == PASS
    assert twin("run", rewritten).status == PASS


def test_model_agrees_with_the_vectors():
    folder = ROOT / "tests" / "vectors"
    vectors = [*sorted(folder.glob("as-*.vec")), *sorted(folder.glob("fault*.vec")), folder / "page-cache.vec"]
    vectors += [ROOT / "tests" / "vectors" / "syscall.vec"]
    run = twin("model", *vectors, *sorted((ROOT / "tests" / "vectors" / "recorded").glob("*.vec")))
    assert run.status == PASS and ", 0 differ;" in run.out, run.out


def fuzz_planted(tmp_path, name):
    """Lets the fuzzer look for a planted bug; returns its run, and the vector it wrote."""
    folder = tmp_path / "planted"
    folder.mkdir()
    program = plant(read_bug(PLANTED / f"{name}.patch"), Build(BUILD.resolve()), folder)
    run = Run([program, "fuzz", "--kind", "kernel", "--steps", "20000", "--save", tmp_path], timeout=300)
    found = list(tmp_path.glob("fuzz-*.vec"))
    assert len(found) == 1, run.out
    again = Run([program, "run", found[0]])
    return run, found[0], again


@pytest.mark.parametrize("name, status, words", [
    ("free-count", FAIL, "free_pages"),
    ("flush-unmap-forgotten", PANIC, "stale"),
])
def test_fuzz_finds_and_shrinks(tmp_path, name, status, words):
    run, vector, again = fuzz_planted(tmp_path, name)
    assert run.status == status, run.out
    steps = vector.read_text().count("\n") - 3
    assert steps <= 15, vector.read_text()
    assert again.status == status and words in again.out
    # And the sound one has nothing against it.
    assert twin("run", vector).status == PASS
