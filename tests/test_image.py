"""The image: how it boots, what it says, and that each way of dying is seen as what it is."""
import re
import subprocess

import pytest
from conftest import (BOOT, BUILD, FAIL, HANG, PANIC, PASS, REBOOT, ROOT, TRUNCATED, USAGE, VECTORS,
                      WRONG_NONCE, WRONG_PLAN, Run, boot, twin)

SMOKE = ROOT / "tests" / "vectors" / "smoke.vec"


@pytest.mark.parametrize("how", ["--direct", "--iso"])
def test_boots_and_passes(how):
    run = boot("--module", SMOKE, how=how)
    assert run.status == PASS, run.err
    assert "ok 1 smoke/walk" in run.out


def test_usb_stick():
    """The ISO as a disk, as it is on a stick: no CD drive, no loader but its own boot sector."""
    run = Run(["timeout", "60", "qemu-system-i386", "-m", "64", "-display", "none", "-serial", "stdio",
               "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
               "-drive", f"file={BUILD / 'pagetwin.iso'},format=raw", "-snapshot"])
    # No module, so no vector: a failure, and said in good order.
    assert run.status == 101, run.err
    assert "no vector to run" in run.out and "# end nonce=" in run.out


def test_iso_is_reproducible(tmp_path):
    iso = tmp_path / "again.iso"
    subprocess.run([ROOT / "iso" / "mkiso", iso, BUILD / "pagetwin.elf", ROOT / "iso" / "grub.cfg"],
                   check=True, timeout=60)
    assert iso.read_bytes() == (BUILD / "pagetwin.iso").read_bytes()


def test_screen_shows_the_verdict(tmp_path):
    """VGA text: the character cells of the screen, read out of video memory before QEMU ends."""
    screen = tmp_path / "screen"
    monitor = f'pmemsave 0xb8000 4000 "{screen}"\nquit\n'
    process = subprocess.Popen(
        ["timeout", "60", "qemu-system-i386", "-m", "64", "-display", "none", "-serial", f"file:{tmp_path}/log",
         "-monitor", "stdio", "-kernel", BUILD / "pagetwin.elf", "-initrd", SMOKE],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        log = tmp_path / "log"
        for _ in range(300):
            if log.exists() and "# end nonce" in log.read_text(errors="replace"):
                break
            subprocess.run(["sleep", "0.1"], check=True)
        process.communicate(monitor.encode(), timeout=30)
    finally:
        process.kill()
    text = screen.read_bytes()[0::2].decode("ascii", errors="replace")
    assert "ok 1 smoke/walk" in text and "# end nonce=" in text


@pytest.mark.parametrize("death, verdict, words", [
    ("panic", PANIC, "selftest=panic"),
    ("divide", PANIC, "divide error"),
    ("pagefault", PANIC, "unable to handle kernel"),
    ("doublefault", PANIC, "double fault"),
    ("stack", PANIC, "guard page"),
    ("triple", REBOOT, ""),
    ("reboot", REBOOT, ""),
    ("hang", HANG, ""),
    ("hang-end", HANG, "# end nonce="),
    ("cut", TRUNCATED, "KTAP version 1"),
])
def test_planted_death(death, verdict, words):
    seconds = "5" if verdict == HANG else "60"
    run = boot("--module", SMOKE, "--append", f"selftest={death}", "--timeout", seconds)
    assert run.status == verdict, run.err
    assert words.lower() in run.out.lower()


def test_processor_that_is_too_old():
    run = boot("--qemu-arg", "-cpu", "--qemu-arg", "pentium", "--module", SMOKE)
    assert run.status == PANIC and "is no i686" in run.out


def test_panic_names_functions():
    run = boot("--append", "selftest=panic")
    assert re.search(r"plant_panic\+0x", run.out), run.out


@pytest.mark.parametrize("plant, verdict", [("plan", WRONG_PLAN), ("nonce", WRONG_NONCE)])
def test_planted_lie(plant, verdict):
    assert boot("--module", SMOKE, "--append", f"plant={plant}").status == verdict
    log = twin("run", "--append", f"plant={plant}", "--nonce", "n1", SMOKE)
    path = BUILD / "planted.log"
    path.write_text(log.out)
    assert twin("judge", "--nonce", "n1" if plant == "plan" else "n2", path).status == verdict


def test_failing_vector_fails(tmp_path):
    bad = tmp_path / "bad.vec"
    bad.write_text("vector bad\nram 16M\nboot\nnr_free_pages => 1\nend\n")
    run = boot("--module", bad)
    assert run.status == FAIL
    assert f"# fail {bad}:4:18: result" in run.out


def test_vector_without_its_ram_fails(tmp_path):
    big = tmp_path / "big.vec"
    big.write_text("vector big\nram 512M\nboot => ok\nend\n")
    run = boot("--module", big, "--mem", "64M")
    assert run.status == FAIL and "not all there" in run.out
    assert boot("--module", big, "--mem", "600M").status == PASS


def test_unknown_word_fails():
    run = boot("--module", SMOKE, "--append", "frobnicate")
    assert run.status == FAIL and 'unknown word "frobnicate"' in run.out
    assert twin("run", "--append", "frobnicate", SMOKE).status == FAIL


def test_boot_refuses_bad_usage(tmp_path):
    for args in (["--frob"], ["--mem"], ["--module", tmp_path / "absent"], ["--accel", "xen"],
                 ["--timeout", "soon"], ["--build", tmp_path]):
        run = Run([BOOT, *args])
        assert run.status == USAGE, args
        assert run.err.startswith("ci/boot: "), args
    assert Run([BOOT, "--mem", "12parsecs", "--build", BUILD, "--direct"]).status == USAGE


def test_repl_is_the_same_on_both_sides(tmp_path):
    """The same input at both prompts, on the same memory map."""
    typed = "zones\nx = alloc_pages 3\npage x\nfrob\nfree_pages x 3\nbuddyinfo\nhelp\nquit\n"
    image = boot("--append", "repl", stdin=typed)
    assert image.status == PASS, image.err
    assert "=> pfn" in image.out and 'found "frob", expected a verb' in image.out
    here = twin("repl", "--ram", "64M", stdin=typed)
    assert here.status == PASS
    assert "=> pfn" in here.out and 'found "frob", expected a verb' in here.out


def test_repl_ends_with_its_input():
    assert boot("--append", "repl", stdin="verify\n").status == PASS
    here = twin("repl", stdin="verify")
    assert here.status == PASS and "\nKTAP version 1\n" in here.out


def test_bench_prints_every_row():
    run = boot("--append", "bench", "--icount", "--mem", "256M")
    assert run.status == PASS, run.err
    for row in ("boot, per page of RAM", "alloc_page + free_page, hot", "order 9 pair"):
        assert re.search(re.escape(row) + r" +\d+", run.out), run.out


@pytest.mark.parametrize("mem", ["16M", "64M", "256M", "1G", "3584M", "5G"])
def test_firmware_map_is_that_of_the_vector(mem):
    """The maps in e820-qemu.vec are what this QEMU's firmware really says."""
    run = boot("--append", "repl", "--mem", mem, stdin="print_memory_map\nquit\n")
    assert run.status == PASS, run.err
    said = re.findall(r"BIOS-e820: ([0-9a-f]{16}) - ([0-9a-f]{16}) \((.*?)\)", run.out)
    text = (ROOT / "tests" / "vectors" / "e820-qemu.vec").read_text()
    vector = re.search(rf"^vector e820/qemu/{mem.lower()}$.*?^end", text, re.M | re.S)
    assert vector, f"no vector for {mem}"
    stated = []
    for start, size, kind in re.findall(r"^e820 (\S+) (\S+) (\S+)", vector.group(), re.M):
        end = int(start, 0) + int(size, 0)
        stated.append((f"{int(start, 0):016x}", f"{end:016x}", kind))
    assert said == stated


def test_all_vectors_same_on_both_sides():
    run = Run([BUILD / "pagetwin", "compare", "--append", "conform unit", *VECTORS], timeout=600)
    assert run.status == PASS, run.out[-3000:] + run.err
